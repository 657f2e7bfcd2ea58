"""Reconcile: the one loop of a provider account. Records are the truth; every job is derived from them again.

One pass reads all unsettled edits, carries out cancels, follows the tasks through the list, chooses who goes next,
and adds every job that the records call for. Adding is free, because jobs are told apart by their keys, so a job that
was lost comes back with the next pass.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot import queue
from bot.edit import Edit, State
from bot.events import Canceled, CancelTooLate
from bot.messages.variations import face
from bot.moves import is_due
from bot.pace import to_show
from bot.steps.adopt import adopt, give_up
from bot.steps.ages import Ages, claim, unshown, untold
from bot.steps.approval import follow_up
from bot.steps.boundary import FRESH, PATIENCE, attempt_each, several_at_once
from bot.steps.parts import Parts
from bot.steps.tasks import Tasks
from client.errors import WanError

AddJob = Callable[[str, str], Awaitable[None]]
Wanted = tuple[str, str, int | str]  # a job, its edit, and what would make it another wish: a version, or a face
FEW, ADD_AGAIN_AFTER_S = 50, 3.0  # how long a lost job may stay lost where there are more than a few
PREPARED_AT_ONCE = 8  # of a worker's 20 places: the rest is for what is short or paid for


class Reconcile:
    """One pass after another; between passes it only remembers when it last did things, so that any replica can."""

    def __init__(self, parts: Parts, add_job: AddJob) -> None:
        self._parts = parts
        self._add_job = add_job
        self._tasks = Tasks(parts)
        self._ages = Ages()
        self._added_s: dict[Wanted, float] = {}

    async def __call__(self) -> None:
        """Do one pass. What one edit's trouble raises is logged, and the other edits go on."""
        notes, edits = await self._parts.store.notebook.unsent(), await self._parts.store.open_edits()
        self._ages.see([*map(untold, notes), *map(unshown, edits), *map(claim, edits)])
        for note in notes:
            if self._ages.rested(untold(note), note.attempts):
                await self._add_job("tell", note.note_id)
        if not edits:
            return
        canceled = [edit for edit in edits if edit.cancel_requested_by]
        await attempt_each(self._parts, "cancel", canceled, self._cancel)
        held = [edit for edit in edits if edit.state is State.APPROVING and not edit.cancel_requested_by]
        await attempt_each(self._parts, "approval", held, lambda edit: follow_up(self._parts, edit))
        await attempt_each(self._parts, "adopt", [edit for edit in edits if self._adoptable(edit)], self._adopt)
        await self._tasks.follow([edit for edit in edits if edit.task_id and not edit.state.terminal])
        await self._add_jobs(await self._parts.store.open_edits())

    async def _add_jobs(self, edits: Sequence[Edit]) -> None:
        now = self._parts.now()
        turns = await self._parts.store.turns()
        places = queue.places(edits, turns)
        chosen = queue.next_to_send(edits, turns, now=now, running_limit=self._parts.settings.running_limit)
        if chosen is not None:
            await self._add_job("submit", chosen.edit_id)
        due = [edit for edit in edits if is_due(edit, now)]
        fresh = [edit for edit in due if edit.state in FRESH]
        unprepared = {edit.edit_id for edit in edits if edit.state in FRESH}
        fresh = [edit for edit in fresh if edit.variation == 1 or edit.first_id not in unprepared]
        wanted: list[Wanted] = [("prepare", edit.edit_id, edit.version) for edit in fresh[:PREPARED_AT_ONCE]]
        wanted += [("deliver", edit.edit_id, edit.version) for edit in due if edit.state is State.DELIVERING]
        wanted += [(edit.errand, edit.edit_id, edit.version) for edit in edits if edit.errand]
        by_id = {edit.edit_id: edit for edit in edits}
        faces = {
            edit.edit_id: face([by_id.get(edit_id) for edit_id in edit.set_ids], now=now, places=places)
            for edit in edits
            if edit.variation == 1 and self._ages.rested(unshown(edit), edit.show_attempts)
        }
        outdated = (by_id[edit_id] for edit_id, shown in faces.items() if shown != by_id[edit_id].shown)
        wanted += [("show", edit.edit_id, faces[edit.edit_id]) for edit in to_show(outdated)]
        wanted += [("show", edit.edit_id, edit.version) for edit in edits if self._unsaid(edit, by_id)]
        await self._add_wanted(wanted)

    def _unsaid(self, edit: Edit, by_id: Mapping[str, Edit]) -> bool:
        """Say whether the message of an edit's set is to be shown again, for what changed after its end."""
        alone = edit.variation == 1 or edit.first_id not in by_id  # else the first one's own turn comes before
        return edit.unsaid and alone and self._ages.rested(unshown(edit), edit.show_attempts)

    async def _add_wanted(self, wanted: Sequence[Wanted]) -> None:
        """Add jobs; where they are many, those that were not added just now for the same reason.

        Adding again does nothing, but it is a round trip to the server each.
        """
        now_s = time.monotonic()
        recent_s = now_s - (ADD_AGAIN_AFTER_S if len(wanted) > FEW else 0.0)
        known_s = {job: self._added_s[job] for job in wanted if self._added_s.get(job, recent_s) > recent_s}
        missing = [job for job in wanted if job not in known_s]
        await several_at_once(missing, lambda job: self._add_job(job[0], job[1]))
        self._added_s = dict.fromkeys(missing, now_s) | known_s

    # -- cancels ---------------------------------------------------------------------------------------------------

    async def _cancel(self, edit: Edit) -> None:
        """Carry out a cancel where it can be, and say so where it cannot."""
        match edit.state:
            case State.RECEIVED | State.PREPARING | State.APPROVING | State.WAITING:
                await self._parts.move(edit, Canceled())
            case State.PENDING if edit.task_id:
                # False: it runs already; the next look at the task says so, and the cancel is then too late.
                if await self._parts.wan.cancel(edit.task_id):
                    await self._parts.move(edit, Canceled())
                else:
                    await self._tasks.ask(edit)
            case State.RUNNING | State.DELIVERING if not edit.cancel_too_late:
                await self._parts.move(edit, CancelTooLate())

    # -- creates without an answer ---------------------------------------------------------------------------------

    def _adoptable(self, edit: Edit) -> bool:
        if edit.state is not State.SUBMITTING or not is_due(edit, self._parts.now()):
            return False
        return self._ages.age_s(claim(edit)) >= self._parts.settings.adopt_after_s

    async def _adopt(self, edit: Edit) -> None:
        try:
            await adopt(self._parts, edit)
        except WanError:
            if self._ages.age_s(claim(edit)) < PATIENCE.total_seconds():
                raise
            await give_up(self._parts, edit)  # one claim keeps all other edits waiting
