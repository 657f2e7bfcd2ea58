"""A double of our upstream Slack: a local workspace and its web page."""
