"""kill -9 of the bot while a task runs: started again, it delivers what was paid, once."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.manifest import load
from bot.sandbox.person import Person
from bot.sandbox.state import ALICE
from bot.sandbox.workspace import LocalSlack
from bot.valkey import server_binary
from client.sandbox.limits import Limits
from client.sandbox.server import LocalWan
from tests.bots import EDIT_S, VIDEO_CHANNEL, small_clip
from tests.stores import until


@asynccontextmanager
async def bot_process(slack: LocalSlack, wan: LocalWan, url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the real `bot run`; at the end it is asked to stop, and must."""
    environment = os.environ | {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "DASHSCOPE_API_KEY": wan.api_key,
        "DASHSCOPE_HTTP_BASE_URL": wan.base_url,
        "STORE_URL": url,
        "BOT_REDELIVERY_S": "2",
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", "run", env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            async with asyncio.timeout(20):
                await process.wait()


@asynccontextmanager
async def redis_server(folder: Path) -> AsyncIterator[str]:
    """Run a server on a TCP port, as people run their Redis, and give its URL."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ("--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--appendonly", "yes", "--save", "")
    server = await asyncio.create_subprocess_exec(server_binary(), *options, stdout=asyncio.subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        await server.wait()


@asynccontextmanager
async def store_of(kind: str, folder: Path) -> AsyncIterator[str]:
    if kind == "embedded":
        yield f"embedded://{folder / 'data'}"
    else:
        async with redis_server(folder) as url:
            yield url


@pytest.mark.parametrize("kind", ["embedded", "redis"])
async def test_a_bot_killed_while_a_task_runs_still_delivers_it_once(kind: str, tmp_path: Path) -> None:
    clip = small_clip(tmp_path)
    limits = Limits(pending_s=0.2, min_run_s=3.0)
    async with LocalSlack(manifest=load()) as slack, LocalWan(limits=limits) as wan, store_of(kind, tmp_path) as url:
        alice = Person(slack.origin, ALICE)
        async with bot_process(slack, wan, url) as first:
            await until(lambda: slack.sockets.is_connected)
            ts = await alice.post(VIDEO_CHANNEL, "@video-editor make it sepia", files=[clip])
            await until(lambda: any(task.status == "RUNNING" for task in wan.tasks.values()), EDIT_S)
            first.kill()
            await first.wait()
        async with bot_process(slack, wan, url):
            await alice.wait_for(
                VIDEO_CHANNEL, lambda message: message["ts"] == ts and "white_check_mark" in str(message), EDIT_S
            )
        _, *replies = await alice.thread(VIDEO_CHANNEL, ts)
        assert [bool(message.get("files")) for message in replies].count(True) == 1
        assert len(replies) == 2
        assert wan.creates == 1


async def test_when_one_of_two_replicas_is_killed_the_other_one_delivers(tmp_path: Path) -> None:
    clip = small_clip(tmp_path)
    limits = Limits(pending_s=0.2, min_run_s=3.0)
    async with LocalSlack(manifest=load()) as slack, LocalWan(limits=limits) as wan, redis_server(tmp_path) as url:
        alice = Person(slack.origin, ALICE)
        async with bot_process(slack, wan, url) as one, bot_process(slack, wan, url):
            await until(lambda: slack.sockets.socket_count == 2, 30)
            ts = await alice.post(VIDEO_CHANNEL, "@video-editor make it sepia", files=[clip])
            await until(lambda: any(task.status == "RUNNING" for task in wan.tasks.values()), EDIT_S)
            one.kill()
            await one.wait()
            await alice.wait_for(
                VIDEO_CHANNEL, lambda message: message["ts"] == ts and "white_check_mark" in str(message), EDIT_S
            )
        assert wan.creates == 1
        assert len(await alice.thread(VIDEO_CHANNEL, ts)) == 3
