"""What is said to language models. Knows passages, and nothing of who asks."""
