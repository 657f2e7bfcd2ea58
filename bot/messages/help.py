"""What `/edit-video help` says; the options come from the one table."""

from __future__ import annotations

from bot.text import escape
from client.models import DEFAULT_MODEL, MODELS
from client.options import OPTIONS, Option


def help_text(*, retry_emoji: str = "repeat", cancel_emoji: str = "x") -> str:
    """Explain the bot in one screen, as mrkdwn."""
    facts = MODELS[DEFAULT_MODEL]
    lines = [
        "*Post a video, say what should change, get the edited video back in the thread.*",
        f"• Attach a video (MP4 or MOV, {facts.min_s}–{facts.max_s} s, up to {facts.video.max_bytes // 10**6} MB) and "
        f"up to {facts.max_images} pictures, mention me and write what should change. In a direct message no mention "
        "is needed.",
        "• Reply in the thread and mention me to change the newest result further.",
        "• `/edit-video https://example.com/clip.mp4 make it snow` edits a video by its link; a link to a message in "
        "Slack works too. `/edit-video` alone opens a dialog.",
        "• `/edit-video status` and `history` list your edits, `show` with an id tells everything about one, `styles` "
        "gives ideas.",
        "• *Edit this video* in the menu of any message with a video (⋮ → more shortcuts) opens the dialog for it.",
        f"• React with :{escape(retry_emoji)}: to run an edit again, with :{escape(cancel_emoji)}: to cancel it.",
        "*Options*, anywhere in the text:",
        *(_line(option) for option in OPTIONS),
    ]
    return "\n".join(lines)


def _line(option: Option) -> str:
    value = ' "…"' if option.placeholder == "TEXT" else f" {option.placeholder}" if option.placeholder else ""
    return f"• `{option.flags[0]}{value}` {escape(option.help)}"
