"""Compare: before and after beside each other in the thread, once, however often it is asked for."""

import asyncio
from pathlib import Path
from typing import Any

import av

from bot.edit import Errand, State
from bot.messages.comparison import answer, clip_name, comparison, not_compared, still_name, titles
from tests.blocks import check_limits, mrkdwn_of, whole
from tests.bots import (
    EDIT_S,
    SECRET_CHANNEL,
    VIDEO_CHANNEL,
    Stage,
    has_file,
    result_in,
    settled_edit,
    small_clip,
    stage,
    whispered,
)
from tests.edits import edit_in

ASK = "@video-editor 8-bit pixel style"


def comparisons(thread: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [message for message in thread if len(message.get("files", ())) == 2]


async def compared(on: Stage, ts: str) -> dict[str, Any]:
    found = await on.alice.wait_for(VIDEO_CHANNEL, lambda message: len(message.get("files", ())) == 2, EDIT_S)
    assert found["thread_ts"] == ts
    return found


def test_the_clip_says_which_side_is_which_and_who_asked() -> None:
    edit = edit_in(State.DONE, instruction="<!channel>" + "x" * 6000, comparison=Errand(by="U2"))
    message = comparison(edit)
    check_limits(message)
    assert "Before on the left, after on the right. · asked for by <@U2>" in whole(message)
    assert all("<!" not in mrkdwn for mrkdwn in mrkdwn_of(message))
    assert (clip_name(edit), still_name(edit)) == ("beach-day-before-after.mp4", "beach-day-before-after.jpg")
    assert len(set(titles())) == 2
    assert "&lt;b&gt;" in not_compared("<b>")


def test_whoever_wants_to_compare_is_told_what_comes_or_why_nothing_does() -> None:
    edit = edit_in(State.DONE, result_ts="2.0", upload_id="F1")
    assert "comes into the thread" in answer(edit)
    assert "already" in answer(edit.model_copy(update={"comparison": Errand(by="U2", over=True)}))
    assert "again in a moment" in answer(edit_in(State.DELIVERING, upload_id="F1"))
    assert "no edited video" in answer(edit_in(State.DONE, link_sent=True))


async def test_a_clip_and_a_still_come_once_although_two_ask_and_an_answer_is_lost(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        ts = await on.alice.post(VIDEO_CHANNEL, ASK, files=[small_clip(tmp_path)])
        video = await result_in(on, VIDEO_CHANNEL, ts)
        await settled_edit(on, ts)
        on.slack.faults.lost_answers["files.completeUploadExternal"] = 1
        await asyncio.gather(*(person.click(VIDEO_CHANNEL, video["ts"], "compare") for person in (on.alice, on.bob)))
        for person in (on.alice, on.bob):
            assert await whispered(on, VIDEO_CHANNEL, "comes into the thread", to=person)
        posted = await compared(on, ts)
        clip, still = posted["files"]
        await on.alice.save_file(clip["id"], tmp_path / "both.mp4")
        with av.open(tmp_path / "both.mp4") as film:
            seen = film.streams.video[0].codec_context
            assert seen.width == seen.height * 4 * 2 / 3  # two of 4:3
        assert still["name"] == "garden-before-after.jpg"

        edit = await settled_edit(on, ts)
        assert edit.comparison is not None
        assert edit.comparison.over
        await on.alice.click(VIDEO_CHANNEL, video["ts"], "compare")
        assert await whispered(on, VIDEO_CHANNEL, "in the thread already")
        assert len(comparisons(await on.alice.thread(VIDEO_CHANNEL, ts))) == 1

        await on.alice.click(VIDEO_CHANNEL, video["ts"], "more", f"remove {edit.edit_id}")
        view = await on.alice.wait_for_view()
        await on.alice.submit(view["id"], {})
        await on.alice.wait_for(VIDEO_CHANNEL, lambda message: "was deleted by" in message["text"], EDIT_S)
        assert comparisons(await on.alice.thread(VIDEO_CHANNEL, ts)) == []


async def test_a_source_that_the_asker_may_not_see_is_not_shown(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        ts = await on.alice.post(SECRET_CHANNEL, "not for Bob", files=[small_clip(tmp_path)])
        permalink = f"{on.slack.origin}/archives/{SECRET_CHANNEL}/p{ts.replace('.', '')}"
        await on.alice.command(VIDEO_CHANNEL, f"{permalink} 8-bit pixel style")
        video = await on.alice.wait_for(VIDEO_CHANNEL, has_file, EDIT_S)
        await settled_edit(on, video["thread_ts"])
        await on.bob.click(VIDEO_CHANNEL, video["ts"], "compare")
        assert await whispered(on, VIDEO_CHANNEL, "I only use files", to=on.bob)
        await on.alice.click(VIDEO_CHANNEL, video["ts"], "compare")
        assert await compared(on, video["thread_ts"])


async def test_a_source_that_is_gone_is_told_to_whoever_asked(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        ts = await on.alice.post(VIDEO_CHANNEL, ASK, files=[small_clip(tmp_path)])
        video = await result_in(on, VIDEO_CHANNEL, ts)
        edit = await settled_edit(on, ts)
        await on.alice.delete_file(edit.video.file_id)  # type: ignore[union-attr] # a file, as posted
        await on.bob.click(VIDEO_CHANNEL, video["ts"], "compare")
        said = await whispered(on, VIDEO_CHANNEL, "could not put before and after", to=on.bob)
        assert "not there any more" in said
        assert (await settled_edit(on, ts)).comparison is None
