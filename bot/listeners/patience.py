"""Patience: how long a listener may take, whatever it waits for.

Slack waits three seconds for an answer. What is not answered by then it delivers again where it was an event, and where
a person pressed or typed something it says that the app did not respond.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec

from redis.exceptions import RedisError

from bot.store import StoreConflictError

P = ParamSpec("P")

ANSWER_WITHIN_S = 2.5  # the rest of Slack's three seconds is for the way

# What a listener that cannot read or save its records ends in.
UNSAVED = (TimeoutError, RedisError, StoreConflictError)


def in_time(listener: Callable[P, Awaitable[None]]) -> Callable[P, Awaitable[None]]:
    """End a listener with TimeoutError before Slack gives up on it, so that nothing is acknowledged by halves."""

    @wraps(listener)
    async def limited(*args: P.args, **kwargs: P.kwargs) -> None:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await listener(*args, **kwargs)

    return limited
