"""Lambda triggers of user pools: when functions run, the events they get, and the effect of their answers."""
