"""Pacing: keeps the calls of all replicas together within Slack's limits, so that Slack has no cause to refuse any.

For each method (and channel, where Slack counts by it) the database knows when its next call is due at an even pace.
What falls behind now is forgotten, so nothing grows. Without the database there is no pace: Slack's own 429 is heeded
then. Not here: the limits (`bot/pace.py`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from redis.exceptions import RedisError

from bot.database import Database, Script
from bot.pace import RATES, Rate

log = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]

PACE = "pace"  # a sorted set: when the next call of each method is due, in seconds

LONGEST_HOLD_S = 600.0  # whatever Slack names: a limit may be lifted before

# ARGV: member, now, interval, tolerance, the longest wait, and how far ahead a call may be due. Answers how long to
# wait, or -1 where that is too long. What is due later was noted by a clock that was ahead, and would hold all up.
TAKE = Script(
    """
    local now, tolerance, longest, furthest = tonumber(ARGV[2]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
    for _, old in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])) do
        redis.call('ZREM', KEYS[1], old)
    end
    local due = math.max(tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '0'), now)
    if due > now + furthest then due = now end
    local wait = math.max(due - tolerance - now, 0)
    if wait > longest then return '-1' end
    redis.call('ZADD', KEYS[1], string.format('%.4f', due + tonumber(ARGV[3])), ARGV[1])
    return string.format('%.4f', wait)
    """
)
# ARGV: member, the time before which nothing of it goes. It is never moved to an earlier one.
HOLD = Script(
    """
    local due = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '0')
    if due < tonumber(ARGV[2]) then redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1]) end
    return 1
    """
)


class Pacing:
    """The pace of one bot's calls."""

    def __init__(
        self, database: Database, now: Callable[[], datetime], times: float = 1.0, sleep: Sleep = asyncio.sleep
    ) -> None:
        """Count in this database, by this clock, and allow so many times of what Slack publishes.

        The clocks of replicas should agree within seconds. What `sleep` raises ends a wait; its place is lost.
        """
        self._database = database
        self._now = now
        self._times = times
        self._sleep = sleep

    async def take(self, method: str, channel: str | None, *, longest_s: float, spare: bool = False) -> float | None:
        """Take the next place of a method and return the seconds until it; None where that is longer than `longest_s`.

        `spare` is what may as well be said later: it leaves some places to what must be said.
        """
        rate = RATES.get(method)
        if rate is None:
            return 0.0
        now_s = self._now().timestamp()
        interval_s, tolerance_s = rate.interval_s / self._times, rate.tolerance_s(spare=spare) / self._times
        furthest_s = rate.burst * interval_s + max(longest_s, LONGEST_HOLD_S)
        args = [_member(method, channel, rate), f"{now_s:.4f}"]
        args += map(repr, (interval_s, tolerance_s, longest_s, furthest_s))
        try:
            async with self._database.redis() as redis:
                wait_s = float(await TAKE(redis, [self._database.key(PACE)], args))
        except RedisError as exc:
            log.warning("no pace without the database", extra={"why": type(exc).__name__})
            return 0.0
        return wait_s if wait_s >= 0 else None

    async def hold(self, method: str, channel: str | None, for_s: float) -> None:
        """Let nothing of a method go for a while, because Slack asked for it."""
        rate = RATES.get(method)
        if rate is None:
            return
        until_s = self._now().timestamp() + min(for_s, LONGEST_HOLD_S) + rate.tolerance_s(spare=False) / self._times
        try:
            async with self._database.redis() as redis:
                await HOLD(redis, [self._database.key(PACE)], [_member(method, channel, rate), f"{until_s:.4f}"])
        except RedisError as exc:
            log.warning("no pace without the database", extra={"why": type(exc).__name__})

    async def wait(self, method: str, channel: str | None, *, longest_s: float, spare: bool = False) -> bool:
        """Wait for the next place of a method; False where it would take longer than `longest_s`."""
        wait_s = await self.take(method, channel, longest_s=longest_s, spare=spare)
        if wait_s:
            await self._sleep(wait_s)
        return wait_s is not None


def _member(method: str, channel: str | None, rate: Rate) -> str:
    return f"{method}:{channel}" if rate.by_channel else method
