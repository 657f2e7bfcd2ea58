"""Slack's limits are kept by a pace of our own, and the last state of every edit is shown all the same."""

import random
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.edit import Edit, State
from bot.jobs import Jobs
from bot.pace import RATES, TIER_3, to_show
from bot.pacing import Pacing
from tests.bots import VIDEO_CHANNEL, settled_edit, small_clip, stage
from tests.edits import edit_in
from tests.stores import BACKENDS, NOON, store_url

BOTH = pytest.mark.parametrize("backend", BACKENDS)
PASS_S, NEWS_END_S = 0.75, 60.0


@dataclass
class Clock:
    """A clock that a test moves."""

    passed_s: float = 0.0

    def __call__(self) -> datetime:
        return NOON + timedelta(seconds=self.passed_s)


@dataclass
class SlackByTheBook:
    """Count as Slack's page says: so many calls in any minute."""

    per_minute: int
    refused: int = 0
    _recent: deque[float] = field(default_factory=deque)

    def call(self, now_s: float) -> None:
        while self._recent and self._recent[0] <= now_s - 60:
            self._recent.popleft()
        self.refused += len(self._recent) >= self.per_minute
        self._recent.append(now_s)


def _face(edit: Edit) -> str:
    return f"{edit.state} {edit.version}"


async def test_a_hundred_updates_a_minute_for_thirty_edits_get_no_429_and_every_end_is_shown() -> None:
    clock, slack, dice = Clock(), SlackByTheBook(TIER_3), random.Random(5)
    edits = [edit_in(State.RUNNING, edit_id=f"e{number}", created_at=NOON, shown="RUNNING 0") for number in range(30)]
    due_s = sorted(dice.uniform(0, NEWS_END_S) for _ in range(100))
    async with Jobs.open("memory://pace") as jobs:
        pacing = Pacing(jobs, clock)
        while due_s or any(edit.shown != _face(edit) or not edit.state.terminal for edit in edits):
            while due_s and due_s[0] <= clock.passed_s:
                due_s.pop(0)
                lucky = dice.randrange(len(edits))
                edits[lucky] = edits[lucky].model_copy(update={"version": edits[lucky].version + 1})
            if not due_s:
                edits = [edit.model_copy(update={"state": State.DONE}) for edit in edits]
            for edit in to_show(edit for edit in edits if edit.shown != _face(edit)):
                over = edit.state.terminal
                wait_s = await pacing.take("chat.update", "C1", longest_s=120.0 if over else 0.0, spare=not over)
                if wait_s is None:
                    break
                clock.passed_s += wait_s
                slack.call(clock.passed_s)
                shown = {"shown": _face(edit), "shown_at": clock()}
                edits[edits.index(edit)] = edit.model_copy(update=shown)
            clock.passed_s += PASS_S
            assert clock.passed_s < 300
    assert slack.refused == 0
    assert {edit.shown for edit in edits} == {_face(edit) for edit in edits}


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
async def test_channels_have_a_pace_of_their_own_where_slack_counts_by_them(backend: str, tmp_path: Path) -> None:
    async with store_url(backend, tmp_path) as url, Jobs.open(url) as jobs:
        pacing = Pacing(jobs, Clock())
        assert await pacing.take("chat.postMessage", "C1", longest_s=0.0) == 0.0
        assert await pacing.take("chat.postMessage", "C1", longest_s=0.0) is None
        assert await pacing.take("chat.postMessage", "C2", longest_s=0.0) == 0.0
        await pacing.hold("chat.postMessage", "C2", 30.0)
        assert await pacing.take("chat.postMessage", "C2", longest_s=60.0) == pytest.approx(30.0, abs=0.01)


async def test_a_workspace_with_the_real_limits_never_has_to_refuse_anything(tmp_path: Path) -> None:
    clip = small_clip(tmp_path)
    async with stage("memory", tmp_path, slack_pace=1.0) as on:
        on.slack.faults.real_rate_limits = True
        asked = [await on.alice.post(VIDEO_CHANNEL, "@video-editor make it sepia", files=[clip]) for _ in range(2)]
        for ts in asked:
            assert (await settled_edit(on, ts)).state is State.DONE
        assert on.slack.limited == []
