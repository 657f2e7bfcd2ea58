"""kill -9 of the bot while a task runs: started again, it delivers what was paid, once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.manifest import load
from bot.sandbox.person import Person
from bot.sandbox.state import ALICE
from bot.sandbox.workspace import LocalSlack
from client.sandbox.limits import Limits
from client.sandbox.server import LocalWan
from tests.bots import EDIT_S, VIDEO_CHANNEL, small_clip
from tests.processes import bot_process, redis_server
from tests.stores import until

UNCHECKED = {"BOT_CHECK_RESULTS": "false"}  # a check costs as much CPU as a whole edit


@asynccontextmanager
async def store_of(kind: str, folder: Path) -> AsyncIterator[str]:
    if kind == "embedded":
        yield f"embedded://{folder / 'data'}"
    else:
        async with redis_server(folder) as url:
            yield url


def says_that_it_runs(message: dict[str, Any]) -> bool:
    return "Wan is editing" in str(message["text"])


@pytest.mark.parametrize("kind", ["embedded", "redis"])
async def test_a_bot_killed_while_a_task_runs_still_delivers_it_once(kind: str, tmp_path: Path) -> None:
    clip = small_clip(tmp_path)
    limits = Limits(pending_s=0.2, min_run_s=3.0)
    async with LocalSlack(manifest=load()) as slack, LocalWan(limits=limits) as wan, store_of(kind, tmp_path) as url:
        alice = Person(slack.origin, ALICE)
        async with bot_process(slack, wan, url, **UNCHECKED) as first:
            await until(lambda: slack.sockets.is_connected)
            ts = await alice.post(VIDEO_CHANNEL, "@video-editor make it sepia", files=[clip])
            await alice.wait_for_reply(VIDEO_CHANNEL, ts, says_that_it_runs, EDIT_S)
            first.kill()
            await first.wait()
        async with bot_process(slack, wan, url, **UNCHECKED):
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
        async with bot_process(slack, wan, url, **UNCHECKED) as one, bot_process(slack, wan, url, **UNCHECKED):
            await until(lambda: slack.sockets.socket_count == 2)
            ts = await alice.post(VIDEO_CHANNEL, "@video-editor make it sepia", files=[clip])
            await alice.wait_for_reply(VIDEO_CHANNEL, ts, says_that_it_runs, EDIT_S)
            one.kill()
            await one.wait()
            await alice.wait_for(
                VIDEO_CHANNEL, lambda message: message["ts"] == ts and "white_check_mark" in str(message), EDIT_S
            )
        assert wan.creates == 1
        assert len(await alice.thread(VIDEO_CHANNEL, ts)) == 3
