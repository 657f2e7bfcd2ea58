"""The input fields of a view, each under its label; the element in a block has the block's id.

https://docs.slack.dev/reference/block-kit/blocks/input-block
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.messages.blocks import Block, plain
from bot.text import shorten, without_control

TEXT_MAX_CHARS = 3000  # docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element
PLACEHOLDER_MAX_CHARS = 150
OPTION_MAX_CHARS = 75


def field(
    block_id: str, label: str, element: Block, *, optional: bool = False, hint: str = "", tells: bool = False
) -> Block:
    """Put an element under a label; one that `tells` sends an action when it changes, not only with the submission."""
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": {**element, "action_id": block_id},
        "optional": optional,
    }
    return block | ({"hint": plain(hint)} if hint else {}) | ({"dispatch_action": True} if tells else {})


def text_field(
    block_id: str, label: str, value: str = "", *, multiline: bool = False, optional: bool = False, hint: str = "",
    placeholder: str = "", tells: bool = False,
) -> Block:  # fmt: skip
    """Ask for a text; one that `tells` does so after each pause in typing."""
    element: Block = {"type": "plain_text_input", "multiline": multiline, "max_length": TEXT_MAX_CHARS}
    if value:
        element["initial_value"] = shorten(without_control(value), TEXT_MAX_CHARS)
    if placeholder:
        element["placeholder"] = plain(shorten(placeholder, PLACEHOLDER_MAX_CHARS))
    if tells:
        element["dispatch_action_config"] = {"trigger_actions_on": ["on_character_entered"]}
    return field(block_id, label, element, optional=optional, hint=hint, tells=tells)


def files_field(block_id: str, label: str, filetypes: Collection[str], max_files: int, *, hint: str = "") -> Block:
    """Ask for files; what arrives is checked again, because Slack believes names."""
    element = {"type": "file_input", "filetypes": list(filetypes), "max_files": max_files}
    return field(block_id, label, element, optional=True, hint=hint)


def select_field(block_id: str, label: str, choices: Mapping[str, str], chosen: str, *, tells: bool = False) -> Block:
    """Ask for one of several choices."""
    return field(block_id, label, select(choices, chosen), tells=tells)


def checks_field(block_id: str, label: str, choices: Mapping[str, str], chosen: Collection[str]) -> Block:
    """Ask which of a few things are wanted."""
    return field(block_id, label, checks(choices, chosen), optional=True)


def select(choices: Mapping[str, str], chosen: str) -> Block:
    """Make a menu, for a field or for a row of elements."""
    return {"type": "static_select", **_one_of(choices, chosen)}


def checks(choices: Mapping[str, str], chosen: Collection[str]) -> Block:
    """Make check boxes, for a field or for a row of elements."""
    options = {value: _option(value, text) for value, text in choices.items()}
    on = [option for value, option in options.items() if value in chosen]
    element: Block = {"type": "checkboxes", "options": list(options.values())}
    return element | ({"initial_options": on} if on else {})  # Slack refuses an empty list


def _one_of(choices: Mapping[str, str], chosen: str) -> Block:
    options = {value: _option(value, text) for value, text in choices.items()}
    return {"options": list(options.values()), "initial_option": options[chosen]}


def _option(value: str, text: str) -> Block:
    return {"text": plain(shorten(text, OPTION_MAX_CHARS)), "value": value}
