"""Errands: what people ask for after the video was delivered. Each has a job; this is what the jobs have in common.

An errand that fails is tried a few times, then given up with a private answer; it costs nothing at the provider.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from bot.edit import Edit, Errand, Errands
from bot.events import Ended, Tried
from bot.language import say, speaking
from bot.notes import Note
from bot.room import NoRoomError, until_full
from bot.slack import SlackError
from bot.steps.boundary import attempt, backoff
from bot.steps.parts import Parts

log = logging.getLogger(__name__)

TRIES = 5


class HopelessError(Exception):
    """An errand cannot be done, and trying again would not help; the text is the reason, in plain words."""


@dataclass(frozen=True)
class Doing:
    """How one errand is done, and what the person reads where it was not, with the reason in plain words."""

    errand: Errands
    act: Callable[[Parts, Edit], Awaitable[None]]
    sorry: Callable[[str], str]


async def run(doing: Doing, parts: Parts, edit_id: str) -> None:
    """Try an errand once, if it is still to be done and its time has come.

    The try is counted before it begins, so that one which kills the process is not repeated for ever.
    """
    edit = await parts.store.get(edit_id)
    if edit is None or edit.errand != doing.errand:
        return
    errand = edit.removal if doing.errand == "removal" else edit.comparison
    if errand is None or (errand.not_before and parts.now() < errand.not_before):
        return
    if errand.attempts >= TRIES:
        with speaking(errand.language):
            await _give_up(parts, edit, doing, errand.by, say("It went wrong several times; please try again later."))
        return
    edit = await parts.move(edit, Tried(errand=doing.errand, until=parts.now() + backoff(errand.attempts + 1)))
    await attempt(parts, doing.errand, edit, lambda edit: _try(doing, parts, edit, errand))


async def _try(doing: Doing, parts: Parts, edit: Edit, errand: Errand) -> None:
    with speaking(errand.language):
        try:
            with until_full():
                await doing.act(parts, edit)
        except HopelessError as exc:
            await _give_up(parts, edit, doing, errand.by, str(exc))
        except (SlackError, httpx.HTTPError, TimeoutError, NoRoomError) as exc:
            if isinstance(exc, SlackError) and exc.final:
                await _give_up(parts, edit, doing, errand.by, say("Slack does not allow it ({code}).", code=exc.code))
            log.warning("errand not done", extra={"what": doing.errand, "edit": edit.edit_id, "why": str(exc)})
        else:
            await parts.move(edit, Ended(errand=doing.errand, done=True))


async def _give_up(parts: Parts, edit: Edit, doing: Doing, by: str, why: str) -> None:
    """Tell whoever asked, and let it be asked for anew."""
    note = Note(
        note_id=f"{doing.errand}-{edit.edit_id}-{edit.version}",
        team=edit.team,
        user=by,
        channel=edit.channel,
        thread_ts=edit.thread_ts,
        text=doing.sorry(why),
        created_at=parts.now(),
    )
    await parts.store.notebook.save(note, claim=note.note_id)
    await parts.move(edit, Ended(errand=doing.errand, done=False))
