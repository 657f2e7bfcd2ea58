"""Which instructions the local engine understands, and that it refuses every word that it cannot serve."""

import re

import pytest
from PIL import Image

from bot.language import Language, speaking
from bot.messages.suggestions import suggestions
from client.sandbox.effects import CATALOGUE, abilities_in_chinese
from client.sandbox.instructions import read_instruction
from client.sandbox.probe import JobError

PICTURES = [Image.new("RGB", (240, 240), colour) for colour in ("red", "blue")]


def names(prompt: str, pictures: int = 0) -> list[str]:
    return [effect.name for effect in read_instruction(prompt, PICTURES[:pictures])]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Change the video to an 8-bit pixel style", ["8-bit pixel style"]),
        ("Please make the video look like a retro 8-bit game!", ["8-bit pixel style"]),
        ("Convert the entire frame to a claymation style", ["claymation (approximation)"]),
        ("make it watercolor", ["watercolour"]),
        ("Adjust the light and filter to a warm tone, keep everything else unchanged", ["warm tone"]),
        ("Turn the whole scene into a snowy winter day", ["falling snow (approximation)"]),
        ("make it black & white, with film grain", ["black and white", "film grain"]),
        ("cartoon style, more contrast", ["more contrast", "comic (approximation)"]),
        ("Zoom in slowly", ["zoom in"]),
        ("make it look like an old movie", ["old film"]),
        ("warmer, but don't make it darker", ["warm tone"]),
        ("no snow, just rain", ["rain (approximation)"]),
        ("把视频变成像素风格", ["8-bit pixel style"]),
        ("将整个画面转换为水彩画风格", ["watercolour"]),
        ("换成8-bit风格", ["8-bit pixel style"]),
        ("Write the text “Happy birthday!”", ["text “Happy birthday!”"]),
    ],
)
def test_instructions_as_people_write_them_are_understood(prompt: str, expected: list[str]) -> None:
    assert names(prompt) == expected


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.effect.name)
def test_every_effect_is_found_by_the_name_that_the_list_of_abilities_gives_it(entry: object) -> None:
    name = next(known.effect.name for known in CATALOGUE if known is entry)
    assert names(re.sub(r" \(.*", "", name)) == [name]


@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("Replace the cat with a dog", "cat"),
        ("Make it pixel art and replace the cat", "replace"),
        ("Change the cat into a pixel dog", "cat"),
        ("make the sky darker", "sky"),
        ("pixel style in slow motion", "motion"),
        ("Remove the person in the background", "person"),
        ("Let him wear the coat in the image", "coat"),
        ("black and white except the red ball", "except"),
        ("anime style", "anime"),
    ],
)
def test_an_instruction_with_one_word_too_many_is_refused_whole_and_names_the_word(prompt: str, word: str) -> None:
    with pytest.raises(JobError) as caught:
        names(prompt, 1)
    assert caught.value.code == "LocalEngine.Unsupported"
    asked, _, abilities = caught.value.message.partition("It can do:")
    assert word in asked
    assert "watercolour" in abilities


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("把猫换成狗", "本地引擎做不到：把猫换成狗。"),
        ("变成图3的色调", "提到图3，但只附了 1 张"),
        ("加上文字 add the text “雪”", "只能写拉丁字母"),
    ],
)
def test_a_chinese_instruction_is_refused_in_chinese(prompt: str, said: str) -> None:
    with pytest.raises(JobError, match=said) as caught:
        names(prompt, 1)
    assert caught.value.code == "LocalEngine.Unsupported"


def test_what_a_chinese_refusal_offers_is_understood() -> None:
    offered = abilities_in_chinese().split("、")
    assert len({tuple(names(word, 1)) for word in offered}) == len(offered)


@pytest.mark.parametrize("prompt", ["", " ", "make the video", "keep it as it is", "no snow", "don't make it dark"])
def test_an_instruction_that_asks_for_nothing_is_refused(prompt: str) -> None:
    with pytest.raises(JobError, match="cannot do this"):
        names(prompt)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Use the mood of image 2", ["colours of image 2"]),
        ("Give the video the colours and mood of the reference image", ["colours of image 1"]),
        ("Match the colors of the picture", ["colours of image 1"]),
        ("add image 2 in the top left corner", ["image 2 as an inset"]),
        ("Put the logo in the bottom right corner of the video", ["image 1 as an inset"]),
        ("use the tones of image 1 and add image 2", ["colours of image 1", "image 2 as an inset"]),
        ("sepia, and show the image", ["sepia", "image 1 as an inset"]),
    ],
)
def test_instructions_can_speak_of_the_reference_images(prompt: str, expected: list[str]) -> None:
    assert names(prompt, 2) == expected


@pytest.mark.parametrize(("prompt", "given"), [("use the mood of the image", 0), ("add image 2", 1)])
def test_an_image_that_did_not_come_is_missed(prompt: str, given: int) -> None:
    with pytest.raises(JobError, match="speaks of image"):
        names(prompt, given)


def test_text_that_the_font_cannot_write_is_refused() -> None:
    with pytest.raises(JobError, match="Latin"):
        names('add the text "生日快乐"')


@pytest.mark.parametrize("language", Language)
def test_whatever_home_suggests_can_be_tried_in_the_sandbox(language: Language) -> None:
    with speaking(language):
        assert [len(names(instruction)) for _, instruction in suggestions().values()] == [1, 1, 1]
