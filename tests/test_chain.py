"""Edits of edits: what led to a result, and all of it again on the first video."""

from pathlib import Path

import pytest

from bot.chain import from_original, is_chained, links
from bot.edit import Edit, Part, SlackFile, State
from bot.messages.result import result
from bot.usage import UsageError
from client.models import PROMPT_MAX_CHARS, Parameters
from tests.blocks import elements
from tests.bots import VIDEO_CHANNEL, result_in, settled_edit, small_clip, stage, whispered
from tests.edits import edit_in

FIRST = edit_in(State.DONE, edit_id="e1", upload_id="F1", instruction="make it snow", source_s=5.0)


def edit_of(parent: Edit, edit_id: str, **fields: object) -> Edit:
    """Return an edit of the parent's result."""
    made = edit_in(
        State.DONE, edit_id=edit_id, upload_id=f"F-{edit_id}", parent_id=parent.edit_id, video=parent.result_file,
        instruction=f"then {edit_id}", chained=True,
    )  # fmt: skip
    return made.model_copy(update=fields)


def retry_of(parent: Edit, edit_id: str) -> Edit:
    return parent.model_copy(update={"edit_id": edit_id, "parent_id": parent.edit_id, "upload_id": f"F-{edit_id}"})


def test_a_chain_leads_from_the_first_video_and_leaves_retries_out() -> None:
    second = edit_of(FIRST, "e2")
    again = retry_of(second, "e3")
    last = edit_of(again, "e4")
    assert [edit.edit_id for edit in links(last, [again, second, FIRST])] == ["e1", "e3", "e4"]
    assert [edit.edit_id for edit in links(again, [second, FIRST])] == ["e1", "e3"]
    assert links(FIRST, []) == [FIRST]


def test_an_edit_knows_whether_its_video_is_a_result() -> None:
    second = edit_of(FIRST, "e2", state=State.FAILED, upload_id=None)
    assert is_chained(SlackFile(file_id="F1"), FIRST)
    assert is_chained(second.video, second)
    assert not is_chained(FIRST.video, FIRST)
    assert not is_chained(SlackFile(file_id="F1"), None)


def test_all_instructions_are_run_at_once_on_the_first_video() -> None:
    second = edit_of(FIRST, "e2", instruction="把天空变红", parameters=Parameters(ratio="9:16", seed=1))
    last = edit_of(second, "e3", instruction="Now faster!", parameters=Parameters(resolution="1080P", seed=2))
    made = from_original(last, [second, FIRST])
    assert made.instruction == "make it snow.\n把天空变红。\nNow faster!"
    assert (made.video, made.source_s) == (FIRST.video, 5.0)
    assert made.parameters == Parameters(resolution="1080P", ratio="9:16", seed=2)


def test_what_was_cut_on_the_way_is_cut_from_the_first_video() -> None:
    first = FIRST.model_copy(update={"part": Part(from_s=3, to_s=12), "parameters": Parameters(duration_s=8)})
    second = edit_of(first, "e2", part=Part(from_s=1, to_s=4))
    third = edit_of(second, "e3", parameters=Parameters(duration_s=2))
    made = from_original(third, [second, first])
    assert (made.part, made.parameters.duration_s) == (Part(from_s=4, to_s=7), 2)
    assert from_original(edit_of(FIRST, "e2"), [FIRST]).part is None


def test_pictures_and_what_is_not_wanted_are_kept() -> None:
    coat = (SlackFile(file_id="F7"),)
    first = FIRST.model_copy(update={"images": coat, "negative_prompt": "blur"})
    second = edit_of(first, "e2", negative_prompt="text")
    third = edit_of(second, "e3", negative_prompt="blur")
    made = from_original(third, [second, first])
    assert (made.images, made.negative_prompt) == (coat, "blur, text")
    long = edit_of(first, "e2", negative_prompt="x" * 499)
    assert from_original(long, [first]).negative_prompt == "x" * 499


@pytest.mark.parametrize(
    ("edit", "ancestors", "said"),
    [
        (FIRST, [], "from the original video already"),
        (edit_of(FIRST, "e2"), [], "do not know any more"),
        (edit_of(FIRST, "e2", instruction="x" * PROMPT_MAX_CHARS), [FIRST], "fewer words"),
        (
            edit_of(FIRST, "e2", images=(SlackFile(file_id="F8"),)),
            [FIRST.model_copy(update={"images": (SlackFile(file_id="F7"),)})],
            "more than one",
        ),
    ],
)
def test_what_cannot_be_redone_is_said(edit: Edit, ancestors: list[Edit], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        from_original(edit, ancestors)


def test_only_a_result_that_was_made_of_a_result_offers_the_original() -> None:
    offered = ["original" in str(list(elements(result(edit).blocks))) for edit in (FIRST, edit_of(FIRST, "e2"))]
    assert offered == [False, True]


async def test_a_chain_is_shown_with_its_videos_and_redone_on_the_first_one(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[small_clip(tmp_path)])
        await result_in(on, VIDEO_CHANNEL, ts)
        first = await settled_edit(on, ts)
        await on.alice.post(VIDEO_CHANNEL, "@video-editor now in black and white", thread_ts=ts)
        video = await result_in(on, VIDEO_CHANNEL, ts, nth=2)
        second = await settled_edit(on, ts)
        await on.alice.click(VIDEO_CHANNEL, video["ts"], "more", f"details {second.edit_id}")
        told = await whispered(on, VIDEO_CHANNEL, "Made from")
        assert f"p{(first.result_ts or '').replace('.', '')}?thread_ts={ts}" in told

        for person in (on.alice, on.bob):
            await person.click(VIDEO_CHANNEL, video["ts"], "more", f"original {second.edit_id}")
        await result_in(on, VIDEO_CHANNEL, ts, nth=3)
        redone = await settled_edit(on, ts)
        assert redone.instruction == "8-bit pixel style.\nnow in black and white."
        assert (redone.video, redone.parent_id, redone.chained) == (first.video, second.edit_id, False)
        assert on.wan.creates == 3
