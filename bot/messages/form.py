"""A view that came back from Slack: what stands in its fields, what stood there first, and the mistakes found in it.

What comes back is a client's word and is checked by whoever reads it. What the fields mean stands in
`bot/messages/form_options.py` and `bot/messages/submission.py`.
https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from bot.command import UsageError, said_of_option
from bot.messages.modal import INSTRUCTION
from client.options import OptionError

Value = TypeVar("Value")


def instruction_id(view: Mapping[str, Any]) -> str:
    """Return the id of the instruction's field in a view that came back."""
    ids = (str(block.get("block_id")) for block in view.get("blocks") or ())
    return next((block_id for block_id in ids if block_id.partition(".")[0] == INSTRUCTION), INSTRUCTION)


class Form:
    """The fields of a view by the id of their block, and the mistakes found in them."""

    def __init__(self, view: Mapping[str, Any]) -> None:
        self._values = (view.get("state") or {}).get("values") or {}
        self._first = {block.get("block_id"): block.get("element") or {} for block in view.get("blocks") or ()}
        self.errors: dict[str, str] = {}

    def value(self, block_id: str) -> Mapping[str, Any]:
        """Return what Slack says of a field."""
        return (self._values.get(block_id) or {}).get(block_id) or {}

    def text(self, block_id: str) -> str:
        """Return what was typed."""
        return str(self.value(block_id).get("value") or "").strip()

    def chosen(self, block_id: str) -> str:
        """Return what was chosen of several."""
        return str((self.value(block_id).get("selected_option") or {}).get("value") or "")

    def chosen_of(self, block_id: str) -> set[str]:
        """Return which boxes are checked."""
        return _values(self.value(block_id).get("selected_options"))

    def files(self, block_id: str) -> list[Mapping[str, Any]]:
        """Return the files that were added."""
        return list(self.value(block_id).get("files") or ())

    def is_untouched(self, block_id: str, box: str = "") -> bool:
        """Say whether a field, or one box of it, still says what it said when the form opened."""
        first = self._first.get(block_id)
        if first is None or block_id not in self._values:
            return True
        if box:
            return (box in self.chosen_of(block_id)) == (box in _values(first.get("initial_options")))
        if "options" in first:
            return self.chosen(block_id) == str((first.get("initial_option") or {}).get("value") or "")
        return self.text(block_id) == str(first.get("initial_value") or "").strip()

    def read(self, block_id: str, parse: Callable[[str], Value], *, default: Value) -> Value:
        """Read a text field that may be left empty."""
        typed = self.text(block_id)
        return self.check(block_id, parse, typed, default=default) if typed else default

    def check(self, block_id: str, parse: Callable[[str], Value], typed: str, *, default: Value) -> Value:
        """Return the parsed value, or note the mistake at its field and return the default."""
        try:
            return parse(typed)
        except UsageError as exc:
            self.errors[block_id] = exc.plain
        except OptionError as exc:
            self.errors[block_id] = said_of_option(exc)
        return default


def _values(options: Any) -> set[str]:
    return {str(option.get("value")) for option in options or ()}
