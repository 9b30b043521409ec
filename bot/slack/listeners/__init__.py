"""One module a surface of Slack: each reads an event and hands it over."""
