"""Shortcuts: "Edit this video" in a message's menu, and "Edit a video" wherever one writes; both open the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.attachments import classify_files
from bot.edit import Permalink
from bot.listeners.intake import Intake, Place
from bot.messages import answers
from bot.messages.modal import edit_modal


async def on_edit_this_video(body: Mapping[str, Any], client: AsyncWebClient, intake: Intake) -> None:
    """Open the form for the video of a message, or save the private answer that says why not.

    A result of ours is edited again, from its own instruction. Slack offers the shortcut in every conversation, so
    whether we may read the message is found out in prepare.
    """
    message = body["message"]
    channel, ts, thread_ts = str(body["channel"]["id"]), str(body["message_ts"]), message.get("thread_ts")
    place = Place(str(body["team"]["id"]), str(body["user"]["id"]), channel, thread_ts)
    tariff = intake.settings.tariff
    edit = await intake.store.by_message(place.team, channel, ts)
    if edit is not None and edit.result_file and edit.result_ts == ts:
        view = edit_modal(channel=channel, parent=edit, tariff=tariff)
    else:
        files = classify_files(message.get("files") or ())
        found = files.videos or files.unknown
        if len(found) != 1:
            text = answers.several_videos(len(found)) if found else answers.no_video_here()
            await intake.answer(place, text, claim=f"trigger:{body['trigger_id']}")
            return
        chosen = Permalink(channel=channel, ts=ts, thread_ts=thread_ts)
        defaults = await intake.defaults(place.team, place.user)
        view = edit_modal(channel=channel, message=chosen, tariff=tariff, defaults=defaults)
    await client.views_open(trigger_id=str(body["trigger_id"]), view=view)


async def on_edit_a_video(body: Mapping[str, Any], client: AsyncWebClient, intake: Intake) -> None:
    """Open the form that asks where the video should come; a global shortcut names no conversation."""
    defaults = await intake.defaults(str(body["team"]["id"]), str(body["user"]["id"]))
    view = edit_modal(channel=None, tariff=intake.settings.tariff, defaults=defaults)
    await client.views_open(trigger_id=str(body["trigger_id"]), view=view)
