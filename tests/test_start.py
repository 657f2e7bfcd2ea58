"""`bot run` that cannot run says why in a sentence and ends; asked to stop, it stops."""

import asyncio
import os
import signal
import sys

import pytest

from bot.manifest import load
from bot.sandbox.workspace import LocalSlack
from client.sandbox.server import LocalWan
from tests.processes import settings_for

RUN_S = 60.0


async def start(slack: LocalSlack, wan: LocalWan, **changes: str) -> asyncio.subprocess.Process:
    environment = os.environ | settings_for(slack, wan) | changes
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", env=environment, stderr=asyncio.subprocess.PIPE
    )


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, 1, "Slack bot token: invalid_auth"),
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, 1, "Slack app token: invalid_auth"),
        ({"STORE_URL": "redis://:hush@127.0.0.1:9/0"}, 1, "store cannot be reached"),
        ({"STORE_URL": "nonsense"}, 2, "STORE_URL is not right"),
        ({"BOT_LOG_LEVEL": "loud"}, 2, "BOT_LOG_LEVEL is not right"),
        ({"DASHSCOPE_API_KEY": "sk-a b"}, 2, "DASHSCOPE_API_KEY is not right"),
        ({"DASHSCOPE_HTTP_BASE_URL": "nonsense"}, 2, "DASHSCOPE_HTTP_BASE_URL is not right"),
        ({"SLACK_API_URL": "nonsense"}, 2, "SLACK_API_URL is not right"),
    ],
)
async def test_a_bot_that_cannot_run_says_why_and_ends(
    changes: dict[str, str], code: int, words: str
) -> None:
    async with LocalSlack(manifest=load()) as slack, LocalWan() as wan:
        process = await start(slack, wan, **changes)
        async with asyncio.timeout(RUN_S):
            _, said = await process.communicate()
    assert process.returncode == code
    assert words in said.decode()
    assert "Traceback" not in said.decode()
    assert "hush" not in said.decode()


async def test_a_bot_that_waits_for_slack_can_be_stopped() -> None:
    async with LocalSlack(manifest=load()) as slack, LocalWan() as wan:
        process = await start(slack, wan, SLACK_API_URL="http://127.0.0.1:9/api/")
        assert process.stderr is not None
        async with asyncio.timeout(RUN_S):
            while b"Retrying" not in await process.stderr.readline():
                pass
            process.send_signal(signal.SIGTERM)
            await process.communicate()
    assert process.returncode == 0
