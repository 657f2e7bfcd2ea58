"""A workspace that refuses blocks of ours: the words, the buttons and the video arrive all the same, only plainer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.app import Bot
from bot.edit import Edit, State
from bot.events import Prepared
from bot.messages.blocks import actions, button, context, header, plain_sections, quote, section
from bot.messages.words import CANCEL, RETRY
from bot.sandbox.person import Person
from bot.sandbox.state import ALICE
from bot.sandbox.workspace import LocalSlack
from bot.steps.deliver import share
from bot.steps.show import show
from tests.bots import VIDEO_CHANNEL, buttons, has_file, idle_bot, small_clip
from tests.stores import new_edit

NEW_KINDS = ["rich_text", "context"]
EVERY_KIND = [*NEW_KINDS, "section", "actions"]

Refused = tuple[Bot, LocalSlack, Edit]


@asynccontextmanager
async def refusing(kinds: list[str], state: State, folder: Path) -> AsyncIterator[Refused]:
    """Give a bot that does not run, in a workspace that refuses these kinds of blocks, and an edit."""
    async with idle_bot("memory", folder) as (bot, slack):
        slack.faults.refused_blocks = kinds
        ts = await Person(slack.origin, ALICE).post(VIDEO_CHANNEL, "@video-editor make it snow")
        edit = new_edit(
            state=state, task_id="t1", user=ALICE, team=slack.team_id, channel=VIDEO_CHANNEL, thread_ts=ts,
            request_ts=ts, instruction="make it <snow>\nsoftly",
        )  # fmt: skip
        await bot.parts.store.create(edit, "claim")
        yield bot, slack, edit


async def said_in(slack: LocalSlack, edit: Edit) -> dict[str, Any]:
    """Return the only reply in the edit's thread."""
    _, reply = await Person(slack.origin, ALICE).thread(VIDEO_CHANNEL, edit.thread_ts or "")
    return reply


def test_plain_sections_keep_words_and_buttons() -> None:
    row = actions([button("Retry", "retry", "e1")])
    made = plain_sections([header("A & B"), section("*so*"), quote("<b>\ntwo"), context("one", "two"), *row])
    assert made == [section("*A &amp; B*"), section("*so*"), section(">&lt;b&gt;\n>two"), section("one two"), *row]


async def test_the_status_comes_in_plain_sections_with_its_button_and_is_edited_in_place(tmp_path: Path) -> None:
    async with refusing(NEW_KINDS, State.PREPARING, tmp_path) as (bot, slack, edit):
        await show(bot.parts, edit.edit_id)
        before = await said_in(slack, edit)
        assert {block["type"] for block in before["blocks"]} == {"section", "actions"}
        assert CANCEL in buttons(before)
        assert ">make it &lt;snow&gt;\n>softly" in [block.get("text", {}).get("text") for block in before["blocks"]]
        await bot.parts.move(edit, Prepared(video_url="oss://a", source_s=2.0))
        await show(bot.parts, edit.edit_id)
        after = await said_in(slack, edit)
        assert after["ts"] == before["ts"]
        assert after["text"] != before["text"]
        assert CANCEL in buttons(after)


@pytest.mark.parametrize(
    ("kinds", "kept", "comment"), [(NEW_KINDS, {RETRY}, ""), (EVERY_KIND, set(), "Edited: make it &lt;snow&gt;")]
)
async def test_the_video_is_shared_as_a_file_whatever_blocks_are_refused(
    kinds: list[str], kept: set[str], comment: str, tmp_path: Path
) -> None:
    async with refusing(kinds, State.DELIVERING, tmp_path) as (bot, slack, edit):
        await share(bot.parts, edit, await bot.parts.files.put(small_clip(tmp_path), "edited.mp4"))
        found = await bot.parts.store.get(edit.edit_id)
        assert found is not None
        assert (found.state, found.link_sent) == (State.DONE, False)
        video = await said_in(slack, edit)
        assert has_file(video)
        assert buttons(video) & {RETRY} == kept
        assert video["text"].splitlines()[:1] == ([comment] if comment else [])


async def test_a_private_answer_whose_blocks_are_refused_is_its_text_in_the_same_place(tmp_path: Path) -> None:
    async with refusing(EVERY_KIND, State.DELIVERING, tmp_path) as (bot, slack, _):
        await bot.parts.slack.whisper(VIDEO_CHANNEL, ALICE, "no", thread_ts=None, blocks=[section("no")])
        history = await Person(slack.origin, ALICE).history(VIDEO_CHANNEL)
        assert [message["text"] for message in history if message.get("ephemeral")] == ["no"]
