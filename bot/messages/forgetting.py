"""What a person reads who wants their data deleted."""

from __future__ import annotations

from bot.language import say, sentences


def ask_first() -> str:
    """Say what the deletion means, and how it is confirmed."""
    return sentences(
        say("This deletes what I keep about your edits (instructions, options, times, links to your videos, the"
            " pictures on Home), your defaults and my answers to you."),
        say("What is under way is canceled where that still saves money; what Wan has begun still comes to its thread,"
            " and is forgotten then."),
        say("Videos and messages in Slack stay. So does what was spent, without the edits, until it expires."),
        say("If you are sure: `/edit-video delete my data yes`."),
    )  # fmt: skip


def begun() -> str:
    """Say that the deletion was taken down."""
    return say("I delete your data now, and tell you when it is done.")


def done() -> str:
    """Say that the deletion is done."""
    return say("Your data is deleted. What Wan has begun still comes, and is forgotten within an hour after that.")
