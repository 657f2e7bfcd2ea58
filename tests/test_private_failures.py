"""What goes wrong early is told privately where the requester can see it, whatever Slack shows of the thread."""

from pathlib import Path

import pytest

from bot.edit import Edit, SlackFile
from bot.events import Shown
from bot.media.gate import Unfit
from bot.sandbox.person import Person
from bot.sandbox.state import ALICE
from bot.steps.boundary import FRESH, Step, run
from bot.steps.parts import Parts
from bot.steps.tell import tell
from tests.bots import VIDEO_CHANNEL, idle_bot


async def _unfit(_parts: Parts, _edit: Edit) -> None:
    raise Unfit("The video has no picture")


UNFIT = Step("prepare", FRESH, _unfit)


@pytest.mark.parametrize("thread", ["without a reply", "with the status message", "in which the request is a reply"])
async def test_a_private_failure_goes_into_a_thread_only_where_it_is_seen_there(thread: str, tmp_path: Path) -> None:
    async with idle_bot("memory", tmp_path) as (bot, slack):
        parts, alice = bot.parts, Person(slack.origin, ALICE)
        root = await alice.post(VIDEO_CHANNEL, "a clip of our garden")
        asked = await alice.post(VIDEO_CHANNEL, "make it snow", thread_ts=root) if "is a reply" in thread else root
        now = parts.now()
        edit = Edit(
            edit_id="e1", created_at=now, entered_at=now, team=slack.team_id, user=ALICE, channel=VIDEO_CHANNEL,
            thread_ts=root, request_ts=asked, instruction="make it snow", video=SlackFile(file_id="F1"),
        )  # fmt: skip
        await parts.store.create(edit, "claim", most_open=1)
        if "status" in thread:
            status_ts = await alice.post(VIDEO_CHANNEL, "Got it", thread_ts=root)  # whoever replies, it is a reply
            await parts.move(edit, Shown(face="RECEIVED", status_ts=status_ts))
        await run(UNFIT, parts, "e1")
        (note,) = await parts.store.notebook.unsent()
        await tell(parts, note.note_id)
        (told,) = [message for message in await alice.history(VIDEO_CHANNEL) if message.get("ephemeral")]
        assert "has no picture" in told["text"]
        assert told.get("thread_ts") == (None if thread == "without a reply" else root)
