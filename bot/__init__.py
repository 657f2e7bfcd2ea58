"""The Slack bot: knows Slack and edits; talks to Wan only through `client`."""
