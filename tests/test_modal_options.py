"""Options that are typed into the form's instruction: read as in a message, and joined with the fields."""

from typing import Any

import pytest

from bot.budget import Tariff
from bot.edit import Link, Part, State
from bot.language import Language, speaking
from bot.messages import modal
from bot.messages.modal import edit_modal
from bot.messages.modal_change import changed_modal
from bot.messages.styles import translated
from bot.messages.submission import ModalErrors, Submission, read_submission
from bot.messages.suggestions import suggestions
from bot.messages.typed_options import typed_options
from bot.profile import Defaults
from bot.sandbox.state import Json
from bot.sandbox.view_values import fill_in
from client.models import Parameters
from client.presets import PRESETS
from tests.blocks import elements
from tests.edits import edit_in

LINK = "https://a.example/clip.mp4"
SINGAPORE = Tariff("ap-southeast-1")


def opened(**how: Any) -> Json:
    given: dict[str, Any] = {"channel": "C1", "link": LINK, "tariff": SINGAPORE}
    return edit_modal(**given | how)


def filled(view: Json, **fields: Any) -> Json:
    """Return a view as Slack sends it back: with what was first in each field, but for these."""
    typed = {block_id: {block_id: value} for block_id, value in fields.items()}
    return view | {"state": {"values": fill_in(view["blocks"], typed, {}, lambda file: {}, None).values}}


def asked(instruction: str, view: Json | None = None, **fields: Any) -> Submission:
    found = read_submission(filled(view or opened(), instruction=instruction, **fields))
    assert isinstance(found, Submission), found
    return found


def errors(instruction: str, view: Json | None = None, **fields: Any) -> dict[str, str]:
    found = read_submission(filled(view or opened(), instruction=instruction, **fields))
    assert isinstance(found, ModalErrors), found
    return dict(found.errors)


def small_print(view: Json) -> str:
    (block,) = [block for block in view["blocks"] if block.get("block_id") == modal.PRICE]
    return "\n".join(part["text"] for part in elements(block) if "text" in part)


def test_options_typed_into_the_instruction_are_read_as_in_a_message() -> None:
    text = 'make it snow --1080p --negative "blur", 9:16, x3, seed 42, keep the audio, word for word, 0:03–0:08'
    assert asked(text) == Submission(
        channel="C1", parent_id=None, instruction="make it snow", video=Link(url=LINK), negative_prompt="blur",
        parameters=Parameters(
            resolution="1080P", ratio="9:16", seed=42, audio_setting="origin", prompt_extend=False
        ),
        part=Part(from_s=3, to_s=8), variations=3,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("first 5 seconds", Part(to_s=5)),
        ("--seconds 5", Part(to_s=5)),
        ("--seconds 5 --from 0:03", Part(from_s=3, to_s=8)),
        ("from 0:03 to 0:08, --seconds 3", Part(from_s=3, to_s=6)),
        ("前五秒", Part(to_s=5)),
    ],
)
def test_however_the_part_is_typed_it_is_the_part(text: str, part: Part) -> None:
    found = asked(f"make it snow, {text}")
    assert (found.instruction, found.part, found.parameters.duration_s) == ("make it snow", part, 0)


def test_fields_that_nobody_touched_yield_to_what_is_typed() -> None:
    parent = edit_in(State.FAILED, part=Part(to_s=5), parameters=Parameters(resolution="1080P", ratio="9:16"))
    found = asked("make it snow --720p --ratio 1:1 --from 0:02", opened(parent=parent))
    assert (found.parameters.resolution, found.parameters.ratio, found.part) == ("720P", "1:1", Part(from_s=2))
    mine = opened(defaults=Defaults(resolution="1080P", audio_setting="origin"))
    found = asked("make it snow, 720p", mine)
    assert (found.parameters.resolution, found.parameters.audio_setting) == ("720P", "origin")


def test_the_same_typed_and_chosen_is_no_contradiction() -> None:
    found = asked("make it snow 1080p x3 0:03-0:08", resolution="1080P", variations="3", part="0:03–0:08")
    assert (found.parameters.resolution, found.variations, found.part) == ("1080P", 3, Part(from_s=3, to_s=8))


@pytest.mark.parametrize(
    ("text", "chosen", "said"),
    [
        ("--720p", {modal.RESOLUTION: "1080P"}, "720P"),
        ("9:16", {modal.RATIO: "16:9"}, "9:16"),
        ("x3", {modal.VARIATIONS: "2"}, "3 results"),
        ("first 5 seconds", {modal.PART: "0:03–0:08"}, "only 0:00–0:05"),
        ("seed 42", {modal.SEED: "41"}, "seed 42"),
        ("--negative blur", {modal.NEGATIVE: "text"}, "without blur"),
    ],
)
def test_what_contradicts_a_choice_is_named_at_its_field(text: str, chosen: Json, said: str) -> None:
    answer = errors(f"make it snow {text}", **chosen)
    assert list(answer) == list(chosen)
    assert f"The instruction says: {said}." in str(answer)


def test_a_box_that_somebody_unchecked_is_not_checked_by_words() -> None:
    view = opened(defaults=Defaults(audio_setting="origin"))
    assert asked("make it snow, word for word", view).parameters.prompt_extend is False
    answer = errors("make it snow, keep the audio", view, switches=[modal.REWRITE])
    assert list(answer) == [modal.SWITCHES]
    assert "sound kept" in answer[modal.SWITCHES]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("make it snow --sepia", "I do not know the option --sepia"),
        ("变成雪景，--竖屏", "--竖屏"),
        ("make it snow x9", "The number of results must be from 1 to 4, not “9”"),
        ("make it snow --720p --1080p", "--720p and --1080p contradict each other"),
        ("make it snow, last 5 seconds", "cannot count from the end"),
        ("1080p", "Say what should change"),
    ],
)
def test_what_cannot_be_meant_is_named_at_the_instruction(text: str, said: str) -> None:
    answer = errors(text)
    assert list(answer) == [modal.INSTRUCTION]
    assert said in answer[modal.INSTRUCTION]


def test_words_of_the_instruction_stay_there() -> None:
    for text in ("make it look like 1080p footage of a 9:16 phone", "write “x3, 9:16” on the wall", "zoom in x3"):
        assert asked(text) == Submission("C1", None, text, Link(url=LINK))


@pytest.mark.parametrize("language", Language)
def test_no_text_of_ours_is_taken_for_options(language: Language) -> None:
    with speaking(language):
        presets = [translated(preset) for preset in PRESETS.values()]
        texts = [preset.prompt(preset.example, preset.images) for preset in presets]
        texts += [instruction for _, instruction in suggestions().values()]
    assert {typed_options(text).named for text in texts} == {frozenset()}


# -- shown while it is typed -------------------------------------------------------------------------------------------


def test_what_was_read_in_the_instruction_is_shown_and_priced_before_anything_is_paid() -> None:
    view = opened()
    text = "make it jump from 0:03 to 0:08 --1080p --negative \"<!here>\" x3"
    changed = changed_modal(filled(view, instruction=text), tariff=SINGAPORE)
    assert changed is not None
    assert "$4.50 for 5 s" in small_print(changed)
    assert "all 3 results" in small_print(changed)
    read = "Read in the instruction: 1080P · only 0:03–0:08 · without &lt;!here&gt; · 3 results"
    assert small_print(changed).endswith(read)
    assert changed["blocks"][-1] == view["blocks"][-1]
    assert changed_modal(filled(changed, instruction=text), tariff=SINGAPORE) is None
    back = changed_modal(filled(changed, instruction="make it jump"), tariff=SINGAPORE)
    assert back is not None
    assert small_print(back) == small_print(view)


@pytest.mark.parametrize("text", ["make it snow", "make it snow --108", "make it snow --ratio", "make it snow, seed"])
def test_while_an_option_is_being_typed_nothing_is_said(text: str) -> None:
    assert changed_modal(filled(opened(), instruction=text), tariff=SINGAPORE) is None


def test_a_dialog_that_opens_with_options_in_its_text_shows_them_at_once() -> None:
    view = opened(instruction="make it snow, first 5 seconds, x3")
    assert "Read in the instruction: only 0:00–0:05 · 3 results" in small_print(view)
    assert "$3.00 for 5 s" in small_print(view)
    assert changed_modal(filled(view), tariff=SINGAPORE) is None


def test_what_was_read_is_told_in_chinese() -> None:
    with speaking(Language.CHINESE):
        view = opened(instruction="变成雪景，前五秒，竖屏，保留原声，三个版本")
    assert "从编辑要求中读到：9:16 · 只用 0:00–0:05 · 保留原声 · 3 个成片" in small_print(view)
