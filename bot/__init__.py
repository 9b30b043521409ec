"""Answers with citations, the command line and the Slack app."""
