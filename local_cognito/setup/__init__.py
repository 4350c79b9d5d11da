"""Setting a pool up: seeds, and the default pool."""
