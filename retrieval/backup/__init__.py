"""Backups of an index: written, proved, restored."""
