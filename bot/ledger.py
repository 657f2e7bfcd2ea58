"""The ledger: what was spent and is reserved, summed up for people, channels and workspaces, a day and a month.

It is written by the commit that moves the Edit itself, so there is never a reservation without its Edit, nor the other
way round; and a cap is checked in the same moment, so no number of requests at once gets past it. Sums outlive their
Edits, because money stays spent; the janitor forgets them some time after their period. Not here: what an edit counts
(`bot/budget.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Final

from bot import indexes
from bot.budget import Account, Amount, Cap, bounded_by, changes, renews_on, sums
from bot.commit import Operation, commit
from bot.database import Database
from bot.edit import Edit


class OverCapError(Exception):
    """The edits would spend more than a cap allows; `needed` is what they would count against it in all."""

    def __init__(self, cap: Cap, needed: Amount) -> None:
        super().__init__(str(cap))
        self.cap: Final = cap
        self.needed: Final = needed


Conditions = Mapping[Operation, OverCapError]


class Ledger:
    """The sums of one bot, wherever its records are kept, and the caps that hold for them."""

    def __init__(self, database: Database, caps: Sequence[Cap] = ()) -> None:
        """Use the connection of `database`, and bound the sums by `caps`."""
        self._database = database
        self.caps: Final = tuple(caps)

    def booking(self, old: Sequence[Edit], new: Sequence[Edit]) -> tuple[list[Operation], Conditions]:
        """Return what changes the sums as these Edits take the place of those, and what to raise for each condition.

        What is given back, and what was billed, is never refused.
        """
        changed = changes(old, new)
        conditions = dict(self._conditions(changed, new)) if new and new[0].finished_at is None else {}
        return [*conditions, *_writes(changed, (old or new)[0].team)], conditions

    def _conditions(
        self, changed: Mapping[Account, int], edits: Sequence[Edit]
    ) -> Iterator[tuple[Operation, OverCapError]]:
        edit, *_ = edits
        for cap in self.caps:
            bounded = bounded_by(cap, edit)
            if (more := changed.get(bounded, 0)) > 0:
                key, room = indexes.spending(edit.team, bounded.period), cap.amount.millionths - more
                needed = Amount.of_millionths(changes([], edits)[bounded], cap.amount.unit)
                yield Operation("most", key, str(room), bounded.field), OverCapError(cap, needed)

    async def spent(self, team: str, period: str) -> dict[str, int]:
        """Return all sums of a day or month of a workspace, in millionths, each by its field."""
        async with self._database.redis() as redis:
            found = await redis.hgetall(self._database.key(indexes.spending(team, period)))
        return {field.decode(): int(amount) for field, amount in found.items()}

    async def left(self, cap: Cap, edit: Edit) -> Amount:
        """Return how much an Edit may count against a cap just now, with what is reserved for it already."""
        bounded = bounded_by(cap, edit)
        others = (await self.spent(edit.team, bounded.period)).get(bounded.field, 0) - sums(edit).get(bounded, 0)
        return Amount.of_millionths(max(0, cap.amount.millionths - others), cap.amount.unit)

    async def forget(self, before: datetime) -> int:
        """Delete the sums of all periods that ended before this time, and return how many there were."""
        async with self._database.redis() as redis:
            key = self._database.key(indexes.SPENDINGS)
            names = [name.decode() for name in await redis.zrangebyscore(key, "-inf", repr(before.timestamp()))]
        for name in names:  # a hash of sums has no version, so this deletes it as it is
            await commit(self._database, name, None, operations=[Operation("zrem", indexes.SPENDINGS, member=name)])
        return len(names)


def _writes(changed: Mapping[Account, int], team: str) -> Iterator[Operation]:
    for period in sorted({account.period for account in changed}):
        yield Operation("zadd", indexes.SPENDINGS, repr(_end_of(period)), indexes.spending(team, period))
    for one, by in changed.items():
        yield Operation("add", indexes.spending(team, one.period), str(by), one.field)


def _end_of(period: str) -> float:
    """Return the time at which a day or a month is over, in seconds."""
    day = len(period) == len("2026-03-01")
    first = date.fromisoformat(period if day else f"{period}-01")
    return datetime.combine(renews_on(first, "day" if day else "month"), time(), UTC).timestamp()
