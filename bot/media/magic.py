"""What a file really is, told by its first bytes; names and content types are only hints. Pure.

Not here: whether such a file can be used (`bot/media/gate.py`, `bot/media/images.py`).
"""

from __future__ import annotations

import codecs
from enum import Enum

HEAD_BYTES = 4096  # as much of a file as `sniff` wants to see


class Kind(Enum):
    """A kind of file; the value completes the sentence “This file is …”."""

    EMPTY = "empty"
    MP4 = "an MP4 video"
    MOV = "a QuickTime (MOV) video"
    THREE_GP = "a 3GP video"
    MATROSKA = "a WebM or Matroska video"
    AVI = "an AVI video"
    FLV = "a Flash video"
    WMV = "a Windows Media video"
    MPEG_TS = "an MPEG transport stream"
    MPEG_PS = "an MPEG program stream"
    OGG = "an Ogg file"
    JPEG = "a JPEG picture"
    PNG = "a PNG picture"
    WEBP = "a WEBP picture"
    BMP = "a BMP picture"
    GIF = "a GIF"
    HEIC = "a HEIC picture"
    AVIF = "an AVIF picture"
    JPEG_XL = "a JPEG XL picture"
    TIFF = "a TIFF picture or a camera's raw picture"
    SVG = "an SVG drawing"
    PHOTOSHOP = "a Photoshop file"
    ICON = "an icon"
    AUDIO = "a sound file"
    PDF = "a PDF document"
    ARCHIVE = "an archive or an office document"
    WEB_PAGE = "a web page"
    PLAYLIST = "a playlist that only names other files"
    TEXT = "a text file"
    UNKNOWN = "of a kind that we do not know"


_BEGINNINGS: tuple[tuple[bytes, Kind], ...] = (
    (b"\x1a\x45\xdf\xa3", Kind.MATROSKA),
    (b"FLV\x01", Kind.FLV),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Kind.WMV),
    (b"\x00\x00\x01\xba", Kind.MPEG_PS),
    (b"\x00\x00\x01\xb3", Kind.MPEG_PS),
    (b"OggS", Kind.OGG),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"\xff\x0a", Kind.JPEG_XL),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", Kind.JPEG_XL),
    (b"II*\x00", Kind.TIFF),
    (b"MM\x00*", Kind.TIFF),
    (b"8BPS", Kind.PHOTOSHOP),
    (b"\x00\x00\x01\x00", Kind.ICON),
    (b"ID3", Kind.AUDIO),
    (b"\xff\xfb", Kind.AUDIO),
    (b"\xff\xf3", Kind.AUDIO),
    (b"\xff\xf2", Kind.AUDIO),
    (b"\xff\xf1", Kind.AUDIO),
    (b"fLaC", Kind.AUDIO),
    (b"#!AMR", Kind.AUDIO),
    (b"%PDF-", Kind.PDF),
    (b"PK\x03\x04", Kind.ARCHIVE),
    (b"PK\x05\x06", Kind.ARCHIVE),
    (b"Rar!\x1a\x07", Kind.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", Kind.ARCHIVE),
    (b"\x1f\x8b", Kind.ARCHIVE),
)
_RIFF = {b"AVI ": Kind.AVI, b"WEBP": Kind.WEBP, b"WAVE": Kind.AUDIO}
_TEXTS: tuple[tuple[str, Kind], ...] = (
    ("#extm3u", Kind.PLAYLIST),
    ("ffconcat", Kind.PLAYLIST),
    ("v=0", Kind.PLAYLIST),  # SDP
    ("[playlist]", Kind.PLAYLIST),
    ("<mpd", Kind.PLAYLIST),
    ("<!doctype html", Kind.WEB_PAGE),
    ("<html", Kind.WEB_PAGE),
    ("<head", Kind.WEB_PAGE),
    ("<svg", Kind.SVG),
)

# Brands: https://mp4ra.org/registered-types/brands
_STILL_BRANDS = {
    b"heic": Kind.HEIC, b"heix": Kind.HEIC, b"heim": Kind.HEIC, b"heis": Kind.HEIC, b"hevc": Kind.HEIC,
    b"hevx": Kind.HEIC, b"mif1": Kind.HEIC, b"mif2": Kind.HEIC, b"msf1": Kind.HEIC,
    b"avif": Kind.AVIF, b"avis": Kind.AVIF, b"crx ": Kind.TIFF, b"jxl ": Kind.JPEG_XL,
    b"M4A ": Kind.AUDIO, b"M4B ": Kind.AUDIO, b"F4A ": Kind.AUDIO,
}  # fmt: skip
_MP4_BRANDS = frozenset({
    b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"mp41", b"mp42", b"avc1",
    b"hvc1", b"M4V ", b"M4VH", b"M4VP", b"F4V ", b"MSNV", b"XAVC", b"dash", b"cmfc",
})  # fmt: skip
_BARE_QUICKTIME = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})  # MOV files older than `ftyp`


def sniff(head: bytes) -> Kind:
    """Tell what a file is from its first `HEAD_BYTES` bytes (fewer only where the file is shorter)."""
    if not head:
        return Kind.EMPTY
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12], Kind.UNKNOWN)
    if head[4:8] in _BARE_QUICKTIME:
        return Kind.MOV
    if head.startswith(b"BM") and head[6:10] == bytes(4):
        return Kind.BMP
    if _is_transport_stream(head):
        return Kind.MPEG_TS
    return _by_text(head)


def _by_brand(head: bytes) -> Kind:
    """Read the `ftyp` box: the first brand says what the file wants to be, the others what it also is."""
    size = min(int.from_bytes(head[:4], "big"), HEAD_BYTES)
    major = head[8:12]
    brands = {major} | {head[at : at + 4] for at in range(16, size - 3, 4)}
    if major in _STILL_BRANDS:
        return _STILL_BRANDS[major]
    if major == b"qt  ":
        return Kind.MOV
    if brands & _MP4_BRANDS:
        return Kind.MP4
    if major[:2] == b"3g":
        return Kind.THREE_GP
    return Kind.MOV if b"qt  " in brands else Kind.UNKNOWN


def _is_transport_stream(head: bytes) -> bool:
    return any(
        len(head) > start + 2 * step and all(head[start + step * packet] == 0x47 for packet in range(3))
        for start, step in ((0, 188), (4, 192))
    )


def _by_text(head: bytes) -> Kind:
    text = _as_text(head)
    if text is None:
        return Kind.UNKNOWN
    words = text.lstrip("\ufeff \t\r\n\f").lower()
    if words.startswith(("<?xml", "<!--", "<!doctype svg")):  # what it is comes after the preamble
        return next((kind for mark, kind in _TEXTS if mark[0] == "<" and mark in words), Kind.TEXT)
    return next((kind for mark, kind in _TEXTS if words.startswith(mark)), Kind.TEXT)


def _as_text(head: bytes) -> str | None:
    """Decode the head if it is text: UTF-8 that may be cut within a character, or UTF-16 with its mark."""
    utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    decoder = codecs.getincrementaldecoder("utf-16" if utf16 else "utf-8")()
    try:
        text = decoder.decode(head)
    except UnicodeDecodeError:
        return None
    return text if all(char >= " " or char in "\t\n\r\f\x1b" for char in text) else None
