"""What stands in the blocks of a message or a view, and whether Slack would take them."""

from collections.abc import Iterator
from typing import Any

from slack_sdk.models.blocks import Block

from bot.messages.blocks import Message


def elements(value: Any) -> Iterator[dict[str, Any]]:
    """Walk over every object in blocks."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from elements(part)


def mrkdwn_of(message: Message) -> list[str]:
    return [message.text, *(part["text"] for part in elements(message.blocks) if part.get("type") == "mrkdwn")]


def labels(message: Message) -> list[str]:
    return [part["text"]["text"] for part in elements(message.blocks) if part.get("type") == "button"]


def whole(message: Message) -> str:
    return "\n".join(str(part["text"]) for part in elements(message.blocks) if isinstance(part.get("text"), str))


def check_limits(message: Message) -> None:
    """Hold a message to Slack's limits: docs.slack.dev/reference/block-kit/blocks."""
    assert 0 < len(message.text) <= 4000
    assert 0 < len(message.blocks) <= 50
    for block in message.blocks:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.to_dict()  # the SDK checks lengths and counts here
    ids = [part["action_id"] for part in elements(message.blocks) if "action_id" in part]
    assert len(ids) == len(set(ids))
