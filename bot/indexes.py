"""Where an Edit is listed: the names of our keys and the entries that a record has in each index.

Pure: it says which entries a record must have; `bot/store.py` compares two versions of a record and writes the
difference in one step. Every index is a sorted set; a score is a time in seconds, negative where the newest comes
first (the memory backend cannot read a sorted set backwards), and in the list of open Edits the record's version.
"""

from __future__ import annotations

from bot.edit import Edit, State

OPEN = "open"
SUBMITTING = "submitting"
TERMINAL = "terminal"
FORGOTTEN = "forgotten"  # to be deleted once they are over
ACCOUNT_WIDE = (OPEN, SUBMITTING, TERMINAL, FORGOTTEN)
DISCARDED = "discarded"  # files of ours in Slack, by id, whose edits are gone
NOTES = "notes"
TOLD = "told"  # notes that were sent, by when
PROFILES = "profiles"  # all of them: a score is when the person was last seen
ATTENDED = "attended"  # those of whom something is to be shown or said, whoever came last first
SPENDINGS = "spendings"  # the sums of which periods there are: a score is when the period ends
TURNS = "turns"  # of `bot/queue.py`: members are people and channels, scores are their next turns


def record(edit_id: str) -> str:
    """Name the hash of one Edit."""
    return f"edit:{edit_id}"


def note(note_id: str) -> str:
    """Name the hash of one note."""
    return f"note:{note_id}"


def profile(name: str) -> str:
    """Name the hash of one person's profile."""
    return f"profile:{name}"


def claim(name: str) -> str:
    """Name the key that says who owns a claim."""
    return f"claim:{name}"


def message(team: str, channel: str, ts: str) -> str:
    """Name the index of the Edits that a Slack message belongs to."""
    return f"message:{team}:{channel}:{ts}"


def thread(team: str, channel: str, thread_ts: str) -> str:
    """Name the index of the Edits of a Slack thread."""
    return f"thread:{team}:{channel}:{thread_ts}"


def person(team: str, user: str) -> str:
    """Name the index of the Edits that a person asked for."""
    return f"person:{team}:{user}"


def open_of(team: str, user: str) -> str:
    """Name the index of a person's Edits that are not over, for the limit on them."""
    return f"open-of:{team}:{user}"


def task(task_id: str) -> str:
    """Name the index that leads from a provider's task to its Edit."""
    return f"task:{task_id}"


def finished_children(parent_id: str, way: str) -> str:
    """Name the index of the finished Edits that ran another one again in this way."""
    return f"finished:{parent_id}:{way}"


def durations(kind: str) -> str:
    """Name the set of past times of a kind of edits (`720P:1`)."""
    return f"durations:{kind}"


def spending(team: str, period: str) -> str:
    """Name the hash of a workspace's sums of one day or month (`2026-03-01`, `2026-03`)."""
    return f"spending:{team}:{period}"


def entries(edit: Edit) -> dict[str, float]:
    """Return every index that lists this Edit, with its score there."""
    oldest_first = edit.created_at.timestamp()
    newest_first = -oldest_first
    listed = {person(edit.team, edit.user): newest_first}
    if not edit.settled:
        listed[OPEN] = edit.version  # whoever has this version need not read the record again
    if edit.forgotten:
        listed[FORGOTTEN] = oldest_first
    if not edit.state.terminal:
        listed[open_of(edit.team, edit.user)] = oldest_first
    if edit.state is State.SUBMITTING:
        listed[SUBMITTING] = oldest_first
    if edit.state.terminal:
        listed[TERMINAL] = edit.entered_at.timestamp()
        if edit.parent_id is not None and edit.way:
            listed[finished_children(edit.parent_id, edit.way)] = oldest_first
    if edit.thread_ts is not None:
        listed[thread(edit.team, edit.channel, edit.thread_ts)] = newest_first
    for ts in (edit.request_ts, edit.status_ts, edit.result_ts):
        if ts is not None:
            listed[message(edit.team, edit.channel, ts)] = newest_first
    if edit.task_id is not None:
        listed[task(edit.task_id)] = oldest_first
    return listed
