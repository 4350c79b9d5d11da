"""Passkeys: the options that a pool hands to browsers, and the checks of what comes back."""
