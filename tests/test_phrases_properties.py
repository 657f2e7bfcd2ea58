"""Options in any spelling, order and place: what is understood is exactly what was meant, and no word is lost."""

import re
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.command import Command, UsageError, parse
from bot.edit import Part
from bot.phrases import find_phrases
from bot.text import read_text
from client.models import Parameters
from client.options import OptionError

STEADY = settings(deadline=None, derandomize=True, database=None)
OFTEN = settings(STEADY, max_examples=400)

WORDS = st.sampled_from(["make", "it", "snow", "warmer", "cats", "slowly", "turn", "night", "变成雪景"])
AT_1080P, UPRIGHT, SEEDED = Parameters(resolution="1080P"), Parameters(ratio="9:16"), Parameters(seed=42)
SOUND = Parameters(audio_setting="origin")
MEANINGS: dict[str, tuple[Command, list[str]]] = {
    "resolution": (Command("", AT_1080P), ["--1080p", "—1080p", "1080p", "in 1080P", "resolution: 1080p"]),
    "ratio": (Command("", UPRIGHT), ["--ratio 9x16", "9:16", "in 9:16", "ratio=9:16"]),
    "seed": (Command("", SEEDED), ["--seed 42", "seed 42", "seed: 42", "种子42"]),
    "audio": (Command("", SOUND), ["--keep-audio", "keep the audio", "and keep the original sound", "保留原声"]),
    "part": (
        Command("", part=Part(from_s=3, to_s=8)),
        ["--from 0:03 --to 0:08", "from 0:03 to 0:08", "0:03–0:08", "only from 3 to 8 seconds", "从3秒到8秒"],
    ),
    "variations": (Command("", variations=3), ["--variations 3", "--x3", "x3", "×3", "3 versions"]),
}


@st.composite
def some_options(draw: st.DrawFn) -> list[tuple[Command, str]]:
    """Draw some options, each with what it means and how it is spelt."""
    names = draw(st.lists(st.sampled_from(sorted(MEANINGS)), unique=True))
    return [(MEANINGS[name][0], draw(st.sampled_from(MEANINGS[name][1]))) for name in names]


@STEADY
@given(st.lists(WORDS, min_size=1, max_size=6).map(" ".join), some_options(), st.sampled_from([" ", ", ", "\n", "; "]))
def test_options_are_understood_in_any_order_and_spelling_behind_any_instruction(
    instruction: str, options: list[tuple[Command, str]], mark: str
) -> None:
    found = parse(read_text(mark.join([instruction, *(spelt for _, spelt in options)]), bot_user_id="UBOT"))
    parameters = Parameters().model_dump()
    for meant, _ in options:
        parameters |= meant.parameters.model_dump(exclude_defaults=True)
    assert found == Command(
        instruction,
        Parameters.model_validate(parameters),
        part=next((meant.part for meant, _ in options if meant.part), None),
        variations=max([meant.variations for meant, _ in options], default=1),
    )


TOKENS = st.sampled_from([
    "make", "it", "snow", "and", "in", "the", "show", "a", "9:16", "1:1", "1080p", "x3", "x4", "seed", "42", "first",
    "5", "seconds", "from", "0:03", "to", "0:08", "-", "keep", "audio", "only", "original", "sound", "please", "clock",
    "zoom", "ratio:", "种子42", "前5秒", "保留原声", ",", ".", ";", "(", ")", '"', "\n", "—", "3", "versions", "don’t",
    "“9:16”", "竖屏", "三个版本", "第3秒到第8秒", "，", "３～８秒", "最后",
])  # fmt: skip


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


@OFTEN
@given(st.lists(TOKENS, max_size=14).map(" ".join))
def test_every_word_is_either_an_option_that_stands_alone_or_stays_in_the_instruction(text: str) -> None:
    try:
        phrases, instruction = find_phrases(text), parse(read_text(text, bot_user_id="UBOT")).instruction
    except (OptionError, UsageError):
        return  # named as a mistake
    kept, end = "", 0
    for phrase in phrases:
        assert end <= phrase.start < phrase.end <= len(text)
        alone = find_phrases(text[phrase.start : phrase.end].strip(" ,.;()—-\n"))
        assert [pair for one in alone for pair in one.pairs] == list(phrase.pairs)
        kept, end = kept + text[end : phrase.start] + " ", phrase.end
    assert words(instruction) == words(kept + text[end:])


@STEADY
@given(st.text(alphabet="abcxyz ,.;:!?()\n'\"äß字。，", min_size=1).filter(str.strip))
def test_a_text_without_numbers_and_without_words_for_sound_is_the_instruction(text: str) -> None:
    found = parse(read_text(text, bot_user_id="UBOT"))
    assert found == Command(re.sub(r"[ \t]{2,}", " ", text).strip())


@pytest.mark.parametrize(
    "text",
    ["in" + " " * 40, "and ", "ratio ", "from ", "keep the ", "0:03 - ", "first 5 ", "「", "'a ", ", ", "(x3 ", "— ",
     "请只", "从 第", "改成", "要 "],
)
def test_a_hostile_text_is_read_in_no_time(text: str) -> None:
    began_s = time.process_time()
    with suppress(UsageError):
        parse(read_text(text * (9_900 // len(text)), bot_user_id="UBOT"))
    assert time.process_time() - began_s < 1
