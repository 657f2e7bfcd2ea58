"""The step boundary: runs one step of one edit, and turns whatever goes wrong into an event.

The only broad `except` of the bot stands here. What a person reads for each kind of trouble stands in
`bot/messages/failure.py`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_hex
from typing import TypeVar

import httpx
from redis.exceptions import RedisError

from bot.budget import asked_on
from bot.edit import Billed, Edit, Failure, Reason, State
from bot.events import Failed, Postponed
from bot.files import FileError
from bot.jobs import StoppingError
from bot.language import Language, say, speaking
from bot.ledger import OverCapError
from bot.links import LinkError
from bot.media.gate import Unfit
from bot.media.unfit import BadOptions, TooShort
from bot.messages import answers
from bot.messages.blocks import Block, with_buttons
from bot.messages.budget import over_cap
from bot.messages.failure import (
    failure,
    file_failure,
    given_up,
    input_failure,
    no_place,
    our_fault,
    over_budget,
    slack_failure,
)
from bot.messages.words import buttons
from bot.moves import ImpossibleMoveError, is_due, troubled_since
from bot.notes import Note
from bot.room import NoRoomError, until_full
from bot.slack import SlackError
from bot.steps.parts import EditGoneError, Parts
from bot.steps.pictures import PictureError, Trouble
from bot.store import StoreConflictError
from client.errors import AccountError, Later, WanError

log = logging.getLogger(__name__)

Thing = TypeVar("Thing")

MOST_ATTEMPTS = 5
PATIENCE = timedelta(hours=3)  # how long somebody else's outage may last; Wan's own limit for a task is 3 hours too
KEPT_FOR = timedelta(hours=24)  # Wan keeps a result this long, and nothing that is paid for is given up earlier
LONGEST_PAUSE = timedelta(minutes=10)
TRIES_IN_A_DAY = 172  # with `pause` between them
AT_ONCE = 16
FRESH = frozenset({State.RECEIVED, State.PREPARING})  # one step brings an edit from the one to the other, and beyond
STEP_LIMIT_S = 20 * 60.0  # of one run: transfers that crawl must not keep an edit, or a worker, for ever


class NoPlaceError(Exception):
    """There is no conversation where the thread of an edit may begin."""


# What may rightly go wrong in a step; everything else is a bug of ours.
TROUBLE = (
    Unfit, LinkError, FileError, PictureError, OverCapError, NoPlaceError, WanError, SlackError, httpx.HTTPError,
    TimeoutError,
    NoRoomError,
)  # fmt: skip


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
    if not is_due(edit, parts.now()):
        return
    await attempt(parts, step.name, edit, lambda edit: _act(step, parts, edit))


async def attempt(parts: Parts, what: str, edit: Edit, act: Callable[[Edit], Awaitable[None]]) -> None:
    """Do something for one edit in its requester's language, so that its trouble stays its own."""
    try:
        with speaking(edit.language):
            await act(edit)
    except (ImpossibleMoveError, EditGoneError) as exc:
        log.info("overtaken", extra={"what": what, "edit": edit.edit_id, "why": str(exc)})
    except StoppingError:
        log.info("left for the next process", extra={"what": what, "edit": edit.edit_id})
    except WanError as exc:
        log.warning("not now", extra={"what": what, "edit": edit.edit_id, "why": str(exc)})
    except (RedisError, StoreConflictError) as exc:
        # Not this edit's fault, so it uses up no attempt; the record says where the next run goes on.
        log.warning("store not reached", extra={"what": what, "edit": edit.edit_id, "why": type(exc).__name__})
    except Exception as exc:  # noqa: BLE001 - the step boundary: a bug in one edit must not stop the others
        with speaking(edit.language):
            await _stumble(parts, what, edit, exc)


async def attempt_each(
    parts: Parts, what: str, edits: Sequence[Edit], act: Callable[[Edit], Awaitable[None]]
) -> None:
    """Do something for each of these edits, so that the trouble of each stays its own."""
    await several_at_once(edits, lambda edit: attempt(parts, what, edit, act))


async def several_at_once(things: Sequence[Thing], act: Callable[[Thing], Awaitable[None]]) -> None:
    """Do something for each, a few at a time: a server that syncs every write to its disk syncs them together."""
    for first in range(0, len(things), AT_ONCE):
        await asyncio.gather(*map(act, things[first : first + AT_ONCE]))


async def _act(step: Step, parts: Parts, edit: Edit) -> None:
    """Run the step, and end or postpone the edit for everything that may rightly go wrong.

    A step that stood still may have been done by another worker meanwhile. Its trouble concerns nobody then, and what
    was paid for since goes on.
    """
    try:
        with until_full():
            async with asyncio.timeout(STEP_LIMIT_S):
                await step.act(parts, edit)
    except TROUBLE as exc:
        newest = await parts.store.get(edit.edit_id)
        if newest is None or newest.state not in step.states:
            log.info("overtaken", extra={"what": step.name, "edit": edit.edit_id, "why": type(exc).__name__})
        else:
            await _heed(parts, edit, exc)


async def _heed(parts: Parts, edit: Edit, exc: Exception) -> None:
    paid = edit.state is State.DELIVERING
    match exc:
        case Unfit() | LinkError() | FileError():
            await _fail(parts, edit, _unusable(exc))
        case PictureError():
            why = _unusable(exc.why)
            wrong = why.reason is Reason.INPUT
            await _fail(parts, edit, why.model_copy(update={"remedy": "picture"}) if wrong else why)
        case OverCapError():
            left = await parts.store.ledger.left(exc.cap, edit)
            told = over_cap(exc.cap, needed=exc.needed, left=left, day=asked_on(edit))
            await _fail(parts, edit, over_budget(), told=told)
        case NoPlaceError():
            why = no_place()
            await _note(parts, edit, "failed", answers.no_thread(edit, why), channel=edit.user)
            await _apply(parts, edit, Failed(failure=why))
        case AccountError() if not paid:  # of what is paid an admin may still set it right
            await _fail(parts, edit, failure(exc, billed=_billed(edit)))
        case WanError() if not isinstance(exc, Later | AccountError):
            await _fail(parts, edit, failure(exc, billed=_billed(edit)))
        case SlackError() if exc.final and not paid:
            await _fail(parts, edit, slack_failure(exc.code, billed=_billed(edit)))
        case _:
            await _postpone(parts, edit, exc)


def _unusable(exc: Trouble) -> Failure:
    match exc:
        case TooShort():
            return input_failure(str(exc), remedy="slow_down")
        case BadOptions():
            return input_failure(str(exc), remedy="options")
        case FileError():
            return file_failure(exc.problem, exc.detail)
        case _:
            return input_failure(str(exc))


def backoff(attempts: int) -> timedelta:
    """Return how long to wait before the next try: 2 s, 4 s, 8 s … at most one minute."""
    return timedelta(seconds=min(60, 2 ** (attempts + 1)))


def pause(attempts: int) -> timedelta:
    """Return how long to wait before something is said again: as `backoff`, and after ten minutes longer and longer."""
    return max(backoff(attempts), min(timedelta(minutes=1.1 ** (attempts - 13)), LONGEST_PAUSE))


async def _postpone(parts: Parts, edit: Edit, exc: Exception) -> None:
    now = parts.now()
    finished = edit.state is State.DELIVERING  # the result is kept for so long, whoever tries to fetch it
    elapsed = now - (edit.entered_at if finished else troubled_since(edit, now))
    locked_out = isinstance(exc, SlackError) and exc.locked_out  # nobody could even be told
    if elapsed > (KEPT_FOR if finished or locked_out else PATIENCE):
        needs_admin = locked_out or isinstance(exc, NoRoomError)
        why = given_up(_said(exc), billed=_billed(edit), needs_admin=needs_admin)
        await _fail(parts, edit, why)
        return
    tries = max(0, int(elapsed.total_seconds())).bit_length()  # grows with the length of the outage
    wait = max(backoff(tries), min(elapsed / 10, LONGEST_PAUSE))
    with speaking(Language.ENGLISH):
        said = _said(exc)
    log.warning("step postponed", extra={"edit": edit.edit_id, "state": edit.state.value, "why": said})
    await _apply(parts, edit, Postponed(until=now + wait, counts=False, no_room=isinstance(exc, NoRoomError)))


def _said(exc: Exception) -> str:
    """Name the trouble; httpx's own words carry addresses, which belong neither into a thread nor into the log."""
    if isinstance(exc, WanError):
        return str(exc)
    if isinstance(exc, NoRoomError):
        return say("the disk of this bot is full")
    if isinstance(exc, SlackError):
        return f"Slack: {exc.code}"
    return say("the connection broke ({how})", how=type(exc).__name__)


async def _stumble(parts: Parts, what: str, edit: Edit, exc: Exception) -> None:
    """Count an attempt that a bug of ours ended; after five the edit fails, with an id that leads to the log.

    The newest copy decides: the step may have moved the edit before it fell, past the paid request even.
    """
    trouble_id = token_hex(4)
    log.error("step failed", exc_info=exc, extra={"what": what, "edit": edit.edit_id, "trouble_id": trouble_id})
    newest = await parts.store.get(edit.edit_id)
    if newest is None or newest.state.terminal:
        return
    if newest.attempts + 1 >= MOST_ATTEMPTS:
        await _fail(parts, newest, our_fault(trouble_id, billed=_billed(newest)))
    else:
        await _apply(parts, newest, Postponed(until=parts.now() + backoff(newest.attempts)))


async def _fail(parts: Parts, edit: Edit, why: Failure, *, told: str | None = None) -> None:
    """End the edit. What is wrong with the request is told privately too, and a paid result is handed over by link;
    both before the record is closed.
    """
    if edit.state in FRESH:
        failed = edit.model_copy(update={"state": State.FAILED, "failure": why})
        said = told or answers.private_failure(why)
        await _note(parts, edit, "failed", said, channel=edit.channel, choices=buttons(failed))
    by_link = edit.state is State.DELIVERING and bool(edit.result_url)
    if by_link:
        await _note(parts, edit, "result", answers.private_link(edit), channel=edit.user)
    await _apply(parts, edit, Failed(failure=why, link_sent=by_link))


async def _note(
    parts: Parts, edit: Edit, about: str, text: str, *, channel: str, choices: Sequence[Block] = ()
) -> None:
    """Save a private answer to the requester; with their own id as channel it goes by direct message."""
    newest = await parts.store.get(edit.edit_id)
    note = Note(
        note_id=f"{about}-{edit.edit_id}",
        team=edit.team,
        user=edit.user,
        channel=channel,
        thread_ts=_lively_thread(newest, channel) if newest else None,
        text=text,
        blocks=with_buttons(text, choices),
        created_at=parts.now(),
    )
    await parts.store.notebook.save(note, claim=note.note_id)


def _lively_thread(edit: Edit, channel: str) -> str | None:
    """Return the edit's thread where it is in this channel and surely has a reply; without one Slack shows a private
    answer there to nobody, and says nothing of it: https://docs.slack.dev/reference/methods/chat.postEphemeral
    """
    asked_in_reply = edit.request_ts is not None and edit.request_ts != edit.thread_ts
    return edit.thread_ts if channel == edit.channel and (edit.status_ts or asked_in_reply) else None


async def _apply(parts: Parts, edit: Edit, event: Failed | Postponed) -> None:
    try:
        await parts.move(edit, event, lambda newest: newest.state is edit.state or {newest.state, edit.state} <= FRESH)
    except (ImpossibleMoveError, EditGoneError):
        log.info("edit has moved on", extra={"edit": edit.edit_id})


def _billed(edit: Edit) -> Billed:
    if edit.task_id is None:
        return "maybe" if edit.state is State.SUBMITTING else "no"
    return "yes" if edit.state is State.DELIVERING else "maybe"
