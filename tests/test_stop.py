"""Asked to stop, a bot takes nothing new and finishes what it is doing; asked twice, it goes at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from bot.edit import State
from bot.jobs import Jobs
from bot.manifest import load
from bot.pace import RATES
from bot.sandbox.person import Person
from bot.sandbox.state import ALICE
from bot.sandbox.workspace import LocalSlack
from bot.scratch import scratch
from bot.store import Store
from client.sandbox.server import LocalWan
from tests.bots import VIDEO_CHANNEL, small_clip
from tests.processes import bot_process, redis_server
from tests.stores import until

AT_ONCE_S = 3.0
IN_THE_END_S = 60.0
PACE = "0.02"  # the first message goes at once, and the second one waits
SECOND_POST_AFTER_S = RATES["chat.postMessage"].interval_s / float(PACE)


@dataclass
class SlowHost:
    """Somebody's web server, which sends its film when it is told to."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    sends: asyncio.Event = field(default_factory=asyncio.Event)
    origin: str = ""


@asynccontextmanager
async def slow_host(film: Path) -> AsyncIterator[SlowHost]:
    host = SlowHost()

    async def send(_request: web.Request) -> web.FileResponse:
        host.asked.set()
        await host.sends.wait()
        return web.FileResponse(film)

    app = web.Application()
    app.router.add_get("/film.mp4", send)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield host
    finally:
        host.sends.set()
        await runner.cleanup()


@asynccontextmanager
async def bot_that_fetches(folder: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, SlowHost, LocalSlack, str]]:
    """Give a bot in the middle of a step."""
    async with (
        LocalSlack(manifest=load()) as slack,
        LocalWan() as wan,
        redis_server(folder) as url,
        slow_host(small_clip(folder)) as host,
        bot_process(
            slack, wan, url, BOT_TRUSTED_ORIGINS=host.origin, BOT_TEMP_DIR=str(folder / "clips"), BOT_SLACK_PACE=PACE
        ) as process,
    ):
        await until(lambda: slack.sockets.is_connected)
        await Person(slack.origin, ALICE).command(VIDEO_CHANNEL, f"{host.origin}/film.mp4 make it sepia")
        async with asyncio.timeout(IN_THE_END_S):
            await host.asked.wait()
        yield process, host, slack, url


async def test_a_bot_that_is_told_to_stop_takes_nothing_new_finishes_its_step_and_waits_for_no_pace(
    tmp_path: Path,
) -> None:
    async with bot_that_fetches(tmp_path) as (process, host, slack, url), Jobs.open(url) as jobs:
        store = Store(jobs)
        async with asyncio.timeout(IN_THE_END_S):
            while not any("status" in edit.posting for edit in await store.open_edits()):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.02)
        process.terminate()
        await until(lambda: slack.sockets.socket_count == 0)
        assert process.returncode is None
        host.sends.set()
        async with asyncio.timeout(SECOND_POST_AFTER_S / 2):
            assert await process.wait() == 0
        (edit,) = await store.open_edits()
        assert (edit.state, edit.shown, edit.show_attempts) == (State.WAITING, "", 0)


async def test_a_second_signal_ends_a_bot_at_once_and_the_next_one_clears_its_clips_away(tmp_path: Path) -> None:
    async with bot_that_fetches(tmp_path) as (process, _host, slack, _url):
        process.terminate()
        await until(lambda: slack.sockets.socket_count == 0)
        process.terminate()
        async with asyncio.timeout(AT_ONCE_S):
            assert await process.wait() == 1
        clips = tmp_path / "clips"
        assert len(list(clips.glob("*/prepare-*"))) == 1
        async with scratch(clips) as mine, scratch(clips) as another_bots:
            assert {path for path in clips.iterdir() if path.is_dir()} == {mine, another_bots}
        assert not any(path.is_dir() for path in clips.iterdir())
