"""What people read of their edits later, all of it private: the list of the last ones, and one in every detail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.edit import Edit
from bot.messages.answers import state_word
from bot.messages.words import amount, bill, billed, cost, duration, options
from bot.text import escape, shorten
from client import prices
from client.models import DEFAULT_MODEL
from client.regions import Region

MOST = 20
QUOTED_CHARS = 80


def history(edits: Sequence[Edit], *, workspace_url: str) -> str:
    """List a person's last edits, newest first as given, each with its state, time, thread and id.

    `workspace_url` is that of the workspace, `https://acme.slack.com/`.
    """
    if not edits:
        return "You have no edits here. Post a video to me and say what should change; `/edit-video help` tells more."
    lines = [
        f"• *{state_word(edit)}* · {_words(edit)} · {_when(edit, workspace_url)} · `{edit.edit_id}`"
        for edit in edits[:MOST]
    ]
    return "\n".join([*lines, "`/edit-video show` with one of these ids tells everything about that edit."])


def details(edit: Edit, *, ancestors: Sequence[Edit], region: Region | None, workspace_url: str) -> str:
    """Tell everything about one edit; `ancestors` are what it was made from, the nearest first.

    The price is that of the list in `client/prices.py`, which knows some regions only.
    """
    seed = edit.parameters.seed
    seedless = edit.model_copy(update={"parameters": edit.parameters.model_copy(update={"seed": None})})
    facts = [
        ("State", state_word(edit)),
        ("Asked", f"by <@{escape(edit.user)}> · {_when(edit, workspace_url)}"),
        ("Model", f"{DEFAULT_MODEL} · {options(seedless)}"),
        ("Seed", "chosen by Wan, which does not say" if seed is None else str(seed)),
        ("Not wanted", escape(shorten(edit.negative_prompt or "", 500))),
        ("Video", f"{amount(edit.source_s)} long" if edit.source_s else ""),
        ("Billed", _bill(edit, region)),
        ("Times", " · ".join(_times(edit))),
        ("Made from", " ← ".join(f"{_words(ancestor)} (`{ancestor.edit_id}`)" for ancestor in ancestors)),
        ("Task", f"`{escape(edit.task_id)}`" if edit.task_id else ""),
        ("Failure", _failure(edit)),
    ]
    quoted = escape(shorten(" ".join(edit.instruction.split()), 600))
    known = (f"*{name}*: {said}" for name, said in facts if said)
    return "\n".join([f"*Edit* `{edit.edit_id}`", f"> {quoted}", *known])


def _words(edit: Edit) -> str:
    return escape(shorten(" ".join(edit.instruction.split()), QUOTED_CHARS))


def _when(edit: Edit, workspace_url: str) -> str:
    """Say when and where an edit was asked for, in the reader's own time zone, and how to find it again.

    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    fallback = f"{edit.created_at:%Y-%m-%d %H:%M} UTC"
    when = f"<!date^{int(edit.created_at.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"
    if edit.thread_ts is None:
        return when
    link = f"{workspace_url}archives/{edit.channel}/p{edit.thread_ts.replace('.', '')}"
    return f"{when} · <{escape(link)}|thread>"


def _bill(edit: Edit, region: Region | None) -> str:
    if edit.usage is None:
        return cost(billed(edit)) if edit.state.terminal else ""
    price = prices.cost(edit.usage, region) if region else None
    return f"{bill(edit.usage)}{f', {price} by the list price' if price else ''}"


def _times(edit: Edit) -> Iterator[str]:
    """Yield how long each part took, as far as it is known."""
    spans: tuple[tuple[str, datetime | None, datetime | None], ...] = (
        ("until Wan had it", edit.created_at, edit.submitted_at),
        ("waiting at Wan", edit.submitted_at, edit.started_at),
        ("editing", edit.started_at, edit.finished_at),
        ("in all", edit.created_at, edit.entered_at if edit.state.terminal else None),
    )
    for name, begin, end in spans:
        if begin is not None and end is not None:
            yield f"{duration(end - begin)} {name}"


def _failure(edit: Edit) -> str:
    why = edit.failure
    if why is None:
        return ""
    parts = [shorten(why.message, 600), why.code, f"request {why.request_id}" if why.request_id else None]
    return escape(" · ".join(part for part in parts if part))
