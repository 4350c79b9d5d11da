"""A software authenticator: passkeys for tests and terminals, in Python and as a command."""
