"""Lambda functions: finding and invoking them, and the journal of a request that does."""
