"""One change of one record, with everything that must change in the same moment: compare-and-set in a Lua script.

A record is a hash: its version, its body (JSON, which the script never looks into: the memory backend has no cjson),
the names of its claims, and the token of its last change. The token makes a change safe to send twice: after a lost
answer the connection repeats the call, and the second run finds its own token. Not here: what the keys mean
(`bot/indexes.py`, `bot/store.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Literal
from uuid import uuid4

from bot.database import Database, Script

Verb = Literal["free", "empty", "fewer", "most", "set", "del", "zadd", "zrem", "add", "new", "unless"]

# KEYS: the record, then the key of each operation. ARGV: token, expected version ("" = no such record yet), new
# version, new body ("" = delete), claims ("" = as they are), then verb, score or value, and member of each operation.
# Conditions come first: a script is not rolled back. Claims are looked at before the version, so that what comes twice
# finds its owner; sums and counts after it, because they may hold this very change already, made by somebody else.
# An emptied sorted set is deleted by us, because the memory backend would keep it for ever.
COMMIT = Script(
    """
    if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then return {'done'} end
    for i = 2, #KEYS do
        if ARGV[3 * i] == 'free' then
            local owner = redis.call('GET', KEYS[i])
            if owner then return {'taken', owner} end
        end
    end
    if (redis.call('HGET', KEYS[1], 'version') or '') ~= ARGV[2] then return {'conflict'} end
    for i = 2, #KEYS do
        local verb = ARGV[3 * i]
        if verb == 'empty' then
            if redis.call('ZCARD', KEYS[i]) > 0 then return {'unmet', i .. ''} end
        elseif verb == 'fewer' then
            if redis.call('ZCARD', KEYS[i]) >= tonumber(ARGV[3 * i + 1]) then return {'unmet', i .. ''} end
        elseif verb == 'most' then
            local sum = tonumber(redis.call('HGET', KEYS[i], ARGV[3 * i + 2]) or '0')
            if sum > tonumber(ARGV[3 * i + 1]) then return {'unmet', i .. ''} end
        end
    end
    local skipped = false
    for i = 2, #KEYS do
        local verb, value, member = ARGV[3 * i], ARGV[3 * i + 1], ARGV[3 * i + 2]
        if skipped then skipped = false
        elseif verb == 'unless' then skipped = redis.call('ZCARD', KEYS[i]) > 0
        elseif verb == 'set' then redis.call('SET', KEYS[i], value)
        elseif verb == 'del' then redis.call('DEL', KEYS[i])
        elseif verb == 'zadd' then redis.call('ZADD', KEYS[i], value, member)
        elseif verb == 'zrem' then
            redis.call('ZREM', KEYS[i], member)
            if redis.call('ZCARD', KEYS[i]) == 0 then redis.call('DEL', KEYS[i]) end
        elseif verb == 'add' then
            if redis.call('HINCRBY', KEYS[i], member, value) <= 0 then redis.call('HDEL', KEYS[i], member) end
        elseif verb == 'new' then
            redis.call('HSET', KEYS[i], 'token', ARGV[1], 'version', member, 'body', value)
        end
    end
    if ARGV[4] == '' then
        redis.call('DEL', KEYS[1])
    else
        redis.call('HSET', KEYS[1], 'token', ARGV[1], 'version', ARGV[3], 'body', ARGV[4])
        if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'claims', ARGV[5]) end
    end
    return {'done'}
    """
)

# One round trip for any number of records; a missing one is three empty fields (a nil would cut a Lua table short).
READ = Script(
    """
    local found = {}
    for i = 1, #KEYS do
        found[3 * i - 2] = redis.call('HGET', KEYS[i], 'version') or ''
        found[3 * i - 1] = redis.call('HGET', KEYS[i], 'body') or ''
        found[3 * i] = redis.call('HGET', KEYS[i], 'claims') or ''
    end
    return found
    """
)


@dataclass(frozen=True)
class Record:
    """What is kept of a record, not yet understood.

    A claim's name never contains a newline; a commit without claims leaves those that are kept.
    """

    version: str
    body: bytes
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operation:
    """A condition or a write, on one key beside the record.

    Conditions: "free", "empty", "fewer" members than the value, and "most": the member of the hash, a whole number, is
    the value at most. Of the writes, "add" adds to such a number, which is gone at zero, and "new" makes another
    record, with its version as member and its body as value. "unless" leaves out the next write where the set is not
    empty.
    """

    verb: Verb
    key: str
    value: str = ""
    member: str = ""


class Outcome(StrEnum):
    """What became of a commit."""

    DONE = "done"
    CONFLICT = "conflict"  # the record has another version, or is gone


@dataclass(frozen=True)
class Taken:
    """The condition "free" did not hold: the claim belongs to `owner`."""

    owner: str


@dataclass(frozen=True)
class Unmet:
    """Another condition did not hold: this one."""

    condition: Operation


async def commit(
    database: Database, name: str, record: Record | None, *, expected: str = "", operations: Iterable[Operation] = ()
) -> Outcome | Taken | Unmet:
    """Write a record and all that belongs to it, or nothing at all; `record` None deletes it.

    `expected` is the version that the record must have now, "" where there must be none.
    """
    wanted = tuple(operations)
    keys = [database.key(name), *(database.key(operation.key) for operation in wanted)]
    written = (record.version, record.body.decode(), "\n".join(record.claims)) if record else ("", "", "")
    triples = chain.from_iterable((operation.verb, operation.value, operation.member) for operation in wanted)
    async with database.redis() as redis:
        answer, *detail = await COMMIT(redis, keys, [uuid4().hex, expected, *written, *triples])
    if answer == b"taken":
        return Taken(detail[0].decode())
    if answer == b"unmet":
        return Unmet(wanted[int(detail[0]) - 2])  # Lua counts from one, and the record comes first
    return Outcome(answer.decode())


async def read(database: Database, names: Sequence[str]) -> list[Record | None]:
    """Return the records with these names, None where there is none; one round trip."""
    if not names:
        return []
    async with database.redis() as redis:
        flat: list[bytes] = await READ(redis, [database.key(name) for name in names])
    return [_record(*fields) for fields in zip(flat[::3], flat[1::3], flat[2::3], strict=True)]


def _record(version: bytes, body: bytes, claims: bytes) -> Record | None:
    if not version:
        return None
    return Record(version.decode(), body, tuple(claims.decode().split("\n")) if claims else ())
