"""Files of this machine measured against a model's limits, before anything is sent.

They are opened in this process, so they should be one's own: what strangers send belongs into a process of its own.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image, UnidentifiedImageError

from client.catalogue import MediaLimits, ModelFacts

MEASURING_ERROR_S = 0.05


@dataclass(frozen=True, slots=True)
class Film:
    """Hold what was measured of a video."""

    width_px: int
    height_px: int
    seconds: float
    fps: float


@dataclass(frozen=True, slots=True)
class Picture:
    """Hold what was measured of a picture."""

    width_px: int
    height_px: int
    mime: str
    transparent: bool


def read_film(path: Path) -> Film | None:
    """Read the index of a video; None when it has none that can be read."""
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                return None
            stream = container.streams.video[0]
            seconds = container.duration / av.time_base if container.duration else 0.0
            return Film(stream.width, stream.height, seconds, float(stream.average_rate or 0))
    except (av.FFmpegError, OSError):
        return None


def read_picture(content: Path | bytes) -> Picture | None:
    """Read the head of a picture; None when it is none."""
    try:
        with Image.open(io.BytesIO(content) if isinstance(content, bytes) else content) as image:
            transparent = image.has_transparency_data and image.format == "PNG"
            return Picture(image.width, image.height, image.get_format_mimetype() or "", transparent)
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return None


def film_faults(film: Film | None, facts: ModelFacts, duration_s: int = 0) -> Iterator[str]:
    """Name every limit that a video breaks, each with the value found.

    What the service does when more seconds are wanted than there are is not documented, so that is refused.
    """
    if film is None:
        yield "cannot be read as a video"
        return
    if not facts.min_s <= film.seconds <= facts.max_s:
        yield f"must be {facts.min_s} to {facts.max_s} s long, it is {film.seconds:.2f} s"
    if duration_s > film.seconds + MEASURING_ERROR_S:
        yield f"has {film.seconds:.2f} s, the first {duration_s} s are wanted"
    if film.fps <= facts.video.above_fps:
        yield f"must have more than {facts.video.above_fps:g} frames a second, it has {film.fps:.2f}"
    yield from _sides(film.width_px, film.height_px, facts.video)


def picture_faults(picture: Picture | None, limits: MediaLimits) -> Iterator[str]:
    """Name every limit that a picture breaks, each with the value found."""
    if picture is None:
        yield "cannot be read as a picture"
        return
    if picture.mime not in limits.mime_types:
        kinds = ", ".join(kind.partition("/")[2] for kind in limits.mime_types)
        yield f"must be one of {kinds}, it is {picture.mime or 'something else'}"
    if picture.transparent:
        yield "must have no transparency, it has an alpha channel"
    yield from _sides(picture.width_px, picture.height_px, limits)


def _sides(width_px: int, height_px: int, limits: MediaLimits) -> Iterator[str]:
    size = f"it is {width_px}×{height_px}"
    if min(width_px, height_px) < limits.min_side_px or max(width_px, height_px) > limits.max_side_px:
        yield f"must have sides of {limits.min_side_px} to {limits.max_side_px} pixels, {size}"
    if height_px and not limits.min_ratio <= Fraction(width_px, height_px) <= limits.max_ratio:
        yield f"must be shaped between {_ratio(limits.min_ratio)} and {_ratio(limits.max_ratio)}, {size}"


def _ratio(ratio: Fraction) -> str:
    return f"{ratio.numerator}:{ratio.denominator}"
