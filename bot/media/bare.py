"""Does a picture's file hold its pixels and nothing else? Pure, and by what is known to be harmless, part for part.

Whatever a camera, an editor or a stranger adds (EXIF, XMP, IPTC, text, a second picture, bytes after the end) makes the
answer no, also where no library would show it. Not here: the sides and the kind (`bot/media/images.py`).

Parts: JPEG ITU-T T.81 annex B, PNG https://www.w3.org/TR/png/ ,
WEBP https://developers.google.com/speed/webp/docs/riff_container ,
BMP https://learn.microsoft.com/windows/win32/gdi/bitmap-header-types
"""

from __future__ import annotations

import re
import struct

_JPEG_TABLES = frozenset({*range(0xC0, 0xD0), 0xDB, 0xDD}) - {0xC8}  # frames, codes, quanta, restarts
_JPEG_NAMES = {0xE0: (b"JFIF\0", 16), 0xEE: (b"Adobe", 14)}  # beginning, and length without a thumbnail
_JPEG_SCAN, _JPEG_END = 0xDA, 0xD9
_AFTER_PIXELS = re.compile(rb"\xff[^\x00\xd0-\xd7]")  # a marker that is neither an escaped byte nor a restart
_PNG_PARTS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"sBIT", b"bKGD"})
_WEBP_PARTS = frozenset({b"VP8 ", b"VP8L"})
_BMP_PIXELS_AT = 54


def is_bare(data: bytes) -> bool:
    """Say whether a whole file of a picture is nothing but the picture; no for what is broken or of another kind."""
    try:
        match data[:4]:
            case b"\xff\xd8\xff\xe0" | b"\xff\xd8\xff\xdb" | b"\xff\xd8\xff\xee":
                return _jpeg(data)
            case b"\x89PNG":
                return _png(data)
            case b"RIFF":
                return _webp(data)
            case _:
                return data[:2] == b"BM" and _bmp(data)
    except struct.error:
        return False


def _jpeg(data: bytes) -> bool:
    at = 2
    while True:
        mark, code = struct.unpack_from(">BB", data, at)
        if code == _JPEG_END:
            return mark == 0xFF and at + 2 == len(data)
        (length,) = struct.unpack_from(">H", data, at + 2)
        name, whole = _JPEG_NAMES.get(code, (b"", length))
        is_known = code in _JPEG_TABLES or code in _JPEG_NAMES or code == _JPEG_SCAN
        if mark != 0xFF or not is_known or length != whole or not data.startswith(name, at + 4):
            return False
        at += 2 + length
        if code == _JPEG_SCAN:
            found = _AFTER_PIXELS.search(data, at)
            if found is None:
                return False
            at = found.start()


def _png(data: bytes) -> bool:
    at = 8
    while True:
        length, name = struct.unpack_from(">I4s", data, at)
        if name == b"IEND":
            return at + 12 == len(data)
        if name not in _PNG_PARTS:
            return False
        at += 12 + length


def _webp(data: bytes) -> bool:
    """Take the simple form only, one part in the file: the extended one is there to carry more."""
    whole, form, name, length = struct.unpack_from("<I4s4sI", data, 4)
    ends = {20 + length + length % 2, whole + 8}
    return form == b"WEBP" and name in _WEBP_PARTS and ends == {len(data)}


def _bmp(data: bytes) -> bool:
    """Take the ordinary form only: 24 bits of colour behind the shortest header of today."""
    pixels_at, header_bytes, width, height, _planes, bits, coding = struct.unpack_from("<IIiiHHI", data, 10)
    row_bytes = (width * 24 + 31) // 32 * 4
    is_ordinary = (pixels_at, header_bytes, bits, coding) == (_BMP_PIXELS_AT, 40, 24, 0)
    return is_ordinary and len(data) == _BMP_PIXELS_AT + row_bytes * int(abs(height))
