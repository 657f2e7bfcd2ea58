"""What the seed of a request decides: the same seed gives the same film, another one a little different. Pure."""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Variation:
    """The choices that effects draw from."""

    seed: int
    strength: float  # 0.85 to 1.15
    exposure: float  # 0.97 to 1.03: on every film, so that a retry is never the same file

    @classmethod
    def of(cls, seed: int) -> "Variation":
        """Draw the variation of a seed."""
        chance = random.Random(seed)
        return cls(seed, chance.uniform(0.85, 1.15), chance.uniform(0.97, 1.03))

    def chance(self, what: str) -> random.Random:
        """Give random numbers that depend on the seed and on what they are for."""
        return random.Random(f"{self.seed} {what}")
