"""The form: what Slack takes, and what comes back from it."""

import json
from typing import Any

import pytest
from slack_sdk.models.views import View

from bot.edit import Link, Part, Permalink, SlackFile, State
from bot.messages import modal
from bot.messages.modal import edit_modal
from bot.messages.submission import ModalErrors, Submission, read_submission
from bot.sandbox.view_values import fill_in
from client.models import Parameters
from client.presets import PRESETS
from tests.blocks import elements
from tests.edits import edit_in

LINK = "https://a.example/clip.mp4"
CLIP = {"id": "F1", "name": "clip.mp4", "mimetype": "video/mp4"}
COAT = {"id": "F2", "name": "coat.png", "mimetype": "image/png"}
NOTES = {"id": "F3", "name": "notes.txt", "mimetype": "text/plain"}


def submitted(*, parent_id: str | None = None, metadata: str | None = None, **fields: Any) -> dict[str, Any]:
    """Make a view as Slack sends it back, with the values of the fields that were filled in."""
    given = {modal.INSTRUCTION: {"value": "make it snow"}, modal.SWITCHES: chosen_all(modal.REWRITE)} | fields
    return {
        "private_metadata": metadata or json.dumps({"channel": "C1", "parent_id": parent_id}),
        "state": {"values": {block_id: {block_id: value} for block_id, value in given.items()}},
    }


def typed(value: str | None) -> dict[str, Any]:
    return {"type": "plain_text_input", "value": value}


def chosen(value: str) -> dict[str, Any]:
    return {"selected_option": {"value": value}}


def chosen_all(*values: str) -> dict[str, Any]:
    return {"selected_options": [{"value": value} for value in values]}


def files(*given: dict[str, Any]) -> dict[str, Any]:
    return {"type": "file_input", "files": list(given)}


def element(view: dict[str, Any], block_id: str) -> dict[str, Any]:
    (found,) = [block["element"] for block in view["blocks"] if block.get("block_id") == block_id]
    return dict(found)


# -- how it looks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("instruction", ["make it snow", "", "<!channel> & `code`", "x" * 6000, "‮\x00مرحبا"])
@pytest.mark.parametrize("again", [True, False])
def test_slack_takes_the_dialog(instruction: str, again: bool) -> None:
    parent = edit_in(State.DONE, instruction=instruction, negative_prompt="blur") if again else None
    view = edit_modal(channel="C1", parent=parent, instruction=instruction, link=LINK)
    View(**view).to_dict()  # the SDK checks lengths and counts here
    assert len(view["title"]["text"]) <= 24
    ids = [block["block_id"] for block in view["blocks"] if "block_id" in block]
    assert len(ids) == len(set(ids))
    for part in elements(view["blocks"]):
        assert len(part.get("initial_value", "")) <= 3000
        assert part.get("initial_options") != []


def test_the_fields_take_what_slack_and_wan_allow() -> None:
    view = edit_modal(channel="C1")
    assert element(view, modal.VIDEO_FILE)["max_files"] == 1
    assert element(view, modal.IMAGES)["max_files"] == 4
    assert element(view, modal.RESOLUTION)["initial_option"]["value"] == "720P"
    assert [option["value"] for option in element(view, modal.SWITCHES)["initial_options"]] == [modal.REWRITE]


def test_edit_again_asks_for_no_video_and_begins_where_the_parent_ended() -> None:
    parameters = Parameters(resolution="1080P", ratio="9:16", audio_setting="origin", prompt_extend=False)
    view = edit_modal(channel="C1", parent=edit_in(State.DONE, parameters=parameters, negative_prompt="blur"))
    assert not {modal.VIDEO_LINK, modal.VIDEO_FILE} & {block.get("block_id") for block in view["blocks"]}
    assert element(view, modal.INSTRUCTION)["initial_value"] == "make it snow"
    assert element(view, modal.NEGATIVE)["initial_value"] == "blur"
    assert element(view, modal.RESOLUTION)["initial_option"]["value"] == "1080P"
    assert element(view, modal.RATIO)["initial_option"]["value"] == "9:16"
    assert [option["value"] for option in element(view, modal.SWITCHES)["initial_options"]] == [modal.KEEP_AUDIO]


@pytest.mark.parametrize(
    ("state", "upload_id", "part"),
    [
        (State.FAILED, None, "0:00–0:03"), (State.CANCELED, None, "0:00–0:03"), (State.DONE, None, "0:00–0:03"),
        (State.DONE, "F9", None),
    ],
)
def test_edit_again_keeps_the_cut_only_where_the_source_is_used_again(
    state: State, upload_id: str | None, part: str | None
) -> None:
    parent = edit_in(state, upload_id=upload_id, parameters=Parameters(duration_s=3))
    assert element(edit_modal(channel="C1", parent=parent), modal.PART).get("initial_value") == part


def test_another_video_is_asked_for_with_the_options_of_the_one_that_could_not_be_used() -> None:
    parameters = Parameters(resolution="1080P", ratio="9:16", audio_setting="origin", prompt_extend=False)
    failed = edit_in(
        State.FAILED, parameters=parameters, negative_prompt="blur", part=Part(from_s=3, to_s=8), variations=3
    )
    view = edit_modal(channel="C1", like=failed)
    values = fill_in(view["blocks"], {}, {}, lambda file: {}, None).values
    values[modal.VIDEO_LINK] = {modal.VIDEO_LINK: typed(LINK)}
    assert read_submission(view | {"state": {"values": values}}) == Submission(
        "C1", None, "make it snow", Link(url=LINK), parameters=parameters, negative_prompt="blur",
        part=Part(from_s=3, to_s=8), variations=3,
    )  # fmt: skip


def test_a_link_behind_which_nothing_was_found_can_be_mended() -> None:
    failed = edit_in(State.FAILED, video=Link(url=LINK))
    assert element(edit_modal(channel="C1", like=failed), modal.VIDEO_LINK)["initial_value"] == LINK


def test_without_a_cut_the_part_is_left_empty() -> None:
    assert "initial_value" not in element(edit_modal(channel="C1", parent=edit_in(State.FAILED)), modal.PART)


def test_an_instruction_too_long_for_the_dialog_is_cut_and_says_so() -> None:
    view = edit_modal(channel="C1", parent=edit_in(State.DONE, instruction="x" * 4000))
    (block,) = [block for block in view["blocks"] if block.get("block_id") == modal.INSTRUCTION]
    assert "3000" in block["hint"]["text"]


def test_the_dialog_of_a_message_asks_for_no_video_and_names_it_in_what_it_carries() -> None:
    message = Permalink(channel="C1", ts="1234567890.123456", thread_ts="1234567890.000001")
    view = edit_modal(channel="C1", message=message)
    View(**view).to_dict()
    assert not {modal.VIDEO_LINK, modal.VIDEO_FILE, modal.CHANNEL} & {block.get("block_id") for block in view["blocks"]}
    asked = read_submission(submitted(metadata=view["private_metadata"]))
    assert isinstance(asked, Submission)
    assert (asked.channel, asked.video, asked.message, asked.chosen) == ("C1", message, message, False)


def test_pictures_that_came_with_the_request_are_used_unless_others_are_chosen() -> None:
    view = edit_modal(channel="C1", images=["F7", "F8"])
    refused = edit_in(State.FAILED, images=(SlackFile(file_id="F7"), SlackFile(file_id="F8")))
    assert edit_modal(channel="C1", like=refused)["private_metadata"] == view["private_metadata"]
    (field,) = [block for block in view["blocks"] if block.get("block_id") == modal.IMAGES]
    assert "the 2 pictures that you posted" in field["hint"]["text"]
    needs_one = next(name for name, preset in PRESETS.items() if preset.images)
    for images, used in ((files(), ["F7", "F8"]), (files(COAT), [COAT["id"]])):
        metadata, style = view["private_metadata"], chosen(needs_one)
        asked = read_submission(submitted(metadata=metadata, video_link=typed(LINK), images=images, style=style))
        assert isinstance(asked, Submission)
        assert [image.file_id for image in asked.images] == used


def test_without_a_channel_the_dialog_asks_for_one() -> None:
    view = edit_modal(channel=None)
    View(**view).to_dict()
    assert element(view, modal.CHANNEL)["default_to_current_conversation"] is True
    given = {"video_link": typed(LINK), "metadata": view["private_metadata"]}
    asked = read_submission(submitted(channel={"selected_conversation": "C7"}, **given))
    assert isinstance(asked, Submission)
    assert (asked.channel, asked.chosen) == ("C7", True)
    for value in ({}, {"selected_conversation": None}, {"selected_conversation": "<!channel>"}):
        answer = read_submission(submitted(channel=value, **given))
        assert isinstance(answer, ModalErrors)
        assert list(answer.errors) == [modal.CHANNEL]


# -- what comes back ---------------------------------------------------------------------------------------------------


def test_the_least_that_can_be_sent_is_a_video_and_an_instruction() -> None:
    assert read_submission(submitted(video_link=typed(LINK))) == Submission(
        channel="C1", parent_id=None, instruction="make it snow", video=Link(url=LINK)
    )


def test_everything_that_can_be_chosen_arrives() -> None:
    view = submitted(
        video_file=files(CLIP), images=files(COAT, COAT | {"id": "F4"}), resolution=chosen("1080P"),
        ratio=chosen("9:16"), part=typed("0:03-0:08"), variations=chosen("3"), seed=typed("42"), negative=typed("blur"),
        switches=chosen_all(modal.KEEP_AUDIO),
    )  # fmt: skip
    assert read_submission(view) == Submission(
        channel="C1",
        parent_id=None,
        instruction="make it snow",
        video=SlackFile(file_id="F1", name="clip.mp4"),
        images=(SlackFile(file_id="F2", name="coat.png"), SlackFile(file_id="F4", name="coat.png")),
        parameters=Parameters(
            resolution="1080P", ratio="9:16", seed=42, audio_setting="origin", prompt_extend=False
        ),
        negative_prompt="blur",
        part=Part(from_s=3, to_s=8),
        variations=3,
    )


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("5", Part(to_s=5)), ("5 s", Part(to_s=5)), ("first 5 seconds", Part(to_s=5)), ("3-8", Part(from_s=3, to_s=8)),
        ("0:03–0:08", Part(from_s=3, to_s=8)), ("0:03 to 0:08.5", Part(from_s=3, to_s=8.5)),
        ("0:03–", Part(from_s=3)), ("from 0:03", Part(from_s=3)), ("前5秒", Part(to_s=5)),
        ("0:03到0:08", Part(from_s=3, to_s=8)),
    ],
)  # fmt: skip
def test_the_part_can_be_written_as_people_say_it(said: str, part: Part) -> None:
    asked = read_submission(submitted(video_link=typed(LINK), part=typed(said)))
    assert isinstance(asked, Submission)
    assert asked.part == part


def test_a_part_that_edit_again_shows_is_read_as_it_was() -> None:
    for part in (Part(from_s=3), Part(to_s=5), Part(from_s=2.5, to_s=9)):
        view = edit_modal(channel="C1", parent=edit_in(State.FAILED, part=part))
        said = element(view, modal.PART)["initial_value"]
        asked = read_submission(submitted(video_link=typed(LINK), part=typed(said)))
        assert isinstance(asked, Submission)
        assert asked.part == part


def test_fields_left_empty_come_as_null_and_mean_nothing() -> None:
    view = submitted(
        video_link=typed(LINK), part=typed(None), seed=typed(None), negative=typed(None),
        ratio=chosen(modal.AS_CLIP), resolution=chosen("720P"), images={"type": "file_input"},
    )  # fmt: skip
    asked = read_submission(view)
    assert isinstance(asked, Submission)
    assert (asked.parameters, asked.negative_prompt, asked.images) == (Parameters(), None, ())


def test_the_link_of_a_message_is_understood() -> None:
    asked = read_submission(submitted(video_link=typed("https://acme.slack.com/archives/C1/p1234567890123456")))
    assert isinstance(asked, Submission)
    assert asked.video == Permalink(channel="C1", ts="1234567890.123456")


def test_with_a_parent_no_video_is_asked_for() -> None:
    assert read_submission(submitted(parent_id="e1")) == Submission(
        channel="C1", parent_id="e1", instruction="make it snow"
    )


@pytest.mark.parametrize(
    ("fields", "at", "said"),
    [
        ({}, modal.VIDEO_LINK, "Give the video"),
        ({"video_link": typed(LINK), "video_file": files(CLIP)}, modal.VIDEO_LINK, "not both"),
        ({"video_link": typed("http://a.example/clip.mp4")}, modal.VIDEO_LINK, "https://"),
        ({"video_file": files(CLIP, CLIP)}, modal.VIDEO_FILE, "One video"),
        ({"video_file": files(COAT)}, modal.VIDEO_FILE, "One video"),
        ({"video_link": typed(LINK), "images": files(*[COAT] * 5)}, modal.IMAGES, "At most 4"),
        ({"video_link": typed(LINK), "images": files(NOTES)}, modal.IMAGES, "Only pictures"),
        ({"video_link": typed(LINK), "instruction": typed(" ")}, modal.INSTRUCTION, "Say what should change"),
        ({"video_link": typed(LINK), "instruction": typed("x" * 5001)}, modal.INSTRUCTION, "5001"),
        ({"video_link": typed(LINK), "part": typed("11")}, modal.PART, "Write a part of 2 to 10 seconds"),
        ({"video_link": typed(LINK), "seed": typed("-1")}, modal.SEED, "The seed must be a whole number"),
        ({"video_link": typed(LINK), "negative": typed("x" * 501)}, modal.NEGATIVE, "501"),
        ({"video_link": typed(LINK), "ratio": chosen("2:1")}, modal.RATIO, "16:9"),
    ],
)
def test_a_mistake_is_named_at_its_field(fields: dict[str, Any], at: str, said: str) -> None:
    answer = read_submission(submitted(**fields))
    assert isinstance(answer, ModalErrors)
    assert list(answer.errors) == [at]
    assert said in answer.errors[at]


def test_all_mistakes_are_named_at_once() -> None:
    answer = read_submission(submitted(instruction=typed(None), part=typed("x")))
    assert isinstance(answer, ModalErrors)
    assert set(answer.errors) == {modal.VIDEO_LINK, modal.INSTRUCTION, modal.PART}


@pytest.mark.parametrize("metadata", ["nonsense", "[]", "{}", '{"channel": 1, "parent_id": null}', "null"])
def test_metadata_that_are_not_ours_are_refused(metadata: str) -> None:
    answer = read_submission(submitted(metadata=metadata, video_link=typed(LINK)))
    assert isinstance(answer, ModalErrors)
    assert "out of date" in answer.errors[modal.INSTRUCTION]
