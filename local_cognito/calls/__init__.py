"""The log of API calls: what was asked and answered, without secrets."""
