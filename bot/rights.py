"""Who may do what: the decision, from the settings and from what is known of a person. Pure.

Not here: how Slack is asked about people (`bot/people.py`), and who asks for the decision (`bot/listeners/gate.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Refusal(Enum):
    """Why somebody may not use the bot, or not here."""

    EXTERNAL = auto()  # of another organisation, in a shared channel
    CHANNEL = auto()  # not in this conversation
    GROUP = auto()  # in none of the user groups
    UNSURE = auto()  # Slack did not say who is in the user groups


@dataclass(frozen=True, slots=True)
class Visitor:
    """What is known of whoever wants something, and where.

    `channel` is None where nothing is asked for in any channel yet, as on App Home. `is_external` is None, and
    `groups` too, where Slack did not say.
    """

    user: str
    channel: str | None
    is_external: bool | None = None
    groups: frozenset[str] | None = frozenset()


@dataclass(frozen=True, slots=True)
class Rights:
    """The rules of this bot; an empty set of channels or user groups means all of them."""

    admins: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    external: bool = False

    def refusal(self, visitor: Visitor) -> Refusal | None:
        """Say why a person may not use the bot here, or None; admins of the bot always may.

        Who cannot be told apart from a member is one: the id that Slack's payload carries is the first witness.
        """
        if visitor.user in self.admins:
            return None
        if visitor.is_external and not self.external:
            return Refusal.EXTERNAL
        if self.channels and visitor.channel is not None and visitor.channel not in self.channels:
            return Refusal.CHANNEL
        if not self.groups:
            return None
        if visitor.groups is None:
            return Refusal.UNSURE
        return None if self.groups & visitor.groups else Refusal.GROUP

    def only_in(self, user: str) -> frozenset[str]:
        """Return the only conversations where somebody may use the bot; none means everywhere."""
        return frozenset() if user in self.admins else self.channels

    def may_end(self, user: str, *, requester: str) -> bool:
        """Say whether a person may cancel or delete what somebody asked for."""
        return user == requester or user in self.admins
