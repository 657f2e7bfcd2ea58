"""Work of minutes for an edit that a person may cancel meanwhile: it goes on only as long as somebody wants it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import TypeVar

from redis.exceptions import RedisError

from bot.edit import Edit
from bot.moves import ImpossibleMoveError
from bot.steps.parts import EditGoneError, Parts

Thing = TypeVar("Thing")

LOOK_EVERY_S = 0.5  # one small read


async def while_wanted(parts: Parts, edit: Edit, work: Coroutine[None, None, Thing]) -> Thing:
    """Do work that the state of an edit asks for, and cancel it once the edit is cancelled, ended or moved on.

    Raises ImpossibleMoveError and EditGoneError then. A store that does not answer stops nothing.
    """
    doing = asyncio.create_task(work)
    try:
        while not (await asyncio.wait([doing], timeout=LOOK_EVERY_S))[0]:
            with suppress(RedisError):
                await _check(parts, edit)
        return doing.result()
    finally:
        doing.cancel()
        await asyncio.wait([doing])


async def _check(parts: Parts, edit: Edit) -> None:
    newest = await parts.store.get(edit.edit_id)
    if newest is None:
        raise EditGoneError(edit.edit_id)
    if newest.cancel_requested_by or newest.state is not edit.state:
        raise ImpossibleMoveError("nobody wants it any more")
