"""Trouble that used to lose what was paid, to pay twice, or to keep an edit for ever."""

import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import indexes
from bot.again import Way
from bot.app import open_bot
from bot.commit import Record, commit
from bot.edit import Edit, Reason, State
from bot.events import Canceled, Claimed
from bot.files import EXTERNAL, FileError, FileInfo
from bot.listeners.intake import Intake, Place
from bot.local import sandbox_settings
from bot.manifest import load
from bot.messages.blocks import Message
from bot.messages.status import status
from bot.sandbox.state import BOT_USER_ID
from bot.sandbox.workspace import LocalSlack
from bot.slack import SlackError
from bot.steps import submit
from bot.steps.adopt import adopt
from bot.steps.boundary import MOST_ATTEMPTS, PATIENCE, Step, run
from bot.steps.parts import Parts
from bot.steps.reconcile import PREPARED_AT_ONCE, AddJob, Reconcile
from bot.store import Store
from client.models import EditRequest
from client.sandbox.limits import Limits
from client.sandbox.server import LocalWan
from tests.blocks import whole
from tests.bots import EDIT_S, VIDEO_CHANNEL, Stage, result_in, settled_edit, small_clip, stage
from tests.stores import BACKENDS, new_edit, new_note, open_jobs, until

DIRECT = "D0ALICE01"
SLOW = Limits(pending_s=0.2, min_run_s=2.0, queries_per_s=100)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def parts_at(clock: Clock) -> AsyncIterator[tuple[Parts, LocalWan]]:
    """Give the parts of a bot that does not run, with a clock of their own."""
    async with LocalSlack(manifest=load()) as slack, LocalWan() as wan, open_bot(sandbox_settings(slack, wan)) as bot:
        yield replace(bot.parts, now=clock), wan


async def keep(parts: Parts, edit: Edit) -> Edit:
    assert await parts.store.create(edit, f"claim of {edit.edit_id}") is None
    return edit


def paid_edit(clock: Clock, state: State = State.DELIVERING) -> Edit:
    return new_edit(
        state=state, task_id="t1", result_url="https://result.invalid/x.mp4?Signature=s", user="U0ALICE01",
        created_at=clock.now, entered_at=clock.now, submitted_at=clock.now,
    )  # fmt: skip


async def while_it_runs(on: Stage, folder: Path) -> str:
    ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[small_clip(folder)])
    await until(lambda: any(task.status == "RUNNING" for task in on.wan.tasks.values()), EDIT_S)
    return ts


async def link_in_private(on: Stage) -> bool:
    return any("/results/" in str(message) for message in await on.alice.history(DIRECT))


@pytest.mark.parametrize("why", ["restricted_action_thread_locked", "thread_not_found", "missing_scope"])
async def test_a_paid_video_that_its_thread_refuses_goes_to_the_requester(why: str, tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        on.slack.faults.errors["files.completeUploadExternal"] = why
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[small_clip(tmp_path)])
        edit = await settled_edit(on, ts)
        assert (edit.state, edit.link_sent) == (State.DONE, True)
        assert await link_in_private(on)


async def test_a_bot_removed_from_the_channel_hands_a_paid_video_to_the_requester(tmp_path: Path) -> None:
    async with stage("memory", tmp_path, limits=SLOW) as on:
        ts = await while_it_runs(on, tmp_path)
        on.slack.state.channels[VIDEO_CHANNEL].members.remove(BOT_USER_ID)
        edit = await settled_edit(on, ts)
        assert (edit.state, edit.link_sent) == (State.DONE, True)
        assert await link_in_private(on)


async def test_a_token_that_is_refused_for_a_while_loses_no_paid_video(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        on.slack.faults.errors["files.getUploadURLExternal"] = "token_revoked"
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[small_clip(tmp_path)])
        await until(lambda: sum(name == "files.getUploadURLExternal" for name, _ in on.slack.calls) >= 2, EDIT_S)
        del on.slack.faults.errors["files.getUploadURLExternal"]
        assert await result_in(on, VIDEO_CHANNEL, ts)


async def test_a_failure_whose_status_message_was_deleted_is_told_anew(tmp_path: Path) -> None:
    async with stage("memory", tmp_path, limits=SLOW) as on:
        on.wan.faults.add("task", code="DataInspectionFailed", message="no")
        ts = await while_it_runs(on, tmp_path)
        await until(lambda: any(name == "chat.postMessage" for name, _ in on.slack.calls), EDIT_S)
        status = (await on.alice.thread(VIDEO_CHANNEL, ts))[1]
        channel = on.slack.state.channels[VIDEO_CHANNEL]
        on.slack.team.delete(channel.messages[status["ts"]])
        assert (await settled_edit(on, ts)).state is State.FAILED
        assert "content check" in str((await on.alice.thread(VIDEO_CHANNEL, ts))[-1])


async def test_a_failure_in_a_thread_that_is_closed_is_told_in_private(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        on.wan.faults.add("task", code="DataInspectionFailed", message="no")
        on.slack.faults.errors["chat.update"] = "restricted_action_thread_locked"
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[small_clip(tmp_path)])
        assert (await settled_edit(on, ts)).state is State.FAILED
        assert any("content check" in str(message) for message in await on.alice.history(DIRECT))


async def test_a_clock_that_jumps_ahead_makes_no_claim_old() -> None:
    clock = Clock()
    async with parts_at(clock) as (parts, _wan):
        edit = await keep(parts, new_edit(state=State.SUBMITTING, claimed_at=clock.now, created_at=clock.now))
        one = Reconcile(parts, recorder([]))
        await one()
        clock.now += timedelta(hours=1)
        await one()
        assert await state_of(parts, edit) is State.SUBMITTING


@pytest.mark.parametrize(("ahead", "known"), [(timedelta(minutes=3), True), (timedelta(hours=5), True), (None, False)])
async def test_a_lost_create_is_not_paid_again_where_the_list_proves_nothing(
    ahead: timedelta | None, known: bool
) -> None:
    clock = Clock()
    async with parts_at(clock) as (parts, _wan):
        if known:
            await parts.wan.create(EditRequest(prompt="make it sepia", video="https://example.com/a.mp4"))
        clock.now += ahead or timedelta()  # our machine is that far ahead of Wan
        edit = await keep(parts, new_edit(state=State.SUBMITTING, claimed_at=clock.now, created_at=clock.now))
        if ahead is None:  # the bot was off for so long that Wan lists the task no more
            clock.now += timedelta(hours=21)
        await adopt(parts, edit)
        found = await parts.store.get(edit.edit_id)
        assert found is not None
        assert found.failure is not None
        assert found.failure.reason is Reason.UNKNOWN_OUTCOME


async def test_what_another_program_made_before_our_newest_task_keeps_no_lost_create_from_being_sent_again() -> None:
    clock = Clock()
    foreign, ours = (EditRequest(prompt=prompt, video="https://example.com/a.mp4") for prompt in ("foreign", "ours"))
    async with parts_at(clock) as (parts, wan):
        foreign_task = await parts.wan.create(foreign)
        wan.tasks[foreign_task.task_id].submitted_at -= 60
        task = await parts.wan.create(ours)
        await keep(parts, paid_edit(clock, State.RUNNING).model_copy(update={"task_id": task.task_id}))
        clock.now += timedelta(minutes=3)
        edit = await keep(parts, new_edit(state=State.SUBMITTING, claimed_at=clock.now, created_at=clock.now))
        await adopt(parts, edit)
        assert await state_of(parts, edit) is State.WAITING


async def test_nothing_is_paid_for_an_edit_whose_cancel_is_saved() -> None:
    clock = Clock()
    async with parts_at(clock) as (parts, wan):
        edit = await keep(
            parts, new_edit(state=State.WAITING, video_url="https://example.com/a.mp4", cancel_requested_by="U1")
        )
        await run(submit.STEP, parts, edit.edit_id)
        assert wan.creates == 0
        assert await state_of(parts, edit) is State.WAITING


@pytest.mark.parametrize(
    ("trouble", "meanwhile", "reason"),
    [
        (SlackError("files.info", "internal_error", lasting=False), "did not work at once", Reason.LATER),
        (OSError(errno.ENOSPC, "No space left on device"), "The disk of this bot is full", Reason.ADMIN),
    ],
)
async def test_a_step_is_given_up_when_it_was_tried_for_hours_and_not_because_no_bot_was_there(
    trouble: Exception, meanwhile: str, reason: Reason
) -> None:
    clock = Clock()

    async def stumble(_parts: Parts, _edit: Edit) -> None:
        raise trouble

    async with parts_at(clock) as (parts, _wan):
        edit = await keep(parts, new_edit(state=State.PREPARING, created_at=clock.now, entered_at=clock.now))
        clock.now += timedelta(hours=5)
        began, step = clock.now, Step("prepare", frozenset({State.PREPARING}), stumble)
        while await state_of(parts, edit) is State.PREPARING:
            tried = await parts.store.get(edit.edit_id)
            assert tried is not None
            if tried.not_before:
                assert meanwhile in whole(status(tried, now=clock.now, place=None, waiting=None))
            clock.now = max(clock.now, tried.not_before or clock.now)
            await run(step, parts, edit.edit_id)
        assert PATIENCE < clock.now - began < 2 * PATIENCE
        given_up = await parts.store.get(edit.edit_id)
        assert given_up is not None
        assert given_up.failure is not None
        assert (given_up.failure.reason, given_up.failure.billed) == (reason, "no")


async def test_a_missing_field_in_an_answer_ends_the_edit_and_hands_the_paid_video_over() -> None:
    clock = Clock()

    async def stumble(_parts: Parts, _edit: Edit) -> None:
        raise KeyError("upload_url")

    async with parts_at(clock) as (parts, _wan):
        edit = await keep(parts, paid_edit(clock))
        for _try in range(MOST_ATTEMPTS):
            await run(Step("deliver", frozenset({State.DELIVERING}), stumble), parts, edit.edit_id)
            clock.now += timedelta(minutes=2)
        found = await parts.store.get(edit.edit_id)
        assert found is not None
        assert found.failure is not None
        assert (found.failure.reason, found.failure.billed) == (Reason.BUG, "yes")
        (note,) = await parts.store.notebook.unsent()
        assert note.channel == note.user
        assert "Signature=s" in note.text


async def test_a_step_that_falls_after_its_claim_is_not_told_to_have_cost_nothing() -> None:
    clock = Clock()

    async def claim_and_fall(parts: Parts, edit: Edit) -> None:
        await parts.move(edit, Claimed())
        raise RuntimeError("just after the paid request")

    async with parts_at(clock) as (parts, _wan):
        edit = await keep(parts, new_edit(state=State.WAITING, attempts=MOST_ATTEMPTS - 1))
        await run(Step("submit", frozenset({State.WAITING}), claim_and_fall), parts, edit.edit_id)
        assert await state_of(parts, edit) is State.SUBMITTING


async def test_many_requests_at_once_leave_the_worker_room_for_what_is_paid() -> None:
    clock = Clock()
    async with parts_at(clock) as (parts, _wan):
        for number in range(PREPARED_AT_ONCE * 2):
            await keep(parts, new_edit(f"e{number}"))
        added: list[tuple[str, str]] = []
        await Reconcile(parts, recorder(added))()
        assert sum(name == "prepare" for name, _ in added) == PREPARED_AT_ONCE


async def test_a_reaction_that_slack_delivers_again_after_its_retry_is_over_makes_no_second_one() -> None:
    clock = Clock()
    async with parts_at(clock) as (parts, _wan):
        ids = iter(["first", "second"])
        intake = Intake(parts.store, parts.settings, now=clock, new_id=lambda: next(ids), random_below=lambda top: 7)
        parent = await keep(parts, new_edit("parent", state=State.CANCELED))
        wish, place = "reaction:5.5:U1", Place("T1", "U1", "C1", "1.1")
        await intake.retry(place, parent, claim=wish, way=Way.NEW_SEED)
        await parts.store.move("first", Canceled(), clock.now)
        await intake.retry(place, parent, claim=wish, way=Way.NEW_SEED)
        assert await parts.store.get("second") is None


async def test_a_file_that_lies_with_another_service_is_never_fetched() -> None:
    async with parts_at(Clock()) as (parts, wan):
        address = f"{wan.base_url}/anything"  # on this machine, as somebody may have registered it as a remote file
        info = FileInfo("F1", "a.mp4", "video/mp4", 10, "U1", address, frozenset({"C1"}), {})
        with pytest.raises(FileError, match=EXTERNAL):
            await parts.files.fetch(info, Path("never written"), max_bytes=100)


async def test_what_we_posted_is_found_again_by_a_clock_that_is_ahead() -> None:
    clock = Clock()
    async with parts_at(clock) as (parts, _wan):
        said = Message("hello", [])
        _, ts = await parts.slack.post(VIDEO_CHANNEL, said, thread_ts=None, edit_id="e1", what="root")
        later = clock.now + timedelta(minutes=5)
        assert await parts.slack.find_own(VIDEO_CHANNEL, thread_ts=None, edit_id="e1", what="root", since=later) == ts


@pytest.mark.parametrize("backend", BACKENDS)
async def test_a_note_that_cannot_be_read_keeps_no_other_from_its_reader(backend: str, tmp_path: Path) -> None:
    async with open_jobs(backend, tmp_path) as jobs:
        store = Store(jobs)
        await store.notebook.save(new_note("bad"), "a")
        await store.notebook.save(new_note("good"), "b")
        await commit(jobs, indexes.note("bad"), Record("0", b"{}"), expected="0")
        assert [note.note_id for note in await store.notebook.unsent()] == ["good"]


def recorder(added: list[tuple[str, str]]) -> AddJob:
    async def add(name: str, job_id: str) -> None:
        added.append((name, job_id))

    return add


async def state_of(parts: Parts, edit: Edit) -> State:
    found = await parts.store.get(edit.edit_id)
    assert found is not None
    return found.state
