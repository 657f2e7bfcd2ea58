"""A whole bot for the tests: local Slack, local Wan and the real bot, on memory or on a real server."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from aiohttp import web
from pydantic import SecretStr

from bot.app import Bot, open_bot
from bot.edit import Edit
from bot.local import running, sandbox_settings
from bot.manifest import load
from bot.sandbox.person import Person
from bot.sandbox.state import ALICE, BOB
from bot.sandbox.workspace import LocalSlack
from bot.settings import Settings
from bot.store import Store
from client.sandbox.clip import make_clip
from client.sandbox.limits import Limits
from client.sandbox.server import LocalWan
from tests.stores import store_url

VIDEO_CHANNEL, GENERAL_CHANNEL, SECRET_CHANNEL = "C0VIDEO01", "C0GENERAL", "C0SECRET1"
RANDOM_CHANNEL = "C0RANDOM1"  # the bot is not in it
DIRECT = "D0ALICE01"
QUICK = Limits(pending_s=0.2, min_run_s=0.2, queries_per_s=100)
EDIT_S = 60.0  # how long a test waits for a whole edit, at most: a machine may have much else to do
BRISK: Mapping[str, object] = {
    "reconcile_every_s": 0.2,
    "slack_pace": 100.0,
    "posters": False,
    "check_results": False,  # a check costs as much CPU as a whole edit
}
SIGNING_SECRET = "a-signing-secret"

Transport = Literal["socket mode", "signed http"]


@dataclass(frozen=True)
class Stage:
    """Everything that a test of the whole path touches."""

    slack: LocalSlack
    wan: LocalWan
    store: Store
    settings: Settings
    alice: Person
    bob: Person

    @property
    def request_url(self) -> str:
        """Return where the bot takes signed requests."""
        return f"http://127.0.0.1:{self.settings.http_port}/slack/events"


@asynccontextmanager
async def stage(
    backend: str, tmp_path: Path, *, transport: Transport = "socket mode", limits: Limits = QUICK, **settings: object
) -> AsyncIterator[Stage]:
    """Run a bot between a local Slack and a local Wan until the block ends."""
    deliver_url, delivery = _delivery(transport)
    async with (
        LocalSlack(manifest=load(), deliver_url=deliver_url, signing_secret=SIGNING_SECRET) as slack,
        LocalWan(limits=limits) as wan,
        store_url(backend, tmp_path) as url,
    ):
        chosen = sandbox_settings(slack, wan, store_url=url).model_copy(update={**BRISK, **delivery, **settings})
        async with running(chosen) as bot:
            yield Stage(
                slack, wan, bot.parts.store, chosen, Person(slack.origin, ALICE), Person(slack.origin, BOB)
            )


def _delivery(transport: Transport) -> tuple[str | None, dict[str, object]]:
    """Return where the local Slack posts to, if anywhere, and the settings of a bot to which it does."""
    if transport == "socket mode":
        return None, {}
    port = free_port()
    settings = {"http_port": port, "slack_signing_secret": SecretStr(SIGNING_SECRET), "slack_app_token": SecretStr("")}
    return f"http://127.0.0.1:{port}/slack/events", settings


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
async def idle_bot(backend: str, folder: Path) -> AsyncIterator[tuple[Bot, LocalSlack]]:
    """Give a bot that is joined with a local Slack and a local Wan, and does not run: a test calls its parts."""
    async with (
        LocalSlack(manifest=load()) as slack,
        LocalWan() as wan,
        store_url(backend, folder) as url,
        open_bot(sandbox_settings(slack, wan, store_url=url)) as bot,
    ):
        yield bot, slack


async def result_in(on: Stage, channel: str, ts: str, *, nth: int = 1) -> dict[str, Any]:
    """Return the message with the nth video that the bot put into a thread, now or later; fail when it gives up."""
    waits_until_s = asyncio.get_running_loop().time() + EDIT_S * nth
    while asyncio.get_running_loop().time() < waits_until_s:
        root, *replies = await on.alice.thread(channel, ts)
        videos = [message for message in replies if message.get("files") and message["user"] == on.slack.bot_user_id]
        if len(videos) >= nth:
            return videos[nth - 1]
        if any(reaction["name"] == "warning" for reaction in root.get("reactions", ())):
            break
        await asyncio.sleep(0.1)
    raise AssertionError([message["text"] for message in await on.alice.thread(channel, ts)])


async def settled_edit(on: Stage, thread_ts: str, channel: str = VIDEO_CHANNEL) -> Edit:
    """Return the newest edit of a thread once it is over and the thread says so."""
    async with asyncio.timeout(EDIT_S):
        while True:
            edits = await on.store.in_thread(on.slack.team_id, channel, thread_ts)
            if edits and edits[0].settled:
                return edits[0]
            await asyncio.sleep(0.05)


async def whispered(on: Stage, channel: str, words: str, *, to: Person | None = None) -> str:
    """Return the private answer with these words that somebody (Alice) got in a channel, now or later."""
    found = await (to or on.alice).wait_for(
        channel, lambda message: bool(message.get("ephemeral")) and words in str(message["text"]), EDIT_S
    )
    return str(found["text"])


def small_clip(folder: Path, name: str = "garden.mp4", *, seconds: float = 2.0) -> Path:
    """Make a clip that is quick to edit, without sound."""
    path = folder / name
    path.write_bytes(_small_clip(seconds))
    return path


@cache
def _small_clip(seconds: float) -> bytes:
    with TemporaryDirectory() as folder:
        return make_clip(Path(folder) / "clip.mp4", seconds=seconds, size=(320, 240), fps=8, audio=False).read_bytes()


def buttons(message: dict[str, Any]) -> set[str]:
    """Return the action ids of the buttons on a message."""
    return {
        element["action_id"]
        for block in message.get("blocks", ())
        for element in block.get("elements", ())
        if "action_id" in element
    }


def has_file(message: dict[str, Any]) -> bool:
    """Say whether a message carries a file."""
    return bool(message.get("files"))


@asynccontextmanager
async def serving(path: Path) -> AsyncIterator[str]:
    """Serve one file on loopback, as somebody's web server would; give its URL."""

    async def send(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(path)

    app = web.Application()
    app.router.add_get(f"/{path.name}", send)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/{path.name}"
    finally:
        await runner.cleanup()


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL."""
    return "/".join(url.split("/")[:3])
