"""The users of a pool: finding them, their attributes, passwords and addresses, and hiding who exists."""
