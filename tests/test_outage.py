"""Outages of the database: stopped and started under load, a full disk, a folder that is read-only.

What was acknowledged is delivered, once; what could not be saved is not acknowledged, and Slack sends it again.
"""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.manifest import load
from bot.sandbox.person import Person
from bot.sandbox.state import ALICE
from bot.sandbox.workspace import LocalSlack
from client.sandbox.limits import Limits
from client.sandbox.server import LocalWan
from tests.bots import EDIT_S, VIDEO_CHANNEL, small_clip
from tests.processes import RedisServer, bot_process, start_bot
from tests.stores import until

ASK = "@video-editor make it sepia"
LIMITS = Limits(pending_s=0.2, min_run_s=2.0, queries_per_s=100)
SETTINGS = {"BOT_RECONCILE_EVERY_S": "0.3", "BOT_ADOPT_AFTER_S": "8", "BOT_CHECK_RESULTS": "false"}
AGAIN_S = (1.0,) * 20  # Slack's own pauses are up to five minutes


@contextmanager
def small_disk(place: Path, size: str, *, read_only: bool = False) -> Iterator[Path]:
    """Mount a disk of its own in memory; skip the test where we may not."""
    place.mkdir()
    options = f"size={size}{',ro' if read_only else ''}"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("no right to mount a disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def fill(path: Path) -> None:
    """Write a file until the disk is full."""
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return


async def delivered(alice: Person, asked: list[str]) -> None:
    """Wait until each request is marked as done, and see that its thread has one video."""
    async with asyncio.timeout(2 * EDIT_S):
        while not await _all_done(alice, asked):  # noqa: ASYNC110 - the person looks again and again
            await asyncio.sleep(0.2)
    for ts in asked:
        _, *replies = await alice.thread(VIDEO_CHANNEL, ts)
        assert [bool(reply.get("files")) for reply in replies].count(True) == 1


async def _all_done(alice: Person, asked: list[str]) -> bool:
    requests = [message for message in await alice.history(VIDEO_CHANNEL) if message["ts"] in asked]
    return all("white_check_mark" in str(request.get("reactions")) for request in requests)


async def test_a_redis_that_is_killed_and_started_again_under_load_loses_nothing(tmp_path: Path) -> None:
    clip, server = small_clip(tmp_path), RedisServer(tmp_path)
    await server.start()
    async with LocalSlack(manifest=load()) as slack, LocalWan(limits=LIMITS) as wan:
        slack.faults.retry_delays_s = AGAIN_S
        alice = Person(slack.origin, ALICE)
        try:
            async with bot_process(slack, wan, server.url, **SETTINGS) as bot:
                await until(lambda: slack.sockets.is_connected)
                asked = [await alice.post(VIDEO_CHANNEL, ASK, files=[clip]) for _ in range(4)]
                await until(lambda: wan.creates >= 2, EDIT_S)
                await server.stop(kill=True)
                asked += [await alice.post(VIDEO_CHANNEL, ASK, files=[clip]) for _ in range(2)]
                tasks = list(wan.tasks.values())
                await until(lambda: all(not task.is_open for task in tasks), EDIT_S)  # they end while it is away
                await server.start()
                await delivered(alice, asked)
                assert bot.returncode is None
        finally:
            await server.stop()
        assert wan.creates == len(asked)


async def test_a_full_disk_is_waited_out_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    clip, said = small_clip(tmp_path), tmp_path / "said.txt"
    with small_disk(tmp_path / "disk", "8m") as disk, said.open("wb") as log:
        async with LocalSlack(manifest=load()) as slack, LocalWan(limits=LIMITS) as wan:
            slack.faults.retry_delays_s = AGAIN_S
            alice = Person(slack.origin, ALICE)
            async with bot_process(slack, wan, f"embedded://{disk / 'data'}", log, **SETTINGS) as bot:
                await until(lambda: slack.sockets.is_connected)
                asked = [await alice.post(VIDEO_CHANNEL, ASK, files=[clip])]
                await until(lambda: any(task.status == "RUNNING" for task in wan.tasks.values()), EDIT_S)
                fill(disk / "other.log")
                asked.append(await alice.post(VIDEO_CHANNEL, ASK, files=[clip]))
                await until(lambda: "embedded database" in said.read_text(), EDIT_S)
                (disk / "other.log").unlink()
                await delivered(alice, asked)
                assert bot.returncode is None
            assert wan.creates == len(asked)
    assert "the embedded database is gone and is started again" in said.read_text()


async def test_a_read_only_data_folder_is_named_at_the_start(tmp_path: Path) -> None:
    said = tmp_path / "said.txt"
    with small_disk(tmp_path / "disk", "1m", read_only=True) as disk, said.open("wb") as log:
        async with LocalSlack(manifest=load()) as slack, LocalWan() as wan, asyncio.timeout(EDIT_S):
            bot = await start_bot(slack, wan, f"embedded://{disk / 'data'}", log)
            assert await bot.wait() == 1
    sentence = " ".join(said.read_text().split())
    assert "Read-only file system" in sentence
    assert "Set STORE_URL to another folder" in sentence
    assert "Traceback" not in sentence
