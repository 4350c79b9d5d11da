"""The surroundings of a running service: clock, snapshots, and the environment of its clients."""
