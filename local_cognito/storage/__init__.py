"""Storage: records, their tables (the only SQL), the database file, and retention."""
