"""The demo: one edit from the post to the finished file, in the sandbox, without a browser.

It does what a person would do in Slack, and believes only what a person would see: the messages in the thread. The
store tells it no more than that nothing else is coming.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.local import open_sandbox
from bot.sandbox.person import Person
from bot.store import Store
from client.sandbox.clip import make_clip

Say = Callable[[float, str], None]

CHANNEL = "C0VIDEO01"
LOOK_EVERY_S = 0.25
PATIENCE_S = 600.0


class NoVideoError(Exception):
    """The thread ended without a video; the message is what the bot said last."""


async def run_demo(*, video: Path | None, images: Sequence[Path], prompt: str, out: Path, say: Say) -> None:
    """Post the video as a person would, wait for the result in the thread, and write it to `out`.

    `say` is told each new thing that a person sees, with the seconds since the post. Raises NoVideoError where no
    video arrives, within ten minutes at the latest.
    """
    with TemporaryDirectory(prefix="demo-") as folder:
        clip = video if video else await asyncio.to_thread(make_clip, Path(folder) / "clip.mp4")
        async with open_sandbox() as sandbox:
            alice = Person(sandbox.slack.origin, next(iter(sandbox.slack.people)))
            await _edit(alice, [clip, *images], prompt, out, say, sandbox.bot.parts.store)


async def _edit(person: Person, files: Sequence[Path], prompt: str, out: Path, say: Say, store: Store) -> None:
    ts = await person.post(CHANNEL, f"@video-editor {prompt}", files=files)
    began_s = time.monotonic()
    say(0.0, f"You posted {', '.join(file.name for file in files)}: {prompt}")
    last = "The bot said nothing."
    while (elapsed_s := time.monotonic() - began_s) < PATIENCE_S:
        is_quiet = not await store.open_edits()
        request, replies = await _look(person, ts)
        for message in replies:
            if files_in := message.get("files"):
                await person.save_file(str(files_in[0]["id"]), out)
                say(elapsed_s, f"The video is in the thread. Written to {out}. A simulation: nothing was billed.")
                return
            if (text := str(message["text"])) != last:
                last = text
                say(elapsed_s, text)
        is_marked = any(reaction["name"] == "warning" for reaction in request.get("reactions", ()))
        if is_marked and is_quiet:  # the words come a moment after the mark
            raise NoVideoError(last)
        await asyncio.sleep(LOOK_EVERY_S)
    raise NoVideoError(last)


async def _look(person: Person, ts: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the request and the replies in its thread."""
    request, *replies = await person.thread(CHANNEL, ts)
    return request, replies
