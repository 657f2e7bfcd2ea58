"""The gate for pictures: accept a reference picture as it is, or refuse it with one sentence for the person. Pure.

Kind and sides come from the header, so no native decoder meets an untrusted file here. Videos: `bot/media/gate.py`.

Limits: https://help.aliyun.com/zh/model-studio/wan-video-editing-api-reference
Headers: PNG https://www.w3.org/TR/png/ , WEBP https://developers.google.com/speed/webp/docs/riff_container ,
JPEG ITU-T T.81 annex B, BMP https://learn.microsoft.com/windows/win32/gdi/bitmap-header-types
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from bot.language import say, sentences
from bot.media.gate import Unfit, frame_faults
from bot.media.magic import HEAD_BYTES, Kind, sniff
from client.catalogue import MediaLimits

MIME_TYPES = {Kind.JPEG: "image/jpeg", Kind.PNG: "image/png", Kind.WEBP: "image/webp", Kind.BMP: "image/bmp"}
_MOST_PARTS = 2000  # a 20 MB JPEG or PNG has far fewer parts before its pixels; bounds a hostile file's work
_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF0–SOF15 without DHT, JPG and DAC
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length
_JPEG_PIXELS, _JPEG_END = 0xDA, 0xD9


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What a picture's header says; sides as stored, before any turn that EXIF asks for."""

    mime_type: str
    size_bytes: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Header:
    width: int
    height: int
    has_alpha: bool = False
    is_animated: bool = False
    least_bytes: int = 0  # a whole file has at least so many bytes


class _Damaged(Exception):  # noqa: N818 - it says what the file is
    """The header makes no sense."""


def check_image(file: BinaryIO, size_bytes: int, limits: MediaLimits) -> ImageFacts:
    """Return the facts of a picture that the model takes as it is; raise Unfit with every reason against it.

    `file` is open for binary reading and seekable; its position is left anywhere.
    """
    file.seek(0)
    kind = sniff(file.read(HEAD_BYTES))
    if kind not in MIME_TYPES or MIME_TYPES[kind] not in limits.mime_types:
        raise Unfit(
            say("This file is {kind}; a reference picture must be JPEG, PNG, BMP or WEBP.", kind=say(kind.value))
        )
    try:
        header = _read_header(kind, file)
    except (_Damaged, struct.error) as exc:
        raise Unfit(say("The picture's header is damaged, so it cannot be read; please save it again.")) from exc
    if header.least_bytes > size_bytes:
        raise Unfit(say("The picture breaks off: the file is shorter than it says. Please upload it again."))
    found = frame_faults(say("picture"), header.width, header.height, size_bytes, limits)
    if header.is_animated:
        found.append(say("The picture is animated; please send one still picture."))
    if header.has_alpha:
        found.append(
            say(
                "The picture has a transparency channel, which the editor does not take; please save it without "
                "transparency, for example as JPEG."
            )
        )
    if found:
        raise Unfit(sentences(*found))
    return ImageFacts(MIME_TYPES[kind], size_bytes, header.width, header.height)


def _read_header(kind: Kind, file: BinaryIO) -> _Header:
    match kind:
        case Kind.JPEG:
            return _jpeg(file)
        case Kind.PNG:
            return _png(file)
        case Kind.WEBP:
            return _webp(file)
        case _:
            return _bmp(file)


def _at(file: BinaryIO, start: int, length: int) -> bytes:
    """Read some bytes, or as many of them as there are: `struct` refuses what is too short."""
    file.seek(start)
    return file.read(length)


def _jpeg(file: BinaryIO) -> _Header:
    """Walk from marker to marker: the frame header comes before the pixels, behind EXIF, ICC and thumbnails."""
    at = 2
    size: tuple[int, int] | None = None
    for _ in range(_MOST_PARTS):
        mark, code, length = struct.unpack(">BBH", _at(file, at, 4))
        if mark != 0xFF or code == _JPEG_END:
            raise _Damaged("no marker where one must be")
        if code == 0xFF:  # padding
            at += 1
        elif code in _JPEG_BARE:
            at += 2
        elif length < 2:
            raise _Damaged("a part shorter than its own length")
        elif code == _JPEG_PIXELS:
            if size is None:
                raise _Damaged("pixels before the frame header")
            return _Header(*size, least_bytes=at + 2 + length)
        else:
            if code in _JPEG_SIZES:
                height, width = struct.unpack(">HH", _at(file, at + 5, 4))
                size = width, height
            at += 2 + length
    raise _Damaged("too many parts")


def _png(file: BinaryIO) -> _Header:
    """Read IHDR, and the chunks before the pixels, where transparency and animation are announced."""
    length, name, width, height, colour = struct.unpack(">I4sIIxB", _at(file, 8, 18))
    if name != b"IHDR" or length != 13 or colour not in (0, 2, 3, 4, 6):
        raise _Damaged("no image header")
    has_alpha, is_animated = colour in (4, 6), False
    at = 33
    for _ in range(_MOST_PARTS):
        length, name = struct.unpack(">I4s", _at(file, at, 8))
        has_alpha |= name == b"tRNS"
        is_animated |= name == b"acTL"
        if name == b"IDAT":
            return _Header(width, height, has_alpha, is_animated, least_bytes=at + 12 + length)
        at += 12 + length
    raise _Damaged("too many chunks")


def _webp(file: BinaryIO) -> _Header:
    """Read the first chunk: lossy, lossless, or the extended header that names the canvas."""
    head = _at(file, 0, 30)
    size, chunk = struct.unpack_from("<I4x4s", head, 4)
    least_bytes = size + 8
    if chunk == b"VP8X":
        flags, wide, high = struct.unpack_from("<B3x3s3s", head, 20)
        width, height = (1 + int.from_bytes(side, "little") for side in (wide, high))
        return _Header(width, height, bool(flags & 0x10), bool(flags & 0x02), least_bytes)
    if chunk == b"VP8L" and head[20:21] == b"\x2f":
        (bits,) = struct.unpack_from("<I", head, 21)
        return _Header(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), bool(bits >> 28 & 1), least_bytes=least_bytes)
    if chunk == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", head, 26)
        return _Header(width & 0x3FFF, height & 0x3FFF, least_bytes=least_bytes)
    raise _Damaged("no picture chunk")


def _bmp(file: BinaryIO) -> _Header:
    """Read the oldest header (16-bit sides) or any later one (a negative height means rows from the top)."""
    head = _at(file, 0, 34)
    pixels_at, header_bytes = struct.unpack_from("<II", head, 10)
    if header_bytes == 12:
        width, height, _planes, bits = struct.unpack_from("<HHHH", head, 18)
        packed = False
    elif header_bytes >= 40:
        width, height, _planes, bits, coding = struct.unpack_from("<iiHHI", head, 18)
        packed = coding not in (0, 3)
    else:
        raise _Damaged("an unknown header")
    if width < 0:
        raise _Damaged("a negative width")
    row_bytes = (width * bits + 31) // 32 * 4
    return _Header(width, abs(height), least_bytes=pixels_at + (0 if packed else row_bytes * abs(height)))
