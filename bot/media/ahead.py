"""Make the next pictures while the last ones are used: FFmpeg works without Python's lock, so both go on at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TypeVar

Item = TypeVar("Item")
_MOST = 3  # kept in memory at once


@contextmanager
def ahead(items: Iterator[Item]) -> Iterator[Iterator[Item]]:
    """Give the items of an iterator that runs in a thread of its own, a few ahead; it stands still when this ends."""
    with closing(_ahead(items)) as coming:
        yield coming


def _ahead(items: Iterator[Item]) -> Generator[Item]:
    with ThreadPoolExecutor(max_workers=1) as thread:
        coming = deque(thread.submit(next, items, None) for _ in range(_MOST))
        while (item := coming.popleft().result()) is not None:
            coming.append(thread.submit(next, items, None))
            yield item
