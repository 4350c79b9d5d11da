"""What Cognito enforces apart from who the user is: settings, limits, codes, messages, pages and SRP."""
