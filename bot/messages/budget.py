"""What people read about budgets, all of it private: which cap an edit does not fit into, and who spent what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Literal

from bot.budget import Amount, Cap, Period, Scope, period_of, renews_on, spent_by, whole_of
from bot.language import say
from bot.messages.words import amount
from bot.text import escape

MOST_NAMED = 20

Sums = Mapping[Period, Mapping[str, int]]  # those of today and of this month, as the ledger has them
Guess = Literal["at least", "up to"]  # a bill is never known before


def over_cap(cap: Cap, *, needed: Amount, guess: Guess = "up to", left: Amount, day: date) -> str:
    """Refuse an edit that a cap leaves no room for; nothing was paid (plain text)."""
    match guess:
        case "at least":
            needs = say("at least {amount}", amount=_said(needed))
        case "up to":
            needs = say("up to {amount}", amount=_said(needed))
    return say(
        "This needs {needed}, and {budget} has {left} of {cap} left. Nothing was sent to Wan, and it cost nothing. It "
        "renews on {day} at 0:00 UTC: ask again then.",
        needed=needs, budget=_named(cap), left=_said(left), cap=_said(cap.amount),
        day=renews_on(day, cap.period).isoformat(),
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


def budget(sums: Sums, *, day: date, whose: Mapping[Scope, str], caps: Sequence[Cap], admin: bool) -> str:
    """Tell what a person, this channel and the workspace have spent, against their caps; admins see by whom.

    `whose` names the person, the channel and the workspace.
    """
    lines = [
        say("*Billed, with what is under way* (days and months in UTC; today is {day})", day=day.isoformat()),
        *(
            say("• *{whose}*: {spent}", whose=_title(scope), spent=_both(sums, scope, who, caps))
            for scope, who in whose.items()
        ),
    ]
    if caps:
        tomorrow, next_month = renews_on(day, "day").isoformat(), renews_on(day, "month").isoformat()
        lines.append(say("Daily budgets renew on {day}, monthly ones on {month}.", day=tomorrow, month=next_month))
    if admin:
        lines += _by_whom(sums["month"], period_of(day, "month"))
    return "\n".join(lines)


def _title(scope: Scope) -> str:
    match scope:
        case "person":
            return say("You")
        case "channel":
            return say("This channel")
        case "workspace":
            return say("The workspace")


def _both(sums: Sums, scope: Scope, who: str, caps: Sequence[Cap]) -> str:
    periods: tuple[tuple[Period, str], ...] = (("day", say("today")), ("month", say("this month")))
    return " · ".join(
        f"{name} {_against(spent_by(sums[period], scope, who), _caps(caps, scope, period))}"
        for period, name in periods
    )


def _said(one: Amount) -> str:
    return amount(float(one.value)) if one.unit == "s" else str(one)


def _caps(caps: Sequence[Cap], scope: Scope, period: Period) -> list[Amount]:
    return [cap.amount for cap in caps if (cap.scope, cap.period) == (scope, period)]


def _against(spent: Sequence[Amount], caps: Sequence[Amount]) -> str:
    """Write `20 s (¥12.00) of 60 s`."""
    if not caps:
        return written(spent)
    return say("{spent} of {cap}", spent=written(spent), cap=" / ".join(map(_said, caps)))


def written(amounts: Sequence[Amount]) -> str:
    """Write seconds, and the money that they are where it is known: `20 s (¥12.00)`."""
    seconds, *money = map(_said, amounts)
    return f"{seconds} ({', '.join(money)})" if money else seconds


def _by_whom(sums: Mapping[str, int], month: str) -> Iterator[str]:
    for scope, title, mention in (
        ("person", say("People"), "<@{who}>"),
        ("channel", say("Channels"), "<#{who}>"),
    ):
        named = whole_of(sums, "person" if scope == "person" else "channel")
        if named:
            yield say("*{title} in {month}*", title=title, month=month)
        for who, amounts in named[:MOST_NAMED]:
            yield f"• {mention.format(who=escape(who))} {written(amounts)}"
        if len(named) > MOST_NAMED:
            yield say("… and {count} more", count=len(named) - MOST_NAMED)
    yield say("`/edit-video budget csv` sends you every edit with its cost as a file.")


def csv_for_admins_only() -> str:
    """Refuse the file with everybody's spending."""
    return say("Only the admins of this bot get the file. `/edit-video budget` shows what you have spent.")


def csv_comes() -> str:
    """Say where the file comes."""
    return say("The file comes in our direct messages.")


def csv_title(day: date) -> str:
    """Name the file of everybody's spending."""
    return say("What was spent, as of {day}", day=day.isoformat())
