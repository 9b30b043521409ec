"""Logs, metrics and traces, without secrets."""
