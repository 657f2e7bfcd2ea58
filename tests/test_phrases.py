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
        ("make it snow in three versions", PLAIN, 3),
        ("make it snow, aspect ratio 16:9, res 1080p", Parameters(ratio="16:9", resolution="1080P"), 1),
        ("make it snow in vertical format", Parameters(ratio="9:16"), 1),
        ("make it snow but don’t change the sound", Parameters(audio_setting="origin"), 1),
        ("make it snow, word for word", Parameters(prompt_extend=False), 1),
        ("make it snow / 9:16 / x3", Parameters(ratio="9:16"), 3),
        ("make it snow and crop to 9:16", Parameters(ratio="9:16"), 1),
        ("make it snow @ full HD 1080p thanks", Parameters(resolution="1080P"), 1),
        ("make it snow: 1080p thanks", Parameters(resolution="1080P"), 1),
        ("make it snow with the original sound", Parameters(audio_setting="origin"), 1),
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
        ("make it snow between seconds 3 and 8", Part(from_s=3, to_s=8)),
        ("make it snow, 3-8s", Part(from_s=3, to_s=8)),
        ("make it snow, seconds 3 to 8", Part(from_s=3, to_s=8)),
        ("make it snow, starting from 0:03", Part(from_s=3)),
        ("make it snow, up to 0:08", Part(to_s=8)),
        ("make it snow, trim to 0:03-0:08", Part(from_s=3, to_s=8)),
        ("use 0:03 to 0:08, make it snow", Part(from_s=3, to_s=8)),
        ("seconds 3 to 8 only: make it snow", Part(from_s=3, to_s=8)),
        ("make it snow from 3s on", Part(from_s=3)),
    ],
)
def test_the_part_of_the_video_can_be_named_as_people_say_it(text: str, part: Part) -> None:
    assert command(text) == Command("make it snow", part=part)


IN_CHINESE: dict[str, tuple[Command, list[str]]] = {
    "part": (
        Command("变成雪景", part=Part(from_s=3, to_s=8)),
        ["从0:03到0:08", "从0：03到0：08", "从00:03至00:08", "第3秒到第8秒", "第三秒到第八秒", "第３到8秒",
         "3到8秒", "3-8秒", "３～８秒", "0:03~0:08", "只用0:03到0:08这段", "取0:03–0:08", "--from 0：03 --to ８秒"],
    ),
    "first": (
        Command("变成雪景", part=Part(to_s=5)),
        ["前5秒", "前５秒", "前五秒", "只要前5秒", "仅前5秒", "只编辑前5秒", "开头5秒钟", "開頭五秒"],
    ),
    "rest": (Command("变成雪景", part=Part(from_s=3)), ["从第3秒开始", "从3秒开始", "从0：03开始"]),
    "ratio": (
        Command("变成雪景", Parameters(ratio="9:16")),
        ["竖屏", "豎屏", "竖版视频", "要竖屏的", "竖屏9:16", "9比16", "改成9:16的",
         "９：１６", "9：16", "比例9:16", "画面比例：9:16", "--ratio ９：１６"],
    ),
    "wide": (Command("变成雪景", Parameters(ratio="16:9")), ["横屏", "改成横版", "宽高比 16:9"]),
    "resolution": (
        Command("变成雪景", Parameters(resolution="1080P")),
        ["１０８０Ｐ", "1080p高清", "分辨率1080P", "分辨率： 1080p", "要1080P", "－－1080p", "——1080p"],
    ),
    "seed": (Command("变成雪景", Parameters(seed=42)), ["种子42", "种子：４２", "随机种子 42", "--seed ４２"]),
    "variations": (
        Command("变成雪景", variations=3),
        ["三个版本", "3个版本", "做三个不同的版本", "三個版本", "出3版", "３个结果", "ｘ３", "Ｘ3", "×３",
         "--variations ３"],
    ),
    "audio": (
        Command("变成雪景", Parameters(audio_setting="origin")),
        ["保留原声", "保留原聲", "保持原声", "保留声音", "保留原有声音", "保留原视频的声音", "声音不变", "原声",
         "不要改声音", "使用原声", "别动声音", "保留原声哦", "声音保留"],
    ),
    "verbatim": (Command("变成雪景", Parameters(prompt_extend=False)), ["不改写", "不要改写指令"]),
    "negative": (Command("变成雪景", negative_prompt="文字"), ["--negative 「文字」", "--negative 文字"]),
}  # fmt: skip


@pytest.mark.parametrize(("expected", "spellings"), IN_CHINESE.values(), ids=IN_CHINESE)
def test_options_can_be_said_in_chinese(expected: Command, spellings: list[str]) -> None:
    for spelling in spellings:
        assert command(f"变成雪景，{spelling}") == expected
        assert command(f"变成雪景 {spelling}") == expected
    assert command(f"{spellings[0]}。变成雪景") == expected
    assert command(f"{spellings[0]}：变成雪景") == expected


def test_several_options_can_be_said_in_one_chinese_sentence() -> None:
    expected = Command("变成雪景", Parameters(ratio="9:16", resolution="1080P"), variations=3)
    for text in (
        "变成雪景（竖屏，1080P，三个版本）",
        "变成雪景、１０８０ｐ、9:16、3个版本",
        "变成雪景\u3000１０８０ｐ\u3000９：１６ ×３",
        "变成雪景，--ratio：９：１６，--1080p，三个版本",
    ):
        assert command(text) == expected


@pytest.mark.parametrize(
    ("text", "instruction"),
    [
        ("make it snow, x3. Then let it rain", "make it snow. Then let it rain"),
        ("make it snow (x3). Then let it rain", "make it snow. Then let it rain"),
        ("make it snow, x3; 9:16. Then let it rain", "make it snow. Then let it rain"),
        ("make it snow, x3, then let it rain", "make it snow, then let it rain"),
        ("make it --x3 snow", "make it snow"),
        ("变成大雨，三个版本。天空与之相符", "变成大雨。天空与之相符"),
        ("变成大雨，三个版本，谢谢", "变成大雨，谢谢"),
    ],
)
def test_what_is_left_reads_as_if_there_had_been_no_options(text: str, instruction: str) -> None:
    assert command(text).instruction == instruction


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
        "make it a vertical video",
        "let it snow for 3-5 seconds",
        "make the rain 3-8 seconds shorter",
        "let him repeat it word for word",
        "show three versions of the dog",
        "remove the original audio",
        "write: 9:16",
        "let her say: x3",
        "make the score 3:4",
        "the score becomes 4:3",
        "在墙上写上：9:16",
        "在墙上写上：x3",
        "改成 竖屏",
        "墙上写着 9:16",
        "画面放大 x3",
        "让她在第3秒到第8秒挥手",
        "猫睡了3到8秒",
        "不保留原声",
        "换成原声吉他",
        "做三个版本的海报",
        "三个人，两只猫",
        "前三排观众站起来",
        "写上“竖屏，三个版本”",
    ],
)
def test_the_same_words_within_an_instruction_stay_there(prose: str) -> None:
    assert command(prose) == Command(prose)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("make it snow x9", "from 1 to 4, not “9”"),
        ("make it snow, seed 99999999999", "The seed must be"),
        ("make it snow --x7", "--x7"),
        ("make it snow 9:16 --ratio 16:9", "different values"),
        ("9:16 x3", "Say what should change"),
        ("make it snow, first 15 seconds", "A part of 2 to 10 seconds"),
        ("make it snow from 0:03 to 0:04", "from 0:03 to 0:04 it is 1"),
        ("make it snow --from 0:08 --to 0:03", "must end after 0:08, where it begins"),
        ("make it snow --from soon", "“soon” is no time of the video"),
        ("make it snow --from 1:75", "“1:75” is no time"),
        ("make it snow, last 5 seconds", "cannot count from the end"),
        ("变成雪景，最后五秒", "cannot count from the end"),
        ("变成雪景，--比例 9:16", "--比例"),
    ],
)
def test_what_cannot_be_meant_is_named(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        command(text)
