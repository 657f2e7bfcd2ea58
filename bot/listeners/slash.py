"""The slash command `/edit-video`: a link with an instruction, nothing (the modal), or a word such as `help`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from slack_sdk.web.async_client import AsyncWebClient

from bot.command import (
    Budget,
    Decide,
    DeleteMyData,
    EditLink,
    Help,
    History,
    OpenModal,
    Settle,
    Show,
    Status,
    Styles,
    UsageError,
    parse_slash,
)
from bot.listeners.approval import decide, settle
from bot.listeners.details import may_see, tell_details, workspace_url
from bot.listeners.intake import Intake, NotTakenError, Place, Wish
from bot.listeners.spending import send_csv, tell_budget
from bot.messages import answers, forgetting
from bot.messages.blocks import Message, with_buttons
from bot.messages.help import help_text
from bot.messages.history import history
from bot.messages.mistake import form_button, mistyped
from bot.messages.modal import edit_modal
from bot.messages.styles import styles_text
from bot.text import Typed, read_text


async def on_slash(body: Mapping[str, Any], client: AsyncWebClient, intake: Intake) -> Message | str | None:
    """Do what the command says and return the private answer that the ack carries, if any.

    What could not be understood, or not be taken, is answered with a button that opens the form with it: no command
    carries files, and the form takes a link or a short file.
    """
    workspace = workspace_url(intake.settings.slack_api_url, str(body.get("team_domain") or ""))
    place = Place(str(body["team_id"]), str(body["user_id"]), str(body["channel_id"]))
    typed = read_text(str(body.get("text") or ""), bot_user_id="")
    try:
        slash = parse_slash(typed, trusted_origins=intake.settings.trusted_origins)
    except UsageError as exc:
        return _with_form(str(exc), typed, place)
    match slash:
        case Help():
            return help_text(
                retry_emoji=intake.settings.retry_emoji,
                cancel_emoji=intake.settings.cancel_emoji,
                fetch_limit_mb=intake.settings.fetch_limit_mb,
            )
        case Status():
            edits = await intake.store.by_person(place.team, place.user)
            return answers.status_list(edits, intake.now())
        case History():
            return history(await intake.store.by_person(place.team, place.user), workspace_url=workspace)
        case Show(edit_id):
            if edit_id is None:
                return answers.say_which()
            edit = await intake.store.get(edit_id)
            if edit is None or not may_see(edit, team=place.team, channel=place.channel, user=place.user):
                return answers.no_such_edit()
            return await tell_details(edit, intake, workspace_url=workspace)
        case Budget(as_csv=True):
            return await send_csv(place, intake, claim=f"trigger:{body['trigger_id']}")
        case Budget():
            return await tell_budget(place, intake)
        case Decide(edit_id, approve):
            edit = await intake.store.get(edit_id)
            if edit is None or edit.team != place.team:
                return answers.no_such_edit()
            return await decide(edit, intake, user=place.user, approve=approve)
        case Settle(edit_id):
            edit = await intake.store.get(edit_id)
            if edit is None or edit.team != place.team:
                return answers.no_such_edit()
            return await settle(edit, intake, user=place.user)
        case Styles():
            return styles_text()
        case DeleteMyData(sure=False):
            return forgetting.ask_first()
        case DeleteMyData():
            claim = f"trigger:{body['trigger_id']}"
            private = Place(place.team, place.user, place.user)
            await intake.answer(private, forgetting.done(), claim=claim, forgets="person")
            return forgetting.begun()
        case OpenModal():
            defaults = await intake.defaults(place.team, place.user)
            view = edit_modal(channel=place.channel, tariff=intake.settings.tariff, defaults=defaults)
            await client.views_open(trigger_id=str(body["trigger_id"]), view=view)
            return None
        case EditLink(command, video):
            wish = Wish(
                command.instruction, command.parameters, command.negative_prompt, video,
                variations=command.variations, part=command.part,
            )  # fmt: skip
            try:
                await intake.take(place, wish, request_ts=None, claim=f"trigger:{body['trigger_id']}")
            except NotTakenError as exc:
                return _with_form(str(exc), typed, place)
            return answers.accepted()
        case _:
            assert_never(slash)


def _with_form(said: str, typed: Typed, place: Place) -> Message:
    """Say why nothing is made, and offer the form with what was typed."""
    return Message(said, list(with_buttons(said, [form_button(mistyped(typed, channel=place.channel))])))
