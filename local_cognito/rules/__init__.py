"""Rules that need no user to be found: settings, limits, codes, messages, pages of lists, and SRP."""
