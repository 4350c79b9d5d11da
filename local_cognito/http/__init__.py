"""HTTP: connections, routes, origins, the request log, and the page for people."""
