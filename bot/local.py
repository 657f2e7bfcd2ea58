"""The sandbox command: a local Slack workspace, a local Wan and the bot, joined on this machine. No account needed.

This is the only module outside `*/sandbox/` that knows the sandboxes; the bot it starts is the ordinary one, given
other addresses.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from bot.app import Bot, open_bot
from bot.manifest import load
from bot.sandbox.workspace import LocalSlack
from bot.settings import Settings
from client.sandbox.clip import make_clip
from client.sandbox.server import LocalWan


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox."""

    slack: LocalSlack
    wan: LocalWan
    bot: Bot


def sandbox_settings(slack: LocalSlack, wan: LocalWan, *, store_url: str = "memory://") -> Settings:
    """Return the settings of a bot that talks to these two; nothing is read from the environment or `.env`."""
    return Settings.model_construct(
        **{
            **{name: info.default for name, info in Settings.model_fields.items() if not info.is_required()},
            "slack_bot_token": SecretStr(slack.bot_token),
            "slack_app_token": SecretStr(slack.app_token),
            "slack_api_url": slack.api_url,
            "dashscope_api_key": SecretStr(wan.api_key),
            "dashscope_http_base_url": wan.base_url,
            "store_url": store_url,
            "trusted_origins": frozenset({slack.origin}),
        }
    )


@asynccontextmanager
async def open_sandbox(*, port: int = 0) -> AsyncIterator[Sandbox]:
    """Start everything on loopback, with state in memory; it is all gone at the end."""
    async with (
        LocalSlack(port=port, manifest=load(), sample=make_clip) as slack,
        LocalWan() as wan,
        running(sandbox_settings(slack, wan)) as bot,
    ):
        yield Sandbox(slack, wan, bot)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Bot]:
    """Run a bot in the background until the block ends; it is connected when the block begins."""
    async with open_bot(settings) as bot:
        stop, ready = asyncio.Event(), asyncio.Event()
        serving = asyncio.create_task(bot.run(stop, ready=ready), name="bot")
        waiting = asyncio.create_task(ready.wait(), name="ready")
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if serving.done():
            await serving
        try:
            yield bot
        finally:
            stop.set()
            await serving
