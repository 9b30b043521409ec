"""Brings the index up to date, removes documents from it, proves that it is whole."""
