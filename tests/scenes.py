"""A scene: one thread of a running bot, with edits in any state and the bot's own messages about them.

What a button or a word does can be tried there without waiting for an edit to get that far, and many scenes share one
bot: nothing that is told in one thread is found in another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from bot.edit import Edit, SlackFile, State
from bot.messages import status as single
from bot.messages.blocks import Message
from bot.sandbox.person import Person
from tests.bots import EDIT_S, VIDEO_CHANNEL, Stage
from tests.edits import edit_in
from tests.slack_app import web_client

Json = dict[str, Any]
_numbers = count(1)


@dataclass(frozen=True)
class Scene:
    """A thread that begins with a message of Alice's; `clip` is a file that she can post, and no video."""

    on: Stage
    ts: str
    clip: Path

    async def edit(self, state: State = State.DONE, **fields: Any) -> Edit:
        """Save an edit of Alice's in this state, whose thread shows it already; only text leads to its video."""
        number, now = next(_numbers), datetime.now(UTC)
        usual = {
            "edit_id": f"e{number:05}", "team": self.on.slack.team_id, "user": self.on.alice.user_id,
            "channel": VIDEO_CHANNEL, "thread_ts": self.ts, "created_at": now, "entered_at": now,
            "upload_id": f"F{number:05}", "video": SlackFile(file_id="F0NOWHERE"), "video_url": "oss://v",
            "shown": state.value,
        }  # fmt: skip
        edit = edit_in(state, **usual | fields)
        await self.on.store.create(edit, f"claim {edit.edit_id}")
        return edit

    async def show(self, message: Message) -> str:
        """Let the bot post a message into the thread, and return its ts."""
        web = web_client(self.on.slack)
        posted = await web.chat_postMessage(
            channel=VIDEO_CHANNEL, thread_ts=self.ts, text=message.text, blocks=message.blocks
        )
        return str(posted["ts"])

    async def press(self, message: Message, action_id: str, value: str | None = None, by: Person | None = None) -> None:
        """Let Alice, or somebody, press a button of a message of the bot."""
        await (by or self.on.alice).click(VIDEO_CHANNEL, await self.show(message), action_id, value)

    async def told(self, words: str, to: Person | None = None) -> Json:
        """Return the private answer with these words that Alice, or somebody, gets in the thread."""
        return await (to or self.on.alice).wait_for_reply(
            VIDEO_CHANNEL, self.ts, lambda said: bool(said.get("ephemeral")) and words in said["text"], EDIT_S
        )

    async def opened(self, *, words: str = "") -> Json:
        """Return the form that opens for Alice, with these words in it; it is closed again."""
        view = await self.on.alice.wait_for_view(lambda view: words in str(view))
        await self.on.alice.close(view["id"])
        return view

    async def edits(self, wanted: Callable[[Edit], bool]) -> list[Edit]:
        """Return the edits of the thread that are as wanted, newest first, as soon as there are any."""
        async with asyncio.timeout(EDIT_S):
            while True:
                thread = await self.on.store.in_thread(self.on.slack.team_id, VIDEO_CHANNEL, self.ts)
                if found := [edit for edit in thread if wanted(edit)]:
                    return found
                await asyncio.sleep(0.02)

    async def child(self, parent: Edit) -> Edit:
        """Return the one edit that was made out of another."""
        (child,) = await self.edits(lambda edit: edit.parent_id == parent.edit_id)
        return child

    async def now(self, edit: Edit, wanted: Callable[[Edit], bool]) -> Edit:
        """Return an edit as it is as soon as it is as wanted."""
        (found,) = await self.edits(lambda one: one.edit_id == edit.edit_id and wanted(one))
        return found


async def scene(on: Stage, folder: Path) -> Scene:
    """Begin a thread of its own."""
    clip = folder / "clip.mp4"
    clip.write_text("Dear diary, this is not a video.\n")
    return Scene(on, await on.alice.post(VIDEO_CHANNEL, "a thread"), clip)


Try = Callable[[Scene], Awaitable[None]]


class Attempts(dict[str, Try]):
    """What tries the ways into the bot, by name."""

    def named(self, name: str) -> Callable[[Try], Try]:
        """Keep a function under a name that nothing else has."""

        def keep(attempt: Try) -> Try:
            assert name not in self
            self[name] = attempt
            return attempt

        return keep


def status_of(edit: Edit) -> Message:
    """Write the status message of an edit."""
    return single.status(edit, now=datetime.now(UTC), place=None, waiting=None)
