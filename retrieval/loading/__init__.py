"""Bytes into documents: which format, in a process that can be stopped."""
