"""Room on the disk for media on their way: large files of many people at once must not fill it.

The store may lie on the same disk, and what it cannot save is lost; so some of the disk always stays free. What is
promised to files of this process counts, also while they are still being written.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.media.disk import is_full

SPARE_BYTES = 200_000_000  # for what fitting writes, for results on their way, and for the store


class NoRoomError(Exception):
    """The disk has no room for a file now; it will have when others are gone."""


class Room:
    """Promises parts of the disk on which a folder lies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._promised_bytes = 0

    @contextmanager
    def promise(self, size_bytes: int) -> Iterator[None]:
        """Keep so much for one file until the block ends; raise NoRoomError where there is not as much."""
        free_bytes = shutil.disk_usage(self._folder).free
        if free_bytes - self._promised_bytes < size_bytes + SPARE_BYTES:
            raise NoRoomError(f"{size_bytes} bytes are needed, {free_bytes} are free, {self._promised_bytes} promised")
        self._promised_bytes += size_bytes
        try:
            yield
        finally:
            self._promised_bytes -= size_bytes


@contextmanager
def until_full() -> Iterator[None]:
    """Turn the system's word for a full disk into NoRoomError: others write to it too."""
    try:
        yield
    except OSError as exc:
        if not is_full(exc):
            raise
        raise NoRoomError("the disk is full") from exc
