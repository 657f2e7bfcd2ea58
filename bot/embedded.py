"""The embedded database: a real Valkey server beside the bot, with its data in one folder.

The server outlives a killed bot and is found again by the next one; several bots on one folder share it, and the last
to leave stops it. Three locks in the folder, all freed by the kernel when their holder dies, say who is there:
`starting.lock` (whoever starts, attaches or stops), `users.lock` (shared by the bots), and `server.lock` (held by the
server itself, which inherits it). Not here: the server program (`bot/valkey.py`), and servers that others run.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import uuid4

from bot import valkey
from bot.locks import FileLock, holding

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25  # how soon a dead server is noticed
START_AGAIN_AFTER_S = 5.0  # where it cannot be started, a full disk for example
ANSWER_WITHIN_S = 60.0  # a big append-only file takes a while to load
STOP_WITHIN_S = 15.0
WAIT_STEP_S = 0.02
# The server's file keeps every record until it is written anew: what people had deleted must not stay there.
REWRITE_EVERY_S = 3600.0
FIRST_REWRITE_S = 60.0  # a bot that is started often must come to it too


class EmbeddedUnavailableError(Exception):
    """The embedded database cannot be had here; the message says why and what to do."""

    def __init__(self, folder: Path, why: str) -> None:
        """Name the folder, the cause, and the ways out."""
        ways_out = "Set STORE_URL to another folder (embedded:///path), to redis://…, or to memory:// (nothing kept)."
        super().__init__(f"The embedded database in {folder} is not available: {why}. {ways_out}")


@asynccontextmanager
async def open_store_url(url: str) -> AsyncIterator[str]:
    """Turn a `STORE_URL` into the URL of a database that is there for as long as the context lasts.

    `memory://` becomes a memory of its own, `embedded://folder` (relative or absolute) starts or finds the server of
    that folder, every other URL is passed on. Raise EmbeddedUnavailableError.
    """
    if url == "memory://":
        yield f"memory://{uuid4().hex}"
    elif url.startswith("embedded://"):
        async with embedded_server(Path(url.removeprefix("embedded://") or "data")) as socket_url:
            yield socket_url
    else:
        yield url


@asynccontextmanager
async def embedded_server(
    folder: Path, binary: Path | None = None, *, rewrite_every_s: float = REWRITE_EVERY_S
) -> AsyncIterator[str]:
    """Start the server of this folder, or attach to it where it runs already; yield its `unix://` URL.

    A server that dies meanwhile is started again on the same folder and socket. Raise EmbeddedUnavailableError.
    """
    seat = _Seat(folder, binary)
    try:
        await seat.take()
        watch = asyncio.create_task(seat.watch(rewrite_every_s), name="embedded database")
        try:
            yield f"unix://{seat.socket}"
        finally:
            watch.cancel()
            await asyncio.wait({watch})
            await seat.leave()
    finally:
        seat.close()


class _Seat:
    """The use that one bot makes of the server of a folder."""

    def __init__(self, folder: Path, binary: Path | None) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder = folder.resolve()
            self._binary = binary or valkey.server_binary()
            self._users = FileLock(self._folder / "users.lock")
        except OSError as error:
            raise EmbeddedUnavailableError(folder, error.strerror or str(error)) from error
        self._process: subprocess.Popen[bytes] | None = None  # where we started it
        self.socket = Path()

    def close(self) -> None:
        self._users.close()

    async def take(self) -> None:
        """Make the server run and be counted among its users."""
        async with self._starting():
            await self._make_run()
            self._users.take(shared=True)

    async def watch(self, rewrite_every_s: float) -> None:
        """Start the server again whenever it is gone, and let it rid its file of what is deleted, until cancelled."""
        clock = asyncio.get_running_loop().time
        rewrite_at_s = clock() + min(rewrite_every_s, FIRST_REWRITE_S)
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if clock() >= rewrite_at_s:
                rewrite_at_s = clock() + rewrite_every_s
                with suppress(OSError, TimeoutError):
                    await valkey.rewrite(self.socket)
            if not self._gone():
                continue
            log.warning("the embedded database is gone and is started again", extra={"folder": str(self._folder)})
            try:
                async with self._starting():
                    await self._make_run()
            except EmbeddedUnavailableError as error:
                log.error("the embedded database cannot be started again", extra={"why": str(error)})
                await asyncio.sleep(START_AGAIN_AFTER_S)

    async def leave(self) -> None:
        """End the server if nobody else uses it; its last write is on disk then."""
        async with self._starting():
            if self._users.take():
                await self._end()
                shutil.rmtree(self.socket.parent, ignore_errors=True)
            elif self._process is not None:
                self._process.returncode = 0  # other bots use it: Python must not take it for forgotten

    @asynccontextmanager
    async def _starting(self) -> AsyncIterator[None]:
        """Be the only one who starts, attaches or ends; turn what goes wrong into an error that says what to do."""
        try:
            async with holding(self._folder / "starting.lock", within_s=2 * ANSWER_WITHIN_S):
                yield
        except TimeoutError as error:
            raise EmbeddedUnavailableError(self._folder, "neither it nor a bot that starts it answers") from error
        except OSError as error:
            raise EmbeddedUnavailableError(self._folder, error.strerror or str(error)) from error

    async def _make_run(self) -> None:
        """Find the server that runs, or start one; return when it answers."""
        self.socket = self._find_socket()
        with FileLock(self._folder / "server.lock") as lock:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                while not lock.take():
                    if await valkey.answers(self.socket):
                        return
                    if not self.socket.exists():
                        self._end_unreachable()
                    await asyncio.sleep(WAIT_STEP_S)
            await self._reap()
            self._process = process = valkey.launch(self._binary, self._folder, self.socket, lock.descriptor)
        async with asyncio.timeout(ANSWER_WITHIN_S):
            while not await valkey.answers(self.socket):
                if process.poll() is not None:
                    raise EmbeddedUnavailableError(self._folder, f"it ended at once: {valkey.last_words(self._folder)}")
                await asyncio.sleep(WAIT_STEP_S)

    def _find_socket(self) -> Path:
        """Return where the socket is or is to be: in a directory of ours with a short name.

        A socket's path may have about 100 bytes, so it cannot be in the folder. The record in the folder lets every
        bot find it; a directory that was cleared away is made again under its old name, which running bots know. The
        record names its folder, because a copied folder must not lead to the server of the original.
        """
        record = self._folder / "socket"
        with suppress(FileNotFoundError, ValueError):
            folder, path = record.read_text().splitlines()
            socket = Path(path)
            with suppress(FileExistsError):
                socket.parent.mkdir(mode=0o700)
            if folder == str(self._folder) and socket.parent.stat().st_uid == os.getuid():
                return socket
        socket = Path(tempfile.mkdtemp(prefix="editbot-")) / "socket"
        record.write_text(f"{self._folder}\n{socket}\n")
        return socket

    def _gone(self) -> bool:
        """Say whether no server holds the folder, or its socket was cleared away; no, while somebody sees to it."""
        with FileLock(self._folder / "starting.lock") as starting, FileLock(self._folder / "server.lock") as server:
            return starting.take() and (server.take() or not self.socket.exists())

    async def _end(self) -> None:
        """End the server and wait until it has let go of the folder."""
        with FileLock(self._folder / "server.lock") as lock:
            if lock.take():
                return
            await valkey.shut_down(self.socket)
            async with asyncio.timeout(STOP_WITHIN_S):
                while not lock.take():  # noqa: ASYNC110 - the kernel has no event for a freed lock
                    await asyncio.sleep(WAIT_STEP_S)
        await self._reap()

    async def _reap(self) -> None:
        """Take a server of ours, which has let go of the folder, out of the process table."""
        if self._process is not None:
            await asyncio.to_thread(self._process.wait, STOP_WITHIN_S)

    def _end_unreachable(self) -> None:
        """End a server of this folder whose socket was cleared away, if it is really the recorded process."""
        with suppress(FileNotFoundError, ValueError, ProcessLookupError):
            pid = int((self._folder / valkey.PID).read_text())
            if Path(f"/proc/{pid}/cwd").resolve() == self._folder:
                os.kill(pid, signal.SIGTERM)
