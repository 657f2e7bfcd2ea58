"""What the local engine can do to a film: each effect is a name and a few filters.

Only what classic filters do honestly. An effect that is an approximation says so in its name.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from client.sandbox.chain import Chain


@dataclass(frozen=True)
class Variation:
    """What the seed decides. The same seed gives the same film; another seed one that differs a little."""

    seed: int
    strength: float  # 0.85 to 1.15

    @classmethod
    def of(cls, seed: int) -> "Variation":
        """Draw the variation of a seed."""
        return cls(seed, random.Random(seed).uniform(0.85, 1.15))

    def chance(self, what: str) -> random.Random:
        """Give a source of random numbers that depends on the seed and on what it is for."""
        return random.Random(f"{self.seed} {what}")


@dataclass(frozen=True)
class Effect:
    """A change of the whole picture: `name` as people read it, `apply` adds its filters to the chain."""

    name: str
    apply: Callable[[Chain, Variation], None]


def pixel(chain: Chain, variation: Variation) -> None:
    """Reduce to big square pixels in the few colours of an old console."""
    width, height = chain.size
    block = max(4, round(min(width, height) / 60 * variation.strength))
    chain.resize((max(2, width // block), max(2, height // block)), "area")
    chain.beside(_console_palette(variation), "paletteuse", "dither=bayer:bayer_scale=4")
    chain.resize((width, height), "neighbor")


def _console_palette(variation: Variation) -> Image.Image:
    """Six levels of red and green and five of blue are too many; a console has about fifty colours."""
    shift = variation.chance("palette").randint(-12, 12)
    levels = (0, 85, 170, 255)
    colours = [(r, g, b) for r in levels for g in levels for b in levels]
    tinted = [tuple(part + shift if 0 < part < 255 else part for part in colour) for colour in colours]
    palette = Image.new("RGBA", (16, 16), (0, 0, 0, 255))
    palette.putdata([(*tinted[index % len(tinted)], 255) for index in range(256)])
    return palette


PIXEL = Effect("8-bit pixel style", pixel)
