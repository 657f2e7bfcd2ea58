"""What people read about budgets, all of it private: which cap an edit does not fit into."""

from __future__ import annotations

from datetime import date

from bot.budget import Amount, Cap, renews_on
from bot.language import say


def over_cap(cap: Cap, *, needed: Amount, left: Amount, day: date) -> str:
    """Refuse an edit that a cap leaves no room for; nothing was paid (plain text)."""
    return say(
        "This needs {needed}, and {budget} has {left} of {cap} left. It renews on {day} at 0:00 UTC. Nothing was sent "
        "to Wan, and it cost nothing.",
        needed=needed, budget=_named(cap), left=left, cap=cap.amount, day=renews_on(day, cap.period).isoformat(),
    )  # fmt: skip


def _named(cap: Cap) -> str:
    match cap.scope, cap.period:
        case "person", "day":
            return say("your budget for today")
        case "person", _:
            return say("your budget for this month")
        case "channel", "day":
            return say("this channel's budget for today")
        case "channel", _:
            return say("this channel's budget for this month")
        case _, "day":
            return say("the workspace's budget for today")
        case _:
            return say("the workspace's budget for this month")
