"""Which documents there are: folders, source lists, listed pages, uploads."""
