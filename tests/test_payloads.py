"""Every payload of blocks that the bot can send, in both languages: Slack takes it, and it is in one language."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from babel.messages.pofile import read_po
from slack_sdk.models.views import View

import bot
from bot.language import Language, speaking
from bot.messages.blocks import Message
from tests.blocks import check_limits, elements, mrkdwn_of
from tests.payloads import payloads

MESSAGES = Path(bot.__file__ or "").parent / "messages"
SCHEMA = Path(__file__).parent.parent.parent / "shared" / "spec" / "block-kit.schema.json"
EMOJI = Path(bot.__file__ or "").parent / "sandbox" / "page" / "emoji.js"
WORDS = {"plain": "make it snow", "long": "xy" + ("&" * 80 + "<!channel> *bold* `code` 下雪 👩‍👩‍👧‍👦🎬 ") * 40}
HALF = re.compile(r"&(?!amp;|lt;|gt;)|<(?![@#!h][^<>]*>)")  # of an entity, or of a mention or a link
# The functions that make a whole payload; a new one must be added to `payloads`.
MAKERS = {
    "status.status", "variations.status", "result.result", "result.root", "welcome.welcome", "home.home",
    "home.closed_home",
    "comparison.comparison", "modal.edit_modal", "modal_change.changed_modal", "removal.removal_modal",
}  # fmt: skip


@cache
def schema(name: str) -> Any:
    """Return Slack's own schema of one thing."""
    definitions = json.loads(SCHEMA.read_text(encoding="utf-8"))["definitions"]
    return jsonschema.Draft7Validator({"definitions": definitions, "$ref": f"#/definitions/{name}"})


def block_schema(block: dict[str, Any]) -> Any:
    """Return the schema of a block's own type, which tells more, and sooner, than that of any block."""
    return schema("".join(map(str.capitalize, block["type"].split("_"))) + "Block")


@cache
def english_only() -> frozenset[str]:
    """Return the English texts that are said otherwise in Chinese."""
    with (MESSAGES / "zh_CN.po").open("rb") as file:
        return frozenset(
            text for m in read_po(file) if m.id for text in ([m.id] if isinstance(m.id, str) else m.id)
            if text != m.string
        )  # fmt: skip


@pytest.fixture(params=list(Language))
def language(request: pytest.FixtureRequest) -> Iterator[Language]:
    with speaking(request.param):
        yield request.param


def test_every_maker_of_a_payload_is_made_use_of_here() -> None:
    makers = {
        f"{path.stem}.{node.name}"
        for path in MESSAGES.glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        and (ast.unparse(node.returns or ast.Constant("")) == "Message" or node.name.endswith(("_modal", "home")))
    }  # fmt: skip
    assert makers == MAKERS


@pytest.mark.parametrize("words", WORDS)
def test_slack_takes_every_payload(words: str, language: Language) -> None:
    for payload in payloads(WORDS[words]):
        if isinstance(payload, Message):
            check_limits(payload)
            assert not [said for said in mrkdwn_of(payload) if HALF.search(said)]
            continue
        assert not [part for part in elements(payload) if part.get("type") == "mrkdwn" and HALF.search(part["text"])]
        View(**payload).to_dict()
        assert len(payload["blocks"]) <= 100
        assert len(json.dumps(payload)) < 250_000
        ids = [block["block_id"] for block in payload["blocks"] if "block_id" in block]
        assert len(ids) == len(set(ids))
        for block in payload["blocks"]:
            actions = [part["action_id"] for part in elements(block) if "action_id" in part]
            assert len(actions) == len(set(actions))


@pytest.mark.skipif(not SCHEMA.exists(), reason="Slack's schema is not beside the checkout")
def test_every_payload_fits_slacks_own_schema(language: Language) -> None:
    seen: set[str] = set()
    for payload in payloads(WORDS["plain"]):
        if isinstance(payload, dict):
            schema("HomeView" if payload["type"] == "home" else "ModalView").validate({**payload, "blocks": []})
        for block in payload.blocks if isinstance(payload, Message) else payload["blocks"]:
            if (written := json.dumps(block)) not in seen:
                seen.add(written)
                block_schema(block).validate(block)
    assert len(seen) > 100


def test_the_local_workspace_knows_every_emoji_in_them() -> None:
    known = set(re.findall(r'"?([\w+-]+)"?: "', EMOJI.read_text(encoding="utf-8")))
    for payload in payloads(WORDS["plain"]):
        blocks = payload.blocks if isinstance(payload, Message) else payload["blocks"]
        said = " ".join(str(part["text"]) for part in elements(blocks) if isinstance(part.get("text"), str))
        assert set(re.findall(r":([a-z_]+):", said)) <= known


def test_a_chinese_payload_says_nothing_in_english() -> None:
    with speaking(Language.CHINESE):
        for payload in payloads(WORDS["plain"]):
            blocks = payload.blocks if isinstance(payload, Message) else payload["blocks"]
            said = {str(part["text"]) for part in elements([blocks, payload]) if isinstance(part.get("text"), str)}
            assert not said & english_only()
