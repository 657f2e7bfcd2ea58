"""Colour grading: functions from colour to colour, baked into a table (`lut3d`) that FFmpeg applies to every pixel.

The functions are pure; parts of a colour run from 0 to 1. Everything here changes the whole picture alike: no grade
knows skin from sky.
"""

from collections.abc import Callable
from itertools import product
from statistics import fmean

from PIL import Image

from client.sandbox.chain import Chain
from client.sandbox.variation import Variation

Colour = tuple[float, float, float]
Grade = Callable[[Colour], Colour]
_POINTS = 17  # along each side of the table; FFmpeg interpolates between them


def graded(grade_of: Callable[[float], Grade]) -> Callable[[Chain, Variation], None]:
    """Make an effect of a grade that takes its strength (about 1)."""

    def apply(chain: Chain, variation: Variation) -> None:
        grade(chain, grade_of(variation.strength))

    return apply


def grade(chain: Chain, how: Grade) -> None:
    """Add a grade to the chain."""
    path = chain.new_file(".cube")
    path.write_text(cube(how))
    chain.then("lut3d", file=str(path), interp="tetrahedral")


def cube(how: Grade) -> str:
    """Write a grade as an Adobe .cube table: red changes fastest."""
    steps = [step / (_POINTS - 1) for step in range(_POINTS)]
    lines = [f"LUT_3D_SIZE {_POINTS}"]
    for blue, green, red in product(steps, steps, steps):
        lines.append(" ".join(f"{min(1.0, max(0.0, part)):.5f}" for part in how((red, green, blue))))
    return "\n".join(lines) + "\n"


def luma(colour: Colour) -> float:
    """How bright a colour looks (BT.601 weights)."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def grey(strength: float) -> Grade:
    """Black and white, with a contrast that the seed decides."""

    def how(colour: Colour) -> Colour:
        light = _contrast(luma(colour), 1.0 + 0.5 * (strength - 0.9))
        return light, light, light

    return how


def sepia(strength: float) -> Grade:
    """Brown tones of old prints."""

    def how(colour: Colour) -> Colour:
        light = luma(colour)
        tone = 0.16 * strength
        return light + tone * (1 - light / 2), light + tone * 0.25, light - tone * (0.4 + light / 2)

    return how


def negative(strength: float) -> Grade:
    """Every colour its opposite."""
    lift = 0.06 * (strength - 0.85)
    return lambda colour: (1 - colour[0] - lift, 1 - colour[1] - lift, 1 - colour[2] - lift)


def warm(strength: float) -> Grade:
    """More red and yellow, less blue."""
    lift = _power(1 - 0.18 * strength)
    return lambda colour: (lift(colour)[0] + 0.02, colour[1] * (1 - 0.02 * strength), colour[2] * (1 - 0.24 * strength))


def cold(strength: float) -> Grade:
    """More blue, less red."""
    lift = _power(1 - 0.18 * strength)
    return lambda colour: (colour[0] * (1 - 0.22 * strength), colour[1] * (1 - 0.04 * strength), lift(colour)[2] + 0.02)


def sunny(strength: float) -> Grade:
    """Brighter, a little warmer, livelier: the light of a fine day without its shadows."""
    brighter, livelier, warmer = _power(1 - 0.22 * strength), vivid(strength * 0.6), warm(strength * 0.45)
    return lambda colour: warmer(livelier(brighter(colour)))


def dark(strength: float) -> Grade:
    """Darker and bluer."""
    dimmer, colder = _power(1 + 0.8 * strength), cold(strength * 0.6)
    return lambda colour: colder(dimmer((colour[0] * 0.8, colour[1] * 0.8, colour[2] * 0.85)))


def vivid(strength: float) -> Grade:
    """Stronger colours."""

    def how(colour: Colour) -> Colour:
        light = luma(colour)
        gain = 1 + 0.45 * strength
        red, green, blue = (light + (part - light) * gain for part in colour)
        return red, green, blue

    return how


def contrasty(strength: float) -> Grade:
    """Deeper darks and brighter lights."""

    def how(colour: Colour) -> Colour:
        red, green, blue = (_contrast(part, 1 + 0.35 * strength) for part in colour)
        return red, green, blue

    return how


def posterised(levels: int) -> Grade:
    """Few steps of each colour, as inks have."""

    def how(colour: Colour) -> Colour:
        red, green, blue = (round(part * (levels - 1)) / (levels - 1) for part in colour)
        return red, green, blue

    return how


def mood_of(picture: Image.Image) -> Callable[[Chain, Variation], None]:
    """Make an effect that grades the film to the brightness, contrast and tints of a picture."""

    def apply(chain: Chain, variation: Variation) -> None:
        grade(chain, transfer(chain.sample, picture, min(1.0, 0.85 * variation.strength)))

    return apply


def transfer(film: Image.Image, picture: Image.Image, strength: float) -> Grade:
    """Move the statistics of a film's colours (mean and spread of light and tints) towards a picture's."""
    of_film, of_picture = _statistics(film), _statistics(picture)

    def how(colour: Colour) -> Colour:
        light = luma(colour)
        parts = (light, colour[2] - light, colour[0] - light)  # light, blueness, redness
        moved = []
        for part, (mean, spread), (goal, goal_spread) in zip(parts, of_film, of_picture, strict=True):
            gain = min(1.6, max(0.5, goal_spread / max(spread, 1e-3)))
            moved.append(part + strength * (goal + (part - mean) * gain - part))
        light, blueness, redness = moved
        red, blue = light + redness, light + blueness
        return red, (light - 0.299 * red - 0.114 * blue) / 0.587, blue

    return how


def _statistics(picture: Image.Image) -> list[tuple[float, float]]:
    """Mean and spread of light, blueness and redness, from a small copy."""
    small = picture.convert("RGB").resize((48, 48), Image.Resampling.BOX)
    pixels = [(red / 255, green / 255, blue / 255) for red, green, blue in _pixels(small)]
    columns = ([luma(colour) for colour in pixels], [c[2] - luma(c) for c in pixels], [c[0] - luma(c) for c in pixels])
    return [(fmean(column), _spread(column)) for column in columns]


def _pixels(picture: Image.Image) -> list[tuple[int, int, int]]:
    data = picture.tobytes()
    return [(data[at], data[at + 1], data[at + 2]) for at in range(0, len(data), 3)]


def _spread(values: list[float]) -> float:
    mean = fmean(values)
    return float(fmean((value - mean) ** 2 for value in values) ** 0.5)


def _contrast(part: float, gain: float) -> float:
    return 0.5 + (part - 0.5) * gain


def _power(exponent: float) -> Grade:

    def how(colour: Colour) -> Colour:
        red, green, blue = (max(0.0, part) ** exponent for part in colour)  # grades before may leave the range
        return red, green, blue

    return how
