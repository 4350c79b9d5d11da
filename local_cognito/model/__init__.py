"""The API as data: operations and shapes, validation of requests against them, and the errors."""
