"""The step boundary: runs one step of one edit, and turns whatever goes wrong into an event.

The only broad `except` of the bot stands here. What a person reads for each kind of trouble stands in
`bot/messages/failure.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_hex

import httpx

from bot.edit import Billed, Edit, Failure, State
from bot.events import Failed, Postponed
from bot.files import FileError
from bot.links import LinkError
from bot.media.gate import Unfit
from bot.messages import answers
from bot.messages.failure import failure, file_failure, given_up, input_failure, our_fault, slack_failure
from bot.moves import ImpossibleMoveError
from bot.notes import Note
from bot.slack import SlackError
from bot.steps.parts import Parts
from client.errors import Later, WanError

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 5
PATIENCE = timedelta(hours=3)  # how long somebody else's outage may last; Wan's own limit for a task is 3 hours too


@dataclass(frozen=True)
class Step:
    """A function that does what an edit needs in some states; in any other state it does nothing."""

    name: str
    states: frozenset[State]
    act: Callable[[Parts, Edit], Awaitable[None]]


async def run(step: Step, parts: Parts, edit_id: str) -> None:
    """Run a step for an edit, if its state asks for it and its time has come; never raises for what one edit did."""
    edit = await parts.store.get(edit_id)
    if edit is None or edit.state not in step.states:
        return
    if edit.not_before and parts.now() < edit.not_before:
        return
    await attempt(parts, step.name, edit, lambda edit: _act(step, parts, edit))


async def attempt(parts: Parts, what: str, edit: Edit, act: Callable[[Edit], Awaitable[None]]) -> None:
    """Do something for one edit, so that its trouble stays its own."""
    try:
        await act(edit)
    except (ImpossibleMoveError, LookupError) as exc:
        log.info("overtaken", extra={"what": what, "edit": edit.edit_id, "why": str(exc)})
    except WanError as exc:
        log.warning("not now", extra={"what": what, "edit": edit.edit_id, "why": str(exc)})
    except Exception as exc:  # noqa: BLE001 - the step boundary: a bug in one edit must not stop the others
        await _stumble(parts, what, edit, exc)


async def _act(step: Step, parts: Parts, edit: Edit) -> None:
    """Run the step, and end or postpone the edit for everything that may rightly go wrong."""
    try:
        await step.act(parts, edit)
    except (Unfit, LinkError) as exc:
        await _fail(parts, edit, input_failure(str(exc)))
    except FileError as exc:
        await _fail(parts, edit, file_failure(exc.problem, exc.detail))
    except Later as exc:
        await _postpone(parts, edit, exc)
    except WanError as exc:
        await _fail(parts, edit, failure(exc, billed=_billed(edit)))
    except (SlackError, httpx.HTTPError) as exc:
        if isinstance(exc, SlackError) and exc.lasting:
            await _fail(parts, edit, slack_failure(exc.code, billed=_billed(edit)))
        else:
            await _postpone(parts, edit, exc)


def backoff(attempts: int) -> timedelta:
    """Return how long to wait before the next try: 2 s, 4 s, 8 s … at most one minute."""
    return timedelta(seconds=min(60, 2 ** (attempts + 1)))


async def _postpone(parts: Parts, edit: Edit, exc: Exception) -> None:
    now = parts.now()
    if now - edit.entered_at > PATIENCE:
        await _fail(parts, edit, given_up(str(exc), billed=_billed(edit)))
        return
    tries = int((now - edit.entered_at).total_seconds()).bit_length()  # grows with the length of the outage
    log.warning("step postponed", extra={"edit": edit.edit_id, "state": edit.state.value, "why": repr(exc)})
    await _apply(parts, edit, Postponed(until=now + backoff(tries), counts=False))


async def _stumble(parts: Parts, what: str, edit: Edit, exc: Exception) -> None:
    """Count an attempt that a bug of ours ended; after five the edit fails, with an id that leads to the log."""
    trouble_id = token_hex(4)
    log.error("step failed", exc_info=exc, extra={"what": what, "edit": edit.edit_id, "trouble_id": trouble_id})
    if edit.attempts + 1 >= MOST_ATTEMPTS:
        await _fail(parts, edit, our_fault(trouble_id, billed=_billed(edit)))
    else:
        await _apply(parts, edit, Postponed(until=parts.now() + backoff(edit.attempts)))


async def _fail(parts: Parts, edit: Edit, why: Failure) -> None:
    """End the edit; what is wrong with the request itself is told privately too, before the record is closed."""
    if edit.state in {State.RECEIVED, State.PREPARING}:
        note = Note(
            note_id=f"failed-{edit.edit_id}",
            team=edit.team,
            user=edit.user,
            channel=edit.channel,
            thread_ts=edit.thread_ts,
            text=answers.private_failure(why),
            created_at=parts.now(),
        )
        await parts.store.save_note(note, claim=note.note_id)
    await _apply(parts, edit, Failed(failure=why))


async def _apply(parts: Parts, edit: Edit, event: Failed | Postponed) -> None:
    try:
        await parts.move(edit, event)
    except (ImpossibleMoveError, LookupError):
        log.info("edit has moved on", extra={"edit": edit.edit_id})


def _billed(edit: Edit) -> Billed:
    return "no" if edit.task_id is None else "yes" if edit.state is State.DELIVERING else "maybe"
