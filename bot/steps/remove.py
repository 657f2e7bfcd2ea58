"""Remove: take a delivered video out of Slack again, with the message that carries it.

The record stays, with what was paid. Everything here may be done again: what is gone already is no error.
"""

from __future__ import annotations

from typing import Any

from bot.edit import Edit
from bot.events import Pictured
from bot.messages.removal import not_removed
from bot.slack import SlackError
from bot.steps.errand import Doing
from bot.steps.parts import Parts
from bot.steps.poster import show_anew

GONE = frozenset({"file_not_found", "file_deleted", "message_not_found", "cant_delete_message", "thread_not_found"})


async def remove(parts: Parts, edit: Edit) -> None:
    """Delete the result, and what was made of it: the files first, for those are what somebody wants gone."""
    compared = edit.comparison.file_ids if edit.comparison else ()
    files = [file_id for file_id in (edit.upload_id, *compared) if file_id]
    messages = {edit.result_ts, *[await parts.files.shared_ts(file_id, edit.channel) for file_id in files]}
    for file_id in files:
        await _gone(parts, "files.delete", file=file_id)
    for ts in filter(None, messages):
        await _gone(parts, "chat.delete", channel=edit.channel, ts=ts)
    if edit.poster:
        await _gone(parts, "files.delete", file=edit.poster.file_id)
        await parts.move(edit, Pictured(poster=None))
    await show_anew(parts, edit.team, edit.user)  # the way to the video has gone from Home too


async def _gone(parts: Parts, method: str, **arguments: Any) -> None:
    try:
        await parts.slack.call(method, **arguments)
    except SlackError as exc:
        if exc.code not in GONE:
            raise


DOING = Doing("removal", remove, not_removed)
