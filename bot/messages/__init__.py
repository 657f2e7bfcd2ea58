"""Every word and block that a person reads: pure functions from an Edit, or an error, to what Slack is sent.

Whatever people, files or providers wrote is escaped here, or shown in blocks that take no markup.
"""
