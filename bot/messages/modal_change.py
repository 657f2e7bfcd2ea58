"""How the form changes with what is chosen in it: the price, and the instruction of another kind of edit.

A change begins with the view that Slack sends along, and keeps the ids of all blocks but those whose content must be
another: Slack keeps what was typed where block and element keep their ids, and then overlooks what we would put there.
https://docs.slack.dev/reference/views/modal-views
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.budget import Tariff
from bot.messages.blocks import Block
from bot.messages.form import Form, instruction_id
from bot.messages.form_options import FormOptions, read_options
from bot.messages.modal import INSTRUCTION, PRICE, STYLE, Carried, instruction_field, price_block, used_s
from bot.messages.price import estimate
from bot.messages.style_choice import OWN_WORDS, refilled
from bot.messages.typed_options import likely_options


def changed_modal(view: Mapping[str, Any], *, tariff: Tariff) -> Block | None:
    """Make the form anew for what stands in it now: the price, the options read in the instruction, and the
    instruction itself where the style is another.

    Returns None where nothing changes. Everything else stays as it is, with what was typed.
    """
    carried = Carried.model_validate_json(view["private_metadata"])
    form, old_id = Form(view), instruction_id(view)
    blocks = [dict(block) for block in view["blocks"]]
    text, style = form.text(old_id), form.chosen(STYLE) or OWN_WORDS
    new = blocks
    if style != carried.style:
        text = refilled(text, old=carried.style, new=style)
        made = instruction_field(_next_id(old_id), text)
        new = [made if block.get("block_id") == old_id else block for block in new]
    typed = likely_options(text)
    price = price_block(_estimate(read_options(form, typed), carried.source_s, tariff), typed.words())
    new = [price if _is_other_price(block, price) else block for block in new]
    if new == blocks:
        return None
    metadata = carried.model_copy(update={"style": style}).model_dump_json()
    kept = {name: view[name] for name in ("type", "callback_id", "title", "submit", "close")}
    return {**kept, "private_metadata": metadata, "blocks": new}


def _estimate(chosen: FormOptions, source_s: float | None, tariff: Tariff) -> str:
    """Say what it will cost; a field in which nothing makes sense yet counts as empty."""
    seconds = used_s(chosen.part, source_s)
    return estimate(chosen.parameters, tariff=tariff, source_s=seconds, variations=chosen.variations)


def _next_id(block_id: str) -> str:
    return f"{INSTRUCTION}.{int(block_id.partition('.')[2] or 0) + 1}"


def _is_other_price(block: Block, price: Block) -> bool:
    """Say whether a block is that of the price, and says another one; Slack adds to what it sends back."""
    if block.get("block_id") != PRICE:
        return False
    return [part["text"] for part in block["elements"]] != [part["text"] for part in price["elements"]]
