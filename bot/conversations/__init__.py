"""Questions asked in conversations, each answered by one process, once."""
