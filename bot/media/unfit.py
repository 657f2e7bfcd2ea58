"""What is raised where a file cannot be used. Imports nothing, so the child process can have it for free."""

from __future__ import annotations


class Unfit(Exception):  # noqa: N818 - it says what the file is, not that we failed
    """A file cannot be used; `reason` is for the person who sent it: what was found, the limit, what to do.

    The child process speaks English only, and hands over its text and the values in it apart, for the translation.
    """

    def __init__(self, text: str, /, **values: object) -> None:
        self.text = text
        self.values = values
        self.reason = text.format(**values) if values else text
        super().__init__(self.reason)


class TooShort(Unfit):
    """A film is too short, and otherwise in order: slowed down it would be long enough."""


class TooLong(Unfit):
    """A file took the child process too long, which on a busy machine may be no fault of the file."""


class BadOptions(Unfit):
    """A film is in order, and what was asked of it is not: another part, or fewer seconds, would do."""


class Mendable(Unfit):
    """A file cannot be used as it is, but writing it anew may help (`bot/media/fit.py`)."""
