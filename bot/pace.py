"""How often Slack lets an app call each method, and whose status message is brought up to date first.

Pure. Every rate is that of Slack's page, per workspace and app: https://docs.slack.dev/apis/web-api/rate-limits.
Not here: who waits, and where the calls of all replicas are counted together (`bot/pacing.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.edit import Edit


@dataclass(frozen=True)
class Rate:
    """So many calls at once after a pause, and then one each `interval_s`."""

    interval_s: float
    burst: int = 1
    reserve: int = 0  # of the burst, kept for what must be said
    by_channel: bool = False

    def tolerance_s(self, *, spare: bool) -> float:
        """Return how far ahead of an even pace calls may be; those that can be spared leave the reserve alone."""
        return (self.burst - 1 - (self.reserve if spare else 0)) * self.interval_s


def _tier(per_minute: int, *, reserve: int = 0) -> Rate:
    """Return the rate that no minute exceeds: its burst and its even pace together are what the tier allows."""
    burst = per_minute // 5
    return Rate(interval_s=60.0 / (per_minute - burst), burst=burst, reserve=reserve)


TIER_3, TIER_4 = 50, 100  # calls a minute
RATES = {
    "chat.postMessage": Rate(interval_s=1.1, by_channel=True),  # one a second; the rest is for the way there
    "chat.update": _tier(TIER_3, reserve=5),
    "chat.delete": _tier(TIER_3),
    "chat.postEphemeral": _tier(TIER_4),
    "reactions.add": _tier(TIER_3),
    "conversations.history": _tier(TIER_3),
    "conversations.replies": _tier(TIER_3),
    "conversations.members": _tier(TIER_4),
    "files.info": _tier(TIER_4, reserve=10),
    "files.getUploadURLExternal": _tier(TIER_4, reserve=10),
    "files.completeUploadExternal": _tier(TIER_4, reserve=10),
    "files.delete": _tier(TIER_3, reserve=2),
    "views.publish": _tier(TIER_4),
}
SHOWN_AT_ONCE = 8  # more than Slack lets us show in a pass; whoever waits for a place keeps a worker's place


def to_show(outdated: Iterable[Edit]) -> list[Edit]:
    """Choose whose status messages are brought up to date now: ends first, then beginnings, then the oldest news."""

    def rank(edit: Edit) -> tuple[int, datetime, str]:
        urgency = 0 if edit.state.terminal else 2 if edit.shown else 1
        return urgency, edit.shown_at or edit.created_at, edit.edit_id

    return sorted(outdated, key=rank)[:SHOWN_AT_ONCE]
