"""Documents in, ranked passages out. Knows nothing of Slack, prompts or answers."""
