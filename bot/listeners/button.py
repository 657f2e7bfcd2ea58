"""Buttons on our messages: Retry, Cancel, Edit again, Details.

A button carries an edit id, and whoever can send a payload can send any id: the edit must be one of this workspace and
this channel, else nothing happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.edit import Edit
from bot.listeners.details import tell_details, workspace_url
from bot.listeners.intake import Intake, Place
from bot.messages.modal import edit_modal


async def on_retry(body: Mapping[str, Any], intake: Intake) -> None:
    """Run the edit again with a new seed."""
    if found := await _find(body, intake):
        place, edit, claim = found
        await intake.retry(place, edit, claim=claim)


async def on_cancel(body: Mapping[str, Any], intake: Intake) -> None:
    """Cancel the edit, where that still helps."""
    if found := await _find(body, intake):
        place, edit, claim = found
        await intake.cancel(place, edit, claim=claim)


async def on_edit_again(body: Mapping[str, Any], client: AsyncWebClient, intake: Intake) -> None:
    """Open the modal with the edit's instruction; its trigger lives three seconds."""
    if found := await _find(body, intake):
        place, edit, _ = found
        view = edit_modal(channel=place.channel, parent=edit, region=intake.settings.region)
        await client.views_open(trigger_id=str(body["trigger_id"]), view=view)


async def on_details(body: Mapping[str, Any], intake: Intake) -> None:
    """Tell whoever pressed everything about the edit, privately."""
    if found := await _find(body, intake):
        place, edit, claim = found
        workspace = workspace_url(intake.settings.slack_api_url, str(body["team"].get("domain") or ""))
        await intake.answer(place, await tell_details(edit, intake, workspace_url=workspace), claim=claim)


async def _find(body: Mapping[str, Any], intake: Intake) -> tuple[Place, Edit, str] | None:
    """Return who pressed, the edit that the button belongs to, and the claim of this press."""
    action = body["actions"][0]
    team, user = str((body.get("team") or {}).get("id")), str(body["user"]["id"])
    channel = str((body.get("channel") or {}).get("id") or (body.get("container") or {}).get("channel_id"))
    edit = await intake.store.get(str(action.get("value") or ""))
    if edit is None or (edit.team, edit.channel) != (team, channel):
        return None
    return Place(team, user, channel, edit.thread_ts), edit, f"button:{action.get('action_ts')}:{user}"
