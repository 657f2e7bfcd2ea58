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
_ALIKE_ANYWHERE = 4.0  # difference of one place, where a small thing that was changed shows
_STILL = 0.25  # mean difference from one half second to the next
_CALMER = 8  # times less movement than in the source is none, and less than that a calm film
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
    seen: Sample | None,
    *,
    length_s: float | None = None,
    ratio: float | None = None,
    wants_sound: bool = False,
    source: Sample | None = None,
) -> tuple[str, ...]:
    """List what looks wrong with a result, each a short sentence; nothing is said about what is None.

    Length, shape and sound show in the header; a film that was not `seen` is judged by that alone.
    """
    found = []
    if length_s is not None and abs(facts.duration_s - length_s) > _LENGTH_TOLERANCE_S:
        lengths = {"seconds": f"{facts.duration_s:.1f}", "asked": f"{length_s:.1f}"}
        found.append(say("It is {seconds} s long instead of {asked} s.", **lengths))
    if ratio is not None and abs(facts.width / facts.height / ratio - 1) > _RATIO_TOLERANCE:
        size = {"width": facts.width, "height": facts.height}
        found.append(say("Its shape ({width} × {height}) is not the one asked for.", **size))
    if wants_sound and not (seen or facts).has_sound:
        found.append(say("Its sound is missing."))
    if seen is None:
        return tuple(found)
    if _is_black(seen):
        if not seen.greys or source is None or not _is_black(source):
            found.append(say("It is black."))
    elif _is_frozen(seen, source):
        found.append(say("Its picture stands still."))
    elif source and _is_same(seen, source):
        found.append(say("It looks just like the original."))
    return tuple(found)


def _is_black(film: Sample) -> bool:
    return all(max(grey) <= _BLACK for grey in film.greys)


def _is_frozen(film: Sample, source: Sample | None) -> bool:
    """Say whether nothing moves; where hardly anything moves in the source either, nobody can tell."""
    if len(film.greys) < 2 or _movement(film) >= _STILL:
        return False
    return source is None or _movement(source) >= max(_STILL, _CALMER * _movement(film))


def _movement(film: Sample) -> float:
    return max((_difference(a, b) for a, b in pairwise(film.greys)), default=0.0)


def _is_same(film: Sample, other: Sample) -> bool:
    """Say whether every picture is like the source's as a whole and in each of its places."""
    pairs = [*zip(film.greys, other.greys, strict=False), *zip(film.colours, other.colours, strict=False)]
    return bool(pairs) and all(map(_is_alike, *zip(*pairs, strict=True)))


def _is_alike(a: bytes, b: bytes) -> bool:
    most = max(abs(x - y) for x, y in zip(a, b, strict=True))
    return most < _ALIKE_ANYWHERE and _difference(a, b) < _ALIKE


def _difference(a: bytes, b: bytes) -> float:
    return fmean(abs(x - y) for x, y in zip(a, b, strict=True))
