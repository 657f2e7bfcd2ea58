"""Who may use the bot, where, and what everybody else is told; people of other organisations are in `test_ways.py`."""

from pathlib import Path
from typing import Any, get_args

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.local import running, sandbox_settings
from bot.manifest import load
from bot.messages.modal import CHANNEL, INSTRUCTION, VIDEO_LINK
from bot.rights import Refusal, Rights, Visitor
from bot.sandbox.person import Person
from bot.sandbox.state import ALICE, BOB, EDITORS
from bot.sandbox.workspace import LocalSlack
from client.sandbox.server import LocalWan
from tests.bots import (
    DIRECT,
    EDIT_S,
    GENERAL_CHANNEL,
    VIDEO_CHANNEL,
    Stage,
    Transport,
    buttons,
    idle_bot,
    small_clip,
    stage,
)

ALL = Rights()
SOME = Rights(admins=frozenset({"UADMIN"}), channels=frozenset({"C1"}), groups=frozenset({"S1", "S2"}))


@pytest.mark.parametrize(
    ("rights", "visitor", "refusal"),
    [
        (ALL, Visitor("U1", "C1"), None),
        (ALL, Visitor("U1", "C1", is_external=True), Refusal.EXTERNAL),
        (ALL, Visitor("U1", "C1", is_external=None), None),
        (Rights(external=True), Visitor("U1", "C1", is_external=True), None),
        (Rights(admins=frozenset({"U1"})), Visitor("U1", "C1", is_external=True), None),
        (SOME, Visitor("U1", "C1", groups=frozenset({"S2"})), None),
        (SOME, Visitor("U1", None, groups=frozenset({"S2"})), None),
        (SOME, Visitor("U1", "C2", groups=frozenset({"S2"})), Refusal.CHANNEL),
        (SOME, Visitor("U1", "D1", groups=frozenset({"S2"})), Refusal.CHANNEL),
        (SOME, Visitor("U1", "C1", groups=frozenset({"S3"})), Refusal.GROUP),
        (SOME, Visitor("U1", "C1", groups=None), Refusal.UNSURE),
        (SOME, Visitor("U1", "C1", is_external=True, groups=frozenset({"S1"})), Refusal.EXTERNAL),
        (SOME, Visitor("UADMIN", "C9", groups=None), None),
    ],
)
def test_the_settings_say_who_may_use_the_bot_and_where(
    rights: Rights, visitor: Visitor, refusal: Refusal | None
) -> None:
    assert rights.refusal(visitor) is refusal


def test_the_conversations_that_are_allowed_hold_for_everybody_but_the_admins() -> None:
    assert [SOME.only_in(user) for user in ("U1", "UADMIN")] == [{"C1"}, frozenset()]
    assert ALL.only_in("U1") == frozenset()


def test_the_requester_and_the_admins_may_end_an_edit() -> None:
    ending = [SOME.may_end(user, requester="U1") for user in ("U1", "UADMIN", "U2")]
    assert ending == [True, True, False]


async def test_a_chosen_user_group_holds_for_replies_buttons_reactions_and_shortcuts_too(tmp_path: Path) -> None:
    async with stage("memory", tmp_path, allowed_groups=frozenset({EDITORS})) as on:
        too_short = small_clip(tmp_path, seconds=1.0)
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[too_short])  # she may
        told = await on.alice.wait_for_reply(
            VIDEO_CHANNEL, ts, lambda message: message["text"].startswith("This did not work"), EDIT_S
        )
        refused = [
            on.bob.post(VIDEO_CHANNEL, "@video-editor again", thread_ts=ts),
            on.bob.click(VIDEO_CHANNEL, told["ts"], min(buttons(told))),
            on.bob.react(VIDEO_CHANNEL, ts, "repeat"),
            on.bob.shortcut("edit_this_video", VIDEO_CHANNEL, ts),
        ]
        for count, way in enumerate(refused, start=1):
            await way
            await _refusals(on, VIDEO_CHANNEL, count)
        await on.bob.shortcut("edit_a_video")
        await _refusals(on, "D0BOB0001", 1)
        assert await on.bob.views() == []
        assert len(await on.store.in_thread(on.slack.team_id, VIDEO_CHANNEL, ts)) == 1


async def _refusals(on: Stage, channel: str, count: int) -> None:
    """Wait until Bob was refused so many times in a channel."""
    seen: set[str] = set()

    def is_last(message: dict[str, Any]) -> bool:
        if "only some user groups" in message["text"]:
            seen.add(message["ts"])
        return len(seen) == count

    await on.bob.wait_for(channel, is_last, EDIT_S)


@pytest.mark.parametrize("transport", get_args(Transport))
async def test_a_form_for_a_conversation_that_is_not_allowed_says_so_at_the_field(
    transport: Transport, tmp_path: Path
) -> None:
    async with stage("memory", tmp_path, transport=transport, allowed_channels=frozenset({VIDEO_CHANNEL})) as on:
        await on.alice.command(VIDEO_CHANNEL)
        view = await on.alice.wait_for_view()
        assert (await on.alice.command(DIRECT, "status") or {})["text"].startswith("Sorry")
        await on.alice.close(view["id"])
        await on.alice.shortcut("edit_a_video")
        view = await on.alice.wait_for_view()
        state = {
            CHANNEL: {CHANNEL: GENERAL_CHANNEL},
            VIDEO_LINK: {VIDEO_LINK: "https://example.com/clip.mp4"},
            INSTRUCTION: {INSTRUCTION: "make it snow"},
        }
        answer = await on.alice.submit(view["id"], state)
        assert "not set up for this conversation" in answer["errors"][CHANNEL]
        assert await on.store.by_person(on.slack.team_id, on.alice.user_id) == []


async def test_what_is_asked_in_a_shared_channel_counts_in_the_workspace_of_the_bot(tmp_path: Path) -> None:
    async with idle_bot("memory", tmp_path) as (bot, slack):
        who = {"user_id": ALICE, "channel_id": VIDEO_CHANNEL, "trigger_id": "1.1", "team_id": "T0STRANGE"}
        command = {"command": "/edit-video", "text": "https://example.com/a.mp4 make it snow", **who}
        assert (await bot.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=command))).status == 200
        (edit,) = await bot.parts.store.open_edits()
        assert edit.team == slack.team_id
        pressed = {
            "type": "block_actions", "trigger_id": "1.2", "team": {"id": "T0STRANGE", "domain": "strange"},
            "user": {"id": ALICE}, "channel": {"id": VIDEO_CHANNEL},
            "actions": [
                {"type": "button", "action_id": "cancel", "block_id": "b", "action_ts": "1", "value": edit.edit_id}
            ],
        }  # fmt: skip
        assert (await bot.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=pressed))).status == 200
        assert [edit.cancel_requested_by for edit in await bot.parts.store.open_edits()] == [ALICE]


async def test_a_form_that_was_opened_before_the_rights_changed_is_refused_when_it_is_sent() -> None:
    async with LocalSlack(manifest=load()) as slack, LocalWan() as wan:
        before, bob = sandbox_settings(slack, wan), Person(slack.origin, BOB)
        async with running(before):
            await bob.command(VIDEO_CHANNEL)
            form = await bob.wait_for_view()
        async with running(before.model_copy(update={"allowed_groups": frozenset({EDITORS})})) as bot:
            state = {INSTRUCTION: {INSTRUCTION: "snow"}, VIDEO_LINK: {VIDEO_LINK: "https://example.com/clip.mp4"}}
            answer = await bob.submit(form["id"], state)
            assert not answer["closed"]
            assert "only some user groups" in str(answer["errors"])
            assert await bot.parts.store.by_person(slack.team_id, BOB) == []
