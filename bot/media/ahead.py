"""Make the next pictures while the last ones are used: FFmpeg works without Python's lock, so both go on at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TypeVar

Item = TypeVar("Item")


@contextmanager
def ahead(items: Iterator[Item], most: int) -> Iterator[Iterator[Item]]:
    """Give the items of an iterator that runs in a thread of its own, so many ahead; when this ends it stands still."""
    with closing(_ahead(items, most)) as coming:
        yield coming


def _ahead(items: Iterator[Item], most: int) -> Generator[Item]:
    with ThreadPoolExecutor(max_workers=1) as thread:
        coming = deque(thread.submit(next, items, None) for _ in range(most))
        while (item := coming.popleft().result()) is not None:
            coming.append(thread.submit(next, items, None))
            yield item
