"""What Slack says of people: their language, where they belong, and who is in a user group.

Remembered for an hour, within bounds. Listeners ask on their way to an ack, so an answer that takes longer than a
second counts as none: English is spoken then, and the payload's word is taken for where somebody belongs.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any

from cachetools import TLRUCache

from bot.language import Language, language_of
from bot.rights import Rights, Visitor
from bot.slack import Slack, SlackError

log = logging.getLogger(__name__)

PATIENCE_S = 1.0  # of the three seconds that an ack may take
REMEMBERED_S = 3600.0
FAULT_REMEMBERED_S = 30.0  # so that an outage costs everybody one wait, not each message
MOST_PEOPLE = 10_000
MOST_GROUPS = 1_000


@dataclass(frozen=True, slots=True)
class Person:
    """What Slack says of somebody; `is_external` is None where it did not say."""

    language: Language = Language.ENGLISH
    is_external: bool | None = None


class People:
    """Asks Slack about people and remembers the answers; safe to share, never raises."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        self._people: TLRUCache[tuple[str, str], Person | None] = TLRUCache(MOST_PEOPLE, _until, timer=time.monotonic)
        self._groups: TLRUCache[str, frozenset[str] | None] = TLRUCache(MOST_GROUPS, _until, timer=time.monotonic)

    async def person(self, team: str, user: str) -> Person:
        """Return what is known of somebody, as seen from this team. https://docs.slack.dev/reference/methods/users.info."""
        key = (team, user)
        if key not in self._people:
            answer = await _answer(
                self._slack.call("users.info", http_verb="GET", user=user, include_locale="true")
            )
            self._people[key] = _read(answer["user"], team) if answer else None
        return self._people.get(key) or Person()

    async def language(self, team: str, user: str) -> Language:
        """Return the language that somebody is spoken to in."""
        return (await self.person(team, user)).language

    async def groups(self, user: str, among: frozenset[str]) -> frozenset[str] | None:
        """Return in which of these user groups somebody is; None where Slack did not say for any of them.

        https://docs.slack.dev/reference/methods/usergroups.users.list
        """
        asked = sorted(among)
        lists = await asyncio.gather(*(self._members(group) for group in asked))
        if asked and all(members is None for members in lists):
            return None
        return frozenset(group for group, members in zip(asked, lists, strict=True) if members and user in members)

    async def visitor(self, team: str, user: str, channel: str | None, rights: Rights) -> Visitor:
        """Return of somebody, and where they are, what these rights ask about."""
        person = await self.person(team, user)
        return Visitor(user, channel, person.is_external, await self.groups(user, rights.groups))

    async def _members(self, group: str) -> frozenset[str] | None:
        if group not in self._groups:
            answer = await _answer(self._slack.call("usergroups.users.list", http_verb="GET", usergroup=group))
            self._groups[group] = frozenset(answer["users"]) if answer else None
        return self._groups.get(group)


async def _answer(call: Awaitable[dict[str, Any]]) -> dict[str, Any] | None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await call
    except (SlackError, TimeoutError) as exc:
        log.info("person not looked up", extra={"why": str(exc) or "too slow"})
        return None


def _until(_key: object, answer: object, now_s: float) -> float:
    return now_s + (FAULT_REMEMBERED_S if answer is None else REMEMBERED_S)


def _read(user: Mapping[str, Any], team: str) -> Person:
    """Read a user object: https://docs.slack.dev/reference/objects/user-object.

    In an Enterprise organisation a colleague may belong to other workspaces than the channel's.
    """
    teams = {user.get("team_id"), *((user.get("enterprise_user") or {}).get("teams") or ())}
    return Person(language_of(user.get("locale")), bool(user.get("is_stranger")) or team not in teams)
