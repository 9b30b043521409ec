"""The ways that Slack's requests take to Bolt, and what becomes of errors."""
