"""Show: keep the one status message in the thread, and the emoji on the request, at the newest state.

Best effort by design: a status message that cannot be posted never stops an edit. Marks are only ever added.
"""

from __future__ import annotations

import logging

from bot import queue
from bot.edit import Edit, State
from bot.events import NotShown, Posting, Shown
from bot.language import speaking
from bot.messages.blocks import Message
from bot.messages.status import mark
from bot.messages.variations import Places, face, overall, status
from bot.slack import OWN_PACE, SlackError
from bot.steps.boundary import TRIES_IN_A_DAY
from bot.steps.parts import Parts
from bot.times import Expected, expect, kind_of

log = logging.getLogger(__name__)

TRIES = 5  # of progress; the end must be read, and is tried for a day


async def show(parts: Parts, edit_id: str) -> None:
    """Post the status message, or edit it in place, if people see an older face than the edit has now.

    A further variation may be named too, for what changed after the end; the message stands with the first one.
    """
    named = await parts.store.get(edit_id)
    if named is None:
        return
    edit = named if named.variation == 1 else await parts.store.get(named.first_id)
    if edit is None:
        await parts.move(named, Shown(face=named.shown))
        return
    others = [await parts.store.get(other) for other in edit.set_ids[1:]]
    members = [edit, *(other for other in others if other is not None)]
    places: Places = {}
    if any(member.state is State.WAITING for member in members):
        places = queue.places(await parts.store.open_edits(), await parts.store.turns())
    now = parts.now()
    wanted = face([edit, *others], now=now, places=places)
    over = all(member.state.terminal for member in members)
    if edit.thread_ts is None and not over:
        return
    if wanted == edit.shown:
        if named.unsaid:
            await parts.move(named, Shown(face=named.shown))
        return
    try:
        await _mark(parts, edit, overall(members))
        with speaking(edit.language):
            message = status(members, now=now, places=places, expected=await _expected(parts, edit))
        ts = await _say(parts, edit, message, over=over)
    except SlackError as exc:
        if exc.code == OWN_PACE and not over:
            return  # others come first; the loop asks again, and what is shown then is the newest state
        log.warning("status not shown", extra={"edit": edit_id, "why": str(exc)})
        if not exc.final and named.show_attempts + 1 < (TRIES_IN_A_DAY if edit.state.terminal else TRIES):
            await parts.move(named, NotShown())
            return
        ts = None
    await parts.move(edit, Shown(face=wanted, status_ts=ts))
    if named.unsaid and named is not edit:
        await parts.move(named, Shown(face=named.shown))


async def _expected(parts: Parts, edit: Edit) -> Expected | None:
    """Return how long the edit will be with the provider, where past ones tell."""
    if edit.state not in (State.PENDING, State.RUNNING):
        return None
    return expect(await parts.store.durations.of(kind_of(edit)))


async def _say(parts: Parts, edit: Edit, message: Message, *, over: bool) -> str | None:
    if edit.thread_ts is None:
        if edit.state is not State.FAILED:  # of that the step has told the requester privately
            await parts.slack.whisper(edit.channel, edit.user, message.text, thread_ts=None)
        return None
    try:
        return await _say_in_thread(parts, edit, message, over=over)
    except SlackError as exc:
        if not exc.final or edit.state not in {State.FAILED, State.CANCELED}:
            raise
        # The thread is gone or closed to us, and nothing else would tell the requester that no video comes.
        log.warning("end not shown in the thread", extra={"edit": edit.edit_id, "why": str(exc)})
        await parts.slack.whisper(edit.user, edit.user, message.text, thread_ts=None)
        return None


async def _say_in_thread(parts: Parts, edit: Edit, message: Message, *, over: bool) -> str:
    ts = edit.status_ts
    if ts is None and "status" in edit.posting:
        ts = await parts.slack.find_own(
            edit.channel, thread_ts=edit.thread_ts, edit_id=edit.edit_id, what="status", since=edit.created_at
        )
    if ts is not None:
        try:
            await parts.slack.update(edit.channel, ts, message, spare=not over)
            return ts
        except SlackError as exc:
            if exc.code != "message_not_found" or not edit.state.terminal:
                raise  # somebody deleted it; what is told once more is how the edit ended
    await parts.move(edit, Posting(what="status"))
    _, ts = await parts.slack.post(
        edit.channel, message, thread_ts=edit.thread_ts, edit_id=edit.edit_id, what="status"
    )
    return ts


async def _mark(parts: Parts, edit: Edit, state: State) -> None:
    """Show the state at a glance on the request itself (on the bot's root message where a command asked)."""
    emoji = mark(state)
    on = edit.request_ts or edit.thread_ts
    if on is None or (edit.shown and not state.terminal):
        return
    try:
        await parts.slack.mark(edit.channel, on, emoji)
    except SlackError as exc:
        if not exc.final:
            raise
        log.info("request not marked", extra={"edit": edit.edit_id, "why": str(exc)})
