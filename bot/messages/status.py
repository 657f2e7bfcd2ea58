"""The one status message of an edit, edited in place, and the emoji on the request.

`face` is the short key of what people see: as long as it stays the same, the message need not be edited.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import Literal

from bot.edit import Edit, Reason, State
from bot.language import say, sentences
from bot.messages.answers import cancel_too_late
from bot.messages.approval import approval_buttons, approval_wanted, how_to_settle
from bot.messages.blocks import Block, Message, actions, button, confirmation, context, quote, section
from bot.messages.words import (
    CANCEL,
    billed,
    buttons,
    cost,
    duration,
    expected,
    link_ends,
    made_fit,
    next_step,
    options,
    requested_by,
    sent_by_link,
    unwanted,
)
from bot.moves import cancellable
from bot.text import escape, shorten
from bot.times import Expected

TICK_S = 15  # Slack allows about one edit a second in a channel, for all edits together
_PHASE_OF = {
    State.RECEIVED: 0, State.PREPARING: 0, State.APPROVING: 1, State.WAITING: 1, State.SUBMITTING: 1,
    State.PENDING: 2, State.RUNNING: 2,
    State.DELIVERING: 3,
}  # fmt: skip
_MARKS = {State.DONE: "white_check_mark", State.FAILED: "warning", State.CANCELED: "warning"}
SILENT_AFTER_S = 15  # Wan takes an edit within a second or two
_Exception = Literal["too late", "cancel", "no answer", "outage", "wan is full", "no room", "again"]
_RETRIED = (State.PREPARING, State.WAITING, State.DELIVERING)  # where `not_before` means that something went wrong


def mark(state: State) -> str:
    """Return the name of the emoji that shows the state on the request; marks are only ever added."""
    return _MARKS.get(state, "eyes")


def face(edit: Edit, *, now: datetime, place: int | None) -> str:
    """Return a key that changes exactly when the status message should; for an edit that is over it is its state."""
    if edit.state.terminal:
        return edit.last_face
    parts = [edit.state.value]
    if edit.state is State.WAITING and place is not None:
        parts.append(f"place {place}")
    if (running := _elapsed(edit, now)) is not None:
        parts.append(f"{int(running.total_seconds())} s")
    if exception := _exception(edit, now):
        parts.append(exception)
    return " ".join(parts)


def status(
    edit: Edit, *, now: datetime, place: int | None, waiting: int | None, expected: Expected | None = None
) -> Message:
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
            detail = _detail(edit, now=now, place=place, waiting=waiting, expected=expected)
            return _under_way(edit, detail, now)


def _under_way(edit: Edit, detail: str, now: datetime) -> Message:
    title = heading(edit.state)
    blocks = [section(f"*{title}*"), quote(edit.instruction), section(_phases(edit, detail))]
    if exception := _exception(edit, now):
        blocks.append(section(note(exception)))
    asking = edit.state is State.APPROVING
    if asking:
        blocks.append(section(approval_wanted(edit)))
    blocks.append(_small_print(edit))
    if cancellable(edit) and not edit.cancel_requested_by:
        blocks += actions([*(approval_buttons(edit) if asking else ()), cancel_button(edit)])
    return Message(say("{heading} ({detail})", heading=title, detail=detail) if detail else title, blocks)


def heading(state: State) -> str:
    """Say in a few words what happens in a state."""
    match state:
        case State.PREPARING:
            return say("Checking and sending your video")
        case State.APPROVING:
            return say("Waiting for an approval")
        case State.WAITING:
            return say("Waiting for a free place")
        case State.SUBMITTING:
            return say("Handing it over to Wan")
        case State.PENDING:
            return say("Wan has it and will begin soon")
        case State.RUNNING:
            return say("Wan is editing your video")
        case State.DELIVERING:
            return say("Bringing the edited video here")
        case _:
            return say("Got it")


def _phases(edit: Edit, detail: str) -> str:
    current = _PHASE_OF[edit.state]
    lines = []
    for number, phase in enumerate((say("Prepare"), say("Wait"), say("Edit"), say("Deliver"))):
        if number < current:
            lines.append(f":white_check_mark: {phase}")
        elif number == current:
            lines.append(f":hourglass_flowing_sand: *{phase}*{f' – {detail}' if detail else ''}")
        else:
            lines.append(f":white_circle: {phase}")
    return "\n".join(lines)


def _detail(
    edit: Edit, *, now: datetime, place: int | None, waiting: int | None, expected: Expected | None
) -> str:
    """Say the one thing that people want to know in this state: the place in the queue, or the time so far."""
    if edit.state is State.WAITING and place is not None:
        if waiting:
            return say("place {place} of {waiting}", place=place, waiting=waiting)
        return say("place {place}", place=place)
    if (running := _elapsed(edit, now)) is None:
        return ""
    usually = _usually(running, expected)
    return say("{elapsed} so far, {usually}", elapsed=duration(running), usually=usually) if running else usually


def _usually(running: timedelta, expected: Expected | None) -> str:
    """Say how long it takes: what past edits of this bot show, or where they are too few what others have seen."""
    if expected is None:
        return say("usually 4–11 min")  # submit to end, as observed; the vendor's own page says 1-5
    if running.total_seconds() > expected.most_s:
        return say("longer than nine of ten edits like this one take")
    half, most = _rounded(expected.half_s), _rounded(expected.most_s)
    return say("about {half}, at most {most} in nine of ten cases", half=half, most=most)


def _rounded(seconds: float) -> str:
    """Write a time that is not known exactly, never shorter than it is: `40 s`, `5 min`."""
    if seconds <= 90:
        return say("{seconds} s", seconds=ceil(seconds / 5) * 5)
    return say("{minutes} min", minutes=ceil(seconds / 60))


def _elapsed(edit: Edit, now: datetime) -> timedelta | None:
    """Return how long the provider has had the edit, in whole ticks, so that face and message agree."""
    if edit.state not in (State.PENDING, State.RUNNING):
        return None
    return ticks(now - (edit.submitted_at or edit.entered_at))


def ticks(span: timedelta) -> timedelta:
    """Return a span in whole ticks, so that a message changes no more often than Slack allows."""
    return timedelta(seconds=int(max(0.0, span.total_seconds()) // TICK_S) * TICK_S)


def _exception(edit: Edit, now: datetime) -> _Exception | None:
    """Name what is out of the ordinary, the most important thing only."""
    if edit.cancel_too_late:
        return "too late"
    if edit.cancel_requested_by:
        return "cancel"
    if edit.state is State.SUBMITTING and (now - edit.entered_at).total_seconds() >= SILENT_AFTER_S:
        return "no answer"
    if edit.outage:
        return "outage"
    if edit.not_before is None or edit.state not in _RETRIED:
        return None
    if edit.state is State.WAITING:
        return "wan is full"
    return "no room" if edit.no_room else "again"


def note(exception: _Exception) -> str:
    """Say what is out of the ordinary."""
    match exception:
        case "too late":
            return f":no_entry_sign: {cancel_too_late()}"
        case "cancel":
            return ":no_entry_sign: " + say("Canceling, if that is still possible …")
        case "no answer":
            return ":hourglass: " + say(
                "Wan has not answered. I find out whether it took the video before I ask again, so that nothing is "
                "paid twice; that takes a few minutes."
            )
        case "outage":
            return ":hourglass: " + say("Wan does not answer at the moment. I keep asking; what it made is not lost.")
        case "wan is full":
            return ":hourglass: " + say("Wan takes nothing new at the moment; I will ask again shortly.")
        case "no room":
            return ":hourglass: " + say("The disk of this bot is full; I will try again. An admin of it can make room.")
        case "again":
            return ":hourglass: " + say("That did not work at once; I will try again shortly.")


def _small_print(edit: Edit) -> Block:
    return context(small_print(edit, expected(edit)))


def small_print(edit: Edit, price: str) -> str:
    """Write what was understood, what it will cost and what was done to the video, as mrkdwn."""
    facts = [options(edit), unwanted(edit), price, made_fit(edit)]
    return " · ".join([*(escape(fact) for fact in facts if fact), requested_by(edit)])


def cancel_button(edit: Edit) -> Block:
    """Make the button that cancels an edit, which asks before it does."""
    sure = confirmation(
        say("Cancel this edit?"),
        say("The video will not be edited. If Wan has begun already, it cannot be stopped and will be billed."),
        yes=say("Cancel the edit"),
        no=say("Keep it"),
    )
    return button(say("Cancel"), CANCEL, edit.edit_id, style="danger", confirm=sure)


def _done(edit: Edit) -> Message:
    if edit.removal is not None and edit.removal.over:
        return _removed(edit, edit.removal.by)
    took = say("Done in {duration}", duration=duration(edit.entered_at - edit.created_at))
    if edit.link_sent:
        took = say(
            "{done}. Slack did not take the file here, so {person} has a link to it, good until {time}",
            done=took,
            person=f"<@{escape(edit.user)}>",
            time=link_ends(edit),
        )
    blocks = [section(f":white_check_mark: {took}")]
    # Where the video is not here, its buttons are not either.
    return Message(took, [*blocks, *actions(buttons(edit))] if edit.link_sent else blocks)


def _removed(edit: Edit, by: str) -> Message:
    deleted = say("The edited video was deleted by {person}.", person=f"<@{escape(by)}>")
    text = sentences(deleted, cost(billed(edit)))
    return Message(text, [section(f":wastebasket: {text}"), quote(edit.instruction), *actions(buttons(edit))])


def _failed(edit: Edit) -> Message:
    why = edit.failure
    if why is None:
        heading = say("This did not work")
        return Message(heading, [section(f":warning: *{heading}*")])
    what = escape(shorten(why.message, 800))
    then = next_step(why, rewrites=edit.parameters.prompt_extend, accepted=edit.video_url is not None)
    unknown = why.reason is Reason.UNKNOWN_OUTCOME
    heading = say("Nobody knows whether this worked") if unknown else say("This did not work")
    made, price = sent_by_link(edit), cost(billed(edit))
    blocks = [
        section(f":warning: *{heading}*"),
        quote(edit.instruction),
        section(what),
        section(sentences(made, price, then)),
        *([context(how_to_settle(edit))] if may_be_settled(edit) else []),
        context(_reference(edit)),
        *actions(buttons(edit)),
    ]
    return Message(say("{heading}: {text}", heading=heading, text=sentences(what, made, price, then)), blocks)


def may_be_settled(edit: Edit) -> bool:
    """Say whether an edit counts against budgets though nobody knows whether it was billed."""
    return billed(edit) == "maybe" and bool(edit.charge.seconds)


def _reference(edit: Edit) -> str:
    """Write what an admin or the provider's support needs to find the edit again."""
    why = edit.failure
    parts = [say("Edit {edit_id}", edit_id=edit.edit_id)]
    if why and why.code:
        parts.append(why.code)
    if why and why.request_id:
        parts.append(say("request {request_id}", request_id=why.request_id))
    return f"{escape(shorten(' · '.join(parts), 400))} · {requested_by(edit)}"


def _canceled(edit: Edit) -> Message:
    text = sentences(say("Canceled."), cost("no"))
    return Message(text, [section(f":no_entry_sign: {text}"), quote(edit.instruction), *actions(buttons(edit))])
