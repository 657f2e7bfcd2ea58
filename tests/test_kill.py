"""kill -9 of the bot while a task runs: started again, it delivers what was paid, once."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.manifest import load
from bot.sandbox.person import Person
from bot.sandbox.state import ALICE
from bot.sandbox.workspace import LocalSlack
from client.sandbox.clip import make_clip
from client.sandbox.limits import Limits
from client.sandbox.server import LocalWan
from tests.bots import EDIT_S, VIDEO_CHANNEL
from tests.stores import store_url, until


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


@pytest.mark.parametrize("kind", ["embedded", "redis"])
async def test_a_bot_killed_while_a_task_runs_still_delivers_it_once(kind: str, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", seconds=2.0, size=(320, 240), fps=15)
    limits = Limits(pending_s=0.2, min_run_s=4.0)
    async with (
        LocalSlack(manifest=load()) as slack,
        LocalWan(limits=limits) as wan,
        store_url("server", tmp_path) as server_url,
    ):
        url = f"embedded://{tmp_path / 'data'}" if kind == "embedded" else server_url
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
