"""Options in plain words: taken where they stand alone, left to the instruction everywhere else."""

import pytest

from bot.command import Command, UsageError, parse
from bot.edit import Part
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
    ("text", "part"),
    [
        ("make it snow from 0:03 to 0:08", Part(from_s=3, to_s=8)),
        ("make it snow, 0:03 – 0:08.5", Part(from_s=3, to_s=8.5)),
        ("from 3 to 8 seconds: make it snow", Part(from_s=3, to_s=8)),
        ("Use the part between 1:02 and 1:05, make it snow", Part(from_s=62, to_s=65)),
        ("make it snow --from 0:03 --to 0:08", Part(from_s=3, to_s=8)),
        ("make it snow —from 3s", Part(from_s=3)),
        ("make it snow from 0:03 on", Part(from_s=3)),
        ("make it snow --to=8", Part(to_s=8)),
        ("first 5 seconds, make it snow", Part(to_s=5)),
        ("make it snow\nOnly the first five seconds please", Part(to_s=5)),
    ],
)
def test_the_part_of_the_video_can_be_named_as_people_say_it(text: str, part: Part) -> None:
    assert command(text) == Command("make it snow", part=part)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("变成雪景，前5秒", Command("变成雪景", part=Part(to_s=5))),
        ("变成雪景，从0:03到0:08，种子42", Command("变成雪景", Parameters(seed=42), part=Part(from_s=3, to_s=8))),
        ("变成雪景，第３到8秒；x2", Command("变成雪景", variations=2, part=Part(from_s=3, to_s=8))),
        ("变成雪景，保留原声", Command("变成雪景", Parameters(audio_setting="origin"))),
        ("变成雪景，9：16，×2", Command("变成雪景", Parameters(ratio="9:16"), variations=2)),
        ("变成雪景，3个版本", Command("变成雪景", variations=3)),
    ],
)
def test_options_can_be_said_in_chinese(text: str, expected: Command) -> None:
    assert command(text) == expected


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
        "let it snow in the first 5 seconds",
        "from 720p to 1080p",
        "a man –to the left– waves",
        "snow —from above",
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
        ("make it snow, first 15 seconds", "A part of 2 to 10 seconds"),
        ("make it snow from 0:03 to 0:04", "from 0:03 to 0:04 it is 1"),
        ("make it snow --from 0:08 --to 0:03", "later than --from"),
        ("make it snow --from soon", "“soon” is no time of the video"),
        ("make it snow --from 1:75", "“1:75” is no time"),
    ],
)
def test_what_cannot_be_meant_is_named(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        command(text)
