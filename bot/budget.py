"""Budgets: what an edit counts, and the caps of a person, a channel and the workspace, a day and a month; pure.

Periods are days and months in UTC, and an edit counts in those in which it was asked for, whenever it ends. Sums are
kept in millionths of a unit, because only whole numbers add up exactly. Not here: where sums are kept and how a cap
holds against many requests at once (`bot/ledger.py`), and what people read of it (`bot/messages/budget.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

from bot.edit import Charge, Edit
from client.models import DEFAULT_MODEL, MAX_S, MIN_S, EditRequest, Resolution, Usage
from client.prices import SPARE_S, Currency, Money, billed_s, cost, estimate, price
from client.regions import Region

Scope = Literal["person", "channel", "workspace"]
Period = Literal["day", "month"]
Unit = Literal["s", "CNY", "USD"]

MILLION = 1_000_000
SIGNS: Mapping[str, Unit] = MappingProxyType({"s": "s", "¥": "CNY", "CNY": "CNY", "$": "USD", "USD": "USD"})
AMOUNT = r"(?P<sign>[¥$])?\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>s|CNY|USD)?"


@dataclass(frozen=True, slots=True)
class Amount:
    """Hold billed seconds, or money."""

    value: Decimal
    unit: Unit

    def __str__(self) -> str:
        """Write `60 s` or `¥20.00`."""
        if self.unit == "s":
            return f"{self.value.quantize(Decimal('0.01')).normalize():f} s"
        return str(Money(self.value, self.unit))

    @classmethod
    def of_millionths(cls, millionths: int, unit: Unit) -> Amount:
        """Make an amount of what sums are kept as."""
        return cls(Decimal(millionths) / MILLION, unit)

    @property
    def millionths(self) -> int:
        """Return the amount as sums are kept."""
        return round(self.value * MILLION)


@dataclass(frozen=True, slots=True)
class Cap:
    """Bound what one person, one channel or the workspace may spend in a day or a month."""

    scope: Scope
    amount: Amount
    period: Period

    def __str__(self) -> str:
        """Write it as the setting has it: `person 60 s/day`."""
        return f"{self.scope} {self.amount}/{self.period}"


@dataclass(frozen=True, slots=True)
class Tariff:
    """Say which prices hold: those of a region, in the currency of the account where that is known."""

    region: Region | None
    currency: Currency | None = None


class Account(NamedTuple):
    """Name one sum: of a period (`2026-03-01`, `2026-03`), a scope, who that is, and a unit."""

    period: str
    scope: Scope
    who: str
    unit: Unit

    @property
    def field(self) -> str:
        """Return its name among the sums of the period."""
        return f"{self.scope}:{self.who}:{self.unit}"


# -- settings ----------------------------------------------------------------------------------------------------------


def parse_amount(text: str) -> Amount:
    """Read `60s`, `¥20`, `20 CNY`, `$5` or `5 USD`; raise ValueError."""
    found = re.fullmatch(AMOUNT, text.strip())
    named = found and (found["sign"], found["unit"])
    if not found or not named or None not in named or named == (None, None):
        raise ValueError(f"“{text.strip()}” is no amount: write 60s, ¥20, 20 CNY, $5 or 5 USD")
    return Amount(Decimal(found["number"]), SIGNS[found["sign"] or found["unit"]])


def parse_caps(text: str) -> tuple[Cap, ...]:
    """Read `person 60s/day, workspace ¥500/month`; raise ValueError."""
    return tuple(_cap(part.strip()) for part in text.split(",") if part.strip())


def _cap(text: str) -> Cap:
    found = re.fullmatch(r"(?P<scope>person|channel|workspace)\s+(?P<amount>[^/]+)/\s*(?P<period>day|month)", text)
    if not found:
        raise ValueError(f"“{text}” is no cap: write person, channel or workspace, an amount, and /day or /month")
    amount = parse_amount(found["amount"])
    scope = next(scope for scope in get_args(Scope) if scope == found["scope"])
    return Cap(scope, amount, "day" if found["period"] == "day" else "month")


def currency_of(amounts: Iterable[Amount]) -> Currency | None:
    """Return the currency of the amounts that are money, None where none is; raise ValueError where they differ."""
    found = {currency for amount in amounts for currency in get_args(Currency) if amount.unit == currency}
    if len(found) > 1:
        raise ValueError("all amounts of money must be in one currency, that of the account")
    return next(iter(found), None)


def check_currency(amounts: Iterable[Amount], region: Region | None) -> None:
    """Raise ValueError where amounts are money in which not every edit in this region has a known price."""
    currency = currency_of(amounts)
    if currency is None:
        return
    if region is None or not all(price(DEFAULT_MODEL, region, one, currency) for one in get_args(Resolution)):
        where = region or "the region of DASHSCOPE_HTTP_BASE_URL"
        raise ValueError(f"no price in {currency} is known for {where}, so use seconds")


# -- what an edit counts -----------------------------------------------------------------------------------------------


def reserved(edit: Edit, source_s: float, tariff: Tariff) -> Charge:
    """Return what an edit of a video of `source_s` is expected to cost, with what it may cost besides."""
    request = EditRequest(prompt=edit.instruction, video="", parameters=edit.parameters)
    money = estimate(request, tariff.region, source_s, tariff.currency) if tariff.region else None
    expected = _charge(edit, billed_s(request, source_s), money, tariff)
    return expected.model_copy(update={"spare_s": 2 * SPARE_S})


def settled(edit: Edit, usage: Usage, tariff: Tariff) -> Charge:
    """Return what a finished edit was billed, by the provider's own figures."""
    asked = edit.parameters.resolution
    money = cost(usage, tariff.region, currency=tariff.currency, asked=asked) if tariff.region else None
    return _charge(edit, usage.billed_s, money, tariff)


def asked_on(edit: Edit) -> date:
    """Return the day in UTC on which an edit was asked for, and on which it counts."""
    return edit.charge.day or edit.created_at.astimezone(UTC).date()


def guessed_s(edit: Edit) -> float:
    """Guess how long a video is that nobody has seen yet; once it is prepared, what is reserved is set right.

    A guess is low, so that nobody is refused for it. Variations are taken all together or not at all, so there it is
    high: none of them may be refused later.
    """
    if edit.part is not None and edit.part.to_s is not None:
        return min(edit.part.to_s - edit.part.from_s, MAX_S)
    return float(MAX_S if edit.variations > 1 else max(MIN_S, edit.parameters.duration_s))


def _charge(edit: Edit, seconds: float, money: Money | None, tariff: Tariff) -> Charge:
    before, region = edit.charge, tariff.region
    found = price(DEFAULT_MODEL, region, edit.parameters.resolution, tariff.currency) if region and money else None
    return Charge(
        day=asked_on(edit),
        channel=before.channel or edit.channel,
        seconds=seconds,
        money=money,
        priced_on=found.checked_on if found else None,
    )


def amounts(charge: Charge) -> list[Amount]:
    """Return a charge in every unit in which it is known."""
    found = [Amount(Decimal(str(charge.seconds)), "s")]
    return [*found, Amount(charge.money.amount, charge.money.currency)] if charge.money else found


def exceeds(charge: Charge, limit: Amount | None, *, times: int = 1) -> bool:
    """Say whether so many charges are expected to be more than a limit, as far as both are known in one unit."""
    return limit is not None and any(
        one.unit == limit.unit and one.value * times > limit.value for one in amounts(charge)
    )


def counted(charge: Charge) -> list[Amount]:
    """Return what a charge counts against budgets: what is expected and what is kept besides, or what was billed."""
    if not charge.spare_s or not charge.seconds:
        return amounts(charge)
    more = 1 + Decimal(str(charge.spare_s)) / Decimal(str(charge.seconds))
    return [Amount(one.value * more, one.unit) for one in amounts(charge)]


def covers(reservation: Charge, bill: Charge) -> bool:
    """Say whether no more was billed than was reserved, as far as both are known in one unit."""
    most = {one.unit: one.millionths for one in counted(reservation)}
    return all(one.millionths <= most.get(one.unit, one.millionths) for one in amounts(bill))


# -- sums --------------------------------------------------------------------------------------------------------------


def sums(edit: Edit) -> dict[Account, int]:
    """Return what this Edit adds to which sums, in millionths; what is nothing is left out."""
    charge = edit.charge
    if charge.day is None:
        return {}
    return {
        Account(period, scope, who, amount.unit): amount.millionths
        for amount in counted(charge)
        if amount.millionths
        for period in periods(charge.day)
        for scope, who in _whose(edit)
    }


def changes(old: Sequence[Edit], new: Sequence[Edit]) -> dict[Account, int]:
    """Return by how much each sum changes when these Edits take the place of those."""
    changed: dict[Account, int] = {}
    for sign, edits in ((-1, old), (1, new)):
        for edit in edits:
            for account, amount in sums(edit).items():
                changed[account] = changed.get(account, 0) + sign * amount
    return {account: by for account, by in changed.items() if by}


def spent_by(found: Mapping[str, int], scope: Scope, who: str) -> list[Amount]:
    """Return what somebody spent, from the sums of a period: seconds first, then money as far as there is any."""
    fields = {unit: Account("", scope, who, unit).field for unit in get_args(Unit)}
    return [
        Amount.of_millionths(found.get(field, 0), unit)
        for unit, field in fields.items()
        if unit == "s" or found.get(field, 0)
    ]


def whole_of(found: Mapping[str, int], scope: Scope) -> list[tuple[str, list[Amount]]]:
    """Return what everybody of a scope spent, from the sums of a period, most seconds first."""
    names = {field.split(":")[1] for field in found if field.startswith(f"{scope}:")}
    spent = [(who, spent_by(found, scope, who)) for who in sorted(names)]
    return sorted(spent, key=lambda row: -row[1][0].value)


def bounded_by(cap: Cap, edit: Edit) -> Account:
    """Return the sum that a cap bounds, for this Edit."""
    day = asked_on(edit)
    who = next(who for scope, who in _whose(edit) if scope == cap.scope)
    return Account(period_of(day, cap.period), cap.scope, who, cap.amount.unit)


def _whose(edit: Edit) -> Iterator[tuple[Scope, str]]:
    yield "person", edit.user
    yield "channel", edit.charge.channel or edit.channel
    yield "workspace", edit.team


def periods(day: date) -> tuple[str, str]:
    """Return the names of a day and of its month."""
    return period_of(day, "day"), period_of(day, "month")


def period_of(day: date, period: Period) -> str:
    """Return the name of a day, or of its month."""
    return day.isoformat() if period == "day" else day.isoformat()[:7]


def renews_on(day: date, period: Period) -> date:
    """Return the first day of the next period."""
    return day + timedelta(days=1) if period == "day" else (day.replace(day=1) + timedelta(days=32)).replace(day=1)
