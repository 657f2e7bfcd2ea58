"""The limits of Block Kit that Slack enforces and people run into: counts, lengths, known types, unique ids. Pure.

https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Collection, Iterator
from typing import Any

from bot.sandbox.state import Json, SlackError

_MESSAGE_BLOCKS = frozenset({
    "actions", "alert", "card", "carousel", "context", "context_actions", "divider", "file", "header", "image",
    "markdown", "plan", "rich_text", "section", "table", "task_card", "video",
})
_VIEW_BLOCKS = frozenset({
    "actions", "alert", "context", "divider", "header", "image", "input", "markdown", "rich_text", "section", "video",
})
_MAX_ID = 255
_MAX_TEXT = {"section": 3000, "header": 150, "button": 75}


def check_message_blocks(blocks: Any, refused: Collection[str] = ()) -> None:
    """Raise `invalid_blocks` with the reasons, as `chat.postMessage` does; `invalid_blocks_format` for no list."""
    _check(blocks, _MESSAGE_BLOCKS.difference(refused), max_blocks=50, error="invalid_blocks")


def check_view(view: Any) -> None:
    """Raise `invalid_arguments` with the reasons for a modal or home that Slack would refuse."""
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        raise SlackError("invalid_arguments", response_metadata={"messages": ["view needs a type: modal or home"]})
    _check(view.get("blocks"), _VIEW_BLOCKS, max_blocks=100, error="invalid_arguments")
    problems = []
    if view["type"] == "modal":
        title = (view.get("title") or {}).get("text", "")
        if not 0 < len(title) <= 24:
            problems.append("a modal needs a title of at most 24 characters")
        if not view.get("submit") and any(block["type"] == "input" for block in view["blocks"]):
            problems.append("a modal with inputs needs submit")
    if len(view.get("private_metadata", "")) > 3000:
        problems.append("private_metadata has more than 3000 characters")
    _raise_if(problems, "invalid_arguments")


def _check(blocks: Any, known: frozenset[str], *, max_blocks: int, error: str) -> None:
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise SlackError("invalid_blocks_format")
    problems = [f"more than {max_blocks} blocks"] if len(blocks) > max_blocks else []
    problems += [f"unknown block type {b.get('type')!r}" for b in blocks if b.get("type") not in known]
    problems += _twice([b["block_id"] for b in blocks if "block_id" in b], "block_id")
    for block in blocks:
        problems += _block_problems(block)
    _raise_if(problems, error)


def _block_problems(block: Json) -> Iterator[str]:
    kind = block.get("type")
    text = (block.get("text") or {}).get("text", "") if isinstance(block.get("text"), dict) else ""
    limit = _MAX_TEXT.get(str(kind))
    if limit and len(text) > limit:
        yield f"{kind} text has more than {limit} characters"
    if kind == "section" and not block.get("text") and not block.get("fields"):
        yield "a section needs text or fields"
    if kind == "header" and not text:
        yield "a header needs text"
    elements = block.get("elements") or []
    if kind == "actions" and not 0 < len(elements) <= 25:
        yield "actions need 1 to 25 elements"
    if kind == "context" and not 0 < len(elements) <= 10:
        yield "a context needs 1 to 10 elements"
    if kind == "input" and not (isinstance(block.get("element"), dict) and block.get("label")):
        yield "an input needs a label and an element"
    if kind in ("actions", "input", "section"):
        parts = [*elements, block.get("accessory"), block.get("element")]
        yield from _element_problems([part for part in parts if isinstance(part, dict)])


def _element_problems(elements: list[Json]) -> Iterator[str]:
    yield from _twice([e["action_id"] for e in elements if "action_id" in e], "action_id")
    for element in elements:
        if len(element.get("action_id", "")) > _MAX_ID:
            yield "action_id has more than 255 characters"
        if element.get("type") == "button":
            label = (element.get("text") or {}).get("text", "")
            if not 0 < len(label) <= _MAX_TEXT["button"]:
                yield "a button needs text of at most 75 characters"
            if len(element.get("value", "")) > 2000:
                yield "a button value has more than 2000 characters"
        if element.get("type") == "overflow":
            yield from _menu_problems(element.get("options") or [])


def _menu_problems(options: list[Json]) -> Iterator[str]:
    if not 0 < len(options) <= 5:
        yield "an overflow menu needs 1 to 5 options"
    if any(len((option.get("text") or {}).get("text", "")) > 75 for option in options):
        yield "an option's text has more than 75 characters"
    if any(len(option.get("value", "")) > 75 for option in options):
        yield "an option's value has more than 75 characters"


def _twice(ids: list[str], name: str) -> list[str]:
    return [f"{name} {one!r} is used twice" for one in sorted({one for one in ids if ids.count(one) > 1})]


def _raise_if(problems: list[str], error: str) -> None:
    if problems:
        messages = [f"[ERROR] {problem}" for problem in problems]
        raise SlackError(error, errors=problems, response_metadata={"messages": messages})
