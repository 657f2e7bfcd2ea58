"""The person API: what people see and may do, the live stream, and who is kept out."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.sandbox.person import Person, RefusedError
from bot.sandbox.workspace import LocalSlack
from tests.slack_app import (
    ALICE,
    ALICE_DM,
    BOB,
    GENERAL,
    RANDOM,
    SECRET,
    VIDEO,
    Json,
    connected,
    listening_app,
    web_client,
)


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack() as running:
        yield running


async def test_people_see_their_channels_the_app_and_its_commands(slack: LocalSlack) -> None:
    state = await Person(slack.origin, BOB).state()
    names = {channel["name"] for channel in state["channels"]}
    assert names == {"general", "video", "random", "directmessage"}
    assert state["me"]["name"] == "bob"
    assert [command["command"] for command in state["commands"]] == ["/edit-video"]
    assert {shortcut["type"] for shortcut in state["shortcuts"]} == {"message", "global"}
    assert [c["bot_is_member"] for c in state["channels"] if c["id"] == RANDOM] == [False]
    assert state["bot"] == {
        "user_id": slack.bot_user_id, "name": "Video Editor", "connected": False, "has_home": True,
    }  # fmt: skip
    app, _ = listening_app(slack)
    async with connected(slack, app):
        assert (await Person(slack.origin, BOB).state())["bot"]["connected"]


async def test_a_person_outside_a_channel_can_neither_read_nor_write_it(slack: LocalSlack) -> None:
    bob = Person(slack.origin, BOB)
    for channel in (SECRET, ALICE_DM, "C0NOWHERE"):
        with pytest.raises(RefusedError, match="channel_not_found"):
            await bob.history(channel)
        with pytest.raises(RefusedError, match="channel_not_found"):
            await bob.post(channel, "hello?")


async def test_threads_are_read_in_order(slack: LocalSlack) -> None:
    alice = Person(slack.origin, ALICE)
    root = await alice.post(GENERAL, "root")
    reply = await alice.post(GENERAL, "reply", thread_ts=root)
    await alice.post(GENERAL, "elsewhere")
    assert [m["ts"] for m in await alice.thread(GENERAL, root)] == [root, reply]
    with pytest.raises(RefusedError, match="thread_not_found"):
        await alice.post(GENERAL, "reply", thread_ts="1.000001")


async def test_people_delete_their_own_messages_and_admins_all(slack: LocalSlack) -> None:
    alice, bob = Person(slack.origin, ALICE), Person(slack.origin, BOB)
    of_alice, of_bob = await alice.post(GENERAL, "a"), await bob.post(GENERAL, "b")
    with pytest.raises(RefusedError, match="cant_delete_message"):
        await bob.delete(GENERAL, of_alice)
    await alice.delete(GENERAL, of_bob)
    await alice.delete(GENERAL, of_alice)
    assert await alice.history(GENERAL) == []


async def test_an_ephemeral_message_is_dismissed_by_its_reader(slack: LocalSlack) -> None:
    bob = Person(slack.origin, BOB)
    whispered = await web_client(slack).chat_postEphemeral(channel=VIDEO, user=BOB, text="psst")
    await bob.delete(VIDEO, whispered["message_ts"])
    assert await bob.history(VIDEO) == []


async def test_a_reaction_is_given_once_and_taken_back(slack: LocalSlack) -> None:
    alice = Person(slack.origin, ALICE)
    ts = await alice.post(GENERAL, "a")
    await alice.react(GENERAL, ts, ":repeat:")
    with pytest.raises(RefusedError, match="already_reacted"):
        await alice.react(GENERAL, ts, "repeat")
    await alice.react(GENERAL, ts, "repeat", remove=True)
    with pytest.raises(RefusedError, match="no_reaction"):
        await alice.react(GENERAL, ts, "repeat", remove=True)


async def test_a_message_needs_text_or_a_file(slack: LocalSlack, tmp_path: Path) -> None:
    alice = Person(slack.origin, ALICE)
    with pytest.raises(RefusedError, match="no_text"):
        await alice.post(GENERAL, "  ")
    files = [tmp_path / "a.png", tmp_path / "b.txt"]
    for path in files:
        path.write_bytes(b"x")
    ts = await alice.post(GENERAL, "", files)
    message = (await alice.thread(GENERAL, ts))[0]
    assert [file["mimetype"] for file in message["files"]] == ["image/png", "text/plain"]


async def test_the_stream_tells_each_person_what_they_may_see(slack: LocalSlack) -> None:
    alice, bob, client = Person(slack.origin, ALICE), Person(slack.origin, BOB), web_client(slack)
    async with (
        httpx.AsyncClient(base_url=slack.origin, timeout=5) as http,
        http.stream("GET", "/local/stream", params={"person": BOB}) as stream,
    ):
        lines = stream.aiter_lines()
        assert (await anext(lines)).startswith(":")
        await alice.post(SECRET, "not for Bob")
        ts = await alice.post(GENERAL, "for all")
        await bob.react(GENERAL, ts, "eyes")
        await client.chat_postEphemeral(channel=VIDEO, user=BOB, text="psst")
        await alice.delete(GENERAL, ts)
        events: list[Json] = []
        while len(events) < 4:
            line = await anext(lines)
            events += [json.loads(line.removeprefix("data: "))] if line.startswith("data: ") else []
    assert [event["type"] for event in events] == ["message", "reaction", "ephemeral", "message_deleted"]
    assert events[0]["message"]["text"] == "for all"
    assert events[1]["message"]["reactions"][0]["users"] == [BOB]


async def test_waiting_for_what_never_comes_ends_in_time(slack: LocalSlack) -> None:
    with pytest.raises(TimeoutError):
        await Person(slack.origin, ALICE).wait_for(GENERAL, lambda m: True, timeout_s=0.1)


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Host": ""}]
)
async def test_other_web_sites_are_kept_out(slack: LocalSlack, headers: dict[str, str]) -> None:
    async with httpx.AsyncClient(base_url=slack.origin) as http:
        answer = await http.get("/local/state", params={"person": ALICE}, headers=headers)
        assert answer.status_code in (400, 403)
        message = {"person": ALICE, "channel": GENERAL, "text": "x"}
        posted = await http.post("/local/messages", data=message, headers=headers)
        assert posted.status_code in (400, 403)
    assert await Person(slack.origin, ALICE).history(GENERAL) == []


async def test_faults_are_changed_over_http_all_or_none(slack: LocalSlack) -> None:
    async with httpx.AsyncClient(base_url=slack.origin) as http:
        assert (await http.post("/local/faults", json={"login_page": "html", "late_shares_s": 1})).status_code == 200
        for wrong in ({"late_shares_s": "soon"}, {"typo": 1, "late_shares_s": 2}, {"login_page": "pdf"}):
            assert (await http.post("/local/faults", json=wrong)).status_code == 400
    assert (slack.faults.login_page, slack.faults.late_shares_s) == ("html", 1)


async def test_sockets_are_cut_over_http(slack: LocalSlack) -> None:
    app, _ = listening_app(slack)
    async with connected(slack, app), httpx.AsyncClient(base_url=slack.origin) as http:
        assert slack.sockets.socket_count == 1
        await http.post("/local/sockets", json={"how": "drop"})
        assert slack.sockets.socket_count == 0


async def test_the_page_may_load_nothing_from_elsewhere(slack: LocalSlack) -> None:
    async with httpx.AsyncClient(base_url=slack.origin) as http:
        page = await http.get("/")
        assert page.status_code == 200
        assert "default-src 'none'; script-src 'self'" in page.headers["content-security-policy"]
        for outside in ("/static/../person.py", "/static/%2e%2e/person.py", "/static/nothing.js"):
            assert (await http.get(outside)).status_code == 404


async def test_a_permalink_leads_to_the_page(slack: LocalSlack) -> None:
    alice = Person(slack.origin, ALICE)
    ts = await alice.post(GENERAL, "here")
    link = (await web_client(slack).chat_getPermalink(channel=GENERAL, message_ts=ts))["permalink"]
    async with httpx.AsyncClient() as http:
        answer = await http.get(link)
    assert answer.headers["location"] == f"/#channel={GENERAL}&ts={ts}"
