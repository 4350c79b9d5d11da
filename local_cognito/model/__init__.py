"""The API's model: shapes and limits of requests, validation against them, and the refusals."""
