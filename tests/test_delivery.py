"""A share that is held up, by us or by Slack, shows no second video."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import open_bot
from bot.edit import Edit, State
from bot.events import Completing
from bot.jobs import Jobs, StoppingError
from bot.local import sandbox_settings
from bot.manifest import load
from bot.pacing import Pacing
from bot.sandbox.person import Person
from bot.sandbox.state import ALICE
from bot.sandbox.workspace import LocalSlack
from bot.slack import SlackError
from bot.steps.deliver import SHARE_KNOWN_WITHIN, deliver, share
from bot.steps.parts import Parts
from client.sandbox.server import LocalWan
from tests.bots import VIDEO_CHANNEL, has_file, small_clip
from tests.stores import new_edit

Finished = tuple[Parts, LocalSlack, Edit, str, Jobs]


@asynccontextmanager
async def finished(now: Callable[[], datetime], folder: Path) -> AsyncIterator[Finished]:
    """Give a bot that does not run, an edit whose result is uploaded, the id of the upload, and the bot's jobs."""
    async with LocalSlack(manifest=load()) as slack, LocalWan() as wan, open_bot(sandbox_settings(slack, wan)) as bot:
        parts = replace(bot.parts, now=now)
        ts = await Person(slack.origin, ALICE).post(VIDEO_CHANNEL, "@video-editor make it snow")
        edit = new_edit(
            state=State.DELIVERING, task_id="t1", user=ALICE, team=slack.team_id, channel=VIDEO_CHANNEL, thread_ts=ts,
            request_ts=ts,
        )  # fmt: skip
        await parts.store.create(edit, "claim")
        yield parts, slack, edit, await parts.files.put(small_clip(folder), "edited.mp4"), bot.jobs


async def videos(slack: LocalSlack, edit: Edit) -> int:
    thread = await Person(slack.origin, ALICE).thread(VIDEO_CHANNEL, edit.thread_ts or "")
    return sum(map(has_file, thread))


async def test_a_process_that_stood_still_after_its_save_does_not_share_any_more(tmp_path: Path) -> None:
    clock = [datetime.now(UTC)]

    def now() -> datetime:  # eleven seconds pass between any two looks at the clock
        clock[0] += timedelta(seconds=11)
        return clock[0]

    async with finished(now, tmp_path) as (parts, slack, edit, upload_id, _):
        await share(parts, edit, upload_id)
        assert "files.completeUploadExternal" not in [method for method, _ in slack.calls]
        found = await parts.store.get(edit.edit_id)
        assert found is not None
        assert found.completing_at is not None


@pytest.mark.parametrize(("wait_s", "why"), [(60.0, StoppingError), (600.0, SlackError)])
async def test_a_share_that_never_left_need_not_be_looked_for(
    wait_s: float, why: type[Exception], tmp_path: Path
) -> None:
    async with finished(lambda: datetime.now(UTC), tmp_path) as (parts, slack, edit, upload_id, jobs):
        await Pacing(jobs, parts.now).hold("files.completeUploadExternal", None, wait_s)
        await jobs.stop()
        with pytest.raises(why):
            await share(parts, edit, upload_id)
        assert "files.completeUploadExternal" not in [method for method, _ in slack.calls]
        found = await parts.store.get(edit.edit_id)
        assert found is not None
        assert (found.state, found.completing_at) == (State.DELIVERING, None)


async def test_a_share_that_slack_carries_out_after_we_gave_it_up_shows_nothing(tmp_path: Path) -> None:
    clock = datetime.now(UTC)
    async with finished(lambda: clock, tmp_path) as (parts, slack, edit, upload_id, _):
        slack.faults.late_shares_s = 3600.0
        edit = await parts.move(edit, Completing(upload_id=upload_id))
        await parts.slack.call(
            "files.completeUploadExternal", files=[{"id": upload_id, "title": "t"}], channel_id=VIDEO_CHANNEL,
            thread_ts=edit.thread_ts,
        )  # fmt: skip
        clock += SHARE_KNOWN_WITHIN
        await deliver(parts, edit)
        found = await parts.store.get(edit.edit_id)
        assert found is not None
        assert found.upload_id is None
        slack.faults.late_shares_s = 0.5  # the old share is due at once, the new one later
        await share(parts, found, await parts.files.put(small_clip(tmp_path), "edited.mp4"))
        assert await videos(slack, edit) == 1
