"""The one status message of an edit, edited in place, and the emoji on the request.

`face` is the short key of what people see: as long as it stays the same, the message need not be edited.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from bot.edit import Edit, Reason, State
from bot.messages.blocks import Block, Message, actions, button, confirmation, context, quote, section
from bot.messages.words import CANCEL, billed, buttons, cost, duration, next_step, options
from bot.moves import cancellable
from bot.text import escape, shorten

TICK_S = 15  # Slack allows about one edit a second in a channel, for all edits together
USUALLY = "usually 4–11 min"  # submit to end, as observed; the vendor's own page says 1-5

_PHASES = ("Prepare", "Wait", "Edit", "Deliver")
_PHASE_OF = {
    State.RECEIVED: 0, State.PREPARING: 0, State.WAITING: 1, State.SUBMITTING: 1, State.PENDING: 2, State.RUNNING: 2,
    State.DELIVERING: 3,
}  # fmt: skip
_HEADINGS = {
    State.RECEIVED: "Got it",
    State.PREPARING: "Checking and sending your video",
    State.WAITING: "Waiting for a free place",
    State.SUBMITTING: "Handing it over to Wan",
    State.PENDING: "Wan has it and will begin soon",
    State.RUNNING: "Wan is editing your video",
    State.DELIVERING: "Bringing the edited video here",
}
_MARKS = {State.DONE: "white_check_mark", State.FAILED: "warning", State.CANCELED: "warning"}
_RETRIED = (State.PREPARING, State.WAITING, State.DELIVERING)  # where `not_before` means that something went wrong


def mark(state: State) -> str:
    """Return the name of the emoji that shows the state on the request; marks are only ever added."""
    return _MARKS.get(state, "eyes")


def face(edit: Edit, *, now: datetime, place: int | None) -> str:
    """Return a key that changes exactly when the status message should; for an edit that is over it is its state."""
    if edit.state.terminal:
        return edit.state.value
    parts = [edit.state.value]
    if edit.state is State.WAITING and place is not None:
        parts.append(f"place {place}")
    if (running := _elapsed(edit, now)) is not None:
        parts.append(f"{int(running.total_seconds())} s")
    if exception := _exception(edit):
        parts.append(exception)
    return " ".join(parts)


def status(edit: Edit, *, now: datetime, place: int | None, waiting: int | None) -> Message:
    """Write the status message: progress while the edit is under way, and how it ended afterwards.

    `place` and `waiting` are the edit's place in the queue and the length of the queue, while it waits.
    """
    match edit.state:
        case State.DONE:
            return _done(edit)
        case State.FAILED:
            return _failed(edit)
        case State.CANCELED:
            return _canceled(edit)
        case _:
            return _under_way(edit, now=now, place=place, waiting=waiting)


def _under_way(edit: Edit, *, now: datetime, place: int | None, waiting: int | None) -> Message:
    heading = _HEADINGS[edit.state]
    detail = _detail(edit, now=now, place=place, waiting=waiting)
    blocks = [section(f"*{heading}*"), quote(edit.instruction), section(_phases(edit, detail))]
    if exception := _exception(edit):
        blocks.append(section(_NOTES[exception]))
    blocks.append(_small_print(edit))
    if cancellable(edit) and not edit.cancel_requested_by:
        blocks += actions([_cancel_button(edit)])
    return Message(f"{heading}{f' ({detail})' if detail else ''}", blocks)


def _phases(edit: Edit, detail: str) -> str:
    current = _PHASE_OF[edit.state]
    lines = []
    for number, phase in enumerate(_PHASES):
        if number < current:
            lines.append(f":white_check_mark: {phase}")
        elif number == current:
            lines.append(f":hourglass_flowing_sand: *{phase}*{f' – {detail}' if detail else ''}")
        else:
            lines.append(f":white_circle: {phase}")
    return "\n".join(lines)


def _detail(edit: Edit, *, now: datetime, place: int | None, waiting: int | None) -> str:
    """Say the one thing that people want to know in this state: the place in the queue, or the time so far."""
    if edit.state is State.WAITING and place is not None:
        return f"place {place} of {waiting}" if waiting else f"place {place}"
    if (running := _elapsed(edit, now)) is not None:
        return f"{duration(running)} so far, {USUALLY}" if running else USUALLY
    return ""


def _elapsed(edit: Edit, now: datetime) -> timedelta | None:
    """Return how long the provider has had the edit, in whole ticks, so that face and message agree."""
    if edit.state not in (State.PENDING, State.RUNNING):
        return None
    span_s = max(0.0, (now - (edit.submitted_at or edit.entered_at)).total_seconds())
    return timedelta(seconds=int(span_s // TICK_S) * TICK_S)


def _exception(edit: Edit) -> Literal["too late", "cancel", "wan is full", "again"] | None:
    """Name what is out of the ordinary, the most important thing only."""
    if edit.cancel_too_late:
        return "too late"
    if edit.cancel_requested_by:
        return "cancel"
    if edit.not_before is None or edit.state not in _RETRIED:
        return None
    return "wan is full" if edit.state is State.WAITING else "again"


_NOTES = {
    "too late": ":no_entry_sign: It is too late to cancel: Wan cannot stop a task that runs, and it will be billed. "
    "The video comes when it is ready.",
    "cancel": ":no_entry_sign: Canceling, if that is still possible …",
    "wan is full": ":hourglass: Wan takes nothing new at the moment; I will ask again shortly.",
    "again": ":hourglass: That did not work at once; I will try again shortly.",
}


def _small_print(edit: Edit) -> Block:
    done = "".join(f"{escape(shorten(fact, 100))} · " for fact in edit.fitted)
    return context(f"{options(edit)} · {done}requested by <@{escape(edit.user)}>")


def _cancel_button(edit: Edit) -> Block:
    sure = confirmation(
        "Cancel this edit?",
        "The video will not be edited. If Wan has begun already, it cannot be stopped and will be billed.",
        yes="Cancel the edit",
        no="Keep it",
    )
    return button("Cancel", CANCEL, edit.edit_id, style="danger", confirm=sure)


def _done(edit: Edit) -> Message:
    took = f"Done in {duration(edit.entered_at - edit.created_at)}"
    if edit.link_sent:
        took += f". Slack did not take the file here, so <@{escape(edit.user)}> has a link to it, good for 24 hours"
    return Message(took, [section(f":white_check_mark: {took}")])


def _failed(edit: Edit) -> Message:
    why = edit.failure
    if why is None:
        return Message("This did not work.", [section(":warning: This did not work.")])
    what = escape(shorten(why.message, 1500))
    then = next_step(why, rewrites=edit.parameters.prompt_extend, accepted=edit.video_url is not None)
    heading = "Nobody knows whether this worked" if why.reason is Reason.UNKNOWN_OUTCOME else "This did not work"
    price = cost(billed(edit))
    blocks = [
        section(f":warning: *{heading}*"),
        quote(edit.instruction),
        section(what),
        section(f"{price} {then}"),
        context(_reference(edit)),
        *actions(buttons(edit)),
    ]
    return Message(f"{heading}: {what} {price} {then}", blocks)


def _reference(edit: Edit) -> str:
    """Write what an admin or the provider's support needs to find the edit again."""
    why = edit.failure
    parts = [f"Edit {edit.edit_id}"]
    if why and why.code:
        parts.append(why.code)
    if why and why.request_id:
        parts.append(f"request {why.request_id}")
    return escape(shorten(" · ".join(parts), 400)) + f" · requested by <@{escape(edit.user)}>"


def _canceled(edit: Edit) -> Message:
    text = f"Canceled. {cost('no')}"
    return Message(text, [section(f":no_entry_sign: {text}"), quote(edit.instruction), *actions(buttons(edit))])
