"""Testing with a pool: the pytest plug-in."""
