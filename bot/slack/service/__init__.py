"""`monazite serve`: puts the Slack app together, runs it and looks after it."""
