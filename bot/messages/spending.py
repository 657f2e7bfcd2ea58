"""The file in which admins see what every edit cost: CSV, one row an edit, for a spreadsheet. Not translated."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from io import StringIO

from bot.budget import asked_on
from bot.edit import Edit
from bot.messages.words import billed
from bot.text import shorten, without_control

COLUMNS = (
    "asked", "counts_on", "person", "channel", "edit", "state", "billed", "resolution", "seconds", "money", "currency",
    "instruction",
)  # fmt: skip
BYTE_ORDER_MARK = "\ufeff"  # without it Excel does not take the file for UTF-8
INSTRUCTION_CHARS = 300


def spending(edits: Iterable[Edit]) -> str:
    """Write the file: every edit, in the order given, with what it was billed or is expected to be."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(map(cell, _row(edit)) for edit in edits)
    return BYTE_ORDER_MARK + text.getvalue()


def cell(value: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{value}" if re.match(r"\s*[=+\-@\t\r\n|%＝＋－＠]", value) else value


def _row(edit: Edit) -> Iterator[str]:
    charge = edit.charge
    yield edit.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    yield asked_on(edit).isoformat()
    yield edit.user
    yield charge.channel or edit.channel
    yield edit.edit_id
    yield edit.state.value
    yield billed(edit) if edit.state.terminal else "expected"
    yield edit.parameters.resolution
    yield f"{charge.seconds:.2f}"
    yield f"{charge.money.amount:.4f}" if charge.money else ""
    yield charge.money.currency if charge.money else ""
    yield shorten(" ".join(without_control(edit.instruction).split()), INSTRUCTION_CHARS)
