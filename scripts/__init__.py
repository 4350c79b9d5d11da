"""Programs for the maintainers of this repository; nothing here is installed."""
