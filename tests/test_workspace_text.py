"""Typed text becomes what Slack sends."""

import pytest

from bot.sandbox.text import Names, encode, rich_text

NAMES = Names({"video-editor": "U0EDITOR1", "Video Editor": "U0EDITOR1", "bob": "U0BOB0001"}, {"video": "C0VIDEO01"})


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("@video-editor make it warm", "<@U0EDITOR1> make it warm"),
        ("@Video Editor, please", "<@U0EDITOR1>, please"),
        ("@VIDEO-EDITOR hi", "<@U0EDITOR1> hi"),
        ("@video-editors", "@video-editors"),
        ("mail bob@bob.example", "mail bob@bob.example"),
        ("see #video and #unknown", "see <#C0VIDEO01|video> and #unknown"),
        ("https://x.example/a?b=1&c=2.", "<https://x.example/a?b=1&amp;c=2>."),
        ("(http://x.example/a)", "(<http://x.example/a>)"),
        ("https://x.example/@bob", "<https://x.example/@bob>"),
        ("--720p “quoted”\nnext line", "--720p “quoted”\nnext line"),
        ("<!channel> <@U0BOB0001>", "&lt;!channel&gt; &lt;@U0BOB0001&gt;"),
    ],
)
def test_typed_text_is_marked_up_as_slack_does(typed: str, sent: str) -> None:
    assert encode(typed, NAMES) == sent


def test_the_rich_text_says_the_same_in_elements() -> None:
    block = rich_text("@bob see https://x.example <b>", NAMES, "b1")
    assert block["elements"][0]["elements"] == [
        {"type": "user", "user_id": "U0BOB0001"},
        {"type": "text", "text": " see "},
        {"type": "link", "url": "https://x.example"},
        {"type": "text", "text": " <b>"},
    ]
