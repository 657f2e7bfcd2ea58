"""Buttons and menus on our messages: Retry, Vary, Cancel, Approve, Decline, Edit again, Compare, Details, Delete.

A button carries an edit id, and whoever can send a payload can send any id: the edit must be one of this workspace and
this channel, else nothing happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.again import Way, needs_video
from bot.edit import Edit
from bot.listeners.approval import decide
from bot.listeners.details import tell_details, workspace_url
from bot.listeners.intake import Intake, Place
from bot.messages import words
from bot.messages.mistake import read_typed
from bot.messages.modal import edit_modal
from bot.messages.removal import removal_modal


async def on_retry(body: Mapping[str, Any], intake: Intake) -> None:
    """Run the edit again, in the way that the button is named after."""
    if found := await _find(body, intake):
        place, edit, claim = found
        name, _, _number = str(body["actions"][0]["action_id"]).partition("_")
        await intake.retry(place, edit, claim=claim, way=Way(name))


async def on_cancel(body: Mapping[str, Any], intake: Intake) -> None:
    """Cancel the edit, where that still helps."""
    if found := await _find(body, intake):
        place, edit, claim = found
        await intake.cancel(place, edit, claim=claim)


async def on_decision(body: Mapping[str, Any], intake: Intake) -> None:
    """Let an admin approve or decline the edit, as the button is named."""
    if found := await _find(body, intake):
        place, edit, claim = found
        approve = body["actions"][0]["action_id"] == words.APPROVE
        await intake.answer(place, await decide(edit, intake, user=place.user, approve=approve), claim=claim)


async def on_edit_again(body: Mapping[str, Any], client: AsyncWebClient, intake: Intake) -> None:
    """Open the modal with the edit's instruction; its trigger lives three seconds."""
    if found := await _find(body, intake):
        place, edit, _ = found
        tariff = intake.settings.tariff
        if needs_video(edit):
            view = edit_modal(channel=place.channel, like=edit, tariff=tariff)
        else:
            view = edit_modal(channel=place.channel, parent=edit, tariff=tariff)
        await client.views_open(trigger_id=str(body["trigger_id"]), view=view)


async def on_compare(body: Mapping[str, Any], intake: Intake) -> None:
    """Put before and after beside each other, into the thread."""
    if found := await _find(body, intake):
        place, edit, claim = found
        await intake.compare(place, edit, claim=claim)


async def on_open_form(body: Mapping[str, Any], client: AsyncWebClient, intake: Intake) -> None:
    """Open the modal with what a person typed that could not be understood; its trigger lives three seconds."""
    typed = read_typed(str(body["actions"][0].get("value") or ""))
    team, user = str((body.get("team") or {}).get("id")), str(body["user"]["id"])
    if typed is None:
        return
    parent = await intake.store.get(typed.parent_id) if typed.parent_id else None
    if parent is not None and (parent.team, parent.channel) != (team, typed.channel):
        return
    view = edit_modal(
        channel=typed.channel,
        parent=parent,
        message=typed.message,
        link=typed.link,
        instruction=typed.words,
        images=typed.images,
        tariff=intake.settings.tariff,
        defaults=await intake.defaults(team, user),
    )
    await client.views_open(trigger_id=str(body["trigger_id"]), view=view)


async def on_more(body: Mapping[str, Any], client: AsyncWebClient, intake: Intake) -> None:
    """Do what was chosen in the menu: its values are an action and the edit's id."""
    action = body["actions"][0]
    chosen, _, edit_id = str((action.get("selected_option") or {}).get("value") or "").partition(" ")
    pressed = {**body, "actions": [{**action, "action_id": chosen, "value": edit_id}]}
    match chosen:
        case words.DETAILS:
            await on_details(pressed, intake)
        case words.FROM_ORIGINAL:
            await on_from_original(pressed, intake)
        case words.REMOVE:
            await on_remove(pressed, client, intake)


async def on_from_original(body: Mapping[str, Any], intake: Intake) -> None:
    """Run the whole chain that led to the edit's result on the first video."""
    if found := await _find(body, intake):
        place, edit, claim = found
        await intake.from_original(place, edit, claim=claim)


async def on_remove(body: Mapping[str, Any], client: AsyncWebClient, intake: Intake) -> None:
    """Ask whether the video is to be deleted, or say why it cannot be; the trigger lives three seconds."""
    if found := await _find(body, intake):
        place, edit, claim = found
        if refusal := intake.may_not_remove(place.user, edit):
            await intake.answer(place, refusal, claim=claim)
        else:
            await client.views_open(trigger_id=str(body["trigger_id"]), view=removal_modal(edit))


async def on_removal(body: Mapping[str, Any], intake: Intake) -> None:
    """Delete a video, after the question; what the view carries is checked like any id that a client sends."""
    view, team, user = body["view"], str((body.get("team") or {}).get("id")), str(body["user"]["id"])
    edit = await intake.store.get(str(view.get("private_metadata") or ""))
    if edit is not None and edit.team == team:
        place = Place(team, user, edit.channel, edit.thread_ts)
        await intake.remove(place, edit, claim=f"view:{view['id']}")


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
    if (body.get("view") or {}).get("type") == "home":  # where one sees one's own; answers come as direct messages
        channel = user
        if edit is not None and (edit.team, edit.user) == (team, user):
            return Place(team, user, channel), edit, f"button:{action.get('action_ts')}:{user}"
        return None
    if edit is not None and channel.startswith("D") and (edit.team, edit.user) == (team, user):
        channel = edit.channel  # pressed where we answer whom we cannot answer there
    if edit is None or (edit.team, edit.channel) != (team, channel):
        return None
    return Place(team, user, channel, edit.thread_ts), edit, f"button:{action.get('action_ts')}:{user}"
