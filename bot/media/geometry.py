"""Which size a film or picture is given: within the limits, with even sides, and in its own shape. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Limits:
    """The sides and shapes that may come out; `longest_px` is what we make at most, `max_side_px` what may be kept."""

    min_side_px: int
    max_side_px: int
    max_ratio: float
    longest_px: int

    def allow(self, width: int, height: int) -> bool:
        """Say whether a film of this size may stay as it is."""
        short, long = sorted((width, height))
        return self.min_side_px <= short and long <= self.max_side_px and long <= short * self.max_ratio


@dataclass(frozen=True, slots=True)
class Canvas:
    """The size of the picture, and of the frame around it; they differ where bars are added to an extreme shape."""

    width: int
    height: int
    frame_width: int
    frame_height: int


def fit_canvas(width: int, height: int, limits: Limits) -> Canvas:
    """Scale a size into the limits, smaller where it is large and larger where it is tiny."""
    short, long = sorted((width, height))
    framed_short = max(Fraction(short), Fraction(long) / Fraction(limits.max_ratio))
    scale = min(Fraction(1), Fraction(limits.longest_px, long))
    if framed_short * scale < limits.min_side_px:
        scale = limits.min_side_px / framed_short
    picture = _even(short * scale), _even(long * scale)
    frame = max(picture[0], _even_up(Fraction(picture[1]) / Fraction(limits.max_ratio))), picture[1]
    if width > height:
        picture, frame = picture[::-1], frame[::-1]
    return Canvas(*picture, *frame)


def _even(side: Fraction) -> int:
    return max(2, round(side / 2) * 2)


def _even_up(side: Fraction) -> int:
    return -(-side // 2) * 2
