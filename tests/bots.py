"""A whole bot for the tests: local Slack, local Wan and the real bot, on memory or on a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.edit import Edit
from bot.local import running, sandbox_settings
from bot.manifest import load
from bot.sandbox.person import Person
from bot.sandbox.state import ALICE, BOB
from bot.sandbox.workspace import LocalSlack
from bot.settings import Settings
from bot.store import Store
from client.sandbox.limits import Limits
from client.sandbox.server import LocalWan
from tests.stores import store_url

VIDEO_CHANNEL, RANDOM_CHANNEL = "C0VIDEO01", "C0RANDOM1"
QUICK = Limits(pending_s=0.2, min_run_s=0.2, queries_per_s=100)
EDIT_S = 30.0  # how long a test waits for a whole edit, at most


@dataclass(frozen=True)
class Stage:
    """Everything that a test of the whole path touches."""

    slack: LocalSlack
    wan: LocalWan
    store: Store
    settings: Settings
    alice: Person
    bob: Person


@asynccontextmanager
async def stage(
    backend: str, tmp_path: Path, *, limits: Limits = QUICK, **settings: object
) -> AsyncIterator[Stage]:
    """Run a bot between a local Slack and a local Wan until the block ends."""
    async with LocalSlack(manifest=load()) as slack, LocalWan(limits=limits) as wan, store_url(backend, tmp_path) as url:
        chosen = sandbox_settings(slack, wan, store_url=url).model_copy(update={"reconcile_every_s": 0.2} | settings)
        async with running(chosen) as bot:
            yield Stage(
                slack, wan, bot.parts.store, chosen, Person(slack.origin, ALICE), Person(slack.origin, BOB)
            )


async def until(true: Callable[[], bool], timeout_s: float = 10.0) -> None:
    """Wait for a condition; raises TimeoutError where it does not come true."""
    async with asyncio.timeout(timeout_s):
        while not true():
            await asyncio.sleep(0.02)


async def result_in(on: Stage, channel: str, ts: str, *, nth: int = 1) -> dict[str, Any]:
    """Return the message with the nth video that the bot put into a thread, now or later; fail when the bot gives up."""
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


async def whispered(on: Stage, channel: str, *, to: Person | None = None) -> str:
    """Return the newest private answer that somebody (Alice) got in a channel, now or later."""
    found = await (to or on.alice).wait_for(channel, lambda message: bool(message.get("ephemeral")), EDIT_S)
    return str(found["text"])
