"""Is a result what was paid for? Judged by its header and a few small samples of it and of the source. Pure.

A fault is only said; the video is posted all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from bot.media.gate import VideoFacts

_BLACK = 20  # of 255; 16 is black in most films
_ALIKE = 1.0  # mean difference of greys; compression alone makes about as much
_LENGTH_TOLERANCE_S = 0.5
_RATIO_TOLERANCE = 0.05


@dataclass(frozen=True, slots=True)
class Sample:
    """Pictures of 16 × 16 greys, one for every half second, and whether there is sound."""

    greys: tuple[bytes, ...]
    has_sound: bool


def result_faults(
    facts: VideoFacts,
    seen: Sample,
    *,
    length_s: float | None = None,
    ratio: float | None = None,
    wants_sound: bool = False,
    source: Sample | None = None,
) -> tuple[str, ...]:
    """List what looks wrong with a result, each a short sentence; nothing is said about what is None."""
    found = []
    if length_s is not None and abs(facts.duration_s - length_s) > _LENGTH_TOLERANCE_S:
        found.append(f"It is {facts.duration_s:.1f} s long instead of {length_s:.1f} s.")
    if ratio is not None and abs(facts.width / facts.height / ratio - 1) > _RATIO_TOLERANCE:
        found.append(f"Its shape ({facts.width} × {facts.height}) is not the one asked for.")
    if wants_sound and not seen.has_sound:
        found.append("Its sound is missing.")
    if not seen.greys or all(max(grey) <= _BLACK for grey in seen.greys):
        found.append("It is black.")
    elif _is_frozen(seen) and not (source and _is_frozen(source)):
        found.append("Its picture stands still.")
    elif source and _is_same(seen, source):
        found.append("It looks just like the original.")
    return tuple(found)


def _is_frozen(film: Sample) -> bool:
    return len(film.greys) > 1 and all(_difference(a, b) < _ALIKE / 4 for a, b in pairwise(film.greys))


def _is_same(film: Sample, other: Sample) -> bool:
    pairs = list(zip(film.greys, other.greys, strict=False))
    return bool(pairs) and all(_difference(a, b) < _ALIKE for a, b in pairs)


def _difference(a: bytes, b: bytes) -> float:
    return fmean(abs(x - y) for x, y in zip(a, b, strict=True))
