"""How many calls a second an account may make: whoever comes too early waits, nobody is refused.

Not here: which calls cost which budget (`client/client.py`), and what a 429 means that came all the same.
"""

from __future__ import annotations

import asyncio
from types import TracebackType

SPAN_S = 1.01  # a second, and a little for clocks that do not agree on it


class Budget:
    """Let at most `per_s` calls arrive in any second, in the order in which they came; `async with` around a call.

    The service counts arrivals, and when a call arrives is known only to lie before its answer. So a call counts until
    a second after its answer; that costs the time of an answer, and no 429.
    """

    def __init__(self, per_s: int) -> None:
        if per_s < 1:
            raise ValueError("A budget must allow at least 1 call a second.")
        self._places = asyncio.Semaphore(per_s)

    async def __aenter__(self) -> None:
        """Wait until one more call may go. Cancelling the wait costs nothing."""
        await self._places.acquire()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Count the call for one more second."""
        asyncio.get_running_loop().call_later(SPAN_S, self._places.release)
