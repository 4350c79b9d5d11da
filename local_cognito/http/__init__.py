"""HTTP: connections, routes, origins and the request log."""
