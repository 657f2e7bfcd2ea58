"""MP4 files built box by box, so that each field can be wrong on purpose. They hold an index and no real pictures."""

import struct
from dataclasses import dataclass, field

TURNS = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


def box(kind: bytes, *parts: bytes) -> bytes:
    """Make a box of a kind around its parts."""
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


@dataclass(frozen=True)
class Track:
    """A video or sound track, by the fields that the gate reads."""

    handler: bytes = b"vide"
    codecs: tuple[bytes, ...] = (b"avc1",)
    width: int = 640
    height: int = 360
    matrix: tuple[float, float, float, float] = TURNS[0]
    seconds: float = 5.0
    frames: int = 150
    clock_hz: int = 90_000
    chunks: bytes = b""  # a whole `stco` or `co64`

    def __bytes__(self) -> bytes:
        a, b, c, d = (round(value * 0x10000) for value in self.matrix)
        matrix = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x40000000)
        tkhd = struct.pack(">IIIIII16x", 3, 0, 0, 1, 0, 0) + matrix + struct.pack(">II", 640 << 16, 360 << 16)
        mdhd = struct.pack(">IIIIII", 0, 0, 0, self.clock_hz, round(self.seconds * self.clock_hz), 0)
        entries = [box(codec, bytes(24 - 8), b"\0" * 8, struct.pack(">HH", self.width, self.height), bytes(50))
                   for codec in self.codecs]  # fmt: skip
        times = struct.pack(">IIII", 0, 1, self.frames, round(self.seconds * self.clock_hz / max(1, self.frames)))
        stbl = box(
            b"stbl",
            box(b"stsd", struct.pack(">II", 0, len(entries)), *entries),
            box(b"stts", times),
            box(b"stsz", struct.pack(">III", 0, 1, self.frames)),
            self.chunks,
        )
        hdlr = box(b"hdlr", bytes(8), self.handler, bytes(13))
        return box(b"trak", box(b"tkhd", tkhd), box(b"mdia", box(b"mdhd", mdhd), hdlr, box(b"minf", stbl)))


@dataclass(frozen=True)
class Film:
    """A whole file: brand, index, pictures, and whatever a test puts before or after."""

    brand: bytes = b"isom"
    tracks: tuple[Track, ...] = field(default_factory=lambda: (Track(), Track(handler=b"soun", codecs=(b"mp4a",))))
    seconds: float = 5.0
    pictures: bytes = bytes(2000)
    tail: bytes = b""

    @property
    def index(self) -> bytes:
        """Make the `moov` box."""
        mvhd = struct.pack(">IIIII80x", 0, 0, 0, 1000, round(self.seconds * 1000))
        return box(b"moov", box(b"mvhd", mvhd), *map(bytes, self.tracks))

    def __bytes__(self) -> bytes:
        ftyp = box(b"ftyp", self.brand, bytes(4), self.brand, b"iso2")
        return ftyp + self.index + box(b"mdat", self.pictures) + self.tail
