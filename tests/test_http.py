"""Signed HTTP instead of Socket Mode: whole edits, forged and replayed requests, and what must not start.

Each way in and each button is tried over both in `tests/test_ways.py`.
"""

import asyncio
import json
import time
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from bot.app import open_bot
from bot.edit import State
from bot.http import PortUnavailableError, RequestUrl
from bot.local import sandbox_settings
from bot.manifest import load
from bot.missing import missing
from bot.sandbox.signed_http import SignedHttp, signature_headers
from bot.sandbox.workspace import LocalSlack
from bot.settings import Settings
from client.sandbox.server import LocalWan
from tests.bots import (
    SIGNING_SECRET,
    VIDEO_CHANNEL,
    Stage,
    free_port,
    origin_of,
    result_in,
    settled_edit,
    small_clip,
    stage,
)
from tests.scenes import scene

over_http = partial(stage, "memory", transport="signed http")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_clip(tmp_path_factory.mktemp("clip"))


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


async def test_a_request_replayed_inside_the_window_is_one_edit(clip: Path, tmp_path: Path) -> None:
    async with over_http(tmp_path) as on, httpx.AsyncClient() as replayer:
        ts, files = await unclaimed(on, clip)
        body = posted(on, ts, files)
        headers = signature_headers(SIGNING_SECRET, body, int(time.time())) | {"Content-Type": "application/json"}
        replay = partial(replayer.post, on.request_url, content=body, headers=headers)
        answers = await asyncio.gather(*(replay() for _ in range(5)))
        assert {answer.status_code for answer in answers} == {200}
        await result_in(on, VIDEO_CHANNEL, ts)
        await settled_edit(on, ts)
        assert (await replay()).status_code == 200
        assert len(await on.store.in_thread(on.slack.team_id, VIDEO_CHANNEL, ts)) == 1
        assert on.wan.creates == 1


async def test_a_button_replayed_after_its_retry_is_over_runs_nothing_again(tmp_path: Path) -> None:
    async with over_http(tmp_path) as on, httpx.AsyncClient() as replayer:
        thread = await scene(on, tmp_path)
        first = await thread.edit()
        press = {
            "type": "block_actions", "team": {"id": on.slack.team_id}, "user": {"id": on.alice.user_id},
            "channel": {"id": VIDEO_CHANNEL}, "container": {"type": "message", "channel_id": VIDEO_CHANNEL},
            "api_app_id": "A1", "trigger_id": "1.1.1",
            "actions": [{"action_id": "retry", "block_id": "b", "type": "button", "value": first.edit_id,
                         "action_ts": "1700000000.000001"}],
        }  # fmt: skip
        body = urlencode({"payload": json.dumps(press)})
        headers = signature_headers(SIGNING_SECRET, body, int(time.time()))
        headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        replay = partial(replayer.post, on.request_url, content=body, headers=headers)
        assert (await replay()).status_code == 200
        child = await thread.child(first)
        await thread.now(child, lambda edit: edit.settled)  # its video is nowhere
        assert (await replay()).status_code == 200
        assert await thread.edits(lambda edit: edit.parent_id == first.edit_id) == [await on.store.get(child.edit_id)]


async def test_what_slack_delivers_twice_is_one_edit(clip: Path, tmp_path: Path) -> None:
    async with over_http(tmp_path) as on:
        on.slack.faults.duplicate_events = True
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[clip])
        await result_in(on, VIDEO_CHANNEL, ts)
        assert (await settled_edit(on, ts)).state is State.DONE
        assert on.wan.creates == 1


async def test_a_forged_or_stale_request_changes_nothing(clip: Path, tmp_path: Path) -> None:
    forgeries = (("another-secret", 0), ("", 0), (SIGNING_SECRET, 301), (SIGNING_SECRET, -301), (None, 0))
    async with over_http(tmp_path) as on, httpx.AsyncClient() as forger:
        ts, files = await unclaimed(on, clip)
        body = posted(on, ts, files)
        for secret, age_s in forgeries:
            signed = signature_headers(secret, body, int(time.time()) - age_s) if secret is not None else {}
            headers = signed | {"Content-Type": "application/json"}
            answer = await forger.post(on.request_url, content=body, headers=headers)
            assert answer.status_code == 401, (secret, age_s)
        assert await on.store.by_person(on.slack.team_id, on.alice.user_id) == []


async def test_slack_can_verify_the_url_and_nothing_else_is_served(tmp_path: Path) -> None:
    async with over_http(tmp_path) as on, httpx.AsyncClient() as visitor:
        transport = on.slack.delivery.transport
        assert isinstance(transport, SignedHttp)
        assert await transport.verify()
        assert (await visitor.get(on.request_url)).status_code == 405
        assert (await visitor.post(f"{origin_of(on.request_url)}/")).status_code == 404
        assert (await visitor.post(on.request_url, content=b"x" * 2_000_000)).status_code == 413


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
    assert lacking(BOT_HTTP_PORT="3000", SLACK_SIGNING_SECRET=SIGNING_SECRET) == []
    for empty in ({}, {"SLACK_SIGNING_SECRET": ""}):
        (line,) = lacking(BOT_HTTP_PORT="3000", **empty)
        assert line.startswith("SLACK_SIGNING_SECRET is not set. Signing secret of your Slack app")
    assert lacking(SLACK_APP_TOKEN="xapp-1") == []
    for port in ({}, {"BOT_HTTP_PORT": ""}):
        (line,) = lacking(SLACK_SIGNING_SECRET=SIGNING_SECRET, **port)
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
            update={"http_port": taken, "slack_signing_secret": SecretStr(SIGNING_SECRET)}
        )
        with pytest.raises(PortUnavailableError, match=f"127.0.0.1:{taken}"):
            async with open_bot(settings):
                raise AssertionError("it started")


async def test_a_bot_that_was_opened_and_never_run_gives_its_port_back() -> None:
    async with LocalSlack(manifest=load()) as slack, LocalWan() as wan:
        listening = {"http_port": free_port(), "slack_signing_secret": SecretStr(SIGNING_SECRET)}
        settings = sandbox_settings(slack, wan).model_copy(update=listening)
        for _ in range(2):
            async with open_bot(settings) as bot:
                assert isinstance(bot.socket, RequestUrl)
                assert bot.socket.port == settings.http_port
