"""The users of a pool: look-up, attributes, passwords, recovery, and hiding which users exist."""
