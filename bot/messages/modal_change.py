"""How the dialog changes with what is chosen in it: the price, and the instruction of another kind of edit.

A change begins with the view that Slack sends along, and keeps the ids of all blocks but those whose content must be
another: Slack keeps what was typed where block and element keep their ids, and then overlooks what we would put there.
https://docs.slack.dev/reference/views/modal-views
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.budget import Tariff
from bot.command import UsageError, parse_part
from bot.edit import Part
from bot.messages.blocks import Block
from bot.messages.modal import (
    INSTRUCTION,
    PART,
    PRICE,
    RESOLUTION,
    STYLE,
    VARIATIONS,
    Carried,
    instruction_field,
    price_block,
    priced,
    used_s,
    variation_choices,
)
from bot.messages.price import estimate
from bot.messages.style_choice import OWN_WORDS, refilled
from client.models import Parameters


def changed_modal(view: Mapping[str, Any], *, tariff: Tariff) -> Block | None:
    """Make the dialog anew for what is chosen in it now: the price, and the instruction where the style is another.

    Returns None where nothing changes. Everything else stays as it is, with what was typed.
    """
    carried = Carried.model_validate_json(view["private_metadata"])
    chosen = _Chosen(view)
    blocks = [dict(block) for block in view["blocks"]]
    said = estimate(
        chosen.parameters(), tariff=tariff, source_s=used_s(chosen.part(), carried.source_s),
        variations=chosen.variations(),
    )  # fmt: skip
    new = [_with_price(block, said) for block in blocks]
    style = chosen.option(STYLE) or OWN_WORDS
    if style != carried.style:
        old_id = instruction_id(view)
        text = refilled(chosen.text(old_id), old=carried.style, new=style)
        made = instruction_field(_next_id(old_id), text)
        new = [made if block.get("block_id") == old_id else block for block in new]
    if new == blocks:
        return None
    metadata = carried.model_copy(update={"style": style}).model_dump_json()
    kept = {name: view[name] for name in ("type", "callback_id", "title", "submit", "close")}
    return {**kept, "private_metadata": metadata, "blocks": new}


def instruction_id(view: Mapping[str, Any]) -> str:
    """Return the id of the instruction's field in a view that came back."""
    ids = (str(block.get("block_id")) for block in view.get("blocks") or ())
    return next((block_id for block_id in ids if block_id.partition(".")[0] == INSTRUCTION), INSTRUCTION)


def _next_id(block_id: str) -> str:
    return f"{INSTRUCTION}.{int(block_id.partition('.')[2] or 0) + 1}"


class _Chosen:
    """What stands in the fields of a view at this moment; nobody has checked it yet."""

    def __init__(self, view: Mapping[str, Any]) -> None:
        self._values = (view.get("state") or {}).get("values") or {}

    def text(self, block_id: str) -> str:
        return str(self._value(block_id).get("value") or "")

    def option(self, block_id: str) -> str:
        return str((self._value(block_id).get("selected_option") or {}).get("value") or "")

    def parameters(self) -> Parameters:
        """Return those that the price hangs on."""
        return Parameters(resolution="1080P" if self.option(RESOLUTION) == "1080P" else "720P")

    def variations(self) -> int:
        """Return how many results are wanted."""
        chosen = self.option(VARIATIONS)
        return int(chosen) if chosen in variation_choices() else 1

    def part(self) -> Part | None:
        """Return the part that is used; None while there is none, or none that makes sense yet."""
        try:
            return parse_part(self.text(PART))
        except UsageError:
            return None

    def _value(self, block_id: str) -> Mapping[str, Any]:
        return (self._values.get(block_id) or {}).get(block_id) or {}


def _with_price(block: Block, said: str) -> Block:
    """Write another price into the block of the price; ids stay, because nothing can be typed there."""
    if block.get("block_id") != PRICE or block["elements"][0]["text"] == priced(said):
        return block
    return price_block(said)
