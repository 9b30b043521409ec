"""Slack's Web API and its settings."""
