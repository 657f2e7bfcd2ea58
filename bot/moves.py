"""The table of moves, and `apply`: the only way an Edit changes.

`MOVES` is data: which event takes an Edit from which state to which. An unknown pair raises, so a late or doubled
job can never push an Edit backwards. The README's state diagram is checked against it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, assert_never

from bot.edit import OPEN, Edit, Errand, State
from bot.events import (
    Approved,
    Asked,
    Began,
    Canceled,
    CancelRequested,
    CancelTooLate,
    Claimed,
    Completing,
    Created,
    Declined,
    Delivered,
    Ended,
    Event,
    Failed,
    Finished,
    Forgotten,
    Held,
    Lost,
    NotBilled,
    NotShared,
    NotShown,
    Opened,
    Outage,
    Pictured,
    Posting,
    Postponed,
    Prepared,
    Refused,
    Sharing,
    Shown,
    Started,
    Tried,
)

LONGEST_PUT_OFF = timedelta(minutes=15)
LONGEST_BREAK = timedelta(hours=1)  # between two tries of a bot that runs, which pauses for minutes

_STAY_OPEN = {state: state for state in OPEN}
_STAY_DONE = {State.DONE: State.DONE}
_STAY = {state: state for state in State}

MOVES: dict[type[Event], dict[State, State]] = {
    Began: {State.RECEIVED: State.PREPARING},
    Prepared: {State.PREPARING: State.WAITING},
    Held: {State.PREPARING: State.APPROVING},
    Approved: {State.APPROVING: State.WAITING},
    Declined: {State.APPROVING: State.FAILED},
    Claimed: {State.WAITING: State.SUBMITTING},
    Refused: {State.SUBMITTING: State.WAITING},
    Lost: {State.SUBMITTING: State.WAITING},
    Created: {State.SUBMITTING: State.PENDING},
    Started: {State.PENDING: State.RUNNING},
    Finished: {State.PENDING: State.DELIVERING, State.RUNNING: State.DELIVERING},
    Completing: {State.DELIVERING: State.DELIVERING},
    NotShared: {State.DELIVERING: State.DELIVERING},
    Delivered: {State.DELIVERING: State.DONE},
    Canceled: dict.fromkeys(
        (State.RECEIVED, State.PREPARING, State.APPROVING, State.WAITING, State.PENDING), State.CANCELED
    ),
    Failed: dict.fromkeys(OPEN, State.FAILED),
    Postponed: _STAY_OPEN,
    CancelRequested: _STAY_OPEN,
    Outage: {State.PENDING: State.PENDING, State.RUNNING: State.RUNNING},
    CancelTooLate: {State.RUNNING: State.RUNNING, State.DELIVERING: State.DELIVERING},
    NotBilled: {State.FAILED: State.FAILED},
    Asked: _STAY_DONE,
    Tried: _STAY_DONE,
    Sharing: _STAY_DONE,
    Ended: _STAY_DONE,
    Pictured: _STAY_DONE,
    Posting: _STAY,
    Forgotten: _STAY,
    Opened: _STAY,
    Shown: _STAY,
    NotShown: _STAY,
}


class ImpossibleMoveError(Exception):
    """The event cannot happen to an Edit in this state; whoever sends it works on an outdated copy."""


def can(edit: Edit, event: type[Event]) -> bool:
    """Say whether this kind of event is possible in the Edit's state."""
    return edit.state in MOVES[event]


def cancellable(edit: Edit) -> bool:
    """Say whether a cancel can still keep the edit from being paid for."""
    return can(edit, Canceled) or edit.state is State.SUBMITTING


def is_due(edit: Edit, now: datetime) -> bool:
    """Say whether the time has come before which nothing is to be tried.

    No step puts anything off for so long as a clock does that was ahead and was set back.
    """
    return edit.not_before is None or not now < edit.not_before < now + LONGEST_PUT_OFF


def troubled_since(edit: Edit, now: datetime) -> datetime:
    """Return since when the step that meets trouble now has been tried without success.

    While no bot ran nobody tried, so the trouble begins anew after such a break.
    """
    tried_lately = edit.not_before is not None and now - edit.not_before < LONGEST_BREAK
    return edit.troubled_at if edit.troubled_at and tried_lately else now


def apply(edit: Edit, event: Event, now: datetime) -> Edit:
    """Return the Edit as it is after the event; raise ImpossibleMoveError where the table has no such move.

    The version counts every change and is what the store compares before it saves.
    """
    target = MOVES[type(event)].get(edit.state)
    if target is None:
        raise ImpossibleMoveError(f"{type(event).__name__} is not possible in {edit.state.value}")
    if isinstance(event, Completing) and edit.completing_at is not None:
        raise ImpossibleMoveError("another delivery is completing already")
    if isinstance(event, Lost) and edit.lost_creates:
        raise ImpossibleMoveError("a create is repeated once at most")
    if isinstance(event, Pictured) and event.poster and edit.removal is not None:
        raise ImpossibleMoveError("nothing is made of a video that is to be deleted")
    changes: dict[str, Any] = {"version": edit.version + 1, "state": target, **_changes(edit, event, now)}
    if target is not edit.state:
        changes |= {"entered_at": now, "attempts": 0, "troubled_at": None, "outage": False}
        changes.setdefault("not_before", None)
    return edit.model_copy(update=changes)


def _changes(edit: Edit, event: Event, now: datetime) -> dict[str, Any]:
    """Return the fields that the event sets, beyond state, version and book-keeping of attempts."""
    match event:
        case Began():
            return {}
        case Canceled():
            return {"charge": edit.charge.released}
        case Prepared():
            return {
                "video_url": event.video_url,
                "image_urls": event.image_urls,
                "source_s": event.source_s,
                "fitted": event.fitted,
                "looks": event.looks,
                "charge": event.charge,
            }
        case Approved():
            return {"approved_by": event.by, "approved_at": now}
        case Claimed():
            return {"claimed_at": now}
        case Refused():
            return {"claimed_at": None, "not_before": event.until, "refusals": edit.refusals + 1}
        case Lost():
            return {"claimed_at": None, "lost_creates": edit.lost_creates + 1}
        case Created():
            return {
                "task_id": event.task_id,
                "adopted": event.adopted,
                "submitted_at": edit.claimed_at,
                "image_urls": _still_needed(edit),
            }
        case Started():
            return {"started_at": now}
        case Finished():
            charge = event.charge or edit.charge
            return {"result_url": event.result_url, "usage": event.usage, "finished_at": now, "charge": charge}
        case Completing():
            return {"upload_id": event.upload_id, "completing_at": now, "faults": event.faults}
        case NotShared():
            return {"upload_id": None, "completing_at": None}
        case Delivered():
            return {"result_ts": event.result_ts, "link_sent": event.link_sent, "result_url": None}
        case Failed():
            paid = edit.finished_at is not None or event.failure.billed != "no"
            charge = edit.charge if paid else edit.charge.released
            ended = {"failure": event.failure, "result_url": None, "charge": charge}
            return ended | {"link_sent": event.link_sent}
        case NotBilled():
            failure = edit.failure and edit.failure.model_copy(update={"billed": "no"})
            released = edit.charge.released
            return {"failure": failure, "charge": released, "not_billed_by": event.by, "unsaid": True}
        case Postponed():
            since = troubled_since(edit, now)
            again = {"not_before": event.until, "troubled_at": since, "no_room": event.no_room}
            return {"attempts": edit.attempts + event.counts, **again}
        case CancelRequested():
            return {"cancel_requested_by": event.by}
        case Forgotten():
            return {"forgotten": True}
        case Outage():
            return {"outage": event.on}
        case CancelTooLate():
            return {"cancel_too_late": True}
        case Ended(errand="removal", done=True):
            return {event.errand: _errand(edit, event), "unsaid": True}
        case Asked() | Tried() | Sharing() | Ended():
            return {event.errand: _errand(edit, event)}
        case Pictured():
            return {"poster": event.poster}
        case Posting():
            return {"posting": edit.posting | {event.what}}
        case Opened():
            return {
                "channel": event.channel,
                "thread_ts": event.thread_ts,
                "request_ts": edit.request_ts or event.thread_ts,  # it stands for the request that nobody posted
            }
        case Shown():
            return {
                "shown": event.face,
                "shown_at": now,
                "status_ts": event.status_ts or edit.status_ts,
                "show_attempts": 0,
                "unsaid": False,
            }
        case NotShown():
            return {"show_attempts": edit.show_attempts + 1}
        case _:
            assert_never(event)


def _errand(edit: Edit, event: Asked | Tried | Sharing | Ended) -> Errand | None:
    """Return what becomes of an errand; it is asked for once, and only what is under way can go on."""
    errand = edit.comparison if event.errand == "comparison" else edit.removal
    if isinstance(event, Asked):
        if errand is not None:
            raise ImpossibleMoveError(f"the {event.errand} is asked for already")
        return Errand(by=event.by, language=event.language)
    if errand is None or edit.errand != event.errand:
        raise ImpossibleMoveError(f"no {event.errand} is under way")
    match event:
        case Tried():
            return errand.model_copy(update={"attempts": errand.attempts + 1, "not_before": event.until})
        case Sharing():
            return errand.model_copy(update={"file_ids": event.file_ids})
        case Ended():
            return errand.model_copy(update={"over": True}) if event.done else None
        case _:
            assert_never(event)


def _still_needed(edit: Edit) -> tuple[str, ...]:
    """Return the links of the pictures after the create, without those that hold a whole picture: nobody asks again.

    Another variation may still take them over.
    """
    if edit.variations > 1:
        return edit.image_urls
    return tuple(url for url in edit.image_urls if not url.startswith("data:"))
