"""What people type: wire text, options, the slash command, links."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.command import (
    Budget,
    Command,
    EditLink,
    Help,
    History,
    OpenModal,
    Show,
    Status,
    Styles,
    UsageError,
    parse,
    parse_slash,
    read_link,
)
from bot.edit import Link, Permalink, SlackFile
from bot.text import escape, read_text, shorten, unescape
from client.models import Parameters
from client.options import OPTIONS, Option

STEADY = settings(deadline=None, derandomize=True, database=None)


def command(text: str) -> Command:
    return parse(read_text(text, bot_user_id="UBOT"))


def complaint(text: str) -> str:
    with pytest.raises(UsageError) as caught:
        command(text)
    return str(caught.value)


# -- wire text ---------------------------------------------------------------------------------------------------------


def test_slacks_escapes_are_undone_once() -> None:
    assert read_text("a &lt;b&gt; &amp; &amp;lt;", bot_user_id="UBOT").text == "a <b> & &lt;"


@pytest.mark.parametrize("mention", ["<@UBOT>", "<@UBOT|video>"])
def test_the_mention_of_the_bot_is_seen_and_taken_out(mention: str) -> None:
    typed = read_text(f"{mention} make it snow", bot_user_id="UBOT")
    assert (typed.text.strip(), typed.mentions_bot) == ("make it snow", True)


def test_a_mention_that_somebody_only_spelt_out_is_none() -> None:
    assert not read_text("&lt;@UBOT&gt; make it snow", bot_user_id="UBOT").mentions_bot


def test_other_mentions_stay_readable() -> None:
    text = "for <@U2|bob> and <@U3> in <#C1|general>, <!here> <!subteam^S1|@designers> <mailto:a@b.c|a@b.c>"
    assert read_text(text, bot_user_id="UBOT").text == "for @bob and @U3 in #general, @here @designers a@b.c"


def test_links_are_found_in_order_and_stay_in_the_text_as_they_were_typed() -> None:
    typed = read_text("<https://a.example/x?a=1&amp;b=2> write <http://acme.com|acme.com>", bot_user_id="UBOT")
    assert typed.links == ("https://a.example/x?a=1&b=2", "http://acme.com")
    assert typed.text == "https://a.example/x?a=1&b=2 write acme.com"


def test_a_bare_link_is_found_without_the_full_stop_behind_it() -> None:
    assert read_text("see https://a.example/clip.mp4.", bot_user_id="UBOT").links == ("https://a.example/clip.mp4",)


@STEADY
@given(st.text())
def test_escaped_text_carries_no_markup_and_can_be_read_back(text: str) -> None:
    escaped = escape(text)
    assert "<" not in escaped
    assert ">" not in escaped
    assert escape(unescape(escaped)) == escaped


@STEADY
@given(st.text(), st.integers(min_value=1, max_value=20))
def test_a_shortened_text_keeps_to_its_length(text: str, max_chars: int) -> None:
    assert len(shorten(text, max_chars)) <= max_chars


# -- options -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parameters", "negative_prompt"),
    [
        ("make it snow", Parameters(), None),
        ("make it snow --1080p", Parameters(resolution="1080P"), None),
        ("make it snow --1080P", Parameters(resolution="1080P"), None),
        ("--720p --ratio 9:16 make it snow", Parameters(ratio="9:16"), None),
        ("make --ratio=9:16 it snow", Parameters(ratio="9:16"), None),
        ("make it snow, --ratio 9:16.", Parameters(ratio="9:16"), None),
        ("make it snow --seconds 5 --seed 42", Parameters(duration_s=5, seed=42), None),
        ("make it snow --seconds “5”", Parameters(duration_s=5), None),
        ("make it snow --keep-audio --no-rewrite", Parameters(audio_setting="origin", prompt_extend=False), None),
        ('make it snow --negative "blur, text"', Parameters(), "blur, text"),
        ("make it snow --negative “blur, text”", Parameters(), "blur, text"),
        ("make it snow --negative „blur, text“", Parameters(), "blur, text"),
        ("make it snow --negative «blur, text» --seed 1", Parameters(seed=1), "blur, text"),
        ("make it snow --negative ‘blur’ --720p", Parameters(), "blur"),
        ("make it snow --negative blur", Parameters(), "blur"),
        ("--negative blur\nmake it snow", Parameters(), "blur"),
        ("make it snow —1080p", Parameters(resolution="1080P"), None),
        ("make it snow –1080p", Parameters(resolution="1080P"), None),
        ("make it snow — 1080p", Parameters(resolution="1080P"), None),
        ("make it snow -1080p", Parameters(resolution="1080P"), None),
        ("make it snow —keep-audio", Parameters(audio_setting="origin"), None),
        ("make it snow —seed 7", Parameters(seed=7), None),
        ("make it snow `--1080p`", Parameters(resolution="1080P"), None),
        ("<@UBOT> make it snow --1080p --1080p", Parameters(resolution="1080P"), None),
    ],
)
def test_options_are_understood_the_way_people_type_them(
    text: str, parameters: Parameters, negative_prompt: str | None
) -> None:
    found = command(text)
    assert (found.parameters, found.negative_prompt) == (parameters, negative_prompt)
    assert found.instruction.rstrip(", ") == "make it snow"


@pytest.mark.parametrize(
    "prose",
    [
        "a well-known man -- in a hat -- walks",
        "a man – seen from behind – walks",
        "snow — seed of winter",
        "a wide shot—ratio kept—of the sea",
        "from 720p - 1080p is not a request",
        "day --> night",
        "write “1080p” on the wall",
        "write 'no text' and \"no blur\"",
        "first line\n\nsecond line",
    ],
)
def test_dashes_and_quotes_in_prose_stay_as_they_are(prose: str) -> None:
    assert command(prose) == Command(prose)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.flags[0])
def test_every_option_of_the_table_can_be_typed(option: Option) -> None:
    values = {
        "--ratio": "9:16", "--seconds": "5", "--seed": "42", "--negative": "blur", "--variations": "3",
        "--from": "0:03", "--to": "0:08",
    }  # fmt: skip
    flag = option.flags[0]
    assert command(f"make it snow {flag} {values.get(flag, '')}").instruction == "make it snow"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("snow --ratoi 9:16", "--ratoi: did you mean --ratio?"),
        ("snow --4k", "--4k"),
        ("snow --ratio", "--ratio needs a value"),
        ("snow --ratio --720p", "--ratio needs a value"),
        ("snow --ratio 2:1", "16:9, 9:16, 1:1, 4:3, 3:4, not “2:1”"),
        ("snow --seconds 11", "from 2 to 10, not “11”"),
        ("snow --720p=yes", "--720p takes no value"),
        ("snow --720p --1080p", "contradict"),
        ("snow --negative blur, text", "in quotes"),
        ("snow --negative blur and more snow", "in quotes"),
        ('snow --negative "blur', "never ends"),
        ("--720p", "Say what should change"),
        ("<@UBOT>", "Say what should change"),
        ("x" * 5001, "5001 characters, and 5000"),
    ],
)
def test_what_cannot_be_meant_is_answered_with_what_to_do(text: str, said: str) -> None:
    assert said in complaint(text)


def test_the_longest_instruction_that_the_service_takes_is_taken() -> None:
    assert len(command("x" * 5000 + " --720p").instruction) == 5000


def test_what_people_wrote_is_harmless_in_the_answer() -> None:
    said = complaint("snow --ratio &lt;!channel&gt;")
    assert "<" not in said
    assert "&lt;!channel&gt;" in said


@STEADY
@given(st.text())
def test_any_text_gives_a_command_or_a_sentence(text: str) -> None:
    try:
        said = command(text).instruction
    except UsageError as exc:
        said = str(exc)
    assert said.strip()


# -- the slash command -------------------------------------------------------------------------------------------------


def test_the_slash_command_alone_opens_the_dialog() -> None:
    assert parse_slash("  ") == OpenModal()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("help", Help()), (" HELP ", Help()), ("status", Status()), ("History", History()), ("styles", Styles()),
        ("帮助", Help()), ("状态", Status()), ("历史", History()), ("风格", Styles()), ("额度", Budget()),
        ("show 1a2b3c4d5e6f", Show("1a2b3c4d5e6f")), ("Show `1A2B` ", Show("1a2b")),
        ("show", Show(None)),
    ],
)  # fmt: skip
def test_the_slash_command_has_words_of_its_own(text: str, what: object) -> None:
    assert parse_slash(text) == what


def test_a_link_and_an_instruction_make_an_edit() -> None:
    asked = parse_slash("<https://a.example/clip.mp4?a=1&amp;b=2> make it snow --1080p")
    url = "https://a.example/clip.mp4?a=1&b=2"
    assert asked == EditLink(Command("make it snow", Parameters(resolution="1080P"), None, (url,)), Link(url=url))


def test_the_link_may_stand_behind_the_instruction() -> None:
    asked = parse_slash("write <http://acme.com|acme.com> on the wall <https://a.example/clip.mp4>")
    assert isinstance(asked, EditLink)
    assert asked.command.instruction == "write acme.com on the wall"
    assert asked.video == Link(url="https://a.example/clip.mp4")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("make it snow", "https link"),
        ("show me the snow", "https link"),
        ("<http://a.example/clip.mp4> make it snow", "https://"),
        ("<http://a.example/clip.mp4|a.example/clip.mp4> make it snow", "https://"),
        ("<https://a.example/clip.mp4>", "Say what should change"),
        ("<https://a.example/1.mp4> <https://a.example/2.mp4> make it snow", "One link"),
        ("<https://app.slack.com/client/T1/C1> make it snow", "Copy link"),
    ],
)
def test_a_slash_command_that_cannot_be_carried_out_says_how(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_slash(text)


MESSAGE = "https://acme.slack.com/archives/C024BE91L/p1234567890123456"


@pytest.mark.parametrize(
    ("url", "thread_ts"),
    [
        (MESSAGE, None),
        (f"{MESSAGE}?thread_ts=1234567880.000100&cid=C024BE91L", "1234567880.000100"),
        (f"{MESSAGE}?thread_ts=nonsense", None),
    ],
)
def test_a_link_to_a_message_is_told_from_other_links(url: str, thread_ts: str | None) -> None:
    assert read_link(url) == Permalink(channel="C024BE91L", ts="1234567890.123456", thread_ts=thread_ts)


def test_a_link_to_a_file_in_slack_names_the_file() -> None:
    assert read_link("https://acme.slack.com/files/U1/F0AB12/clip.mp4") == SlackFile(file_id="F0AB12")


@pytest.mark.parametrize("host", ["slack.com.evil.example", "evilslack.com", "evil.example"])
def test_only_slacks_own_hosts_have_permalinks(host: str) -> None:
    url = f"https://{host}/archives/C1/p1234567890123456"
    assert read_link(url) == Link(url=url)


def test_a_trusted_workspace_has_permalinks_without_https() -> None:
    url = "http://127.0.0.1:8123/archives/C1/p1234567890123456"
    trusted = frozenset({"http://127.0.0.1:8123"})
    assert read_link(url, trusted_origins=trusted) == Permalink(channel="C1", ts="1234567890.123456")
    with pytest.raises(UsageError, match="https://"):
        read_link(url)


@pytest.mark.parametrize("url", ["ftp://a.example/x", "https://", "javascript:alert(1)", "https://[x", "clip.mp4", ""])
def test_what_is_no_https_link_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="https://"):
        read_link(url)
