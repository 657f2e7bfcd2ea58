"""Remove: take a delivered video out of Slack again, with the message that carries it.

The record stays, with what was paid. Everything here may be done again: what is gone already is no error.
"""

from __future__ import annotations

from bot.edit import Edit
from bot.language import say
from bot.slack import SlackError
from bot.steps.errand import Doing, HopelessError
from bot.steps.parts import Parts

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


async def _gone(parts: Parts, method: str, **arguments: str) -> None:
    try:
        await parts.slack.call(method, **arguments)
    except SlackError as exc:
        if exc.code in GONE:
            return
        if exc.lasting:
            raise HopelessError(
                say("Slack did not let me delete the video ({code}). Somebody else may.", code=exc.code)
            ) from exc
        raise


def _sorry() -> str:
    return say("I could not delete the video: Slack did not answer. Please try again later.")


DOING = Doing("removal", remove, _sorry)
