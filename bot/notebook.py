"""The notebook: private answers in Redis, those to be sent and, for a while, those that were.

A note that was sent keeps its claim, without its words: Slack delivers an event again for minutes after it was
answered, and that must not be answered twice. Not here: the sending (`bot/steps/tell.py`).
"""

from __future__ import annotations

from datetime import datetime

from bot import indexes
from bot.commit import Operation, Outcome, Record, Taken, commit, read
from bot.database import Database
from bot.notes import Note
from bot.parsing import Parsing
from bot.relisting import claiming, removing


class Notebook:
    """The notes of one bot. Every method raises `redis.exceptions.RedisError` where the database cannot be reached."""

    def __init__(self, database: Database) -> None:
        """Use the connection and key prefix of `database`."""
        self._database = database
        self._parsing = Parsing(Note)

    async def save(self, note: Note, claim: str) -> bool:
        """Keep a note if its claim is free; say whether it is kept. Safe to repeat with the same note."""
        operations = [
            *claiming(note.note_id, [claim]),
            Operation("zadd", indexes.NOTES, repr(note.created_at.timestamp()), note.note_id),
        ]
        outcome = await commit(self._database, indexes.note(note.note_id), _record(note, claim), operations=operations)
        return outcome in (Outcome.DONE, Taken(note.note_id))

    async def get(self, note_id: str) -> Note | None:
        """Return a note that is still to be sent, None where there is none."""
        (record,) = await read(self._database, [indexes.note(note_id)])
        note = self._parsing.parsed(note_id, record) if record else None
        return note if note and note.told_at is None else None

    async def unsent(self) -> list[Note]:
        """Return the notes that are not sent yet, oldest first."""
        return await self._listed(indexes.NOTES)

    async def _listed(self, index: str) -> list[Note]:
        async with self._database.redis() as redis:
            listed = await redis.zrange(self._database.key(index), 0, -1)
        note_ids = [member.decode() for member in listed]
        records = await read(self._database, [indexes.note(note_id) for note_id in note_ids])
        found = zip(note_ids, records, strict=True)
        notes = (self._parsing.parsed(note_id, record) for note_id, record in found if record)
        return [note for note in notes if note is not None]

    async def postpone(self, note: Note) -> None:
        """Count a send that failed; nothing happens where the note changed meanwhile."""
        later = note.model_copy(update={"attempts": note.attempts + 1})
        await commit(self._database, indexes.note(note.note_id), _record(later), expected=str(note.attempts))

    async def told(self, note: Note, now: datetime) -> None:
        """Forget the words of a note that was sent, or given up; nothing happens where it changed meanwhile."""
        over = note.model_copy(update={"attempts": note.attempts + 1, "text": "", "blocks": (), "told_at": now})
        moved = [
            Operation("zrem", indexes.NOTES, member=note.note_id),
            Operation("zadd", indexes.TOLD, repr(now.timestamp()), note.note_id),
        ]
        name = indexes.note(note.note_id)
        await commit(self._database, name, _record(over), expected=str(note.attempts), operations=moved)

    async def forget(self, before: datetime) -> None:
        """Remove what was sent before this time."""
        key = self._database.key(indexes.TOLD)
        async with self._database.redis() as redis:
            told = await redis.zrangebyscore(key, "-inf", repr(before.timestamp()))
        for member in told:
            await self.delete(member.decode())

    async def forget_person(self, team: str, user: str) -> None:
        """Remove what was or is to be said to a person, but for the answer to this very wish."""
        for note in await self._all():
            if (note.team, note.user) == (team, user) and note.forgets is None:
                await self.delete(note.note_id)

    async def forget_all(self) -> None:
        """Remove every note."""
        for note in await self._all():
            await self.delete(note.note_id)

    async def _all(self) -> list[Note]:
        return await self._listed(indexes.NOTES) + await self._listed(indexes.TOLD)

    async def delete(self, note_id: str) -> None:
        """Remove every trace of a note, its claim included; nothing happens where there is none, or it changes."""
        name = indexes.note(note_id)
        (record,) = await read(self._database, [name])
        if record is not None:
            operations = removing(note_id, record.claims, [indexes.NOTES, indexes.TOLD])
            await commit(self._database, name, None, expected=record.version, operations=operations)


def _record(note: Note, *claims: str) -> Record:
    return Record(str(note.attempts), note.model_dump_json().encode(), claims)
