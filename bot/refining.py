"""Refining: which result of its thread a reply speaks of: the variation that it names, or the newest one. Pure.

Only where variations were asked for is a number taken for a name; everywhere else it belongs to the instruction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.edit import Edit
from bot.language import say
from bot.text import Typed
from bot.usage import UsageError

# `2: darker`, `#2 darker`, `variation 2 darker`, `variation 2 of 3: darker`; `2：…`, `第2版…`, `第二个：…`, `版本 2…`.
# A ratio (`9:16`) is none, and what may be the beginning of an instruction (`第二个人…`, `2 cats …`) needs a colon.
_NUMBER = "[1-9一二两三四]"
_NAMES = tuple(
    re.compile(rf"\s*{pattern}\s*", re.IGNORECASE)
    for pattern in (
        rf"(?:version\s*|第\s*)?#?({_NUMBER})\s*个?(?:\s*[:：](?!\d))",
        r"#([1-9])(?=\s)",
        r"variation\s*#?([1-9])\b(?:\s*of\s*\d)?[:：,，]?",
        rf"(?:第\s*({_NUMBER})\s*(?:个?版本|版)|版本\s*([1-9]))[:：,，]?",
    )
)
_CHINESE = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4}


def meant(typed: Typed, edits: Sequence[Edit]) -> tuple[Typed, Edit | None]:
    """Return what is left of a reply without the name of a variation, and the edit whose result is meant.

    `edits` are those of the thread, newest first. Without a name it is the newest result; None where there is none.
    Raise UsageError where the variation that is named has no result, or several are named.
    """
    named = _named(typed.text) if any(edit.variations > 1 for edit in edits) else None
    if named is None:
        return typed, newest(edits)
    number, end = named
    rest = typed.after(end)
    if any(_named(line) for line in rest.text.splitlines()[1:]):
        raise UsageError(say("Name one variation at a time: each reply changes one result."))
    found = _variation(edits, number)
    if found is None:
        raise UsageError(
            say(
                "There is no finished video of variation {number} in this thread: wait for it, or name another one, or "
                "press Edit again with the one that you mean.",
                number=number,
            )
        )
    return rest, found


def newest(edits: Sequence[Edit]) -> Edit | None:
    """Return the edit whose result came last into the thread."""
    return max((edit for edit in edits if edit.result_file), key=lambda edit: edit.result_ts or "", default=None)


def _named(text: str) -> tuple[int, int] | None:
    """Return the number of the variation with which a text begins, and where the rest of it does."""
    for name in _NAMES:
        if found := name.match(text):
            number = next(group for group in found.groups() if group)
            return _CHINESE.get(number) or int(number), found.end()
    return None


def _variation(edits: Sequence[Edit], number: int) -> Edit | None:
    """Return a variation of the newest set that has so many, or what came of it where it was run again."""
    members = (edit for edit in edits if edit.variations >= number > 0 and edit.variations > 1)
    first_id = next((edit.first_id for edit in members), None)
    one = next((edit for edit in edits if edit.first_id == first_id and edit.variation == number), None)
    if one is None or one.result_file:
        return one
    return newest([edit for edit in edits if edit.way and edit.parent_id == one.edit_id])
