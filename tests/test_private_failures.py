"""What goes wrong early is told privately where the requester can see it, whatever Slack shows of the thread."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.again import Way
from bot.edit import Edit, SlackFile, State
from bot.events import Shown
from bot.listeners.intake import Intake, Place
from bot.media.gate import Unfit
from bot.sandbox.person import Person
from bot.sandbox.state import ALICE, BOB
from bot.steps import prepare
from bot.steps.boundary import FRESH, Step, run
from bot.steps.parts import Parts
from bot.steps.show import show
from bot.steps.tell import tell
from client.errors import UnexpectedAnswer
from tests.bots import RANDOM_CHANNEL, SECRET_CHANNEL, VIDEO_CHANNEL, idle_bot
from tests.edits import edit_in


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


async def _undeliverable(_parts: Parts, _edit: Edit) -> None:
    raise UnexpectedAnswer("Odd")


async def test_a_paid_delivery_that_fails_hands_the_link_over_and_the_record_says_so(tmp_path: Path) -> None:
    async with idle_bot("memory", tmp_path) as (bot, slack):
        parts, now, link = bot.parts, bot.parts.now(), "https://result.example/secret"
        edit = edit_in(
            State.DELIVERING, team=slack.team_id, user=ALICE, channel=VIDEO_CHANNEL, created_at=now, entered_at=now,
            finished_at=now, result_url=link, task_id="t1",
        )  # fmt: skip
        await parts.store.create(edit, "claim", most_open=1)
        await run(Step("deliver", frozenset({State.DELIVERING}), _undeliverable), parts, "e1")
        (note,) = await parts.store.notebook.unsent()
        assert note.channel == ALICE
        assert link in note.text
        failed = await parts.store.get("e1")
        assert failed is not None
        assert (failed.state, failed.link_sent, failed.result_url) == (State.FAILED, True, None)


@pytest.mark.parametrize("channel", [SECRET_CHANNEL, RANDOM_CHANNEL])  # Bob is not in the one, the bot not in the other
async def test_no_edit_evades_the_allowed_channels_into_direct_messages(channel: str, tmp_path: Path) -> None:
    async with idle_bot("memory", tmp_path) as (bot, slack):
        settings = bot.parts.settings.model_copy(update={"allowed_channels": frozenset({channel})})
        parts, bob = replace(bot.parts, settings=settings), Person(slack.origin, BOB)
        now = parts.now()
        edit = edit_in(
            State.RECEIVED, team=slack.team_id, user=BOB, channel=channel, channel_chosen=True, thread_ts=None,
            created_at=now, entered_at=now,
        )  # fmt: skip
        await parts.store.create(edit, "claim", most_open=1)
        await run(prepare.STEP, parts, "e1")
        for note in await parts.store.notebook.unsent():
            await tell(parts, note.note_id)
        await show(parts, "e1")
        failed = await parts.store.get("e1")
        assert failed is not None
        assert (failed.state, failed.thread_ts, failed.video_url) == (State.FAILED, None, None)
        (said,) = await bob.history("D0BOB0001")
        assert "our direct messages are not set up for edits" in said["text"]
        assert "It cost nothing." in said["text"]


@pytest.mark.parametrize("allowed", ["all", "the direct messages"])
async def test_where_direct_messages_are_allowed_a_thread_may_begin_there(allowed: str, tmp_path: Path) -> None:
    async with idle_bot("memory", tmp_path) as (bot, slack):
        direct, now = "D0BOB0001", bot.parts.now()
        only_in = frozenset({SECRET_CHANNEL, direct}) if "direct" in allowed else frozenset()
        parts = replace(bot.parts, settings=bot.parts.settings.model_copy(update={"allowed_channels": only_in}))
        await parts.store.profiles.update(slack.team_id, BOB, lambda _: {"direct": direct, "seen_at": now})
        edit = edit_in(
            State.RECEIVED, team=slack.team_id, user=BOB, channel=SECRET_CHANNEL, channel_chosen=True, thread_ts=None,
            created_at=now, entered_at=now,
        )  # fmt: skip
        await parts.store.create(edit, "claim", most_open=1)
        await run(prepare.STEP, parts, "e1")  # which finds no such file, in the thread that it began
        begun = await parts.store.get("e1")
        assert begun is not None
        assert begun.channel == direct
        assert begun.thread_ts is not None


async def test_whoever_asks_again_before_there_was_a_thread_must_still_be_in_the_channel(tmp_path: Path) -> None:
    async with idle_bot("memory", tmp_path) as (bot, _slack):
        store, now = bot.parts.store, bot.parts.now
        intake = Intake(store, bot.parts.settings, now, new_id=lambda: "e2", random_below=lambda top: 7)
        failed = edit_in(State.FAILED, channel=SECRET_CHANNEL, channel_chosen=True, thread_ts=None)
        await intake.retry(Place("T1", BOB, SECRET_CHANNEL), failed, claim="press", way=Way.SAME)
        (again,) = await store.open_edits()
        assert (again.channel, again.channel_chosen) == (SECRET_CHANNEL, True)
