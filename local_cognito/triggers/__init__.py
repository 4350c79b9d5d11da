"""Triggers: when a user pool's Lambda functions are asked, with which events, and what their answers do."""
