"""The database below the store and the jobs: Redis, as far as every kind of it goes.

Here: the few commands that a real server, a cluster and the memory of this process all understand, and Lua scripts
that run on each of them. Not here: what the keys mean (`bot/store.py`) and how a connection is made (`bot/jobs.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, Protocol, overload

from redis.exceptions import NoScriptError


class Redis(Protocol):
    """The commands that we use. The memory backend has neither SCAN, MULTI, cjson in Lua, nor reversed
    or half-open ranges of sorted sets.
    """

    # Members by rank, or pairs of member and score; lowest score first, both ends included.
    @overload
    async def zrange(self, name: str, start: int, end: int, *, withscores: Literal[True]) -> Sequence[Any]: ...
    @overload
    async def zrange(self, name: str, start: int, end: int) -> Sequence[Any]: ...

    async def zrangebyscore(self, name: str, lowest: str, highest: str, /) -> Sequence[Any]:
        """Return members by score, lowest first; both ends are included."""

    async def zcard(self, name: str) -> int:
        """Return the number of members."""

    async def hgetall(self, name: str) -> Mapping[bytes, bytes]:
        """Return all fields of a hash."""

    async def keys(self, pattern: str) -> list[bytes]:
        """Return the keys that match; it walks the whole database, so it is for tests only."""

    async def script_load(self, script: str) -> str:
        """Load a Lua script into the server's cache and return its hash."""

    async def evalsha(self, sha: str, numkeys: int, *keys_and_args: str) -> Any:
        """Run a loaded Lua script."""


class Database(Protocol):
    """A shared connection, and the prefix that keeps all our keys together (in a cluster: in one slot)."""

    def redis(self) -> AbstractAsyncContextManager[Redis]:
        """Lend the shared connection; nothing is opened or closed."""

    def key(self, suffix: str) -> str:
        """Return the full name of one of our keys."""


class Script:
    """A Lua script that every server runs in one piece: nothing happens between its first and its last command.

    It is sent by its hash and loaded again where the server does not know it (a restart empties the cache).
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.sha = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()

    async def __call__(self, redis: Redis, keys: Sequence[str], args: Sequence[str] = ()) -> Any:
        """Run the script. Every key that it touches must be among `keys`: a cluster finds the node by them."""
        try:
            return await redis.evalsha(self.sha, len(keys), *keys, *args)
        except NoScriptError:
            await redis.script_load(self.source)
            return await redis.evalsha(self.sha, len(keys), *keys, *args)
