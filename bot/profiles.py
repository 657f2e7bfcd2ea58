"""Profiles in Redis: one record a person, and who is to be attended to.

Not here: what a profile is (`bot/profile.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from bot import indexes
from bot.commit import Operation, Outcome, Record, commit, read
from bot.database import Database
from bot.profile import Profile

TRIES = 50


class ProfileConflictError(Exception):
    """A profile changed under us again and again; try later."""


class Profiles:
    """The profiles of one bot, wherever its records are kept."""

    def __init__(self, database: Database) -> None:
        """Use the connection and key prefix of `database`."""
        self._database = database

    async def get(self, team: str, user: str) -> Profile:
        """Return a person's profile; a new one, which is not kept, for somebody who has none."""
        (record,) = await read(self._database, [indexes.profile(f"{team}:{user}")])
        return Profile.model_validate_json(record.body) if record else Profile(team=team, user=user)

    async def change(self, profile: Profile, **changes: Any) -> Profile | None:
        """Keep this very profile with some fields changed; None where it was changed by somebody else meanwhile."""
        changed = profile.model_copy(update={**changes, "version": profile.version + 1})
        record = Record(str(changed.version), changed.model_dump_json().encode())
        expected = str(profile.version) if profile.version else ""
        outcome = await commit(
            self._database, indexes.profile(profile.name), record, expected=expected, operations=_listing(changed)
        )
        return changed if outcome is Outcome.DONE else None

    async def update(self, team: str, user: str, changes: Callable[[Profile], Mapping[str, Any]]) -> Profile:
        """Keep the newest profile of a person with the fields changed that this says of it, and return it."""
        for _ in range(TRIES):
            profile = await self.get(team, user)
            changed = await self.change(profile, **changes(profile))
            if changed is not None:
                return changed
        raise ProfileConflictError(f"the profile of {user} changed {TRIES} times while it was changed")

    async def attended(self) -> list[Profile]:
        """Return who is to be shown or told something, whoever came last first."""
        async with self._database.redis() as redis:
            names = [name.decode() for name in await redis.zrange(self._database.key(indexes.ATTENDED), 0, -1)]
        records = await read(self._database, [indexes.profile(name) for name in names])
        return [Profile.model_validate_json(record.body) for record in records if record]

    async def delete(self, team: str, user: str) -> None:
        """Delete a person's profile; nothing happens where there is none, or where it changes just now."""
        await self._delete(f"{team}:{user}")

    async def forget(self, before: datetime) -> int:
        """Delete the profiles of everybody not seen since then, and return how many there were."""
        async with self._database.redis() as redis:
            key = self._database.key(indexes.PROFILES)
            names = [name.decode() for name in await redis.zrangebyscore(key, "-inf", repr(before.timestamp()))]
        for name in names:
            await self._delete(name)
        return len(names)

    async def _delete(self, name: str) -> None:
        (record,) = await read(self._database, [indexes.profile(name)])
        if record is not None:
            gone = [Operation("zrem", index, member=name) for index in (indexes.PROFILES, indexes.ATTENDED)]
            await commit(self._database, indexes.profile(name), None, expected=record.version, operations=gone)


def _listing(profile: Profile) -> Iterator[Operation]:
    seen_s = profile.seen_at.timestamp() if profile.seen_at else 0.0
    yield Operation("zadd", indexes.PROFILES, repr(seen_s), profile.name)
    if profile.attended:
        yield Operation("zadd", indexes.ATTENDED, repr(-seen_s), profile.name)
    else:
        yield Operation("zrem", indexes.ATTENDED, member=profile.name)
