"""Odd little films, made with PyAV: other codecs, containers, colours, rates and shapes than a fit one has."""

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from PIL import Image, ImageDraw

from client.sandbox.frames import to_frame
from tests.mp4 import TURNS

QUICK = {  # by codec; the threads of libvpx wait for each other by spinning
    "libx2": {"preset": "ultrafast"},
    "libvp": {"deadline": "realtime", "cpu-used": "8", "threads": "1"},
}


def make_film(
    path: Path,
    *,
    codec: str = "libx264",
    size: tuple[int, int] = (320, 240),
    seconds: float = 3.0,
    fps: int = 10,
    pixels: str = "yuv420p",
    sound: str | None = None,
    times: Sequence[float] | None = None,
    shape: Fraction | None = None,
    options: dict[str, str] | None = None,
    movflags: str = "",
    bit_of_sound: int = 0,
    notes: dict[str, str] | None = None,
    **context: Any,
) -> Path:
    """Write a film that is red in its left half and blue in its right, with a white bar that moves down.

    `times` are the seconds at which pictures are shown, for an uneven rate; `bit_of_sound` are blocks of
    sound that outlast the pictures; `notes` is what the file says of itself; `context` are settings of the encoder.
    """
    moments = times or [number / fps for number in range(round(seconds * fps))]
    settings = QUICK.get(codec[:5], {})
    with av.open(str(path), "w", options={"movflags": movflags} if movflags else {}) as out:
        out.metadata.update(notes or {})
        film = out.add_stream(codec, rate=fps, options=settings | (options or {}))
        assert isinstance(film, VideoStream)
        film.width, film.height, film.pix_fmt = *size, pixels
        film.codec_context.time_base = Fraction(1, 1000) if times else Fraction(1, fps)
        for name, value in context.items():
            setattr(film.codec_context, name, value)
        if shape:
            film.sample_aspect_ratio = shape
        track = out.add_stream(sound, rate=48_000) if sound else None
        for number, moment in enumerate(moments):
            frame = to_frame(picture(size, moment)).reformat(format=pixels)
            frame.pts = round(moment * 1000) if times else number
            frame.time_base = film.codec_context.time_base
            out.mux(film.encode(frame))
        out.mux(film.encode())
        if track is not None:
            assert isinstance(track, AudioStream)
            for number in range(round(seconds * 48_000) // 1024 + bit_of_sound):
                out.mux(track.encode(_tone(number)))
            out.mux(track.encode())
    return path


def picture(size: tuple[int, int], moment: float) -> Image.Image:
    """Draw what is seen at a moment: the bar has a place of its own for each tenth of a second."""
    image = Image.new("RGB", size, (220, 30, 30))
    draw = ImageDraw.Draw(image)
    draw.rectangle((size[0] // 2, 0, *size), fill=(30, 30, 220))
    top = round(moment * 10) * 2 % size[1]
    draw.rectangle((0, top, size[0], top + 8), fill=(255, 255, 255))
    return image


def _tone(number: int) -> AudioFrame:
    frame = AudioFrame(format="s16", layout="stereo", samples=1024)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size - 4) + b"\x00\x10\x00\x10")
    frame.sample_rate, frame.pts, frame.time_base = 48_000, number * 1024, Fraction(1, 48_000)
    return frame


def live(path: Path) -> Path:
    """Take the length out of a WebM or MKV, which a browser that records does not know when it begins to write."""
    data = bytearray(path.read_bytes())
    at = data.index(b"\x44\x89\x88")
    data[at : at + 11] = b"\xec\x89" + bytes(9)
    path.write_bytes(data)
    return path


def turned(path: Path, turn: int) -> Path:
    """Write into the index of an MP4 that a player must turn the film."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4
    a, b, c, d = (round(value * 0x10000) for value in TURNS[turn])
    for place, value in ((40, a), (44, b), (52, c), (56, d)):
        data[at + place : at + place + 4] = value.to_bytes(4, signed=True)
    path.write_bytes(data)
    return path


def claiming(data: bytes, seconds: float) -> bytes:
    """Write another length into each header of a film, and leave its pictures as they are."""
    made = bytearray(data)
    clock = int.from_bytes(made[(mvhd := data.index(b"mvhd")) + 16 : mvhd + 20])
    for kind, place in ((b"mvhd", 20), (b"tkhd", 24)):
        struct.pack_into(">I", made, data.index(kind) + place, round(seconds * clock))
    at = data.index(b"mdhd")
    struct.pack_into(">I", made, at + 20, round(seconds * int.from_bytes(data[at + 16 : at + 20])))
    return bytes(made)


def pixel(path: Path, x: float, y: float, *, moment: int = 0) -> tuple[int, int, int]:
    """Return the colour of one place of a picture, by shares of its sides."""
    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number == moment:
                image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call] # PyAV left this one untyped
                red, green, blue = image.getpixel((int(x * image.width), int(y * image.height)))  # type: ignore[misc] # RGB
                return red, green, blue
    raise AssertionError(f"{path.name} has no picture {moment}")
