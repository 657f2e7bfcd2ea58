"""The welcome: the one message that we send of our own accord, once, to whoever opens our direct messages first."""

from __future__ import annotations

from bot.language import say
from bot.messages.blocks import Message, actions, section
from bot.messages.suggestions import suggestion_buttons
from client.catalogue import MODELS
from client.models import DEFAULT_MODEL


def welcome() -> Message:
    """Write the welcome, with buttons to begin with."""
    facts = MODELS[DEFAULT_MODEL]
    text = say(
        "Hello! Post a video here and say what should change; I bring it back edited. I use its first {most} seconds, "
        "or the part that you name. Or begin with one of these:",
        most=facts.max_s,
    )
    return Message(text, [section(f":movie_camera: {text}"), *actions(suggestion_buttons())])
