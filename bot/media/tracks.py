"""The index (`moov`) of an MP4 or MOV file: how long it is, and what its video tracks are. Pure.

Only the few fields that the gate decides by are read. Not here: the verdict (`bot/media/gate.py`).

Format: ISO/IEC 14496-12 §8, https://developer.apple.com/documentation/quicktime-file-format/movie_atom
"""

from __future__ import annotations

import struct
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

from bot.media.boxes import Box, BoxReader, BrokenBoxesError
from bot.media.sps import SpsError, is_interlaced

_TURN_TOLERANCE = 0x10000 // 100  # matrices written with floating point miss zero by a hair
_PLAIN_PROFILES = frozenset({66, 77, 88, 100})  # Baseline, Main, Extended, High: 8 bits, 4:2:0; ITU-T H.264 annex A
_HDR_TRANSFERS = frozenset({16, 18})  # PQ and HLG; ITU-T H.273 §8.2
_ENTRY_FIELDS = 78  # bytes of a picture's sample entry before the boxes within it
_MOST_TIMES = 4096  # entries that are read of a table; ten seconds at 240 pictures a second need 2400
_CLOCK_SLACK_S = 0.2  # the last picture's own time, and rounding
_MOST_PARAMETERS = 512  # bytes
_SLIDE_CODECS = frozenset({"jpeg", "png ", "tiff"})


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """A track of pictures. Sides are as stored; `rotation` is how far a player turns them clockwise, in degrees."""

    codecs: tuple[str, ...]
    width: int
    height: int
    rotation: int | None  # None: the matrix is no quarter turn
    duration_s: float
    frames: int
    picture_bytes: int  # of the first pictures together: the file must hold at least so many
    last_chunk_at: int  # where in the file its last pictures begin; 0 where it has none
    quirks: tuple[str, ...] = ()

    @property
    def is_slides(self) -> bool:
        """Say whether these are pictures beside the film, as chapter marks and cameras' previews are."""
        return all(codec in _SLIDE_CODECS for codec in self.codecs)


@dataclass(frozen=True, slots=True)
class _Clock:
    """What `mvhd` or `mdhd` says of time: ticks a second, and how many of them in all."""

    rate: int
    ticks: int

    @property
    def seconds(self) -> float:
        """Return the length, to the millisecond, as coarse as most writers' clocks are."""
        return round(float(Fraction(self.ticks, self.rate)), 3)


@dataclass(frozen=True, slots=True)
class Movie:
    """A file's index: the length it claims (0 where it claims none) and its tracks."""

    duration_s: float
    videos: tuple[VideoTrack, ...]
    has_sound: bool


def read_movie(reader: BoxReader, moov: Box) -> Movie:
    """Read the index; raise BrokenBoxesError where a field that we need is missing or makes no sense."""
    duration_s = 0.0
    videos: list[VideoTrack] = []
    has_sound = False
    try:
        for box in reader.children(moov):
            if box.kind == b"mvhd":
                duration_s = _clock(reader.content(box, 32)).seconds
            elif box.kind == b"trak":
                parts = reader.named(box)
                media = reader.named(parts[b"mdia"])
                handler = reader.content(media[b"hdlr"], 12)[8:]
                has_sound |= handler == b"soun"
                if handler == b"vide":
                    videos.append(_video(reader, parts[b"tkhd"], media))
    except KeyError as exc:
        raise BrokenBoxesError(f"no {exc} in a track") from exc
    except struct.error as exc:
        raise BrokenBoxesError(f"a field is cut off: {exc}") from exc
    return Movie(duration_s, tuple(videos), has_sound)


def _video(reader: BoxReader, tkhd: Box, media: dict[bytes, Box]) -> VideoTrack:
    table = reader.named(reader.named(media[b"minf"])[b"stbl"])
    entries = tuple(reader.children(table[b"stsd"], skip=8))
    if not entries:
        raise BrokenBoxesError("a video track without a codec")
    width, height = struct.unpack_from(">HH", reader.content(entries[0], 28), 24)
    clock = _clock(reader.content(media[b"mdhd"], 32))
    frames = _frames(reader, table)
    return VideoTrack(
        codecs=tuple(entry.kind.decode("latin-1") for entry in entries),
        width=width,
        height=height,
        rotation=_rotation(reader.content(tkhd, 96)),
        duration_s=clock.seconds,
        frames=frames,
        picture_bytes=_picture_bytes(reader, table),
        last_chunk_at=_last_chunk_at(reader, table),
        quirks=_quirks(reader, entries[0], table, clock, frames),
    )


def _quirks(
    reader: BoxReader, entry: Box, table: dict[bytes, Box], clock: _Clock, frames: int
) -> tuple[str, ...]:
    """Name what is out of the ordinary in the pictures; what cannot be read or contradicts itself counts as such."""
    try:
        parts = {box.kind: box for box in reader.children(entry, skip=_ENTRY_FIELDS)}
        spans = _spans(reader, table)
        found = {
            "unclear": _is_other_length(spans, clock, frames),
            "unusual colours": _profile(reader, parts) not in _PLAIN_PROFILES,
            "HDR": _transfer(reader, parts) in _HDR_TRANSFERS,
            "stretched pixels": not _is_square(reader, parts),
            "interlaced": _is_interlaced(reader, parts),
            "uneven frame rate": _is_uneven(spans),
        }
    except (BrokenBoxesError, SpsError, struct.error):
        return ("unclear",)
    return tuple(name for name, is_so in found.items() if is_so)


def _profile(reader: BoxReader, parts: dict[bytes, Box]) -> int:
    """Read the H.264 profile; other codecs, which are never taken as they are, count as its commonest."""
    return int.from_bytes(reader.content(parts[b"avcC"], 2)[1:]) if b"avcC" in parts else 100


def _is_interlaced(reader: BoxReader, parts: dict[bytes, Box]) -> bool:
    if b"fiel" in parts and reader.content(parts[b"fiel"], 1) == b"\x02":
        return True
    return b"avcC" in parts and is_interlaced(reader.content(parts[b"avcC"], _MOST_PARAMETERS))


def _transfer(reader: BoxReader, parts: dict[bytes, Box]) -> int | None:
    colour = reader.content(parts[b"colr"], 8) if b"colr" in parts else b""
    return int.from_bytes(colour[6:8], "big") if colour[:4] in (b"nclx", b"nclc") else None


def _is_square(reader: BoxReader, parts: dict[bytes, Box]) -> bool:
    if b"pasp" not in parts:
        return True
    shape = reader.content(parts[b"pasp"], 8)
    return shape[:4] == shape[4:]


def _spans(reader: BoxReader, table: dict[bytes, Box]) -> Counter[int]:
    """Count the pictures by how long each is shown, in ticks; of a table beyond all measure only the beginning."""
    spans: Counter[int] = Counter()
    if b"stts" in table:
        entries = int.from_bytes(reader.piece(table[b"stts"], 4, 4))
        times = reader.piece(table[b"stts"], 8, 8 * min(entries, _MOST_TIMES))
        for count, span in struct.iter_unpack(">II", times):
            spans[span] += count
    return spans


def _is_other_length(spans: Counter[int], clock: _Clock, frames: int) -> bool:
    """Say whether the pictures last for longer or shorter than the header claims, or it cannot be told."""
    ticks = sum(count * span for span, count in spans.items())
    return spans.total() != frames or abs(ticks - clock.ticks) > _CLOCK_SLACK_S * clock.rate


def _is_uneven(spans: Counter[int]) -> bool:
    """Say whether more than one frame in twenty stays for much longer or shorter than the usual one."""
    usual = spans.most_common(1)[0][0] if spans else 0
    odd = sum(count for span, count in spans.items() if not usual <= 2 * span <= 4 * usual)
    return odd * 20 > spans.total()


def _clock(header: bytes) -> _Clock:
    """Read `mvhd` or `mdhd`, which begin alike."""
    wide = header[:1] == b"\x01"
    rate, ticks = struct.unpack_from(">IQ", header, 20) if wide else struct.unpack_from(">II", header, 12)
    if rate == 0:
        raise BrokenBoxesError("a clock that stands still")
    if ticks == (2**64 - 1 if wide else 2**32 - 1):
        raise BrokenBoxesError("the length is left open")
    return _Clock(rate, ticks)


def _rotation(tkhd: bytes) -> int | None:
    """Read the quarter turn from the track's matrix; mirror images and scaling count as not turned."""
    a, b, _u, c, d = struct.unpack_from(">5i", tkhd, 52 if tkhd[:1] == b"\x01" else 40)
    if max(abs(b), abs(c)) <= _TURN_TOLERANCE:
        return 180 if a < 0 and d < 0 else 0
    if max(abs(a), abs(d)) <= _TURN_TOLERANCE:
        return 90 if b > 0 else 270
    return None


def _frames(reader: BoxReader, table: dict[bytes, Box]) -> int:
    sizes = table[b"stsz"] if b"stsz" in table else table[b"stz2"]
    return int(struct.unpack_from(">I", reader.content(sizes, 12), 8)[0])


def _picture_bytes(reader: BoxReader, table: dict[bytes, Box]) -> int:
    """Add the sizes of the first pictures; 0 where they are written in the compact form, which no camera uses."""
    if b"stsz" not in table:
        return 0
    each, count = struct.unpack(">II", reader.piece(table[b"stsz"], 4, 8))
    if each:
        return int(each * count)
    count = min(count, _MOST_TIMES)
    return sum(struct.unpack(f">{count}I", reader.piece(table[b"stsz"], 12, 4 * count)))


def _last_chunk_at(reader: BoxReader, table: dict[bytes, Box]) -> int:
    width, places = (4, table[b"stco"]) if b"stco" in table else (8, table.get(b"co64"))
    if places is None or not (count := int.from_bytes(reader.piece(places, 4, 4))):
        return 0
    return int.from_bytes(reader.piece(places, 8 + width * (count - 1), width))
