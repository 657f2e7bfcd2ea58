"""Commands, buttons, shortcuts, response URLs: what the app gets, and what its answers do."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.sandbox.person import Person, RefusedError
from bot.sandbox.workspace import LocalSlack
from tests.slack_app import (
    ALICE,
    BOB,
    GENERAL,
    RANDOM,
    VIDEO,
    Heard,
    Json,
    ack,
    actions,
    bare_socket,
    button,
    connected,
    listening_app,
    next_frame,
    section,
    web_client,
)

Ack = Callable[..., Awaitable[None]]


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack() as running:
        yield running


@pytest.fixture
async def app(slack: LocalSlack) -> AsyncIterator[AsyncApp]:
    made, _ = listening_app(slack)
    async with connected(slack, made):
        yield made


def noting_clicks(app: AsyncApp) -> Heard:
    heard = Heard()

    @app.action(re.compile(".*"))
    async def note(ack: Ack, body: Json) -> None:
        await ack()
        await heard.add(body)

    return heard


async def test_a_command_gets_its_text_escaped_and_knows_where_it_was_used(slack: LocalSlack, app: AsyncApp) -> None:
    heard = Heard()

    @app.command("/edit-video")
    async def answer(ack: Ack, command: Json) -> None:
        await ack()
        await heard.add(command)

    assert await Person(slack.origin, BOB).command(RANDOM, " https://x.example/a.mp4?b=1&c=2 @alice <b> ") is None
    command = heard.all[0]
    assert command["text"] == f"<https://x.example/a.mp4?b=1&amp;c=2> <@{ALICE}> &lt;b&gt;"
    assert (command["channel_id"], command["channel_name"], command["user_id"]) == (RANDOM, "random", BOB)
    assert command["response_url"].startswith(slack.origin)


async def test_a_command_may_answer_in_its_ack_privately_or_to_all(slack: LocalSlack, app: AsyncApp) -> None:
    @app.command("/edit-video")
    async def answer(ack: Ack, command: Json) -> None:
        if command["text"] == "loud":
            await ack(text="hear hear", response_type="in_channel")
        else:
            await ack("only you")

    alice, bob = Person(slack.origin, ALICE), Person(slack.origin, BOB)
    quiet, loud = await alice.command(RANDOM, "quiet"), await alice.command(RANDOM, "loud")
    assert quiet is not None
    assert loud is not None
    assert [m["text"] for m in await alice.history(RANDOM)] == ["only you", "hear hear"]
    assert [m["text"] for m in await bob.history(RANDOM)] == ["hear hear"]


async def test_a_command_that_nobody_answers_fails_for_the_person(slack: LocalSlack) -> None:
    alice = Person(slack.origin, ALICE)
    with pytest.raises(RefusedError, match="dispatch_failed"):
        await alice.command(GENERAL, "hi")
    slack.faults.ack_timeout_s = 0.05
    async with bare_socket(slack) as socket:
        await next_frame(socket)
        with pytest.raises(RefusedError, match="operation_timeout"):
            await alice.command(GENERAL, "hi")
    with pytest.raises(RefusedError, match="unknown_command"):
        await alice.command(GENERAL, "hi", command="/nothing")


async def test_a_command_over_a_bare_socket_is_acked_with_a_payload(slack: LocalSlack) -> None:
    async with bare_socket(slack) as socket:
        await next_frame(socket)
        asked = asyncio.create_task(Person(slack.origin, ALICE).command(GENERAL, "hi"))
        frame = await next_frame(socket)
        assert (frame["type"], frame["accepts_response_payload"]) == ("slash_commands", True)
        assert "retry_attempt" not in frame
        await ack(socket, frame, {"text": "hello"})
        shown = await asked
    assert shown is not None
    assert shown["text"] == "hello"


async def test_a_click_carries_the_message_and_the_button(slack: LocalSlack, app: AsyncApp) -> None:
    heard = noting_clicks(app)
    blocks = [section("Done"), actions(button("retry", "edit-1", "Retry"), button("again", "edit-1"))]
    client = web_client(slack)
    root = (await client.chat_postMessage(channel=VIDEO, text="root"))["ts"]
    ts = (await client.chat_postMessage(channel=VIDEO, text="x", blocks=blocks, thread_ts=root))["ts"]
    await Person(slack.origin, BOB).click(VIDEO, ts, "retry")
    body = heard.all[0]
    assert (body["type"], body["user"]["id"], body["channel"]["id"]) == ("block_actions", BOB, VIDEO)
    assert body["container"] == {
        "type": "message", "message_ts": ts, "channel_id": VIDEO, "is_ephemeral": False, "thread_ts": root,
    }
    assert body["message"]["blocks"][1]["elements"][0]["action_id"] == "retry"
    clicked = body["actions"][0]
    assert (clicked["action_id"], clicked["value"], clicked["text"]["text"]) == ("retry", "edit-1", "Retry")
    with pytest.raises(RefusedError, match="no_such_action"):
        await Person(slack.origin, BOB).click(VIDEO, ts, "invented")


async def test_a_select_in_a_message_carries_the_chosen_option(slack: LocalSlack, app: AsyncApp) -> None:
    heard = noting_clicks(app)
    options = [{"text": {"type": "plain_text", "text": name}, "value": name} for name in ("720P", "1080P")]
    select = {"type": "static_select", "action_id": "size", "options": options}
    posted = await web_client(slack).chat_postMessage(channel=VIDEO, text="x", blocks=[actions(select)])
    await Person(slack.origin, BOB).click(VIDEO, posted["ts"], "size", "1080P")
    assert heard.all[0]["actions"][0]["selected_option"] == options[1]


async def test_an_overflow_menu_carries_the_chosen_entry_and_has_five_at_most(
    slack: LocalSlack, app: AsyncApp
) -> None:
    heard = noting_clicks(app)
    entries = [{"text": {"type": "plain_text", "text": f"Entry {n}"}, "value": f"do {n}"} for n in range(6)]
    menu = {"type": "overflow", "action_id": "more", "options": entries[:5]}
    posted = await web_client(slack).chat_postMessage(channel=VIDEO, text="x", blocks=[actions(menu)])
    await Person(slack.origin, BOB).click(VIDEO, posted["ts"], "more", "do 3")
    (clicked,) = heard.all[0]["actions"]
    assert (clicked["type"], clicked["selected_option"]) == ("overflow", entries[3])
    with pytest.raises(SlackApiError, match="invalid_blocks"):
        await web_client(slack).chat_postMessage(
            channel=VIDEO, text="x", blocks=[actions(menu | {"options": entries})]
        )


async def test_a_response_url_answers_privately_and_replaces_and_deletes(slack: LocalSlack, app: AsyncApp) -> None:
    heard = noting_clicks(app)
    alice, bob = Person(slack.origin, ALICE), Person(slack.origin, BOB)
    ts = (await web_client(slack).chat_postMessage(channel=VIDEO, text="x", blocks=[actions(button("go"))]))["ts"]
    await alice.click(VIDEO, ts, "go")
    hook = AsyncWebhookClient(heard.all[0]["response_url"])
    await hook.send(text="only you")
    assert [m["text"] for m in await bob.history(VIDEO)] == ["x"]
    assert [m["text"] for m in await alice.history(VIDEO)] == ["x", "only you"]
    await hook.send(text="to all", response_type="in_channel")
    await hook.send(text="changed", replace_original=True)
    assert [m["text"] for m in await bob.history(VIDEO)] == ["changed", "to all"]
    await hook.send(delete_original=True)
    assert [m["text"] for m in await bob.history(VIDEO)] == ["to all"]
    assert (await hook.send(text="five")).status_code == 200
    sixth = await hook.send(text="six")
    assert (sixth.status_code, "used_url" in sixth.body) == (404, True)


async def test_an_ephemeral_button_can_change_its_own_message(slack: LocalSlack, app: AsyncApp) -> None:
    heard = noting_clicks(app)
    alice = Person(slack.origin, ALICE)
    blocks = [actions(button("ok"))]
    posted = await web_client(slack).chat_postEphemeral(channel=VIDEO, user=ALICE, text="sure?", blocks=blocks)
    await alice.click(VIDEO, posted["message_ts"], "ok")
    body = heard.all[0]
    assert (body["container"]["is_ephemeral"], "message" in body) == (True, False)
    await AsyncWebhookClient(body["response_url"]).send(text="done", replace_original=True)
    assert [(m["text"], "blocks" in m) for m in await alice.history(VIDEO)] == [("done", False)]


async def test_a_message_shortcut_works_where_the_bot_is_not(slack: LocalSlack, app: AsyncApp) -> None:
    heard = Heard()

    @app.shortcut("edit_this_video")
    async def note(ack: Ack, body: Json) -> None:
        await ack()
        await heard.add(body)

    alice = Person(slack.origin, ALICE)
    ts = await alice.post(RANDOM, "this one")
    await alice.shortcut("edit_this_video", RANDOM, ts)
    body = heard.all[0]
    assert (body["type"], body["message"]["text"], body["channel"]["id"]) == ("message_action", "this one", RANDOM)
    with pytest.raises(RefusedError, match="unknown_shortcut"):
        await alice.shortcut("invented")


async def test_a_global_shortcut_has_no_channel(slack: LocalSlack, app: AsyncApp) -> None:
    heard = Heard()

    @app.shortcut("edit_a_video")
    async def note(ack: Ack, body: Any) -> None:
        await ack()
        await heard.add(body)

    await Person(slack.origin, ALICE).shortcut("edit_a_video")
    assert (heard.all[0]["type"], "channel" in heard.all[0]) == ("shortcut", False)
