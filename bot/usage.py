"""What is raised where a person asks for something that cannot be done."""

from __future__ import annotations

from bot.text import escape, shorten


class UsageError(Exception):
    """Say in one sentence what is wrong with the request and what to do: `str()` of it may stand in mrkdwn as it is.

    `plain` is the same for places that show plain text, such as the fields of a modal.
    """

    def __init__(self, plain: str) -> None:
        self.plain = shorten(plain, 600)
        super().__init__(escape(self.plain))
