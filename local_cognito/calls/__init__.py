"""The log of API calls: requests and answers, without secrets."""
