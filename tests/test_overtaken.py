"""What a worker that stood still finds when it goes on: others did its step, and what they paid for is theirs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from bot.app import open_bot
from bot.edit import Edit, State
from bot.events import CancelRequested, Claimed, Created, Lost, Prepared
from bot.files import GONE, FileError
from bot.local import sandbox_settings
from bot.manifest import load
from bot.moves import ImpossibleMoveError
from bot.sandbox.workspace import LocalSlack
from bot.steps.adopt import adopt
from bot.steps.boundary import Step, run
from bot.steps.parts import Parts
from bot.steps.submit import submit
from client.sandbox.server import LocalWan
from tests.stores import new_edit


@asynccontextmanager
async def kept(edit: Edit) -> AsyncIterator[tuple[Parts, LocalWan]]:
    """Give a bot that does not run, and has this edit."""
    async with LocalSlack(manifest=load()) as slack, LocalWan() as wan, open_bot(sandbox_settings(slack, wan)) as bot:
        assert await bot.parts.store.create(edit, "claim") is None
        yield bot.parts, wan


async def test_the_trouble_of_a_step_that_another_worker_has_done_ends_nothing_that_is_paid() -> None:
    async def stand_still(parts: Parts, edit: Edit) -> None:
        for event in (Prepared(video_url="oss://v", source_s=5.0), Claimed(), Created(task_id="t1")):
            await parts.move(edit, event)
        raise FileError(GONE)

    async with kept(new_edit(state=State.PREPARING)) as (parts, _):
        await run(Step("prepare", frozenset({State.PREPARING}), stand_still), parts, "e1")
        edit = await parts.store.get("e1")
        assert edit is not None
        assert (edit.state, edit.failure) == (State.PENDING, None)
        assert await parts.store.notebook.unsent() == []


@pytest.mark.parametrize("fault", [{"status": 429}, {"status": 400}, {}])
async def test_an_answer_that_comes_after_the_claim_was_given_up_touches_no_other_claim(
    fault: dict[str, int],
) -> None:
    waiting = new_edit(state=State.WAITING, video_url="https://example.com/a.mp4")
    async with kept(waiting) as (parts, wan):
        wan.faults.add("create", delay_s=0.2, **fault)
        submitting = asyncio.create_task(submit(parts, waiting))
        while await parts.store.get("e1") == waiting:  # noqa: ASYNC110 - saved in between
            await asyncio.sleep(0)
        await parts.move(waiting, Lost())
        another = await parts.store.move("e1", Claimed(), parts.now() + timedelta(minutes=3))
        with pytest.raises(ImpossibleMoveError, match="somebody else"):
            await submitting
        assert await parts.store.get("e1") == another


async def test_an_outdated_look_at_the_list_changes_nothing() -> None:
    now = datetime.now(UTC)
    outdated = new_edit(state=State.SUBMITTING, claimed_at=now, created_at=now, lost_creates=1)
    async with kept(outdated) as (parts, _):
        await parts.move(outdated, CancelRequested(by="U1"))
        with pytest.raises(ImpossibleMoveError, match="changed meanwhile"):
            await adopt(parts, outdated)
