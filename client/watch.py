"""How any number of tasks is followed through the list call: the decisions, without a clock or a socket.

The list is read by status, PENDING first and RUNNING after it, so that a task which moves on between the two reads
is seen in the second. A task that is in neither has finished, or the list is stale; either way one GET tells. Every
open task is asked for once a minute even when the list shows it, because the list promises nothing about its age.
List rows carry no result and no error: help.aliyun.com/zh/model-studio/manage-asynchronous-tasks
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

ASK_EVERY_S = 60.0
NONE_HELD: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Sighting:
    """What one pass over the list says: tasks that run, and tasks to ask for by one GET each."""

    running: frozenset[str]
    ask: tuple[str, ...]


def look(
    asked_at_s: Mapping[str, float],
    *,
    pending: Collection[str],
    running: Collection[str],
    now_s: float,
    held_until_s: Mapping[str, float] = NONE_HELD,
) -> Sighting:
    """Decide what the two list reads mean for our open tasks.

    `asked_at_s` maps each open task id to the time of its last GET or of its creation, in seconds of any steady clock.
    Tasks that came to it after the list was read must not be in it. `held_until_s` names tasks that are not to be asked
    for before a time, because they were, and had not finished though the list did not show them.
    """
    listed = set(pending) | set(running)
    due = {task for task in asked_at_s if held_until_s.get(task, now_s) <= now_s}
    finished = [task for task in asked_at_s if task in due and task not in listed]
    stale = [task for task, at in asked_at_s.items() if task in due and task in listed and now_s - at >= ASK_EVERY_S]
    return Sighting(running=frozenset(running) & asked_at_s.keys(), ask=(*finished, *stale))
