"""The Slack app: events in, cited answers out."""
