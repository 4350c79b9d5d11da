"""Cognito's rules for pools, users, attributes, passwords, codes, and tokens."""
