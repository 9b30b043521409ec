"""Embedding models: text in, unit vectors out."""
