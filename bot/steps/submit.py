"""Submit: send the one request that costs money.

The claim is saved before the request leaves, and whoever holds it sends the request at most once. When the answer is
lost nobody sends again: the edit stays in SUBMITTING, and `bot/steps/adopt.py` reads the task list.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from redis.exceptions import RedisError

from bot.edit import Edit, State
from bot.events import Created, Failed, Refused
from bot.messages.failure import failure, given_up
from bot.steps.boundary import KEPT_FOR, Step, backoff
from bot.steps.parts import Parts
from client.errors import Later, NotSent, Throttled, UnknownOutcome, WanError
from client.models import EditRequest, Parameters

log = logging.getLogger(__name__)

CLAIM_GOOD_FOR = timedelta(seconds=10)
SAVE_AGAIN_AFTER_S = (0.5, 1, 2, 4, 8, 16, 16)
LONGEST_WAIT = timedelta(minutes=5)  # whatever the service names: a limit may be lifted before


async def submit(parts: Parts, edit: Edit) -> None:
    """Claim the create, send it once, and save what came of it."""
    if edit.cancel_requested_by:
        return  # reconcile is about to cancel it; nothing may be paid meanwhile
    request = request_of(edit)
    claimed = await parts.store.claim_create(edit, parts.now())
    if claimed is None or claimed.claimed_at is None:
        return
    if parts.now() - claimed.claimed_at > CLAIM_GOOD_FOR:
        # This process stood still after its claim. Whoever reads the list later must be able to rely on it that
        # nothing leaves this late.
        await parts.move(claimed, Refused(until=parts.now()), _same_claim(claimed))
        return
    try:
        task = await parts.wan.create(request)
    except (Throttled, NotSent) as exc:
        await _refuse(parts, claimed, exc)
    except UnknownOutcome as exc:
        log.warning("create without an answer", extra={"edit": claimed.edit_id, "why": str(exc)})
    except WanError as exc:
        await parts.move(claimed, Failed(failure=failure(exc)), _same_claim(claimed))
    else:
        await _keep(parts, claimed, Created(task_id=task.task_id))


async def _keep(parts: Parts, edit: Edit, created: Created) -> None:
    """Save what was just paid for, again where the store is away for a moment: only this process knows the task's id.

    What is lost all the same is looked up in the task list, but that takes minutes, in which nothing else is sent.
    """
    for pause_s in SAVE_AGAIN_AFTER_S:
        try:
            await parts.move(edit, created, _same_claim(edit))
        except RedisError as exc:
            log.warning("task not saved yet", extra={"edit": edit.edit_id, "why": type(exc).__name__})
            await asyncio.sleep(pause_s)
        else:
            return
    await parts.move(edit, created, _same_claim(edit))


def _same_claim(claimed: Edit) -> Callable[[Edit], bool]:
    """Say of a copy whether it holds this very claim: one that stood still may find that others went on without it."""
    return lambda edit: edit.claimed_at == claimed.claimed_at


def request_of(edit: Edit) -> EditRequest:
    """Return the request that the edit stands for; the same one whenever it is asked for."""
    return EditRequest(
        prompt=edit.instruction,
        negative_prompt=edit.negative_prompt,
        video=edit.video_url or "",
        images=edit.image_urls,
        parameters=_parameters(edit),
    )


def _parameters(edit: Edit) -> Parameters:
    """Ask for the whole video where as many seconds are wanted as there are, or a few tenths more.

    What Wan would do with more seconds than the video has is documented nowhere.
    """
    if edit.source_s and edit.parameters.duration_s >= edit.source_s:
        return edit.parameters.model_copy(update={"duration_s": 0})
    return edit.parameters


async def _refuse(parts: Parts, edit: Edit, exc: Later) -> None:
    """Let the edit wait again: the create certainly made no task."""
    now = parts.now()
    if now - (edit.approved_at or edit.created_at) > KEPT_FOR:  # long lines are no outage; the uploaded media last 48 h
        await parts.move(edit, Failed(failure=given_up(str(exc), billed="no")), _same_claim(edit))
        return
    named = exc.retry_after_s if isinstance(exc, Throttled) else None
    wait = min(timedelta(seconds=named), LONGEST_WAIT) if named else backoff(edit.refusals)
    log.warning("create refused", extra={"edit": edit.edit_id, "why": str(exc)})
    await parts.move(edit, Refused(until=now + wait), _same_claim(edit))


STEP = Step("submit", frozenset({State.WAITING}), submit)
