"""What people read of their edits later, all of it private: the list of the last ones, and one in every detail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.chain import links
from bot.edit import Edit
from bot.language import say
from bot.messages.answers import no_edits, state_word
from bot.messages.words import (
    amount,
    bill_and_price,
    billed,
    cost,
    duration,
    expected,
    local_time,
    options,
    requested_by,
)
from bot.text import escape, shorten
from client.models import DEFAULT_MODEL

MOST = 20
QUOTED_CHARS = 80
MOST_NAMED = 5  # of the edits that led to one


def history(edits: Sequence[Edit], *, workspace_url: str) -> str:
    """List a person's last edits, newest first as given, each with its state, time, thread and id.

    `workspace_url` is that of the workspace, `https://acme.slack.com/`.
    """
    if not edits:
        return no_edits()
    lines = [
        f"• *{state_word(edit)}* · {words(edit)} · {_when(edit, workspace_url)} · `{edit.edit_id}`"
        for edit in edits[:MOST]
    ]
    return "\n".join([*lines, say("`/edit-video show` with one of these ids tells everything about that edit.")])


def details(edit: Edit, *, ancestors: Sequence[Edit], workspace_url: str) -> str:
    """Tell everything about one edit; `ancestors` are what led to it, retries among them, the nearest first."""
    seed = edit.parameters.seed
    seedless = edit.model_copy(update={"parameters": edit.parameters.model_copy(update={"seed": None})})
    facts = [
        (say("State"), state_word(edit)),
        (say("Asked"), f"{requested_by(edit)} · {_when(edit, workspace_url)}"),
        (say("Model"), f"{DEFAULT_MODEL} · {options(seedless)}"),
        (say("Seed"), say("chosen by Wan, which does not say") if seed is None else str(seed)),
        (say("Not wanted"), escape(shorten(edit.negative_prompt or "", 500))),
        (say("Video"), say("{seconds} long", seconds=amount(edit.source_s)) if edit.source_s else ""),
        (say("Made fit"), escape(shorten(" · ".join(edit.fitted), 500))),
        (say("Billed"), _bill(edit)),
        (say("Times"), " · ".join(_times(edit))),
        (say("Variation"), which(edit)),
        (say("Made from"), _chain(edit, ancestors, workspace_url)),
        (say("Follows"), _follows(edit, ancestors)),
        (say("Approved"), say("by {person}", person=f"<@{escape(edit.approved_by)}>") if edit.approved_by else ""),
        (say("Task"), f"`{escape(edit.task_id)}`" if edit.task_id else ""),
        (say("Failure"), _failure(edit)),
    ]
    quoted = escape(shorten(" ".join(edit.instruction.split()), 600))
    known = (say("*{name}*: {value}", name=name, value=said) for name, said in facts if said)
    return "\n".join([say("*Edit* `{edit_id}`", edit_id=edit.edit_id), f"> {quoted}", *known])


def _chain(edit: Edit, ancestors: Sequence[Edit], workspace_url: str) -> str:
    """Name the edits whose results led to this one, the nearest first; nothing where it used a video of a person's."""
    chain = links(edit, ancestors)
    results = chain[-2::-1]
    named = [_ancestor(one, workspace_url) for one in results[:MOST_NAMED]]
    is_cut = len(results) > MOST_NAMED or chain[0].chained  # of what came before nobody may know any more
    return " ← ".join([*named, *(["…"] if is_cut else [])])


def _follows(edit: Edit, ancestors: Sequence[Edit]) -> str:
    """Name the edit that this one was asked for after, where it did not use its result."""
    if not ancestors or ancestors[0] in links(edit, ancestors):
        return ""
    return f"{words(ancestors[0])} (`{ancestors[0].edit_id}`)"


def _ancestor(edit: Edit, workspace_url: str) -> str:
    video = link_to(edit, edit.result_ts, say("video"), workspace_url=workspace_url) if edit.result_file else ""
    return f"{words(edit)} (`{edit.edit_id}`{video and f', {video}'})"


def which(edit: Edit) -> str:
    """Say which variation an edit is, where there are several."""
    if edit.variations == 1:
        return ""
    return say("{number} of {count}", number=edit.variation, count=edit.variations)


def words(edit: Edit) -> str:
    """Write the instruction in one short line."""
    return escape(shorten(" ".join(edit.instruction.split()), QUOTED_CHARS))


def link_to(edit: Edit, ts: str | None, label: str, *, workspace_url: str) -> str:
    """Link to a message of an edit's thread; nothing where there is no thread yet."""
    if edit.thread_ts is None or ts is None:
        return ""
    link = f"{workspace_url}archives/{edit.channel}/p{ts.replace('.', '')}"
    if ts != edit.thread_ts:
        link += f"?thread_ts={edit.thread_ts}&cid={edit.channel}"
    return f"<{escape(link)}|{label}>"


def _when(edit: Edit, workspace_url: str) -> str:
    """Say when and where an edit was asked for, and how to find it again."""
    thread = link_to(edit, edit.thread_ts, say("thread"), workspace_url=workspace_url)
    return " · ".join(filter(None, (local_time(edit.created_at), thread)))


def _bill(edit: Edit) -> str:
    if edit.usage is not None:
        return bill_and_price(edit, edit.usage)
    return cost(billed(edit)) if edit.state.terminal else expected(edit)


def _times(edit: Edit) -> Iterator[str]:
    """Yield how long each part took, as far as it is known."""
    spans: tuple[tuple[str, datetime | None, datetime | None], ...] = (
        (say("{duration} until Wan had it"), edit.created_at, edit.submitted_at),
        (say("{duration} waiting at Wan"), edit.submitted_at, edit.started_at),
        (say("{duration} editing"), edit.started_at, edit.finished_at),
        (say("{duration} in all"), edit.created_at, edit.entered_at if edit.state.terminal else None),
    )
    for text, begin, end in spans:
        if begin is not None and end is not None:
            yield text.format(duration=duration(end - begin))


def _failure(edit: Edit) -> str:
    why = edit.failure
    if why is None:
        return ""
    request = say("request {request_id}", request_id=why.request_id) if why.request_id else None
    parts = [shorten(why.message, 600), why.code, request]
    return escape(" · ".join(part for part in parts if part))
