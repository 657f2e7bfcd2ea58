"""Scratch: the folder that this bot's clips lie in while it works on them; gone when the bot ends, however it ends.

A killed bot cannot tidy up, so the next one on this machine does it. Whose folder is still in use says a lock that the
kernel frees when its holder dies. Not here: what is put there (`bot/steps`).
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from bot.locks import FileLock, holding

LOCK = "in-use.lock"
TIDY_WITHIN_S = 60.0


class ScratchUnavailableError(Exception):
    """The folder for clips on their way cannot be used; the message says why and what to do."""


@asynccontextmanager
async def scratch(parent: Path | None) -> AsyncIterator[Path]:
    """Give a new folder below this one (default: the system's), and clear away what killed bots have left there."""
    place = parent or Path(gettempdir())
    prefix = f"video-editor-{os.getuid()}-"
    try:
        place.mkdir(parents=True, exist_ok=True)
        async with holding(place / f"{prefix}tidying.lock", within_s=TIDY_WITHIN_S):
            await asyncio.to_thread(_tidy, place, prefix)
            folder = Path(mkdtemp(prefix=prefix, dir=place))
            lock = FileLock(folder / LOCK)
            lock.take()
    except OSError as error:
        raise ScratchUnavailableError(f"{place} cannot be used for clips: {error}. See BOT_TEMP_DIR.") from error
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        lock.close()


def _tidy(place: Path, prefix: str) -> None:
    for folder in place.glob(f"{prefix}*"):
        if folder.is_dir():
            with FileLock(folder / LOCK) as lock:
                if lock.take():
                    shutil.rmtree(folder, ignore_errors=True)
