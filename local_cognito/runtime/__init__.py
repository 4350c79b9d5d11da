"""What a running server has around the service: clock, snapshots, and the environment of its clients."""
