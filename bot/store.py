"""Edits in Redis: the records, and the indexes that lead to them.

A record changes by compare-and-set on its version, together with its claims and indexes, in one Lua script: after a
crash or a race there is either the whole change or none of it. Records never expire by themselves; the janitor deletes
them by index. Not here: what an Edit may become (`bot/moves.py`) and when anything is done (`bot/steps`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from bot import indexes
from bot.budget import Cap
from bot.commit import Operation, Outcome, Record, Taken, Unmet, commit, read
from bot.database import Database, Script
from bot.durations import Durations
from bot.edit import Edit, State
from bot.events import Claimed, Event
from bot.ledger import Ledger
from bot.moves import ImpossibleMoveError, apply
from bot.notebook import Notebook
from bot.parsing import Parsing
from bot.profiles import Profiles
from bot.queue import Turns, served
from bot.relisting import claiming, relisting, removing, scoring

# Each conflict means that somebody else's change went through, so only an endless stream of them gets this far.
TRIES = 50
AT_ONCE = 500  # records in one reply
EVERYTHING = -1  # the last rank of a sorted set
# Members and scores of a set as one text: a client that reads replies in Python takes 10 ms for a thousand of each.
LIST = Script("return table.concat(redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES'), ' ')")
# An emptied sorted set is deleted, because the memory backend would keep it for ever.
DROP = Script(
    """
    for _, member in ipairs(ARGV) do redis.call('ZREM', KEYS[1], member) end
    if redis.call('ZCARD', KEYS[1]) == 0 then redis.call('DEL', KEYS[1]) end
    return 1
    """
)

# Turns name people and channels. Where nobody has anything under way nobody has a turn either, so they begin anew then.
_FORGETTING_TURNS = (Operation("unless", indexes.OPEN), Operation("del", indexes.TURNS))


class TooManyOpenError(Exception):
    """The person has as many Edits under way as anybody may have at once."""


class StoreConflictError(Exception):
    """A record changed under us again and again; try later."""


class Store:
    """The records of one bot, wherever they are kept; each replica has its own Store on the same database.

    Every method raises `redis.exceptions.RedisError` where the database cannot be reached.
    """

    def __init__(self, database: Database, caps: Sequence[Cap] = ()) -> None:
        """Use the connection and key prefix of `database`, a `bot.jobs.Jobs`; no Edit may get past one of `caps`."""
        self._database = database
        self.ledger = Ledger(database, caps)
        self.notebook = Notebook(database)
        self.durations = Durations(database)
        self.profiles = Profiles(database)
        self._parsing = Parsing(Edit)
        self._known: dict[str, Edit] = {}  # the open Edits as last read

    async def create(
        self, edit: Edit, claim: str, *more_claims: str, most_open: int | None = None, siblings: Sequence[Edit] = ()
    ) -> str | None:
        """Keep a new Edit if none of its claims is taken, and its person has no more than `most_open` Edits under way.

        `siblings` of the same person and place are kept together with it, or none of them. Return None when they were
        created, else the edit_id that owns a claim. Raise TooManyOpenError where no claim is taken but the person has
        so many, and OverCapError where a cap does not allow for all of them. Safe to repeat with the same Edits.
        """
        claims, all_of_them = (claim, *more_claims), (edit, *siblings)
        room = str(most_open - len(siblings)) if most_open else ""
        limit = [Operation("fewer", indexes.open_of(edit.team, edit.user), room)] if room else []
        booking, caps = self.ledger.booking([], all_of_them)
        record = Record(str(edit.version), edit.model_dump_json().encode(), claims)
        new = (
            Operation("new", indexes.record(one.edit_id), one.model_dump_json(), str(one.version)) for one in siblings
        )
        listed = (entry for one in all_of_them for entry in relisting(one.edit_id, {}, indexes.entries(one)))
        operations = [*claiming(edit.edit_id, claims), *limit, *booking, *new, *listed]
        match await commit(self._database, indexes.record(edit.edit_id), record, operations=operations):
            case Unmet(condition) if condition in caps:
                raise caps[condition]
            case Unmet():
                raise TooManyOpenError
            case Taken(owner):
                return None if owner == edit.edit_id else owner
            case Outcome.CONFLICT:
                raise StoreConflictError(f"there is another edit {edit.edit_id} already")
            case Outcome.DONE:
                return None

    async def get(self, edit_id: str) -> Edit | None:
        """Return an Edit; None where there is none, or where its record cannot be read (logged)."""
        (edit,) = await self._edits([edit_id]) or (None,)
        return edit

    async def save(self, old: Edit, new: Edit) -> bool:
        """Replace `old` by `new` if the record still has the version of `old`; say whether it had.

        Raise OverCapError where `new` would spend more than a cap allows.
        """
        return await self._replace(old, new) is Outcome.DONE

    async def move(
        self, edit_id: str, event: Event, now: datetime, still: Callable[[Edit], bool] = lambda _: True
    ) -> Edit | None:
        """Apply an event to the newest copy of an Edit and keep it; return the new copy, None if there is no such Edit.

        Raise `bot.moves.ImpossibleMoveError` where the newest copy cannot make the move, or is not `still` as it must
        be, and OverCapError where it would spend more than a cap allows.
        """
        for _ in range(TRIES):
            edit = await self.get(edit_id)
            if edit is None:
                return None
            if not still(edit):
                raise ImpossibleMoveError("somebody else has moved the edit on")
            moved = apply(edit, event, now)
            if await self.save(edit, moved):
                return moved
        raise StoreConflictError(f"edit {edit_id} changed {TRIES} times while one event was applied")

    async def claim_create(self, edit: Edit, now: datetime) -> Edit | None:
        """Take the right to send the one paid request for this Edit, for the whole account.

        Return None where any Edit holds that right now, or where this one changed meanwhile. Raise
        `bot.moves.ImpossibleMoveError` where this copy cannot be claimed.
        """
        claimed = apply(edit, Claimed(), now)
        alone = Operation("empty", indexes.SUBMITTING)
        return claimed if await self._replace(edit, claimed, alone) is Outcome.DONE else None

    async def open_edits(self) -> list[Edit]:
        """Return every Edit that is not settled, oldest first; only those whose version has changed are fetched."""
        async with self._database.redis() as redis:
            listed: bytes = await LIST(redis, [self._database.key(indexes.OPEN)])
        fields = listed.decode().split()
        versions = {edit_id: float(version) for edit_id, version in zip(fields[::2], fields[1::2], strict=True)}
        known = {edit_id: edit for edit_id, edit in self._known.items() if versions.get(edit_id) == edit.version}
        changed = await self._edits([edit_id for edit_id in versions if edit_id not in known])
        self._known = known | {edit.edit_id: edit for edit in changed}
        return sorted(self._known.values(), key=lambda edit: (edit.created_at, edit.edit_id))

    async def turns(self) -> Turns:
        """Return whose turn comes when, for `bot.queue`."""
        async with self._database.redis() as redis:
            pairs = await redis.zrange(self._database.key(indexes.TURNS), 0, EVERYTHING, withscores=True)
        return {member.decode(): float(turn) for member, turn in pairs}

    async def by_message(self, team: str, channel: str, ts: str) -> Edit | None:
        """Return the newest Edit that this message belongs to: as its request, its status or its result."""
        found = await self._edits(await self._listed(indexes.message(team, channel, ts)))
        return found[0] if found else None

    async def in_thread(self, team: str, channel: str, thread_ts: str) -> list[Edit]:
        """Return the Edits of a thread, newest first."""
        return await self._edits(await self._listed(indexes.thread(team, channel, thread_ts)))

    async def by_person(self, team: str, user: str, limit: int | None = 20) -> list[Edit]:
        """Return what a person asked for, newest first."""
        return await self._edits(await self._listed(indexes.person(team, user), limit))

    async def of_team(self, team: str) -> list[Edit]:
        """Return every Edit of a workspace that is kept, in no special order; for reports, it reads them all."""
        edit_ids = sorted({*await self._listed(indexes.OPEN), *await self._listed(indexes.TERMINAL)})
        parts = [await self._edits(edit_ids[at : at + AT_ONCE]) for at in range(0, len(edit_ids), AT_ONCE)]
        return [edit for part in parts for edit in part if edit.team == team]

    async def by_task(self, task_id: str) -> str | None:
        """Return the edit_id that owns a provider's task."""
        owners = await self._listed(indexes.task(task_id), 1)
        return owners[0] if owners else None

    async def next_retry(self, parent_id: str, way: str) -> str:
        """Name the next run of an Edit in this way: the name stays the same until that run is over.

        It never comes again while the run that has it is kept, whichever of the others were deleted meanwhile.
        """
        ended = await self._listed(indexes.finished_children(parent_id, way))
        firsts = (edit for edit in await self._edits(ended) if edit.variation == 1)
        over = [edit.edit_id for edit in firsts if set(edit.set_ids) <= set(ended)]
        return f"{len(over)}:{over[-1]}" if over else "0"

    async def forgotten(self) -> list[str]:
        """Return the edit_ids that are to be deleted once they are over."""
        return await self._listed(indexes.FORGOTTEN)

    async def expired(self, before: datetime, limit: int) -> list[str]:
        """Return the edit_ids that were over by this time, longest ago first."""
        key = self._database.key(indexes.TERMINAL)
        async with self._database.redis() as redis:
            ended = await redis.zrangebyscore(key, "-inf", repr(before.timestamp()))
        return [member.decode() for member in ended[:limit]]

    async def delete(self, edit_id: str) -> None:
        """Remove every trace of an Edit, its claims included; nothing happens where there is none.

        What is left is the name of its poster's file, among the `discarded`.
        """
        for _ in range(TRIES):
            (record,) = await read(self._database, [indexes.record(edit_id)])
            if record is None:
                return
            edit = self._parsing.parsed(edit_id, record)
            listed = indexes.entries(edit) if edit else dict.fromkeys(indexes.ACCOUNT_WIDE, 0.0)
            more = [*removing(edit_id, record.claims, listed), *_FORGETTING_TURNS]
            if edit and not (edit.state.terminal or edit.state.at_provider or edit.finished_at):
                more += self.ledger.booking([edit], [])[0]  # nothing was paid; everything else stays spent
            if edit and edit.poster:
                more.append(Operation("zadd", indexes.DISCARDED, "0", edit.poster.file_id))
            name = indexes.record(edit_id)
            if await commit(self._database, name, None, expected=record.version, operations=more) is Outcome.DONE:
                return
        raise StoreConflictError(f"edit {edit_id} changed {TRIES} times while it was deleted")

    async def discarded(self) -> list[str]:
        """Return the ids of the files in Slack that went with deleted Edits and are still to be deleted there."""
        return await self._listed(indexes.DISCARDED)

    async def drop_discarded(self, *file_ids: str) -> None:
        """Forget files that are deleted, or that nobody can delete any more."""
        async with self._database.redis() as redis:
            await DROP(redis, [self._database.key(indexes.DISCARDED)], list(file_ids))

    async def leftovers(self) -> list[str]:
        """Return the names of all keys of the store, for tests: they must be gone when their records are."""
        prefix = self._database.key("")
        async with self._database.redis() as redis:
            return sorted(key.decode().removeprefix(prefix) for key in await redis.keys(f"{prefix}*"))

    async def _listed(self, index: str, limit: int | None = None) -> list[str]:
        async with self._database.redis() as redis:
            last = EVERYTHING if limit is None else limit - 1
            return [member.decode() for member in await redis.zrange(self._database.key(index), 0, last)]

    async def _edits(self, edit_ids: list[str]) -> list[Edit]:
        """Return the Edits that are there and can be read; one that another replica has just deleted is left out."""
        records = await read(self._database, [indexes.record(edit_id) for edit_id in edit_ids])
        found = zip(edit_ids, records, strict=True)
        edits = (self._parsing.parsed(edit_id, record) for edit_id, record in found if record is not None)
        return [edit for edit in edits if edit is not None]

    async def _replace(self, old: Edit, new: Edit, *conditions: Operation) -> Outcome | Taken | Unmet:
        name = indexes.record(old.edit_id)
        record = Record(str(new.version), new.model_dump_json().encode())
        booking, caps = self.ledger.booking([old], [new])
        listed = relisting(old.edit_id, indexes.entries(old), indexes.entries(new))
        operations = [*conditions, *booking, *listed, *await self.durations.booking(old, new)]
        if old.state is State.SUBMITTING and new.state is State.PENDING:
            operations += scoring(before := await self.turns(), served(before, old))
        outcome = await commit(self._database, name, record, expected=str(old.version), operations=operations)
        if isinstance(outcome, Unmet) and outcome.condition in caps:
            raise caps[outcome.condition]
        return outcome
