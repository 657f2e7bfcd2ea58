"""The bot and a Redis as processes of their own, for tests that kill them."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.sandbox.workspace import LocalSlack
from bot.valkey import server_binary
from client.sandbox.server import LocalWan


async def start_bot(slack: LocalSlack, wan: LocalWan, url: str, **settings: str) -> asyncio.subprocess.Process:
    """Start the real `bot run` on these two and this store."""
    environment = os.environ | {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "DASHSCOPE_API_KEY": wan.api_key,
        "DASHSCOPE_HTTP_BASE_URL": wan.base_url,
        "STORE_URL": url,
        "BOT_REDELIVERY_S": "2",
    }
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", "run", env=environment | settings)


async def stop_bot(process: asyncio.subprocess.Process) -> None:
    """Ask a bot to stop, which it must within 30 s; nothing happens where it is dead already."""
    if process.returncode is None:
        process.terminate()
        async with asyncio.timeout(30):
            await process.wait()


@asynccontextmanager
async def bot_process(
    slack: LocalSlack, wan: LocalWan, url: str, **settings: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a bot until the block ends, unless it is killed before."""
    process = await start_bot(slack, wan, url, **settings)
    try:
        yield process
    finally:
        await stop_bot(process)


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
