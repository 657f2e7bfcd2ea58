"""How many calls a second an account may make: whoever comes too early waits, nobody is refused.

Not here: which calls cost which budget (`client/client.py`), and what a 429 means that came all the same.
"""

from __future__ import annotations

import asyncio
from collections import deque

SPAN_S = 1.1  # the service counts a second by arrivals; calls may travel up to a tenth of a second differently long


class Budget:
    """Let at most `per_s` calls go in any second, in the order in which they came."""

    def __init__(self, per_s: int) -> None:
        if per_s < 1:
            raise ValueError("A budget must allow at least 1 call a second.")
        self._turn = asyncio.Lock()
        self._left_at_s: deque[float] = deque(maxlen=per_s)

    async def take(self) -> None:
        """Wait until one more call may go, and count it. Cancelling the wait costs nothing."""
        now_s = asyncio.get_running_loop().time
        async with self._turn:
            if len(self._left_at_s) == self._left_at_s.maxlen:
                await asyncio.sleep(self._left_at_s[0] + SPAN_S - now_s())
            self._left_at_s.append(now_s())
