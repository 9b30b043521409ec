"""Who may see an answer, and who may look after the index."""
