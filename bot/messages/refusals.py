"""What somebody reads who may not use the bot, or not here: plain text, for private answers and for fields of forms."""

from __future__ import annotations

from typing import assert_never

from bot.language import say
from bot.rights import Refusal


def refused(why: Refusal) -> str:
    """Say politely why not, and whom to ask."""
    match why:
        case Refusal.EXTERNAL:
            return say("Sorry, only members of this workspace can edit videos with me. Please ask somebody who is.")
        case Refusal.CHANNEL:
            return say("Sorry, I am not set up for this conversation. An admin of this bot knows where I can be used.")
        case Refusal.GROUP:
            return say("Sorry, only some user groups can edit videos with me. An admin of this bot can tell you which.")
        case Refusal.UNSURE:
            return say("Slack does not tell me at the moment whether you may do this. Please try again in a minute.")
        case _:
            assert_never(why)
