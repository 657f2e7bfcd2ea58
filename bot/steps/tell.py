"""Tell: send the private answers that listeners saved."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bot.messages.blocks import Message, section
from bot.messages.spending import spending
from bot.notes import Note
from bot.slack import SlackError
from bot.steps.boundary import TRIES_IN_A_DAY
from bot.steps.forget import forget_person, forget_workspace
from bot.steps.parts import Parts

log = logging.getLogger(__name__)

FILE_NAME = "edits.csv"

async def tell(parts: Parts, note_id: str) -> None:
    """Send one private answer and forget its words; after a day of tries it is given up and logged.

    At least once: after a crash between the two a person may read the same sentence twice.
    """
    note = await parts.store.notebook.get(note_id)
    if note is None:
        return
    match note.forgets:
        case "person":
            await forget_person(parts, note.team, note.user)
        case "workspace":
            await forget_workspace(parts, note.team)
            return  # there is nobody left to be told
        case None:
            pass
    try:
        if note.attachment is None:
            await parts.slack.whisper(
                note.channel, note.user, note.text, thread_ts=note.thread_ts, blocks=note.blocks
            )
        else:
            await _send_spending(parts, note)
    except (SlackError, httpx.HTTPError) as exc:
        final = isinstance(exc, SlackError) and exc.final
        if not final and note.attempts + 1 < TRIES_IN_A_DAY:
            await parts.store.notebook.postpone(note)
            return
        why = str(exc) if isinstance(exc, SlackError) else type(exc).__name__
        log.warning("private answer not delivered", extra={"note": note_id, "why": why})
    await parts.store.notebook.told(note, parts.now())


async def _send_spending(parts: Parts, note: Note) -> None:
    """Send what every edit of the workspace cost, as far as it is kept, as a file by direct message."""
    edits = sorted(await parts.store.of_team(note.team), key=lambda edit: edit.created_at)
    with TemporaryDirectory(prefix="tell-", dir=parts.settings.temp_dir) as folder:
        path = Path(folder) / FILE_NAME
        await asyncio.to_thread(path.write_text, spending(edits), encoding="utf-8")
        upload_id = await parts.files.put(path, FILE_NAME)
    message = Message(note.text, [section(note.text)])
    channel = await parts.slack.direct(note.user, message)
    await parts.files.share(upload_id, note.text, message, channel=channel, thread_ts=None)
