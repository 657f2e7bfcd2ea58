"""What `/edit-video help` says; the options come from the one table."""

from __future__ import annotations

from bot.language import say
from bot.text import escape
from client.catalogue import MODELS
from client.models import DEFAULT_MODEL
from client.options import OPTIONS, Option


def help_text(*, retry_emoji: str = "repeat", cancel_emoji: str = "x", fetch_limit_mb: int = 1000) -> str:
    """Explain the bot in one screen, as mrkdwn."""
    facts = MODELS[DEFAULT_MODEL]
    lines = [
        say("*Post a video, say what should change, get the edited video back in the thread.*"),
        say(
            "• Attach a video and up to {max_images} pictures, mention me and write what should change; “image 1” is "
            "the first picture. In a direct message no mention is needed.",
            max_images=facts.max_images,
        ),
        say(
            "• The video may be MP4, MOV, WebM, MKV, AVI or GIF, up to {max_mb} MB. I use its first {max_s} seconds, "
            "or the part that you name, and turn, shrink and convert it as far as Wan needs that; what was done stands "
            "in the thread. Pictures may be photos of any kind.",
            max_mb=fetch_limit_mb,
            max_s=facts.max_s,
        ),
        say(
            "• Reply in the thread and mention me to change the newest result further; where there are several "
            "variations, begin with the number of the one that you mean: “2: make it darker”."
        ),
        say(
            "• Wan, a model of Alibaba Cloud, does the editing; it is sent the video, the pictures and the instruction."
        ),
        say(
            "• `/edit-video https://example.com/clip.mp4 make it snow` edits a video by its link; a link to a message "
            "in Slack works too. `/edit-video` alone opens a form."
        ),
        say(
            "• `/edit-video status` and `history` list your edits, `show` with an id tells everything about one, "
            "`styles` gives ideas."
        ),
        say("• `/edit-video budget` tells what was spent today and this month, and how much may be spent."),
        say("• `/edit-video delete my data` deletes what I keep about you and your edits; I ask first."),
        say(
            "• *Edit this video* in the menu of any message with a video (⋮ → more shortcuts) opens the form for it."
        ),
        say(
            "• React with :{retry}: to run an edit again, with :{cancel}: to cancel it.",
            retry=escape(retry_emoji),
            cancel=escape(cancel_emoji),
        ),
        say("*Options*, anywhere in the text:"),
        *(_line(option) for option in OPTIONS),
        say(
            "In plain words too, at the end of the text, or on a line or between commas of their own: `1080p`, `9:16`, "
            "`first 5 seconds`, `from 0:03 to 0:08`, `keep the audio`, `seed 42`, `x3` or `three versions`. Anywhere "
            "else, and in quotes, such words belong to the instruction."
        ),
    ]
    return "\n".join(lines)


def _line(option: Option) -> str:
    value = ' "…"' if option.placeholder == "TEXT" else f" {option.placeholder}" if option.placeholder else ""
    meaning = escape(say(option.help))
    return f"• `{option.flags[0]}{value}` {meaning}"
