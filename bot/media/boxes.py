"""The boxes of an MP4 or MOV file, read header by header with a budget. Pure; trusts nothing that the file says.

A box is a 32-bit size, a four-letter kind and a body; the sizes of a hostile file may be anything. Positions only ever
grow, bodies are read up to a limit, and the number of headers is bounded, so every walk ends soon and stays small.
What the boxes mean stands in `bot/media/tracks.py`.

Format: ISO/IEC 14496-12 §4.2, https://developer.apple.com/documentation/quicktime-file-format/atoms
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MOST_BOXES = 4000  # an ordinary file has under 200; a file cut into one fragment for each frame of 10 s has about 2400


class BrokenBoxesError(Exception):
    """The boxes contradict themselves; the text says how, for the log."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box by its place in the file: `body` is where its content begins, `end` the first byte after it."""

    kind: bytes
    body: int
    end: int


class BoxReader:
    """Reads the boxes of one open file; all calls share one budget of headers."""

    def __init__(self, file: BinaryIO, size_bytes: int, *, most_boxes: int = MOST_BOXES) -> None:
        self._file = file
        self._left = most_boxes
        self.size_bytes = size_bytes

    def top(self) -> Iterator[Box]:
        """Yield the outermost boxes; the last one may claim to end after the file does."""
        return self._walk(0, self.size_bytes)

    def children(self, parent: Box, skip: int = 0) -> Iterator[Box]:
        """Yield the boxes within a box, after `skip` bytes of its own fields; raise where one sticks out of it."""
        for box in self._walk(parent.body + skip, parent.end):
            if box.end > parent.end:
                raise BrokenBoxesError(f"{box.kind!r} sticks out of {parent.kind!r}")
            yield box

    def named(self, parent: Box) -> dict[bytes, Box]:
        """Return the boxes within a box by kind, the first one of each."""
        found: dict[bytes, Box] = {}
        for box in self.children(parent):
            found.setdefault(box.kind, box)
        return found

    def content(self, box: Box, at_most: int) -> bytes:
        """Return the beginning of a box's body, at most that many bytes."""
        return self._read(box.body, min(at_most, box.end - box.body))

    def piece(self, box: Box, skip: int, length: int) -> bytes:
        """Return so many bytes of a box's body after its first ones; raise where they are not all in it."""
        if box.body + skip + length > box.end:
            raise BrokenBoxesError(f"a table in {box.kind!r} is longer than its box")
        return self._read(box.body + skip, length)

    def _walk(self, start: int, end: int) -> Iterator[Box]:
        while end - start >= 8:  # a few stray bytes after the last box are common and harmless
            self._left -= 1
            if self._left < 0:
                raise BrokenBoxesError("too many boxes")
            box = self._box(start, end)
            yield box
            start = box.end

    def _box(self, start: int, end: int) -> Box:
        header = self._read(start, min(16, end - start))
        size, kind, body = int.from_bytes(header[:4], "big"), header[4:8], start + 8
        if size == 0:  # up to the end of what surrounds it
            return Box(kind, body, end)
        if size == 1:
            size, body = int.from_bytes(header[8:16], "big"), start + 16
        if start + size < body or len(header) < body - start:
            raise BrokenBoxesError(f"{kind!r} is smaller than its own header")
        return Box(kind, body, start + size)

    def _read(self, start: int, length: int) -> bytes:
        self._file.seek(start)
        data = self._file.read(length)
        if len(data) < length:
            raise BrokenBoxesError("the file ends within its index")
        return data
