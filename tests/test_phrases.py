"""Options in plain words: taken where they stand alone, left to the instruction everywhere else."""

import pytest

from bot.command import Command, UsageError, parse
from bot.text import read_text
from client.models import Parameters


def command(text: str) -> Command:
    return parse(read_text(text, bot_user_id="UBOT"))


PLAIN = Parameters()


@pytest.mark.parametrize(
    ("text", "parameters", "variations"),
    [
        ("make it snow 1080p", Parameters(resolution="1080P"), 1),
        ("make it snow in 1080P and keep the audio", Parameters(resolution="1080P", audio_setting="origin"), 1),
        ("make it snow 9:16 x3", Parameters(ratio="9:16"), 3),
        ("9:16, make it snow. Keep the original sound.", Parameters(ratio="9:16", audio_setting="origin"), 1),
        ("make it snow (9:16, x3)", Parameters(ratio="9:16"), 3),
        ("make it snow\nseed 42\nx2", Parameters(seed=42), 2),
        ("x4: make it snow", PLAIN, 4),
        ("1080p — make it snow", Parameters(resolution="1080P"), 1),
        ("ratio: 9:16\nseed: 42\nmake it snow", Parameters(ratio="9:16", seed=42), 1),
        ("make it snow `9:16` *x3*", Parameters(ratio="9:16"), 3),
        ("make it snow --x3", PLAIN, 3),
        ("make it snow —x3", PLAIN, 3),
        ("make it snow --variations 3", PLAIN, 3),
        ("9:16 --720p make it snow", Parameters(ratio="9:16"), 1),
        ("make it snow --720p 9:16 --seed 1", Parameters(ratio="9:16", seed=1), 1),
        ("make it snow, 3 versions please", PLAIN, 3),
        ("make it snow, ×3", PLAIN, 3),
    ],
)
def test_options_in_plain_words_are_taken_at_the_end_and_in_parts_of_their_own(
    text: str, parameters: Parameters, variations: int
) -> None:
    assert command(text) in (
        Command("make it snow", parameters, variations=variations),
        Command("make it snow.", parameters, variations=variations),
    )


@pytest.mark.parametrize(
    "prose",
    [
        "make it look like 1080p footage of a 9:16 phone",
        "make the clock show 9:16",
        "let them meet at 9:16",
        'write "9:16, x3, 1080p" on the wall',
        "write “seed 42”",
        "zoom in x3",
        "make the dog bigger x2",
        "don’t keep the audio",
        "plant a seed 42",
        "keep the audio desk and replace the singer",
        "a wall of 1:1",
        "cinematic, 4k, highly detailed",
    ],
)
def test_the_same_words_within_an_instruction_stay_there(prose: str) -> None:
    assert command(prose) == Command(prose)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("make it snow x9", "from 1 to 4, not “9”"),
        ("make it snow, seed 99999999999", "--seed"),
        ("make it snow --x7", "--x7"),
        ("make it snow 9:16 --ratio 16:9", "different values"),
        ("9:16 x3", "Say what should change"),
    ],
)
def test_what_cannot_be_meant_is_named(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        command(text)
