"""After a failure: the button that does what the sentence says, in the thread or in the private answer."""

from pathlib import Path
from typing import Any

import pytest

from bot.edit import Permalink, SlackFile
from bot.messages.mistake import VALUE_MAX_CHARS, Mistyped, form_button, mistyped, read_typed
from bot.messages.modal import CALLBACK_ID, INSTRUCTION
from bot.text import Typed, read_text
from client.sandbox.clip import make_picture
from tests.bots import EDIT_S, VIDEO_CHANNEL, Stage, buttons, settled_edit, small_clip, stage
from tests.stores import until

ASK = "@video-editor 8-bit pixel style"


async def private(on: Stage, words: str) -> dict[str, Any]:
    """Return the private answer with these words that Alice gets."""
    return await on.alice.wait_for(
        VIDEO_CHANNEL, lambda message: bool(message.get("ephemeral")) and words in message["text"], EDIT_S
    )


async def form(on: Stage) -> dict[str, Any]:
    return await on.alice.wait_for_view(lambda view: view["callback_id"] == CALLBACK_ID)


async def test_what_the_content_check_refused_is_run_again_word_for_word(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        on.wan.faults.add("task", code="DataInspectionFailed", message="The vendor's words.")
        ts = await on.alice.post(VIDEO_CHANNEL, f"{ASK} --seed 7", files=[small_clip(tmp_path)])
        await settled_edit(on, ts)
        status = (await on.alice.thread(VIDEO_CHANNEL, ts))[1]
        await on.alice.click(VIDEO_CHANNEL, status["ts"], "verbatim")
        await until(lambda: on.wan.creates == 2, EDIT_S)
        edits = await on.store.in_thread(on.slack.team_id, VIDEO_CHANNEL, ts)
        assert [edit.parameters.prompt_extend for edit in edits] == [False, True]
        assert [edit.parameters.seed for edit in edits] == [7, 7]


async def test_an_option_that_nobody_knows_opens_the_form_with_all_that_was_typed_and_posted(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        posted = [small_clip(tmp_path), make_picture(tmp_path / "coat.png")]
        ts = await on.alice.post(VIDEO_CHANNEL, f"{ASK} --sepia", files=posted)
        answer = await private(on, "do not know the option")
        await on.alice.click(VIDEO_CHANNEL, answer["ts"], "open_form")
        view = await form(on)
        assert "8-bit pixel style --sepia" in str(view["blocks"])
        await on.alice.submit(view["id"], {INSTRUCTION: {INSTRUCTION: "8-bit pixel style"}})
        await until(lambda: on.wan.creates == 1, EDIT_S)
        (edit,) = await on.store.in_thread(on.slack.team_id, VIDEO_CHANNEL, ts)
        (message,) = [message for message in await on.alice.thread(VIDEO_CHANNEL, ts) if message["ts"] == ts]
        picture = next(file["id"] for file in message["files"] if file["name"] == "coat.png")
        assert (edit.instruction, edit.images) == ("8-bit pixel style", (SlackFile(file_id=picture),))


async def test_a_file_that_is_no_video_is_told_privately_and_the_form_keeps_the_instruction(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        broken = tmp_path / "holiday.mp4"
        broken.write_text("Dear diary, this is not a video.\n")
        ts = await on.alice.post(VIDEO_CHANNEL, ASK, files=[broken])
        answer = await private(on, "It cost nothing.")
        assert buttons(answer) == {"edit_again"}
        await settled_edit(on, ts)
        await on.alice.click(VIDEO_CHANNEL, answer["ts"], "edit_again")
        view = await form(on)
        assert view["title"]["text"] == "Edit a video"
        assert "8-bit pixel style" in str(view["blocks"])


async def test_the_form_keeps_the_video_where_something_else_was_wrong(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        clip, broken = small_clip(tmp_path), tmp_path / "coat.png"
        broken.write_text("Dear diary, this is not a picture.\n")
        wrong = [("--seconds 9", [clip], "2.0 s long"), ("", [clip, broken], "reference picture")]
        for option, files, words in wrong:
            await on.alice.post(VIDEO_CHANNEL, f"{ASK} {option}", files=files)
            answer = await private(on, words)
            assert "keeps the video and your instruction" in answer["text"]
            assert buttons(answer) == {"edit_again"}
        await on.alice.click(VIDEO_CHANNEL, answer["ts"], "edit_again")
        assert "the pictures that came with it are left out" in str((await form(on))["blocks"])
        assert on.wan.creates == 0


@pytest.mark.parametrize("words", ["make it snow", "x" * 6000, '"\\' * 3000, "雪" * 3000, "🎬" * 900, "\x00\n" * 3000])
def test_whatever_was_typed_fits_the_button_and_comes_back(words: str) -> None:
    message = Permalink(channel="C1", ts="1.0")
    images = ("F0123456789", "F1123456789", "F2123456789", "F3123456789")
    typed = Mistyped(channel="C1", words=words, message=message, parent_id="e" * 14, images=images)
    value = form_button(typed)["value"]
    assert len(value) <= VALUE_MAX_CHARS
    back = read_typed(value)
    assert back is not None
    assert back.model_copy(update={"words": words}) == typed
    assert back.words[:100] in words.strip("\x00\n").replace("\x00", "")


@pytest.mark.parametrize(
    ("text", "words", "link"),
    [
        ("make it snow", "make it snow", ""),
        ("<https://example.com/a.mp4?x=1&amp;y=2> make it snow --sepia", "make it snow --sepia",
         "https://example.com/a.mp4?x=1&y=2"),
        ("<http://example.com/a.mp4>", "", "http://example.com/a.mp4"),
        ("<https://example.com/a.mp4> <https://example.com/b.png> snow",
         "https://example.com/a.mp4 https://example.com/b.png snow", ""),
    ],
)  # fmt: skip
def test_the_link_of_the_video_is_told_from_the_words(text: str, words: str, link: str) -> None:
    back = read_typed(form_button(mistyped(read_text(text, bot_user_id=""), channel="C1"))["value"])
    assert back == Mistyped(channel="C1", words=words, link=link)


def test_pictures_come_along_unless_they_are_too_many() -> None:
    pictures = [SlackFile(file_id=f"F{number}") for number in range(5)]
    typed = Typed("make it snow")
    assert mistyped(typed, channel="C1", images=pictures[:4]).images == ("F0", "F1", "F2", "F3")
    assert mistyped(typed, channel="C1", images=pictures).images == ()


def test_a_link_that_no_button_can_carry_is_left_out_before_the_words() -> None:
    typed = Mistyped(channel="C1", words="make it snow", link=f"https://example.com/{'x' * 2000}")
    assert read_typed(form_button(typed)["value"]) == typed.model_copy(update={"link": ""})


@pytest.mark.parametrize("value", ["", "e1", "{}", '{"channel": 1, "words": "x"}'])
def test_a_button_that_is_not_ours_opens_nothing(value: str) -> None:
    assert read_typed(value) is None
