"""Past times of edits in Redis: of each kind the newest few, without a trace of whose they were.

Written by the commit that saves the result, so that every result counts once. Not here: what is told from them
(`bot/times.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot import indexes
from bot.commit import Operation, commit
from bot.database import Database
from bot.edit import Edit, State
from bot.times import KEPT, KINDS, kind_of

EVERYTHING = -1  # the last rank of a sorted set


class Durations:
    """The past times of one bot's edits."""

    def __init__(self, database: Database) -> None:
        """Use the connection and key prefix of `database`."""
        self._database = database

    async def of(self, kind: str) -> list[float]:
        """Return the newest times of a kind of edits, in seconds, oldest first."""
        return [_seconds(member) for member in await self._members(kind)]

    async def booking(self, old: Edit, new: Edit) -> list[Operation]:
        """Return what notes the time of an edit whose result has just been found, and drops the oldest ones."""
        if old.state is State.DELIVERING or new.state is not State.DELIVERING:
            return []
        if new.submitted_at is None or new.finished_at is None:
            return []
        kind = kind_of(new)
        took_s, at_s = (new.finished_at - new.submitted_at).total_seconds(), new.finished_at.timestamp()
        return [
            *_dropping(kind, (await self._members(kind))[: 1 - KEPT]),
            Operation("zadd", indexes.durations(kind), repr(at_s), f"{at_s:.3f} {took_s:.1f}"),
        ]

    async def forget(self, before: datetime) -> None:
        """Drop the times of edits that ended before this time."""
        for kind in KINDS:
            key = self._database.key(indexes.durations(kind))
            async with self._database.redis() as redis:
                old = await redis.zrangebyscore(key, "-inf", repr(before.timestamp()))
            dropped = _dropping(kind, [member.decode() for member in old])
            await commit(self._database, "durations", None, operations=dropped)  # a record that there never is

    async def _members(self, kind: str) -> list[str]:
        async with self._database.redis() as redis:
            found = await redis.zrange(self._database.key(indexes.durations(kind)), 0, EVERYTHING)
        return [member.decode() for member in found]


def _dropping(kind: str, members: list[str]) -> Iterator[Operation]:
    for member in members:
        yield Operation("zrem", indexes.durations(kind), member=member)


def _seconds(member: str) -> float:
    return float(member.partition(" ")[2])
