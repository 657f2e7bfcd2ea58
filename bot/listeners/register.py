"""Joins our listeners to Bolt: unpacks what Slack sends, and acknowledges what was saved.

Bolt answers 404 to what nobody listens to, and Slack would deliver that again; so everything that the manifest
subscribes to has a listener, and unknown actions are acknowledged.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.again import Way
from bot.listeners.button import (
    on_cancel,
    on_compare,
    on_decision,
    on_details,
    on_edit_again,
    on_more,
    on_open_form,
    on_removal,
    on_retry,
)
from bot.listeners.gate import Gate, belong_to
from bot.listeners.home import on_default, on_home_opened, on_new_edit
from bot.listeners.intake import Intake
from bot.listeners.message import on_message
from bot.listeners.modal import ModalChanges, on_submission
from bot.listeners.reaction import on_reaction
from bot.listeners.shortcut import on_edit_a_video, on_edit_this_video
from bot.listeners.slash import on_slash
from bot.listeners.uninstall import on_app_removed
from bot.messages import removal
from bot.messages.blocks import Message
from bot.messages.home import NEW_EDIT
from bot.messages.modal import CALLBACK_ID, TELLING
from bot.messages.suggestions import SUGGEST
from bot.messages.words import APPROVE, DECLINE

Json = dict[str, Any]
RETRIES = re.compile(f"^({'|'.join(Way)})(_[0-9])?$")  # with a number where several stand in one message
ANY_ACTION = re.compile("")


def register(app: AsyncApp, intake: Intake, gate: Gate) -> None:
    """Register every listener; the order is the order in which Bolt tries them."""

    @app.middleware
    async def at_the_gate(
        body: Json, ack: AsyncAck, context: AsyncBoltContext, next: Callable[[], Awaitable[None]]  # noqa: A002 - Bolt's name
    ) -> BoltResponse | None:
        installed = context.authorize_result
        team = (installed.team_id if installed else None) or context.team_id or ""
        refusal = await gate.hold(body, ack, intake, team=team)
        if refusal is None:
            belong_to(team, body)
            await next()
        return refusal

    @app.event("message")
    async def message(event: Json, context: AsyncBoltContext) -> None:
        await on_message(event, intake, gate, team=context.team_id or "", bot_user_id=context.bot_user_id or "")

    @app.event("reaction_added")
    async def reaction(event: Json, context: AsyncBoltContext) -> None:
        await on_reaction(event, intake, gate, team=context.team_id or "", bot_user_id=context.bot_user_id or "")

    @app.event("app_home_opened")
    async def home_opened(event: Json, context: AsyncBoltContext) -> None:
        await on_home_opened(event, intake, gate, team=context.team_id or "")

    @app.event("app_uninstalled")
    async def uninstalled(event: Json, body: Json) -> None:
        await on_app_removed(event, intake, team=str(body["team_id"]))

    @app.event("tokens_revoked")
    async def revoked(event: Json, body: Json) -> None:
        await on_app_removed(event, intake, team=str(body["team_id"]))

    @app.command("/edit-video")
    async def slash(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        answer = await on_slash(body, client, intake)
        if isinstance(answer, Message):
            await ack(answer.text, blocks=answer.blocks)
        else:
            await ack(answer or "")

    @app.message_shortcut("edit_this_video")
    async def edit_this_video(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await on_edit_this_video(body, client, intake)
        await ack()

    @app.global_shortcut("edit_a_video")
    async def edit_a_video(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await on_edit_a_video(body, client, intake)
        await ack()

    @app.view(CALLBACK_ID)
    async def submission(ack: AsyncAck, body: Json) -> None:
        errors = await on_submission(body, intake, gate)
        await ack(response_action="errors", errors=errors) if errors else await ack()

    change = ModalChanges(intake.settings.tariff)

    @app.action(re.compile(rf"^({'|'.join(TELLING)})(\.\d+)?$"))
    async def choice(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await change(body, client)
        await ack()

    @app.action(re.compile(r"^default\."))
    async def default(ack: AsyncAck, body: Json) -> None:
        await on_default(body, intake)
        await ack()

    @app.action(re.compile(rf"^({NEW_EDIT}$|{SUGGEST}\.)"))
    async def new_edit(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await on_new_edit(body, client, intake)
        await ack()

    @app.view(removal.CALLBACK_ID)
    async def remove(ack: AsyncAck, body: Json) -> None:
        await on_removal(body, intake)
        await ack()

    @app.action(RETRIES)
    async def retry(ack: AsyncAck, body: Json) -> None:
        await on_retry(body, intake)
        await ack()

    @app.action("cancel")
    async def cancel(ack: AsyncAck, body: Json) -> None:
        await on_cancel(body, intake)
        await ack()

    @app.action(re.compile(f"^({APPROVE}|{DECLINE})$"))
    async def decision(ack: AsyncAck, body: Json) -> None:
        await on_decision(body, intake)
        await ack()

    @app.action("edit_again")
    async def edit_again(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await on_edit_again(body, client, intake)
        await ack()

    @app.action("details")
    async def details(ack: AsyncAck, body: Json) -> None:
        await on_details(body, intake)
        await ack()

    @app.action("compare")
    async def compare(ack: AsyncAck, body: Json) -> None:
        await on_compare(body, intake)
        await ack()

    @app.action("open_form")
    async def open_form(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await on_open_form(body, client, intake)
        await ack()

    @app.action("more")
    async def more(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await on_more(body, client, intake)
        await ack()

    @app.action(ANY_ACTION)
    async def other_action(ack: AsyncAck) -> None:
        await ack()
