"""The form while it is filled in: the price follows the choices, and a style writes the instruction."""

from pathlib import Path
from typing import Any

import pytest
from slack_sdk.models.views import View

from bot.budget import Tariff
from bot.edit import Part, Permalink, State
from bot.listeners.modal import ModalChanges
from bot.messages import modal
from bot.messages.modal import edit_modal
from bot.messages.modal_change import changed_modal
from bot.messages.price import estimate
from bot.messages.style_choice import OWN_WORDS, choices, refilled
from bot.messages.submission import ModalErrors, Submission, read_submission
from bot.sandbox.workspace import LocalSlack
from client.models import Parameters, Usage
from client.presets import PRESETS
from tests.bots import EDIT_S, VIDEO_CHANNEL, has_file, result_in, small_clip, stage
from tests.edits import edit_in
from tests.slack_app import ALICE, web_client

SINGAPORE, NOWHERE = Tariff("ap-southeast-1"), Tariff(None)
SEASON, WEATHER = PRESETS["season"], PRESETS["weather"]


def held(view: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a view as Slack sends it along with an action, with these values in its fields."""
    return view | {"state": {"values": {block_id: {block_id: value} for block_id, value in fields.items()}}}


def text(value: str) -> dict[str, Any]:
    return {"type": "plain_text_input", "value": value}


def chosen(value: str) -> dict[str, Any]:
    return {"selected_option": {"value": value}}


def price_in(view: dict[str, Any]) -> str:
    (found,) = [block["elements"][0]["text"] for block in view["blocks"] if block.get("block_id") == modal.PRICE]
    return str(found)


def instruction_in(view: dict[str, Any]) -> dict[str, Any]:
    (found,) = [block for block in view["blocks"] if str(block.get("block_id")).startswith(modal.INSTRUCTION)]
    return dict(found)


# -- the price ---------------------------------------------------------------------------------------------------------


def test_where_the_length_is_known_the_price_is_one_sum() -> None:
    said = estimate(Parameters(), tariff=SINGAPORE, source_s=5)
    assert said == "About $1.00 for 5 s, by the price list of 2026-09-30."


def test_where_the_length_is_unknown_the_price_is_told_for_a_usual_video_and_for_the_longest() -> None:
    said = estimate(Parameters(resolution="1080P"), tariff=Tariff("cn-beijing"))
    assert said.startswith("About ¥10.00 for a video of 5 s and ¥20.00 for one of 10 s")


def test_several_results_cost_several_times_as_much() -> None:
    said = estimate(Parameters(), tariff=SINGAPORE, source_s=5, variations=3)
    assert said == "About $3.00 for 5 s, by the price list of 2026-09-30. That is for all 3 results."


def test_where_no_price_is_known_the_billed_seconds_are_told() -> None:
    assert "10 s for a video of 5 s" in estimate(Parameters(), tariff=NOWHERE)
    assert "About 16 s" in estimate(Parameters(), tariff=NOWHERE, source_s=8)
    assert "About 48 s" in estimate(Parameters(), tariff=NOWHERE, source_s=8, variations=3)
    assert "all 3 results" in estimate(Parameters(), tariff=NOWHERE, variations=3)


# -- the style ---------------------------------------------------------------------------------------------------------


def test_a_style_writes_its_example_where_nothing_is_typed_and_puts_what_is_typed_into_its_words() -> None:
    assert refilled("", old=OWN_WORDS, new="season") == SEASON.prompt(SEASON.example)
    assert refilled("early spring.", old=OWN_WORDS, new="season") == SEASON.prompt("early spring")


def test_another_style_takes_the_words_over_but_not_an_example_that_nobody_touched() -> None:
    typed = SEASON.prompt("early spring")
    assert refilled(typed, old="season", new="weather") == WEATHER.prompt("early spring")
    assert refilled(SEASON.prompt(SEASON.example), old="season", new="weather") == WEATHER.prompt(WEATHER.example)


def test_back_in_ones_own_words_the_frame_of_the_style_is_gone() -> None:
    assert refilled(SEASON.prompt("early spring"), old="season", new=OWN_WORDS) == "early spring"
    assert refilled(SEASON.prompt(SEASON.example), old="season", new=OWN_WORDS) == ""


@pytest.mark.parametrize("name", PRESETS)
def test_a_text_that_was_rewritten_altogether_is_never_lost(name: str) -> None:
    assert "my {own} text" in refilled("my {own} text", old=name, new="light")


# -- the view ----------------------------------------------------------------------------------------------------------


def test_a_choice_shows_the_new_price_and_keeps_every_field() -> None:
    usage = Usage(billed_s=10, input_s=5, output_s=5)
    view = edit_modal(channel="C1", parent=edit_in(State.DONE, upload_id="F9", usage=usage), tariff=SINGAPORE)
    assert "$1.00 for 5 s" in price_in(view)
    changed = changed_modal(held(view, resolution=chosen("1080P")), tariff=SINGAPORE)
    assert changed is not None
    assert "$1.50 for 5 s" in price_in(changed)
    assert [b for b in changed["blocks"] if b.get("block_id") != modal.PRICE] == [
        b for b in view["blocks"] if b.get("block_id") != modal.PRICE
    ]
    assert changed["private_metadata"] == view["private_metadata"]
    View(**changed).to_dict()


@pytest.mark.parametrize("part", ["", "x", "99", "0:08-0:03"])
def test_where_nothing_changes_slack_is_told_nothing(part: str) -> None:
    view = edit_modal(channel="C1", tariff=SINGAPORE)
    assert changed_modal(held(view, part=text(part)), tariff=SINGAPORE) is None


def test_the_price_is_that_of_the_part_and_of_all_results() -> None:
    view = edit_modal(channel="C1", tariff=SINGAPORE)
    changed = changed_modal(held(view, part=text("0:03–0:06"), variations=chosen("2")), tariff=SINGAPORE)
    assert changed is not None
    assert "$1.20 for 3 s" in price_in(changed)
    assert "all 2 results" in price_in(changed)


def test_a_style_writes_a_new_field_because_slack_keeps_what_stands_in_the_old_one() -> None:
    view = edit_modal(channel="C1", message=Permalink(channel="C1", ts="1234567890.123456"))
    first = changed_modal(held(view, style=chosen("season"), instruction=text("spring")), tariff=NOWHERE)
    assert first is not None
    assert instruction_in(first)["block_id"] == "instruction.1"
    assert instruction_in(first)["element"]["initial_value"] == SEASON.prompt("spring")
    fields = {"instruction.1": text(SEASON.prompt("autumn")), "style": chosen("weather")}
    second = changed_modal(held(first, **fields), tariff=NOWHERE)
    assert second is not None
    assert instruction_in(second)["block_id"] == "instruction.2"
    assert instruction_in(second)["element"]["initial_value"] == WEATHER.prompt("autumn")
    asked = read_submission(held(second, **{"instruction.2": text("as I like it"), "style": chosen("weather")}))
    assert isinstance(asked, Submission)
    assert asked.instruction == "as I like it"
    assert changed_modal(held(second, **fields), tariff=NOWHERE) is None  # the same choice again


def test_a_mistake_in_a_rewritten_instruction_stands_at_its_new_field() -> None:
    view = edit_modal(channel="C1", message=Permalink(channel="C1", ts="1234567890.123456"))
    changed = changed_modal(held(view, style=chosen("season")), tariff=NOWHERE)
    assert changed is not None
    answer = read_submission(held(changed, **{"instruction.1": text(" ")}))
    assert isinstance(answer, ModalErrors)
    assert list(answer.errors) == ["instruction.1"]


def test_a_style_that_speaks_of_a_picture_needs_one() -> None:
    view = edit_modal(channel="C1", message=Permalink(channel="C1", ts="1234567890.123456"))
    given = {"instruction": text("dance"), "style": chosen("copy-action")}
    answer = read_submission(held(view, **given))
    assert isinstance(answer, ModalErrors)
    assert list(answer.errors) == [modal.IMAGES]
    picture = {"files": [{"id": "F2", "name": "coat.png", "mimetype": "image/png"}]}
    assert isinstance(read_submission(held(view, images=picture, **given)), Submission)


def test_every_style_can_be_chosen() -> None:
    assert set(choices()) == {OWN_WORDS, *PRESETS}


# -- in Slack ----------------------------------------------------------------------------------------------------------


async def test_a_choice_is_shown_in_the_open_dialog(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        await on.alice.command(VIDEO_CHANNEL)
        view = await on.alice.wait_for_view()
        season = {modal.STYLE: {modal.STYLE: "season"}, modal.INSTRUCTION: {modal.INSTRUCTION: "spring"}}
        await on.alice.click_in_view(view["id"], modal.STYLE, "season", state=season)
        filled = {modal.STYLE: {modal.STYLE: "season"}, modal.PART: {modal.PART: "3"}}
        await on.alice.click_in_view(view["id"], modal.PART, "3", state=filled)
        changed = await on.alice.wait_for_view(lambda view: "6 s will be billed" in price_in(view))
        assert instruction_in(changed)["element"]["initial_value"] == SEASON.prompt("spring")
        typed = {"instruction.1": {"instruction.1": "autumn, x2"}, **filled}
        await on.alice.click_in_view(view["id"], "instruction.1", "autumn, x2", state=typed)
        await on.alice.wait_for_view(lambda view: "12 s will be billed" in price_in(view))


async def test_what_is_chosen_and_typed_in_the_dialog_is_priced_and_made(tmp_path: Path) -> None:
    clip = small_clip(tmp_path, seconds=4)
    async with stage("memory", tmp_path) as on:
        await on.alice.command(VIDEO_CHANNEL)
        view = await on.alice.wait_for_view()
        words = "8-bit pixel style from 0:01 to 0:03"
        filled = {
            modal.INSTRUCTION: {modal.INSTRUCTION: words},
            modal.VARIATIONS: {modal.VARIATIONS: "2"},
        }
        await on.alice.click_in_view(view["id"], modal.INSTRUCTION, words, state=filled)
        view = await on.alice.wait_for_view(lambda view: "About 8 s will be billed" in price_in(view))
        assert (await on.alice.submit(view["id"], filled, {modal.VIDEO_FILE: [clip]}))["closed"]
        video = await on.alice.wait_for(VIDEO_CHANNEL, has_file, EDIT_S)
        await result_in(on, VIDEO_CHANNEL, video["thread_ts"], nth=2)
        edits = await on.store.in_thread(on.slack.team_id, VIDEO_CHANNEL, video["thread_ts"])
        assert [(edit.part, edit.source_s) for edit in edits] == [(Part(from_s=1, to_s=3), 2.0)] * 2
        assert len({edit.parameters.seed for edit in edits}) == 2


async def test_the_newer_of_two_choices_is_shown_although_the_view_has_changed_since_and_the_older_is_not() -> None:
    async with LocalSlack() as slack:
        team = slack.team
        team.views.open(ALICE, edit_modal(channel="C1"), channel_id=VIDEO_CHANNEL)
        (opened,) = team.views.stack(ALICE)
        seen = team.views.written(opened)
        change, client = ModalChanges(NOWHERE), web_client(slack)

        async def choose(at: str, part: str) -> str:
            view = held(seen, part=text(part))
            await change({"view": view, "actions": [{"action_ts": at}]}, client)
            return price_in(team.views.written(team.views.stack(ALICE)[0]))

        assert "6 s will" in await choose("2.0", "3")
        assert "8 s will" in await choose("4.0", "4")
        assert "8 s will" in await choose("3.0", "2")
        team.views.close(team.views.stack(ALICE)[0])
        view = held(seen, part=text("2"))
        await change({"view": view, "actions": [{"action_ts": "5.0"}]}, client)  # closed meanwhile: nothing to show
