"""Pictures: what is wrong with a reference picture is told apart from what is wrong with the video."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.files import FileError
from bot.links import LinkError
from bot.media.gate import Unfit

Trouble = Unfit | FileError | LinkError


class PictureError(Exception):
    """A reference picture cannot be used; `why` says what is wrong with it."""

    def __init__(self, why: Trouble) -> None:
        super().__init__(str(why))
        self.why = why


@contextmanager
def blaming_a_picture() -> Iterator[None]:
    """Raise PictureError for whatever is wrong with the media in here."""
    try:
        yield
    except (Unfit, FileError, LinkError) as exc:
        raise PictureError(exc) from exc
