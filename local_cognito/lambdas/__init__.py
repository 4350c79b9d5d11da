"""Lambda functions: where they are, invoking them as Lambda does, and running a request around them."""
