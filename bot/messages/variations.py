"""The one status message of edits that were asked for together: it stands with the first of them and speaks of all.

A single edit has the message of `bot/messages/status.py`. Each result is posted by itself, as it comes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.edit import SET_OVER, Edit, State
from bot.language import counted, say, sentences
from bot.messages import status as single
from bot.messages.answers import state_word
from bot.messages.approval import approval_buttons, approval_wanted, how_to_settle
from bot.messages.blocks import Block, Message, actions, button, confirmation, context, quote, section
from bot.messages.words import (
    CANCEL,
    EDIT_AGAIN,
    RETRY,
    SLOW_DOWN,
    VERBATIM,
    cost,
    duration,
    next_step,
    remedies,
    sent_by_link,
    to_bill,
)
from bot.moves import cancellable
from bot.text import escape, shorten
from bot.times import Expected

Places = Mapping[str, int]
_MARKS = {
    State.DONE: ":white_check_mark:", State.FAILED: ":warning:", State.CANCELED: ":no_entry_sign:",
    State.RECEIVED: ":white_circle:", State.PREPARING: ":white_circle:", State.WAITING: ":white_circle:",
    State.APPROVING: ":raised_hand:",
}  # fmt: skip


def face(members: Sequence[Edit | None], *, now: datetime, places: Places) -> str:
    """Return the key of what people see of edits that were asked for together, the first one first.

    None stands for one that is over, which is all that can be told of those that are not open any more.
    """
    first = members[0]
    if len(members) == 1 and first is not None:
        return single.face(first, now=now, place=places.get(first.edit_id))
    under_way = [member for member in members if member is not None and not member.state.terminal]
    if not under_way:
        removed = sum(member is not None and _removed_by(member) is not None for member in members)
        unbilled = sum(member is not None and member.not_billed_by is not None for member in members)
        later = [f"{removed} removed" if removed else "", f"{unbilled} not billed" if unbilled else ""]
        return ", ".join([SET_OVER, *filter(None, later)])
    parts = [_part(member, places) if member in under_way else SET_OVER for member in members]
    return " + ".join([*parts, f"{int(_elapsed(under_way, now).total_seconds())} s"])


def _removed_by(member: Edit) -> str | None:
    return member.removal.by if member.removal is not None and member.removal.over else None


def _part(member: Edit | None, places: Places) -> str:
    if member is None:
        return SET_OVER
    canceling = " cancel" if member.cancel_requested_by else ""
    outage = " outage" if member.outage else ""
    return f"{member.state.value} {places.get(member.edit_id, '')}{canceling}{outage}"


def status(
    members: Sequence[Edit], *, now: datetime, places: Places, expected: Expected | None = None
) -> Message:
    """Write the status message of edits that were asked for together, the first one first."""
    first = members[0]
    if first.variations == 1:
        place, waiting = places.get(first.edit_id), len(places) or None
        return single.status(first, now=now, place=place, waiting=waiting, expected=expected)
    under_way = [member for member in members if not member.state.terminal]
    heading = _heading(members, under_way, now)
    blocks = [
        section(f"*{heading}*"),
        quote(first.instruction),
        section("\n".join(_line(member, places) for member in members)),
    ]
    if any(member.cancel_too_late for member in under_way):
        blocks.append(section(single.note("too late")))
    if any(member.outage for member in under_way):
        blocks.append(section(single.note("outage")))
    if first.state is State.APPROVING:
        blocks.append(section(approval_wanted(first)))
    if not under_way:
        blocks += [section(step) for step in dict.fromkeys(map(_next_step, members)) if step]
    doubtful = (member for member in members if single.may_be_settled(member))
    blocks += [context(how_to_settle(member)) for member in doubtful]
    alike = first.model_copy(update={"parameters": first.parameters.model_copy(update={"seed": None})})
    price = to_bill(under_way[0].charge, times=len(members)) if under_way and first.video_url else ""
    blocks.append(context(single.small_print(alike, price)))
    return Message(heading, [*blocks, *actions(_choices(members, under_way))])


def overall(members: Sequence[Edit]) -> State:
    """Return the state that the mark on the request shows: the best that came of it, or that it is under way."""
    states = [member.state for member in members]
    under_way = (state for state in states if not state.terminal)
    return next(under_way, None) or (State.DONE if State.DONE in states else states[0])


def _heading(members: Sequence[Edit], under_way: Sequence[Edit], now: datetime) -> str:
    if under_way:
        made = say("Making {count} variations", count=len(members))
        span = _elapsed(under_way, now)
        return say("{heading} ({detail})", heading=made, detail=duration(span)) if span else made
    done = [member for member in members if member.state is State.DONE]
    if not done:
        return counted("No variation was made", "None of the {count} variations was made", len(members))
    took = duration(max(member.entered_at for member in members) - members[0].created_at)
    return say("{done} of {count} variations done in {duration}", done=len(done), count=len(members), duration=took)


def _line(member: Edit, places: Places) -> str:
    """Say how one of them is doing."""
    mark = _MARKS.get(member.state, ":hourglass_flowing_sand:")
    said = state_word(member)
    if place := places.get(member.edit_id):
        said += ", " + say("place {place}", place=place)
    if remover := _removed_by(member):
        mark, said = ":wastebasket:", say("deleted by {person}", person=f"<@{escape(remover)}>")
    if member.link_sent:
        said = say("Slack did not take the file here, so {person} has a link to it", person=f"<@{escape(member.user)}>")
    if member.failure is not None:
        why = escape(shorten(member.failure.message, 300))
        said = sentences(why, sent_by_link(member), cost(member.failure.billed))
    which = say("Variation {number}", number=member.variation)
    seed = say("seed {seed}", seed=member.parameters.seed)
    return f"{mark} *{which}* · {seed} – {said}"


def _elapsed(under_way: Sequence[Edit], now: datetime) -> timedelta:
    """Return the time since they were asked for; one clock for all, so that they do not tick one by one."""
    return single.ticks(now - under_way[0].created_at)


def _choices(members: Sequence[Edit], under_way: Sequence[Edit]) -> list[Block]:
    first = members[0]
    if under_way:
        helps = any(cancellable(member) and not member.cancel_requested_by for member in under_way)
        asking = approval_buttons(first) if first.state is State.APPROVING else []
        return [*asking, _cancel(first)] if helps else []
    if all(member.state is not State.DONE for member in members):
        return _all_again(members)
    return _some_again([member for member in members if member.state is State.FAILED])


def _next_step(member: Edit) -> str:
    """Say what can be done about one that failed."""
    if member.failure is None:
        return ""
    return next_step(
        member.failure, rewrites=member.parameters.prompt_extend, accepted=member.video_url is not None
    )


def _all_again(members: Sequence[Edit]) -> list[Block]:
    """Offer to run all of a set again of which nothing was made; its first stands for all."""
    first, count = members[0], len(members)
    helps = {remedy for member in members for remedy in remedies(member)}
    labels = {
        RETRY: say("Retry all {count}", count=count),
        VERBATIM: say("Retry all {count} word for word", count=count),
        SLOW_DOWN: say("Slow it down"),
        EDIT_AGAIN: say("Open the form") if first.video_url is None else say("Edit again"),
    }
    return [button(label, remedy, first.edit_id) for remedy, label in labels.items() if remedy in helps]


def _some_again(failed: Sequence[Edit]) -> list[Block]:
    """Offer to run each again that failed, and once to change the instruction, which is the same for all."""
    offered = []
    for number, edit_id, helps in ((member.variation, member.edit_id, remedies(member)) for member in failed):
        if RETRY in helps:
            offered.append(button(say("Retry {number}", number=number), f"{RETRY}_{number}", edit_id))
        if VERBATIM in helps:
            label = say("Retry {number} word for word", number=number)
            offered.append(button(label, f"{VERBATIM}_{number}", edit_id))
    changes = next((member for member in failed if EDIT_AGAIN in remedies(member)), None)
    return [*offered, *([button(say("Edit again"), EDIT_AGAIN, changes.edit_id)] if changes else [])]


def _cancel(first: Edit) -> Block:
    sure = confirmation(
        say("Cancel these edits?"),
        say("Those that Wan has begun cannot be stopped; they come, and will be billed. The others are not made."),
        yes=say("Cancel the edits"),
        no=say("Keep them"),
    )
    return button(say("Cancel"), CANCEL, first.edit_id, style="danger", confirm=sure)
