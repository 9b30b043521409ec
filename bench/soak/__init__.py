"""A whole day in an hour: questions over a loopback Slack while everything fails that can fail."""
