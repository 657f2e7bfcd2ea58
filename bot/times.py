"""How long an edit takes, told from how long its like took: half of them, and nine of ten.

Pure. Not here: where past times are kept (`bot/durations.py`), and the words (`bot/messages/status.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from bot.edit import Edit

# Fewer say nothing about the slowest tenth; older ones say little about today's load.
FEWEST, KEPT = 20, 50
LENGTHS_S = (3.0, 6.0)  # edits are alike up to the first, up to the second, and beyond
TYPICAL_S = 5.0
KINDS = tuple(f"{resolution}:{length}" for resolution in ("720P", "1080P") for length in range(len(LENGTHS_S) + 1))


@dataclass(frozen=True)
class Expected:
    """From the paid request to the result, in seconds: what half of the like took at most, and nine of ten."""

    half_s: float
    most_s: float


def kind_of(edit: Edit) -> str:
    """Name the edits that take about as long: those of one resolution and about one length."""
    seconds = edit.parameters.duration_s or edit.source_s or TYPICAL_S
    return f"{edit.parameters.resolution}:{sum(seconds > limit for limit in LENGTHS_S)}"


def expect(past_s: Sequence[float]) -> Expected | None:
    """Return what to expect after these times, or None where they are too few to say.

    The next time is as likely in any place among the past ones, which is why there is one more place than times.
    """
    if len(past_s) < FEWEST:
        return None
    ordered = sorted(past_s)
    places = len(ordered) + 1
    return Expected(half_s=ordered[ceil(0.5 * places) - 1], most_s=ordered[ceil(0.9 * places) - 1])
