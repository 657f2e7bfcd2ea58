"""Runs the child process that opens untrusted media, from the bot's side: start, progress, limits, end.

Whatever happens in the child, here it is an answer, an `Unfit`, the system's error for a full disk, or a `ChildError`
where the mistake is ours. The child is dead before `run` returns, also when the caller is cancelled. What it does
stands in `bot/media/worker.py`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import os
import re
import signal
import stat
import sys
from asyncio.subprocess import Process, SubprocessStreamProtocol
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from bot.language import say
from bot.media.disk import FULL
from bot.media.unfit import TooLong, Unfit

log = logging.getLogger(__name__)

Progress = Callable[[float], None]

LIMIT_S = 600.0  # by the clock: a busy machine is no fault of the file
CPU_S = 180.0  # of each core; the slowest ten seconds that we have seen took 31 s
WORKER = (sys.executable, "-I", "-m", "bot.media.worker")
_LINE_BYTES = 65_536
_FETTERS = frozenset({"network", "landlock"})  # what `bot/media/jail.py` can have of the kernel
_TEXT = re.compile(r"(?:[^{}]|\{[a-z_]+\})*")  # a child that was taken over could let us format without end

# One child for each core: more would only slow each other down. By loop, because a semaphore belongs to one.
_slots: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


class ChildError(Exception):
    """The child did not start, or fell over its own code; the text is for the log."""


async def run(
    task: str,
    details: Mapping[str, object],
    *,
    reads: Sequence[Path],
    folder: Path,
    on_progress: Progress | None = None,
    limit_s: float = LIMIT_S,
    program: Sequence[str] = WORKER,
) -> dict[str, Any]:
    """Let a fresh child do one task and return its answer. Costs 0.1 s before the work begins.

    Only `reads` can be read and only `folder` be written to, as far as the kernel allows. Raises Unfit, ChildError,
    and OSError where the disk is full.
    """
    order = _order(task, details, reads, folder, limit_s)
    async with slots():
        answer = await _run(program, order, on_progress, limit_s)
    if "out" in details and not await asyncio.to_thread(_is_ours, Path(str(details["out"])), folder):
        raise _crashed()
    return answer


def _is_ours(out: Path, folder: Path) -> bool:
    """Say whether what the child left as `out` can be opened: nothing, or a plain file right in the folder."""
    if out.parent != folder.absolute():
        return False
    try:
        return stat.S_ISREG(out.lstat().st_mode)
    except FileNotFoundError:
        return True  # some tasks write nothing where all is well


def slots() -> asyncio.Semaphore:
    """Return the places for children of this loop."""
    return _slots.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(os.cpu_count() or 1))


def _order(
    task: str, details: Mapping[str, object], reads: Sequence[Path], folder: Path, limit_s: float
) -> dict[str, object]:
    return {
        "task": task,
        "details": details,
        "reads": [str(path.absolute()) for path in reads],
        "folder": str(folder.absolute()),
        "cpu_s": math.ceil(min(limit_s, CPU_S)) * (os.cpu_count() or 1),
    }


async def _run(
    program: Sequence[str], order: dict[str, object], on_progress: Progress | None, limit_s: float
) -> dict[str, Any]:
    # As `create_subprocess_exec` does it, which does not give us the transport; only that can close the pipes.
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.subprocess_exec(
        lambda: SubprocessStreamProtocol(limit=_LINE_BYTES, loop=loop),
        *program,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={}, start_new_session=True,
    )  # fmt: skip
    child = Process(transport, protocol, loop)
    try:
        async with asyncio.timeout(limit_s):
            return await _talk(child, order, on_progress)
    except TimeoutError:
        raise _too_long() from None
    except (ValueError, RecursionError) as exc:  # neither a line nor JSON: the file's, not the child's, words
        raise _crashed() from exc
    finally:
        await _end(child, transport)


async def _talk(
    child: Process, order: dict[str, object], on_progress: Progress | None
) -> dict[str, Any]:
    assert child.stdin
    assert child.stdout
    assert child.stderr
    complaints = asyncio.create_task(_tail(child.stderr))
    try:
        with suppress(ConnectionError):  # it died at once; what it said on stderr tells why
            child.stdin.write(json.dumps(order).encode() + b"\n")
            await child.stdin.drain()
            child.stdin.close()
        is_ready = False
        async for line in child.stdout:
            match json.loads(line):
                case {"ready": list(held)}:
                    is_ready = True
                    _warn_of_missing(_FETTERS.difference(map(str, held)))
                case {"progress": float(share)} if math.isfinite(share):
                    if on_progress:
                        on_progress(share)
                case {"unfit": str(text), "values": dict(values)} if _TEXT.fullmatch(text):
                    raise _said_by_child(text, values)
                case {"full": True}:
                    raise OSError(FULL, os.strerror(FULL))
                case {"done": dict(answer)}:
                    return answer
                case _:
                    raise _crashed()  # it does not speak like ours any more
        code = await child.wait()
        said = await complaints
        log.warning("media child gave up", extra={"code": code, "said": said})
        if code < 0 and is_ready:
            raise _too_long() if -code == signal.SIGXCPU else _crashed()
        raise ChildError(f"the media child ended with {code}: {said}")
    finally:
        complaints.cancel()
        await asyncio.wait([complaints])  # two cannot read the same pipe, and `_end` reads it too


def _said_by_child(text: str, values: Mapping[str, object]) -> Unfit:
    try:
        return Unfit(say(text, **values))
    except (LookupError, ValueError):
        return _crashed()


@lru_cache(maxsize=4)
def _warn_of_missing(fetters: frozenset[str]) -> None:
    """Tell an admin, once, what this kernel does not keep the child from; the other limits hold all the same."""
    if fetters:
        log.warning("the kernel holds media back less than it could", extra={"missing": sorted(fetters)})


def _crashed() -> Unfit:
    return Unfit(
        say("The file makes the video libraries give up; please export it again as an ordinary MP4 with H.264.")
    )


def _too_long() -> TooLong:
    return TooLong(say("Opening the file takes too long; please export it again as an ordinary MP4 with H.264."))


async def _tail(stream: asyncio.StreamReader) -> str:
    """Read a stream to its end and return its last part; a library may complain without end."""
    pieces: deque[bytes] = deque(maxlen=4)
    while piece := await stream.read(4096):
        pieces.append(piece)
    return b"".join(pieces).decode(errors="replace")


async def _end(child: Process, transport: asyncio.SubprocessTransport) -> None:
    """Kill the child if it lives, and close its pipes without reading on: a child of its own may hold their ends."""
    if child.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    transport.close()
    await asyncio.shield(child.wait())
