"""File locks that the kernel frees when their holder dies, however it dies.

A lock belongs to the open file, not to the process: two locks of one process exclude each other, and a child that
inherits the open file holds the lock for as long as it lives.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

TRY_EVERY_S = 0.02


class FileLock:
    """A lock on a file, which is made if need be and never removed."""

    def __init__(self, path: Path) -> None:
        """Open the file without taking the lock; raise OSError where the folder cannot be written."""
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the lock up, unless a child has inherited it."""
        os.close(self.descriptor)

    def take(self, *, shared: bool = False) -> bool:
        """Take the lock if nobody holds it against us; say whether it is ours. A shared lock may be made exclusive."""
        try:
            fcntl.flock(self.descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@asynccontextmanager
async def holding(path: Path, within_s: float) -> AsyncIterator[None]:
    """Hold the lock of this file, once its holders have let go; raise TimeoutError where they do not in time."""
    with FileLock(path) as lock:
        async with asyncio.timeout(within_s):
            while not lock.take():  # noqa: ASYNC110 - the kernel has no event for a freed lock
                await asyncio.sleep(TRY_EVERY_S)
        yield
