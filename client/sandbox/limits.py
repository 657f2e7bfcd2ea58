"""The account's limits and the pace of the local Wan, and the windows that count calls against them."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from client.sandbox.orders import RefusedError


@dataclass(frozen=True)
class Limits:
    """What one account may do (https://help.aliyun.com/zh/model-studio/rate-limit), and how fast time goes.

    `pending_s` and `min_run_s` are the shortest times in PENDING and RUNNING; the real service takes about 10 s and
    4 to 11 minutes.
    """

    running: int = 5
    creates_per_s: int = 5
    queries_per_s: int = 20  # get, list and cancel together
    policies_per_s: int = 100
    keep_s: float = 86_400  # tasks and results
    upload_keep_s: float = 172_800
    policy_s: float = 300
    pending_s: float = 1.0
    min_run_s: float = 2.0


class Window:
    """Counts the calls of the last second and refuses those above the limit."""

    def __init__(self, per_s: int, clock: Callable[[], float]) -> None:
        self._per_s = per_s
        self._clock = clock
        self._calls: deque[float] = deque()

    def count(self) -> None:
        """Count one call. Raises RefusedError (429) when this second is full; refused calls are not counted."""
        now = self._clock()
        while self._calls and self._calls[0] <= now - 1.0:
            self._calls.popleft()
        if len(self._calls) >= self._per_s:
            raise RefusedError(429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later.")
        self._calls.append(now)
