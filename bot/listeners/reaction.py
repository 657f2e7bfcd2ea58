"""Reactions: one emoji runs an edit again, another cancels it; on the request, the status message or the result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.again import Way
from bot.listeners.gate import Gate
from bot.listeners.intake import Intake, Place


async def on_reaction(
    event: Mapping[str, Any], intake: Intake, gate: Gate, *, team: str, bot_user_id: str
) -> None:
    """Save the wish behind a reaction to one of our messages; every other reaction is none of our business.

    Bolt drops the bot's own reactions already; it is checked here too, because our marks must never cost money.
    """
    item = event.get("item") or {}
    emoji = str(event.get("reaction") or "").split("::")[0]  # a skin tone follows two colons
    again, stop = intake.settings.retry_emoji, intake.settings.cancel_emoji
    if item.get("type") != "message" or emoji not in {again, stop} or event.get("user") in {None, bot_user_id}:
        return
    channel, ts, user = str(item["channel"]), str(item["ts"]), str(event["user"])
    edit = await intake.store.by_message(team, channel, ts)
    if edit is None:
        return
    # Whoever reacts in the channel is answered there: in the thread, which may be closed, they would not see it.
    place = Place(team, user, channel, None if ts == edit.thread_ts else edit.thread_ts)
    claim = f"reaction:{event.get('event_ts')}:{user}"
    if refusal := await gate.enter(team, user, channel):
        await intake.answer(place, refusal, claim=claim)
    elif emoji == again:
        await intake.retry(place, edit, claim=claim, way=Way.NEW_SEED)
    else:
        await intake.cancel(place, edit, claim=claim)
