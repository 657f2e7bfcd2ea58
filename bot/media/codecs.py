"""Which codecs a file says that its pictures have, read before any native code opens it. Pure; trusts nothing.

MP4 and MOV say it in their index (`bot/media/tracks.py`), Matroska and AVI in their track headers.

Formats: https://www.rfc-editor.org/rfc/rfc9559 (Matroska), https://www.rfc-editor.org/rfc/rfc8794 (its elements),
https://learn.microsoft.com/windows/win32/directshow/avi-riff-file-reference
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from bot.media.boxes import BoxReader, BrokenBoxesError
from bot.media.magic import Kind
from bot.media.tracks import read_movie

KNOWN = {
    "avc1": "H.264", "avc3": "H.264", "hvc1": "H.265", "hev1": "H.265", "vp08": "VP8", "vp09": "VP9", "av01": "AV1",
    "mp4v": "MPEG-4", "s263": "H.263", "h263": "H.263", "jpeg": "Motion JPEG", "mjpa": "Motion JPEG",
    "mjpb": "Motion JPEG", "ap4h": "ProRes", "ap4x": "ProRes", "apch": "ProRes", "apcn": "ProRes", "apcs": "ProRes",
    "apco": "ProRes", "png ": "PNG",
    "V_MPEG4/ISO/AVC": "H.264", "V_MPEGH/ISO/HEVC": "H.265", "V_VP8": "VP8", "V_VP9": "VP9", "V_AV1": "AV1",
    "V_MPEG4/ISO/ASP": "MPEG-4", "V_MPEG4/ISO/SP": "MPEG-4", "V_MJPEG": "Motion JPEG", "V_PRORES": "ProRes",
    "H264": "H.264", "X264": "H.264", "HEVC": "H.265", "XVID": "MPEG-4", "DIVX": "MPEG-4", "DX50": "MPEG-4",
    "FMP4": "MPEG-4", "MP4V": "MPEG-4", "DIV3": "DivX", "MP43": "DivX", "MJPG": "Motion JPEG", "GIF": "GIF",
}  # fmt: skip
DEMUXERS = {
    Kind.MP4: "mov", Kind.MOV: "mov", Kind.THREE_GP: "mov", Kind.MATROSKA: "matroska", Kind.AVI: "avi", Kind.GIF: "gif",
}  # fmt: skip
_SEGMENT, _TRACKS, _TRACK, _TYPE, _CODEC, _CLUSTER = 0x18538067, 0x1654AE6B, 0xAE, 0x83, 0x86, 0x1F43B675
_MOST_ELEMENTS = 2000
_MOST_CHUNKS = 200


def picture_codecs(file: BinaryIO, size_bytes: int, kind: Kind) -> list[str]:
    """List the codecs of all pictures in the file; raise BrokenBoxesError where it does not say."""
    match kind:
        case Kind.MATROSKA:
            return _Elements(file, size_bytes).codecs()
        case Kind.AVI:
            return _avi(file, size_bytes)
        case Kind.GIF:
            return ["GIF"]
        case _:
            reader = BoxReader(file, size_bytes)
            index = next((box for box in reader.top() if box.kind == b"moov"), None)
            if index is None:
                raise BrokenBoxesError("no index")
            return [codec for track in read_movie(reader, index).videos for codec in track.codecs]


class _Elements:
    """Walks the elements of a Matroska file as far as its tracks, with a budget."""

    def __init__(self, file: BinaryIO, size_bytes: int) -> None:
        self._file, self._size, self._left = file, size_bytes, _MOST_ELEMENTS

    def codecs(self) -> list[str]:
        for name, body, end in self._walk(0, self._size):
            if name == _SEGMENT:
                return self._in_segment(body, end)
        raise BrokenBoxesError("no segment")

    def _in_segment(self, start: int, end: int) -> list[str]:
        for name, body, stop in self._walk(start, end):
            if name == _TRACKS:
                tracks = [self._track(at, to) for name, at, to in self._walk(body, stop) if name == _TRACK]
                return [codec for is_film, codec in tracks if is_film]
            if name == _CLUSTER:
                break
        raise BrokenBoxesError("no tracks before the pictures")

    def _track(self, start: int, end: int) -> tuple[bool, str]:
        kind, codec = 0, ""
        for name, body, stop in self._walk(start, end):
            if name == _TYPE:
                kind = int.from_bytes(self._read(body, min(8, stop - body)))
            elif name == _CODEC:
                codec = self._read(body, min(64, stop - body)).rstrip(b"\0").decode("latin-1")
        return kind == 1, codec

    def _walk(self, at: int, end: int) -> Iterator[tuple[int, int, int]]:
        while at < min(end, self._size):
            self._left -= 1
            if self._left < 0:
                raise BrokenBoxesError("too many elements")
            head = self._read(at, 12)
            name, name_bytes = _number(head, keep_marker=True)
            size, size_bytes = _number(head[name_bytes:], keep_marker=False)
            body = at + name_bytes + size_bytes
            is_open = size == (1 << 7 * size_bytes) - 1  # as a live recorder writes it: up to the end of the parent
            stop = end if is_open else body + size
            yield name, body, stop
            at = stop

    def _read(self, start: int, length: int) -> bytes:
        self._file.seek(start)
        return self._file.read(length)


def _number(data: bytes, *, keep_marker: bool) -> tuple[int, int]:
    """Read a number whose first bit that is set tells its length."""
    if not data or data[0] == 0:
        raise BrokenBoxesError("a number without a length")
    length = 9 - data[0].bit_length()
    if len(data) < length:
        raise BrokenBoxesError("a number is cut off")
    value = int.from_bytes(data[:length])
    return (value if keep_marker else value & ((1 << 7 * length) - 1)), length


def _avi(file: BinaryIO, size_bytes: int) -> list[str]:
    """Read the stream headers: `strh` tells the kind, the `strf` behind it the codec."""
    found: list[str] = []
    at, is_film = 12, False
    for _ in range(_MOST_CHUNKS):
        if at + 8 > size_bytes:
            break
        file.seek(at)
        head = file.read(28)
        name, size = head[:4], int.from_bytes(head[4:8], "little")
        if name == b"LIST":
            if head[8:12] == b"movi":
                return found
            at += 12  # into it
            continue
        if name == b"strh":
            is_film = head[8:12] == b"vids"
        elif name == b"strf" and is_film:
            found.append(head[24:28].decode("latin-1").upper())
        at += 8 + size + size % 2
    raise BrokenBoxesError("no pictures after the headers")
