"""Is a result what was paid for? Judged by its header and a few small samples of it and of the source. Pure.

A fault is only said; the video is posted all the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import fmean

from bot.language import say
from bot.media.gate import VideoFacts

_BLACK = 20  # of 255; 16 is black in most films
_ALIKE = 1.0  # mean difference; compression alone makes about as much
_LENGTH_TOLERANCE_S = 0.5
_RATIO_TOLERANCE = 0.05


@dataclass(frozen=True, slots=True)
class Sample:
    """Square pictures, one for every half second, and whether there is sound.

    `greys` are 16 × 16 as they are taken; `colours` are the two planes of YUV that carry no brightness, 4 × 4 each.
    """

    greys: tuple[bytes, ...]
    has_sound: bool
    colours: tuple[bytes, ...] = ()

    def smaller(self) -> Sample:
        """Return the pictures with half their sides, 8 × 8, as they are kept with an edit."""
        return replace(self, greys=tuple(map(_halved, self.greys)))


def _halved(grey: bytes) -> bytes:
    side = math.isqrt(len(grey))
    corners = (y * side + x for y in range(0, side, 2) for x in range(0, side, 2))
    return bytes((grey[at] + grey[at + 1] + grey[at + side] + grey[at + side + 1]) // 4 for at in corners)


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
        lengths = {"seconds": f"{facts.duration_s:.1f}", "asked": f"{length_s:.1f}"}
        found.append(say("It is {seconds} s long instead of {asked} s.", **lengths))
    if ratio is not None and abs(facts.width / facts.height / ratio - 1) > _RATIO_TOLERANCE:
        size = {"width": facts.width, "height": facts.height}
        found.append(say("Its shape ({width} × {height}) is not the one asked for.", **size))
    if wants_sound and not seen.has_sound:
        found.append(say("Its sound is missing."))
    if not seen.greys or all(max(grey) <= _BLACK for grey in seen.greys):
        found.append(say("It is black."))
    elif _is_frozen(seen) and not (source and _is_frozen(source)):
        found.append(say("Its picture stands still."))
    elif source and _is_same(seen, source):
        found.append(say("It looks just like the original."))
    return tuple(found)


def _is_frozen(film: Sample) -> bool:
    return len(film.greys) > 1 and all(_difference(a, b) < _ALIKE / 4 for a, b in pairwise(film.greys))


def _is_same(film: Sample, other: Sample) -> bool:
    pairs = [*zip(film.greys, other.greys, strict=False), *zip(film.colours, other.colours, strict=False)]
    return bool(pairs) and all(_difference(a, b) < _ALIKE for a, b in pairs)


def _difference(a: bytes, b: bytes) -> float:
    return fmean(abs(x - y) for x, y in zip(a, b, strict=True))
