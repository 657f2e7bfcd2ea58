"""Following tasks while Wan is in trouble: nothing that is paid is given up early, and people are told."""

from __future__ import annotations

from datetime import timedelta

from bot.edit import Edit, Reason, State
from bot.messages.status import status
from bot.steps import submit
from bot.steps.boundary import run
from bot.steps.parts import Parts
from bot.steps.reconcile import Reconcile
from bot.steps.tasks import UNKNOWN_FOR_S
from client.models import EditRequest
from tests.bots import EDIT_S
from tests.stores import new_edit, until
from tests.test_adversity import Clock, keep, paid_edit, parts_at, recorder, state_of


async def test_an_edit_comes_back_although_the_task_list_cannot_be_read() -> None:
    clock = Clock()
    async with parts_at(clock) as (parts, wan):
        task = await parts.wan.create(EditRequest(prompt="make it sepia", video="https://example.com/a.mp4"))
        wan.faults.add("list", status=400, times=1000)
        edit = await keep(parts, paid_edit(clock, State.RUNNING).model_copy(update={"task_id": task.task_id}))
        await until(lambda: wan.tasks[task.task_id].status not in {"PENDING", "RUNNING"}, EDIT_S)
        added: list[tuple[str, str]] = []
        one = Reconcile(parts, recorder(added))
        await one()
        one._tasks._asked_at_s = dict.fromkeys(one._tasks._asked_at_s, -100.0)
        await one()
        found = await parts.store.get(edit.edit_id)
        assert found is not None
        assert found.state is not State.RUNNING


async def test_an_outage_of_wan_is_told_and_ends_by_itself() -> None:
    clock = Clock()
    async with parts_at(clock) as (parts, wan):
        task = await parts.wan.create(EditRequest(prompt="make it sepia", video="https://example.com/a.mp4"))
        running = paid_edit(clock, State.PENDING).model_copy(update={"task_id": task.task_id})
        edit = await keep(parts, running)
        wan.faults.add("list", status=503, times=1000)
        one = Reconcile(parts, recorder([]))
        await one()
        assert "does not answer" not in await _said(parts, edit)
        one._tasks._failing_since_s = -100.0
        await one()
        assert "does not answer" in await _said(parts, edit)
        wan.faults.clear()
        await one()
        assert "does not answer" not in await _said(parts, edit)


async def _said(parts: Parts, edit: Edit) -> str:
    found = await parts.store.get(edit.edit_id)
    assert found is not None
    return str(status(found, now=parts.now(), place=None, waiting=None).blocks)


async def test_what_wan_does_not_want_to_be_asked_for_a_minute_it_is_not_asked() -> None:
    clock = Clock()
    async with parts_at(clock) as (parts, wan):
        wan.faults.add("list", status=429, times=9, retry_after_s=60)
        wan.faults.add("create", status=429, retry_after_s=60)
        await keep(parts, paid_edit(clock, State.RUNNING))
        waiting = new_edit("e2", state=State.WAITING, video_url="https://example.com/a.mp4", created_at=clock.now)
        await keep(parts, waiting)
        one = Reconcile(parts, recorder([]))
        for _pass in range(3):
            await one()
        (left, _) = wan.faults.show()
        assert left["times"] == 8
        await run(submit.STEP, parts, "e2")
        refused = await parts.store.get("e2")
        assert refused is not None
        assert (refused.state, refused.not_before) == (State.WAITING, clock.now + timedelta(minutes=1))


async def test_a_task_that_cannot_be_asked_for_is_given_up_after_a_day() -> None:
    clock = Clock()
    async with parts_at(clock) as (parts, wan):
        edit = await keep(parts, paid_edit(clock, State.RUNNING))
        wan.faults.add("get", status=401, times=1000)
        one = Reconcile(parts, recorder([]))
        await one()
        clock.now += timedelta(hours=23)
        await one()
        assert (await state_of(parts, edit)) is State.RUNNING
        clock.now += timedelta(hours=2)
        await one()
        found = await parts.store.get(edit.edit_id)
        assert found is not None
        assert found.failure is not None
        assert (found.failure.reason, found.failure.billed) == (Reason.EXPIRED, "maybe")


async def test_a_task_that_wan_says_not_to_know_is_lost_after_a_while_or_after_a_day() -> None:
    clock = Clock()
    async with parts_at(clock) as (parts, wan):
        task = await parts.wan.create(EditRequest(prompt="make it sepia", video="https://example.com/a.mp4"))
        known = paid_edit(clock, State.RUNNING).model_copy(update={"task_id": task.task_id})
        unknown, old = (known.model_copy(update={"edit_id": name, "task_id": name}) for name in "uo")
        for edit in (known, unknown, old.model_copy(update={"submitted_at": clock.now - timedelta(hours=25)})):
            await keep(parts, edit)
        wan.faults.add("list", status=400, times=1000)
        wan.faults.add("get", unknown=True, times=3)
        one = Reconcile(parts, recorder([]))
        await one()
        one._tasks._asked_at_s = dict.fromkeys(one._tasks._asked_at_s, -100.0)
        await one()
        assert await state_of(parts, old) is State.FAILED
        assert {await state_of(parts, edit) for edit in (known, unknown)} == {State.RUNNING}
        one._tasks._asked_at_s = dict.fromkeys(one._tasks._asked_at_s, -100.0)
        one._tasks._unknown_since_s["u"] -= UNKNOWN_FOR_S
        clock.now += timedelta(minutes=15)
        await one()
        assert await state_of(parts, unknown) is State.FAILED
        assert known.task_id not in one._tasks._unknown_since_s
