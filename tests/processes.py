"""The bot and a Redis as processes of their own, for tests that kill them."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from bot.sandbox.workspace import LocalSlack
from bot.valkey import server_binary
from client.sandbox.server import LocalWan


def settings_for(slack: LocalSlack, wan: LocalWan, url: str = "memory://") -> dict[str, str]:
    """Return the settings, as the environment has them, of a bot on these two and this store."""
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "DASHSCOPE_API_KEY": wan.api_key,
        "DASHSCOPE_HTTP_BASE_URL": wan.base_url,
        "STORE_URL": url,
    }


async def start_bot(
    slack: LocalSlack, wan: LocalWan, url: str, log: IO[bytes] | None = None, /, **settings: str
) -> asyncio.subprocess.Process:
    """Start the real `bot run` on these two and this store; what it says goes to `log`, else to our own output."""
    quick = {"BOT_REDELIVERY_S": "2", "BOT_SLACK_PACE": "100", "BOT_POSTERS": "false"}
    environment = os.environ | settings_for(slack, wan, url) | quick
    command = (sys.executable, "-m", "bot", "run")
    return await asyncio.create_subprocess_exec(*command, env=environment | settings, stdout=log, stderr=log)


async def stop_bot(process: asyncio.subprocess.Process) -> None:
    """Ask a bot to stop, which it must within 30 s; nothing happens where it is dead already."""
    if process.returncode is None:
        process.terminate()
        async with asyncio.timeout(30):
            await process.wait()


@asynccontextmanager
async def bot_process(
    slack: LocalSlack, wan: LocalWan, url: str, log: IO[bytes] | None = None, /, **settings: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a bot until the block ends, unless it is killed before."""
    process = await start_bot(slack, wan, url, log, **settings)
    try:
        yield process
    finally:
        await stop_bot(process)


STARTS_WITHIN_S = 60.0


class RedisServer:
    """A server on a TCP port with its data in a folder, as people run their Redis; it can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{port}/0"
        self._port = port
        where = ("--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder))
        self._options = (*where, "--appendonly", "yes", "--save", "")
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it with the data that it had, and wait until it answers."""
        quiet = asyncio.subprocess.DEVNULL
        self._process = await asyncio.create_subprocess_exec(server_binary(), *self._options, stdout=quiet)
        async with asyncio.timeout(STARTS_WITHIN_S):
            while not await self._answers():  # noqa: ASYNC110 - another process has no event
                await asyncio.sleep(0.02)

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except ConnectionRefusedError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    def pause(self) -> None:
        """Let it stand still: connections stay open, and nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """End the pause."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    async def stop(self, *, kill: bool = False) -> None:
        """End it, orderly or not."""
        assert self._process is not None
        if kill:
            self._process.kill()
        else:
            self._process.terminate()
        await self._process.wait()


@asynccontextmanager
async def redis_server(folder: Path) -> AsyncIterator[str]:
    """Run a server until the block ends, and give its URL."""
    server = RedisServer(folder)
    await server.start()
    try:
        yield server.url
    finally:
        await server.stop()
