"""Slack's limits are kept by a pace of our own, and the last state of every edit is shown all the same."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.app import open_bot
from bot.edit import Edit, State
from bot.events import Delivered, Finished
from bot.jobs import Jobs
from bot.local import sandbox_settings
from bot.manifest import load
from bot.messages.status import face
from bot.pace import RATES, to_show
from bot.pacing import Pacing
from bot.sandbox.person import Person
from bot.sandbox.state import ALICE
from bot.sandbox.workspace import LocalSlack
from bot.slack import Slack, web_client
from bot.steps.parts import Parts
from bot.steps.reconcile import Reconcile
from bot.steps.show import show
from client.sandbox.server import LocalWan
from tests.bots import VIDEO_CHANNEL, settled_edit, small_clip, stage
from tests.edits import edit_in
from tests.stores import BACKENDS, NOON, new_edit, store_url

BOTH = pytest.mark.parametrize("backend", BACKENDS)
PASS_S = 2.5  # longer than the loop's own, which would only ask more often


@dataclass
class Clock:
    """A clock that a test moves."""

    passed_s: float = 0.0

    def __call__(self) -> datetime:
        return NOON + timedelta(seconds=self.passed_s)

    async def sleep(self, seconds: float) -> None:
        self.passed_s += seconds


@asynccontextmanager
async def showing(clock: Clock, edits: int) -> AsyncIterator[tuple[Parts, LocalSlack]]:
    """Give the parts of a bot by this clock, a workspace that counts by it, and so many edits that Wan works on."""
    async with (
        LocalSlack(manifest=load(), clock=lambda: clock.passed_s) as slack,
        LocalWan() as wan,
        open_bot(sandbox_settings(slack, wan)) as bot,
        aiohttp.ClientSession() as session,
    ):
        web = web_client(slack.bot_token, slack.api_url, session)
        paced = Slack(web, Pacing(bot.jobs, clock, sleep=clock.sleep))
        ts = await Person(slack.origin, ALICE).post(VIDEO_CHANNEL, "make it snow")
        for number in range(edits):
            await bot.parts.store.create(running_edit(f"e{number}", slack.team_id, ts), f"claim {number}")
        slack.faults.real_rate_limits = True
        yield replace(bot.parts, now=clock, slack=paced), slack


def running_edit(edit_id: str, team: str, ts: str) -> Edit:
    return new_edit(
        edit_id, state=State.RUNNING, submitted_at=NOON, user=ALICE, team=team, channel=VIDEO_CHANNEL, thread_ts=ts,
        request_ts=ts,
    )  # fmt: skip


async def bring_up_to_date(parts: Parts) -> int:
    """Show what a pass of the loop wants shown; return how much that was."""
    wanted: list[str] = []

    async def note(job: str, key: str) -> None:
        wanted.extend([key] * (job == "show"))

    await Reconcile(parts, note)()
    for edit_id in wanted:
        await show(parts, edit_id)
    return len(wanted)


async def test_a_hundred_updates_a_minute_for_thirty_edits_get_no_429_and_every_end_is_shown() -> None:
    clock, faces = Clock(), set[tuple[str, str]]()
    async with showing(clock, 30) as (parts, slack):
        edits = parts.store.open_edits
        while not all(edit.shown for edit in await edits()):
            await bring_up_to_date(parts)
            clock.passed_s += PASS_S
        begun_s, told = clock.passed_s, len(slack.calls)
        while clock.passed_s < begun_s + 60:  # their times so far change four times a minute
            faces |= {(edit.edit_id, face(edit, now=clock(), place=None)) for edit in await edits()}
            await bring_up_to_date(parts)
            clock.passed_s += PASS_S
        updates = [method for method, _ in slack.calls[told:]].count("chat.update")
        assert len(faces) >= 100
        assert 40 <= updates <= 50
        assert min(edit.shown_at or NOON for edit in await edits()) > NOON + timedelta(seconds=begun_s)

        for edit in await edits():
            await parts.move(await parts.move(edit, Finished(result_url="https://r.invalid")), Delivered())
        while await edits():
            await bring_up_to_date(parts)
            clock.passed_s += PASS_S
            assert clock.passed_s < begun_s + 180
        assert slack.limited == []
        posted = slack.state.channels[VIDEO_CHANNEL].messages.values()
        texts = [message.text for message in posted if message.user == slack.bot_user_id]
        assert len(texts) == 30
        assert all("Done in" in text for text in texts)


def test_ends_are_shown_before_beginnings_and_beginnings_before_the_oldest_news() -> None:
    old, older = NOON - timedelta(minutes=1), NOON - timedelta(minutes=2)
    edits = [
        edit_in(State.RUNNING, edit_id="news", shown="x", shown_at=old),
        edit_in(State.RUNNING, edit_id="old news", shown="x", shown_at=older),
        edit_in(State.RECEIVED, edit_id="beginning"),
        edit_in(State.DONE, edit_id="end", shown="x", shown_at=NOON),
    ]
    assert [edit.edit_id for edit in to_show(edits)] == ["end", "beginning", "old news", "news"]


@pytest.mark.parametrize(("method", "limit"), [("chat.update", 50), ("files.info", 100)])
async def test_no_minute_has_more_calls_than_the_tier_allows(method: str, limit: int) -> None:
    clock, times_s = Clock(), []
    async with Jobs.open("memory://tier") as jobs:
        pacing = Pacing(jobs, clock)
        for _ in range(3 * limit):
            wait_s = await pacing.take(method, None, longest_s=1000.0)
            assert wait_s is not None
            times_s.append(clock.passed_s + wait_s)
            clock.passed_s += wait_s
    most = max(sum(begin <= time < begin + 60 for time in times_s) for begin in times_s)
    assert 0.75 * limit <= most <= limit


@BOTH
async def test_what_can_be_spared_leaves_places_and_two_replicas_count_together(backend: str, tmp_path: Path) -> None:
    rate = RATES["chat.update"]
    async with store_url(backend, tmp_path) as url, Jobs.open(url) as one, Jobs.open(url) as two:
        replicas = [Pacing(jobs, Clock()) for jobs in (one, two)]
        spared = [
            await replicas[number % 2].take("chat.update", "C1", longest_s=0.0, spare=True)
            for number in range(rate.burst)
        ]
        assert spared == [0.0] * (rate.burst - rate.reserve) + [None] * rate.reserve
        assert await replicas[0].take("chat.update", "C1", longest_s=0.0) == 0.0


@BOTH
async def test_a_clock_that_was_ahead_holds_up_nothing(backend: str, tmp_path: Path) -> None:
    clock = Clock()
    async with store_url(backend, tmp_path) as url, Jobs.open(url) as jobs:
        pacing = Pacing(jobs, clock)
        clock.passed_s = 3600.0
        for _call in range(RATES["chat.update"].burst):
            assert await pacing.take("chat.update", "C1", longest_s=0.0) == 0.0
        await pacing.hold("files.info", None, 60.0)
        clock.passed_s = 0.0
        for method in ("chat.update", "files.info"):
            assert await pacing.take(method, "C1", longest_s=0.0) == 0.0


@BOTH
async def test_channels_have_a_pace_of_their_own_where_slack_counts_by_them(backend: str, tmp_path: Path) -> None:
    async with store_url(backend, tmp_path) as url, Jobs.open(url) as jobs:
        pacing = Pacing(jobs, Clock())
        assert await pacing.take("chat.postMessage", "C1", longest_s=0.0) == 0.0
        assert await pacing.take("chat.postMessage", "C1", longest_s=0.0) is None
        assert await pacing.take("chat.postMessage", "C2", longest_s=0.0) == 0.0
        await pacing.hold("chat.postMessage", "C2", 30.0)
        assert await pacing.take("chat.postMessage", "C2", longest_s=60.0) == pytest.approx(30.0, abs=0.01)


async def test_nothing_of_a_whole_edit_is_refused_by_the_real_limits(tmp_path: Path) -> None:
    async with stage("memory", tmp_path, slack_pace=1.0) as on:
        on.slack.faults.real_rate_limits = True
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor make it sepia", files=[small_clip(tmp_path)])
        assert (await settled_edit(on, ts)).state is State.DONE
        assert on.slack.limited == []
