"""Signed HTTP instead of Socket Mode: the ways in once more, forged and replayed requests, and what must not start."""

import asyncio
import json
import os
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from bot.app import open_bot
from bot.edit import State
from bot.http import PortUnavailableError, RequestUrl
from bot.local import running, sandbox_settings
from bot.manifest import load
from bot.messages.home import NEW_EDIT
from bot.messages.modal import CHANNEL, INSTRUCTION, STYLE, VIDEO_FILE
from bot.missing import missing
from bot.sandbox.person import Person
from bot.sandbox.signed_http import SignedHttp, signature_headers
from bot.sandbox.state import ALICE, BOB
from bot.sandbox.workspace import LocalSlack
from bot.settings import Settings
from client.sandbox.server import LocalWan
from tests.bots import (
    DIRECT,
    EDIT_S,
    QUICK,
    VIDEO_CHANNEL,
    Stage,
    has_file,
    origin_of,
    result_in,
    serving,
    settled_edit,
    small_clip,
    whispered,
)

SECRET = "a-signing-secret"
PIXELS = {INSTRUCTION: {INSTRUCTION: "8-bit pixel style"}}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_clip(tmp_path_factory.mktemp("clip"))


def free_port() -> int:
    """Find a port below those that the system gives out by itself, so that nobody gets it before the bot does."""
    for port in range(20_000 + os.getpid() % 10_000, 32_000):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port is free")


@asynccontextmanager
async def http_stage(**settings: object) -> AsyncIterator[tuple[Stage, str]]:
    """Run a bot to which a local Slack posts signed requests; give its request URL too."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/slack/events"
    async with (
        LocalSlack(manifest=load(), deliver_url=url, signing_secret=SECRET) as slack,
        LocalWan(limits=QUICK) as wan,
    ):
        over_http = {"http_port": port, "slack_signing_secret": SecretStr(SECRET), "slack_app_token": SecretStr("")}
        chosen = sandbox_settings(slack, wan).model_copy(update={"reconcile_every_s": 0.2} | over_http | settings)
        async with running(chosen) as bot:
            people = Person(slack.origin, ALICE), Person(slack.origin, BOB)
            yield Stage(slack, wan, bot.parts.store, chosen, *people), url


# -- the ways in, once more --------------------------------------------------------------------------------------------


async def test_a_mention_a_reaction_and_the_buttons_work(clip: Path) -> None:
    async with http_stage() as (on, _):
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[clip])
        video = await result_in(on, VIDEO_CHANNEL, ts)
        first = await settled_edit(on, ts)
        await on.bob.react(VIDEO_CHANNEL, ts, "repeat")
        await result_in(on, VIDEO_CHANNEL, ts, nth=2)
        await settled_edit(on, ts)
        await on.bob.click(VIDEO_CHANNEL, video["ts"], "retry")
        await result_in(on, VIDEO_CHANNEL, ts, nth=3)
        await on.bob.click(VIDEO_CHANNEL, video["ts"], "more", f"details {first.edit_id}")
        assert await whispered(on, VIDEO_CHANNEL, "*Seed*", to=on.bob)
        await on.bob.click(VIDEO_CHANNEL, video["ts"], "edit_again")
        view = await on.bob.wait_for_view()
        assert view["title"]["text"] == "Edit again"
        await on.bob.click(VIDEO_CHANNEL, video["ts"], "compare")
        await on.bob.wait_for(VIDEO_CHANNEL, lambda message: len(message.get("files", ())) == 2, EDIT_S)
        await on.alice.click(VIDEO_CHANNEL, video["ts"], "more", f"remove {first.edit_id}")
        view = await on.alice.wait_for_view()
        await on.alice.submit(view["id"], {})
        await on.bob.wait_for(VIDEO_CHANNEL, lambda message: "was deleted by" in message["text"], EDIT_S)


async def test_home_is_published_and_the_dialog_follows_what_is_chosen_in_it() -> None:
    async with http_stage() as (on, _):
        await on.alice.open_home()
        home = await on.alice.wait_for_home()
        await on.alice.click_in_view(home["id"], NEW_EDIT)
        view = await on.alice.wait_for_view()
        await on.alice.click_in_view(view["id"], STYLE, "season")
        await on.alice.wait_for_view(lambda view: "instruction.1" in {block["block_id"] for block in view["blocks"]})


async def test_a_direct_message_and_a_reply_in_its_thread_work(clip: Path) -> None:
    async with http_stage() as (on, _):
        ts = await on.alice.post(DIRECT, "8-bit pixel style", files=[clip])
        await result_in(on, DIRECT, ts)
        await settled_edit(on, ts, DIRECT)
        await on.alice.post(DIRECT, "black and white", thread_ts=ts)
        assert await result_in(on, DIRECT, ts, nth=2)


async def test_the_slash_command_answers_opens_the_form_and_takes_a_link(clip: Path) -> None:
    async with serving(clip) as link, http_stage(trusted_origins=frozenset({origin_of(link)})) as (on, _):
        helped = await on.alice.command(VIDEO_CHANNEL, "help")
        assert helped is not None
        assert "--720p" in helped["text"]
        await on.alice.command(VIDEO_CHANNEL)
        view = await on.alice.wait_for_view()
        wrong = await on.alice.submit(view["id"], PIXELS)
        assert "Give the video" in str(wrong["errors"])
        await on.alice.submit(view["id"], PIXELS, {VIDEO_FILE: [clip]})
        await on.alice.wait_for(VIDEO_CHANNEL, has_file, EDIT_S)
        await on.bob.command(VIDEO_CHANNEL, f"{link} pixel art please")
        await on.bob.wait_for(
            VIDEO_CHANNEL, lambda message: has_file(message) and "pixel art please" in str(message["blocks"]), EDIT_S
        )


async def test_both_shortcuts_open_the_form(clip: Path) -> None:
    async with http_stage() as (on, _):
        ts = await on.alice.post(VIDEO_CHANNEL, "look", files=[clip])
        await on.bob.shortcut("edit_this_video", VIDEO_CHANNEL, ts)
        view = await on.bob.wait_for_view()
        await on.bob.submit(view["id"], PIXELS)
        await result_in(on, VIDEO_CHANNEL, ts)
        await on.bob.shortcut("edit_a_video")
        view = await on.bob.wait_for_view(lambda view: CHANNEL in str(view["blocks"]))
        assert view["title"]["text"] == "Edit a video"


# -- forged and replayed -----------------------------------------------------------------------------------------------


def posted(on: Stage, ts: str, files: list[object]) -> str:
    """Write the event of a message as Slack sends it."""
    event = {
        "type": "message", "subtype": "file_share", "user": on.alice.user_id, "channel": VIDEO_CHANNEL, "ts": ts,
        "text": f"<@{on.slack.bot_user_id}> 8-bit pixel style", "channel_type": "channel", "files": files,
    }  # fmt: skip
    return json.dumps(
        {"type": "event_callback", "team_id": on.slack.team_id, "api_app_id": "A1", "event_id": "Ev1", "event": event}
    )


async def unclaimed(on: Stage, clip: Path) -> tuple[str, list[object]]:
    """Let Alice post a video to nobody, and return what an event would say of it."""
    ts = await on.alice.post(VIDEO_CHANNEL, "for nobody", files=[clip])
    (message,) = await on.alice.thread(VIDEO_CHANNEL, ts)
    return ts, message["files"]


async def test_a_request_replayed_inside_the_window_is_one_edit(clip: Path) -> None:
    async with http_stage() as (on, url), httpx.AsyncClient() as replayer:
        ts, files = await unclaimed(on, clip)
        body = posted(on, ts, files)
        headers = signature_headers(SECRET, body, int(time.time())) | {"Content-Type": "application/json"}
        answers = await asyncio.gather(*(replayer.post(url, content=body, headers=headers) for _ in range(5)))
        assert {answer.status_code for answer in answers} == {200}
        await result_in(on, VIDEO_CHANNEL, ts)
        await settled_edit(on, ts)
        assert (await replayer.post(url, content=body, headers=headers)).status_code == 200
        assert len(await on.store.in_thread(on.slack.team_id, VIDEO_CHANNEL, ts)) == 1
        assert on.wan.creates == 1


async def test_a_button_replayed_after_its_retry_is_over_is_not_paid_again(clip: Path) -> None:
    async with http_stage() as (on, url), httpx.AsyncClient() as replayer:
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[clip])
        await result_in(on, VIDEO_CHANNEL, ts)
        first = await settled_edit(on, ts)
        press = {
            "type": "block_actions", "team": {"id": on.slack.team_id}, "user": {"id": on.alice.user_id},
            "channel": {"id": VIDEO_CHANNEL}, "container": {"type": "message", "channel_id": VIDEO_CHANNEL},
            "api_app_id": "A1", "trigger_id": "1.1.1",
            "actions": [{"action_id": "retry", "block_id": "b", "type": "button", "value": first.edit_id,
                         "action_ts": "1700000000.000001"}],
        }  # fmt: skip
        body = urlencode({"payload": json.dumps(press)})
        headers = signature_headers(SECRET, body, int(time.time()))
        headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        assert (await replayer.post(url, content=body, headers=headers)).status_code == 200
        await result_in(on, VIDEO_CHANNEL, ts, nth=2)
        await settled_edit(on, ts)
        assert (await replayer.post(url, content=body, headers=headers)).status_code == 200
        assert len(await on.store.in_thread(on.slack.team_id, VIDEO_CHANNEL, ts)) == 2
        assert on.wan.creates == 2


async def test_what_slack_delivers_twice_is_one_edit(clip: Path) -> None:
    async with http_stage() as (on, _):
        on.slack.faults.duplicate_events = True
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[clip])
        await result_in(on, VIDEO_CHANNEL, ts)
        assert (await settled_edit(on, ts)).state is State.DONE
        assert on.wan.creates == 1


@pytest.mark.parametrize(
    ("secret", "age_s"), [("another-secret", 0), ("", 0), (SECRET, 301), (SECRET, -301), (None, 0)]
)
async def test_a_forged_or_stale_request_changes_nothing(secret: str | None, age_s: int, clip: Path) -> None:
    async with http_stage() as (on, url), httpx.AsyncClient() as forger:
        ts, files = await unclaimed(on, clip)
        body = posted(on, ts, files)
        signed = signature_headers(secret, body, int(time.time()) - age_s) if secret is not None else {}
        answer = await forger.post(url, content=body, headers=signed | {"Content-Type": "application/json"})
        assert answer.status_code == 401
        assert await on.store.open_edits() == []


async def test_slack_can_verify_the_url_and_nothing_else_is_served() -> None:
    async with http_stage() as (on, url), httpx.AsyncClient() as visitor:
        transport = on.slack.delivery.transport
        assert isinstance(transport, SignedHttp)
        assert await transport.verify()
        assert (await visitor.get(url)).status_code == 405
        assert (await visitor.post(f"{origin_of(url)}/")).status_code == 404
        assert (await visitor.post(url, content=b"x" * 2_000_000)).status_code == 413


# -- what must not start -----------------------------------------------------------------------------------------------

TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1", "DASHSCOPE_API_KEY": "sk-1"}


def lacking(**given: str) -> list[str]:
    try:
        Settings(_env_file=None, **(TOKENS | given))  # type: ignore[arg-type] # texts, as in the environment
    except ValidationError as exc:
        return missing(exc)
    return []


def test_over_http_the_secret_is_needed_and_the_app_token_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "BOT_HTTP_PORT"):
        monkeypatch.delenv(name, raising=False)
    assert lacking(BOT_HTTP_PORT="3000", SLACK_SIGNING_SECRET=SECRET) == []
    for empty in ({}, {"SLACK_SIGNING_SECRET": ""}):
        (line,) = lacking(BOT_HTTP_PORT="3000", **empty)
        assert line.startswith("SLACK_SIGNING_SECRET is not set. Signing secret of your Slack app")
    assert lacking(SLACK_APP_TOKEN="xapp-1") == []
    for port in ({}, {"BOT_HTTP_PORT": ""}):
        (line,) = lacking(SLACK_SIGNING_SECRET=SECRET, **port)
        assert line.startswith("SLACK_APP_TOKEN is not set.")


async def test_an_empty_secret_refuses_to_start_however_it_came() -> None:
    async with LocalSlack(manifest=load()) as slack, LocalWan() as wan:
        open_to_all = sandbox_settings(slack, wan).model_copy(update={"http_port": 0})
        with pytest.raises(ValueError, match="empty signing secret"):
            async with open_bot(open_to_all):
                raise AssertionError("it started")


async def test_a_port_that_is_taken_is_named() -> None:
    async with LocalSlack(manifest=load()) as slack, LocalWan() as wan:
        taken = int(slack.origin.rpartition(":")[2])
        settings = sandbox_settings(slack, wan).model_copy(
            update={"http_port": taken, "slack_signing_secret": SecretStr(SECRET)}
        )
        with pytest.raises(PortUnavailableError, match=f"127.0.0.1:{taken}"):
            async with open_bot(settings):
                raise AssertionError("it started")


async def test_a_bot_that_was_opened_and_never_run_gives_its_port_back() -> None:
    async with LocalSlack(manifest=load()) as slack, LocalWan() as wan:
        over_http = {"http_port": free_port(), "slack_signing_secret": SecretStr(SECRET)}
        settings = sandbox_settings(slack, wan).model_copy(update=over_http)
        for _ in range(2):
            async with open_bot(settings) as bot:
                assert isinstance(bot.socket, RequestUrl)
                assert bot.socket.port == settings.http_port
