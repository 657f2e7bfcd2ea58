"""Events over Socket Mode: what they look like, who gets them, and what happens when nobody acks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import ClientWebSocketResponse
from slack_sdk.errors import SlackApiError

from bot.sandbox.faults import Faults
from bot.sandbox.person import Person
from bot.sandbox.workspace import LocalSlack
from tests.slack_app import (
    ALICE,
    ALICE_DM,
    GENERAL,
    RANDOM,
    SECRET,
    VIDEO,
    Heard,
    ack,
    bare_socket,
    connected,
    listening_app,
    next_frame,
    web_client,
)

EVERYTHING = {
    "oauth_config": {"scopes": {"bot": [
        "app_mentions:read", "channels:history", "channels:join", "channels:read", "chat:write", "commands",
        "files:read", "files:write", "groups:history", "im:history", "reactions:read", "reactions:write",
    ]}},
    "settings": {"event_subscriptions": {"bot_events": [
        "app_home_opened", "app_mention", "file_shared", "member_joined_channel", "message.channels", "message.groups",
        "message.im", "reaction_added", "reaction_removed",
    ]}},
}


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    faults = Faults(retry_delays_s=(0.0, 0.05, 0.05), late_shares_s=0.0)
    async with LocalSlack(manifest=EVERYTHING, faults=faults) as running:
        yield running


async def test_a_posted_video_arrives_as_file_share(slack: LocalSlack, tmp_path: Path) -> None:
    app, heard = listening_app(slack)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"video")
    async with connected(slack, app):
        ts = await Person(slack.origin, ALICE).post(VIDEO, "make it <warm>", [clip])
        body = await heard.first(lambda b: b["event"]["type"] == "message")
    event = body["event"]
    assert (event["subtype"], event["text"], event["ts"]) == ("file_share", "make it &lt;warm&gt;", ts)
    assert (event["channel"], event["channel_type"], event["user"]) == (VIDEO, "channel", ALICE)
    assert event["files"][0]["name"] == "clip.mp4"
    assert "shares" not in event["files"][0]
    assert body["authorizations"][0]["user_id"] == slack.bot_user_id
    assert body["event_id"].startswith("Ev")


async def test_a_reply_that_is_also_sent_to_the_channel_arrives_as_thread_broadcast(slack: LocalSlack) -> None:
    app, heard = listening_app(slack)
    async with connected(slack, app):
        alice = Person(slack.origin, ALICE)
        root = await alice.post(VIDEO, "look")
        ts = await alice.post(VIDEO, "at this", thread_ts=root, broadcast=True)
        body = await heard.first(lambda b: b["event"].get("thread_ts") == root)
    event = body["event"]
    assert (event["subtype"], event["text"], event["ts"]) == ("thread_broadcast", "at this", ts)
    assert event["root"]["text"] == "look"


async def test_a_mention_arrives_twice_with_two_event_ids(slack: LocalSlack) -> None:
    app, heard = listening_app(slack)
    async with connected(slack, app):
        await Person(slack.origin, ALICE).post(GENERAL, "@video-editor hello")
        both = await heard.several(2)
    assert {body["event"]["type"] for body in both} == {"message", "app_mention"}
    assert len({body["event"]["ts"] for body in both}) == 1
    assert len({body["event_id"] for body in both}) == 2


async def test_each_kind_of_channel_has_its_channel_type(slack: LocalSlack) -> None:
    app, heard = listening_app(slack)
    alice = Person(slack.origin, ALICE)
    async with connected(slack, app):
        for channel in (GENERAL, SECRET, ALICE_DM):
            await alice.post(channel, "hi")
        bodies = await heard.several(3)
    assert {b["event"]["channel_type"] for b in bodies} == {"channel", "group", "im"}


async def test_the_bot_hears_nothing_where_it_is_no_member_or_did_not_subscribe() -> None:
    manifest = EVERYTHING | {"settings": {"event_subscriptions": {"bot_events": ["message.im", "message.channels"]}}}
    async with LocalSlack(manifest=manifest) as slack:
        app, heard = listening_app(slack)
        alice = Person(slack.origin, ALICE)
        async with connected(slack, app):
            await alice.post(RANDOM, "not a member")
            ts = await alice.post(SECRET, "not subscribed")
            await alice.react(SECRET, ts, "eyes")
            await alice.post(ALICE_DM, "this one")
            await heard.first(lambda b: b["event"].get("text") == "this one")
        assert len(heard.all) == 1


async def test_an_event_needs_its_scope() -> None:
    manifest = EVERYTHING | {"oauth_config": {"scopes": {"bot": ["im:history"]}}}
    async with LocalSlack(manifest=manifest) as slack:
        app, heard = listening_app(slack)
        alice = Person(slack.origin, ALICE)
        async with connected(slack, app):
            await alice.post(GENERAL, "@video-editor hi")
            await alice.post(ALICE_DM, "this one")
            await heard.first(lambda b: b["event"].get("text") == "this one")
        assert len(heard.all) == 1


async def test_the_bot_hears_itself(slack: LocalSlack) -> None:
    app, heard = listening_app(slack, hears_itself=True)
    client = web_client(slack)
    async with connected(slack, app):
        ts = (await client.chat_postMessage(channel=GENERAL, text="one"))["ts"]
        await client.chat_update(channel=GENERAL, ts=ts, text="two")
        await client.reactions_add(channel=GENERAL, timestamp=ts, name="eyes")
        await client.reactions_remove(channel=GENERAL, timestamp=ts, name="eyes")
        await client.files_upload_v2(channel=GENERAL, content=b"x", filename="a.mp4")
        await heard.first(lambda b: b["event"].get("subtype") == "file_share")
        await client.chat_delete(channel=GENERAL, ts=ts)
        await heard.first(lambda b: b["event"].get("subtype") == "message_deleted")
    by_kind = {(b["event"]["type"], b["event"].get("subtype")): b["event"] for b in heard.all}
    assert by_kind["message", None]["bot_id"]
    assert by_kind["message", "message_changed"]["previous_message"]["text"] == "one"
    assert by_kind["message", "message_changed"]["message"]["text"] == "two"
    assert by_kind["message", "message_deleted"]["deleted_ts"] == ts
    assert by_kind["reaction_added", None]["item"] == {"type": "message", "channel": GENERAL, "ts": ts}
    assert by_kind["reaction_removed", None]["item_user"] == slack.bot_user_id
    assert by_kind["file_shared", None]["channel_id"] == GENERAL


async def test_bolt_by_default_hears_people_only(slack: LocalSlack) -> None:
    app, heard = listening_app(slack)
    async with connected(slack, app):
        ts = (await web_client(slack).chat_postMessage(channel=GENERAL, text="mine"))["ts"]
        await Person(slack.origin, ALICE).react(GENERAL, ts, "repeat")
        body = await heard.first(lambda b: True)
    event = body["event"]
    assert (event["type"], event["user"], event["reaction"]) == ("reaction_added", ALICE, "repeat")
    assert event["item_user"] == slack.bot_user_id


async def test_an_invited_bot_and_an_opened_home_are_events(slack: LocalSlack) -> None:
    app, heard = listening_app(slack, hears_itself=True)
    alice = Person(slack.origin, ALICE)
    async with connected(slack, app):
        await alice.command(RANDOM, "@video-editor", command="/invite")
        joined = await heard.first(lambda b: b["event"]["type"] == "member_joined_channel")
        await alice.open_home()
        opened = await heard.first(lambda b: b["event"]["type"] == "app_home_opened")
    assert (joined["event"]["channel"], joined["event"]["inviter"]) == (RANDOM, ALICE)
    assert (opened["event"]["tab"], opened["event"]["channel"]) == ("home", ALICE_DM)
    assert (await web_client(slack).chat_postMessage(channel=RANDOM, text="hi"))["ok"]


async def test_files_may_arrive_as_stubs(slack: LocalSlack, tmp_path: Path) -> None:
    slack.faults.stub_files = True
    app, heard = listening_app(slack)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"video")
    async with connected(slack, app):
        await Person(slack.origin, ALICE).post(VIDEO, "", [clip])
        file = (await heard.first(lambda b: "files" in b["event"]))["event"]["files"][0]
    assert file == {"id": file["id"], "mode": "file_access", "file_access": "check_file_info"}
    assert (await web_client(slack).files_info(file=file["id"]))["file"]["name"] == "clip.mp4"


async def test_a_socket_says_hello_and_the_first_try_is_number_zero(slack: LocalSlack) -> None:
    async with bare_socket(slack) as socket:
        hello = await next_frame(socket)
        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        await Person(slack.origin, ALICE).post(GENERAL, "hi")
        frame = await next_frame(socket)
        assert (frame["type"], frame["retry_attempt"], frame["accepts_response_payload"]) == ("events_api", 0, False)
        await ack(socket, frame)


async def test_an_event_without_ack_comes_again_with_the_same_id(slack: LocalSlack) -> None:
    slack.faults.ack_timeout_s = 0.1
    async with bare_socket(slack) as socket:
        await next_frame(socket)
        await Person(slack.origin, ALICE).post(GENERAL, "hi")
        frames = [await next_frame(socket) for _ in range(4)]
    assert [(f["retry_attempt"], f["retry_reason"]) for f in frames] == [
        (0, ""), (1, "timeout"), (2, "timeout"), (3, "timeout")
    ]
    assert len({f["payload"]["event_id"] for f in frames}) == 1
    assert len({f["envelope_id"] for f in frames}) == 4


async def test_an_event_on_a_dropped_socket_comes_again_on_another(slack: LocalSlack) -> None:
    slack.faults.ack_timeout_s = 60.0
    async with bare_socket(slack) as first:
        await next_frame(first)
        await Person(slack.origin, ALICE).post(GENERAL, "hi")
        lost = await next_frame(first)
        slack.sockets.drop()
        async with bare_socket(slack) as second:
            await next_frame(second)
            again = await next_frame(second)
            await ack(second, again)
    assert again["payload"]["event_id"] == lost["payload"]["event_id"]
    assert again["retry_attempt"] == 1


async def test_an_event_waits_for_the_app_to_connect(slack: LocalSlack) -> None:
    await Person(slack.origin, ALICE).post(GENERAL, "is anybody there?")
    app, heard = listening_app(slack)
    async with connected(slack, app):
        body = await heard.first(lambda b: True)
    assert body["event"]["text"] == "is anybody there?"


async def test_duplicates_carry_the_same_event_id(slack: LocalSlack) -> None:
    slack.faults.duplicate_events = True
    app, heard = listening_app(slack)
    async with connected(slack, app):
        await Person(slack.origin, ALICE).post(GENERAL, "hi")
        twice = await heard.several(2)
    assert len({body["event_id"] for body in twice}) == 1


async def test_events_can_overtake_each_other(slack: LocalSlack) -> None:
    slack.faults.reorder_events = True
    app, heard = listening_app(slack)
    alice = Person(slack.origin, ALICE)
    async with connected(slack, app):
        for text in ("one", "two", "three", "four"):
            await alice.post(GENERAL, text)
        bodies = await heard.several(4)
    assert [body["event"]["text"] for body in bodies] == ["two", "one", "four", "three"]


async def test_an_app_that_is_asked_to_refresh_loses_nothing(slack: LocalSlack) -> None:
    slack.faults.retry_delays_s = (0.0, 0.3, 1.0)
    app, heard = listening_app(slack)
    alice = Person(slack.origin, ALICE)
    async with connected(slack, app):
        for number in range(6):
            await alice.post(GENERAL, str(number))
            if number == 2:
                await slack.sockets.refresh()
        await heard.several(6)
    assert {body["event"]["text"] for body in heard.all} == set("012345")


async def test_each_event_goes_to_one_of_the_sockets(slack: LocalSlack) -> None:
    heard = Heard()

    async def serve(name: str, socket: ClientWebSocketResponse) -> None:
        while True:
            frame = await next_frame(socket)
            await ack(socket, frame)
            await heard.add({"socket": name, "text": frame["payload"]["event"]["text"]})

    alice = Person(slack.origin, ALICE)
    async with bare_socket(slack) as left, bare_socket(slack) as right:
        for socket in (left, right):
            await next_frame(socket)
        served = [asyncio.create_task(serve(name, socket)) for name, socket in (("left", left), ("right", right))]
        for number in range(30):
            await alice.post(GENERAL, str(number))
        notes = await heard.several(30)
        for task in served:
            task.cancel()
        await asyncio.gather(*served, return_exceptions=True)
    assert {note["text"] for note in notes} == {str(number) for number in range(30)}
    assert {note["socket"] for note in notes} == {"left", "right"}


async def test_a_ticket_opens_one_socket_and_ten_are_enough(slack: LocalSlack) -> None:
    client = web_client(slack)
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        await client.apps_connections_open(app_token=slack.bot_token)
    async with AsyncExitStack() as sockets:
        for number in range(10):
            socket = await sockets.enter_async_context(bare_socket(slack))
            assert (await next_frame(socket))["num_connections"] == number + 1
        one_too_many = await sockets.enter_async_context(bare_socket(slack))
        assert (await next_frame(one_too_many))["reason"] == "too_many_websockets"
