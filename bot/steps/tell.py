"""Tell: send the private answers that listeners saved."""

from __future__ import annotations

import logging

from bot.slack import SlackError
from bot.steps.parts import Parts

log = logging.getLogger(__name__)

TRIES = 60  # a minute apart after the first few


async def tell(parts: Parts, note_id: str) -> None:
    """Send one private answer and forget its words; after an hour of tries it is given up and logged.

    At least once: after a crash between the two a person may read the same sentence twice.
    """
    note = await parts.store.notebook.get(note_id)
    if note is None:
        return
    try:
        await parts.slack.whisper(note.channel, note.user, note.text, thread_ts=note.thread_ts)
    except SlackError as exc:
        if not exc.lasting and note.attempts + 1 < TRIES:
            await parts.store.notebook.postpone(note)
            return
        log.warning("private answer not delivered", extra={"note": note_id, "why": str(exc)})
    await parts.store.notebook.told(note, parts.now())
