"""Posters: a small picture of each result, for its requester's App Home; made once the video is in its thread.

Only a file in Slack, or an address open to the whole internet, can be shown in a block, so a poster is a file of the
bot's that is shared nowhere. Slack asks only that whoever posts the block may see the file:
https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object. That its readers see it then is known
of messages (https://github.com/metabase/metabase/pull/54276) and not documented of Home. The loss of a poster is
harmless: without it Home shows the same in words.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bot.edit import Edit, Poster
from bot.events import Pictured
from bot.files import GONE, FileError
from bot.media import extras
from bot.messages.result import poster_name, title
from bot.moves import ImpossibleMoveError
from bot.slack import SlackError
from bot.steps.parts import EditGoneError, Parts

log = logging.getLogger(__name__)

LIMIT_S = 10.0  # whoever stops the bot waits for it
LOOKS_AFTER_S = (0.0, 0.5, 1.0, 2.0, 4.0)  # Slack refuses to show a file before it has looked at it itself
AT_ONCE = 500


async def keep_poster(parts: Parts, edit_id: str, path: Path) -> None:
    """Make the poster of a delivered result, which is at `path`, and keep it; never raises.

    Costs 0.2 s of a core and four calls of Slack or more, none of which takes a place from what must be said.
    """
    edit = await parts.store.get(edit_id)
    if edit is None or edit.result_file is None or edit.poster is not None:
        return
    try:
        async with asyncio.timeout(LIMIT_S):
            still = await extras.poster(path, path.parent)
            await _upload(parts, edit, still)
    except Exception as exc:  # noqa: BLE001 - the video is there, and nobody asked for a picture of it
        log.warning("no poster", extra={"edit": edit_id, "why": str(exc) or type(exc).__name__})


async def _upload(parts: Parts, edit: Edit, still: Path) -> None:
    """Save the id before Slack keeps the file, so that it is deleted with the edit whatever happens in between."""
    file_id = await parts.files.put(still, poster_name(edit), spare=True)
    await parts.move(edit, Pictured(poster=Poster(file_id=file_id)))
    await parts.files.keep(file_id, title(edit))
    for pause_s in LOOKS_AFTER_S:
        await parts.sleep(pause_s)
        if (await parts.files.info(file_id, spare=True)).mimetype:
            break
    else:
        return  # whoever makes Home looks again
    try:
        await parts.move(edit, Pictured(poster=Poster(file_id=file_id, ready=True)))
    except (ImpossibleMoveError, EditGoneError):
        await parts.files.delete(file_id)  # deleted meanwhile, perhaps before Slack had the file
        return
    await show_anew(parts, edit.team, edit.user)


async def look_again(parts: Parts, edits: Sequence[Edit]) -> list[Edit]:
    """Return the edits with the posters that Slack has looked at by now; asks only about those that were not ready."""
    return [
        await _looked_at(parts, edit, edit.poster) if edit.poster and not edit.poster.ready else edit for edit in edits
    ]


async def _looked_at(parts: Parts, edit: Edit, poster: Poster) -> Edit:
    try:
        if (await parts.files.info(poster.file_id, spare=True)).mimetype:
            return await parts.move(edit, Pictured(poster=poster.model_copy(update={"ready": True})))
    except (FileError, SlackError, ImpossibleMoveError, EditGoneError) as exc:
        log.info("poster not ready", extra={"edit": edit.edit_id, "why": str(exc)})
    return edit


async def show_anew(parts: Parts, team: str, user: str) -> None:
    """Have a person's Home published again, if it is open, although nothing that is under way has changed."""
    profile = await parts.store.profiles.get(team, user)
    if profile.home_opened_at is not None:
        await parts.store.profiles.change(profile)  # a new version; if somebody else made one, so much the better


async def drop_lost_posters(parts: Parts, edits: Sequence[Edit]) -> bool:
    """Forget the posters that are no longer in Slack (a workspace may delete old files); say whether there were any."""
    lost = [edit for edit in edits if edit.poster and await _is_gone(parts, edit.poster)]
    for edit in lost:
        with suppress(ImpossibleMoveError, EditGoneError):
            await parts.move(edit, Pictured(poster=None))
    return bool(lost)


async def _is_gone(parts: Parts, poster: Poster) -> bool:
    try:
        return not (await parts.files.info(poster.file_id, spare=True)).url
    except FileError as exc:
        return exc.problem == GONE
    except SlackError:
        return False  # nobody knows


async def sweep_posters(parts: Parts, *, spare: bool = False) -> None:
    """Delete the posters of edits that are gone, some hundred at most; with `spare` as many as need not wait."""
    for file_id in (await parts.store.discarded())[:AT_ONCE]:
        try:
            await parts.files.delete(file_id, spare=spare)
        except SlackError as exc:
            log.info("posters not deleted yet", extra={"why": str(exc)})
            return
        await parts.store.drop_discarded(file_id)
