"""Homes: keep the App Homes that people look at up to date, and welcome whoever comes for the first time.

Slack never says that a home was closed, so one counts as open for half an hour. One home is published a pass, far
below the hundred a minute that Slack allows (https://docs.slack.dev/reference/methods/views.publish), and none that
already shows what it would show.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial

from bot import queue
from bot.budget import Scope, period_of
from bot.edit import Edit
from bot.language import speaking
from bot.messages.blocks import Block
from bot.messages.budget import Sums, budget
from bot.messages.home import MOST_ENDED, MOST_UNDER_WAY, closed_home, home, home_face
from bot.messages.welcome import welcome
from bot.profile import Profile
from bot.rights import Refusal
from bot.slack import SlackError
from bot.steps.parts import Parts
from bot.steps.poster import drop_lost_posters, look_again, show_anew

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=1)
OPEN_FOR = timedelta(minutes=30)
MOST_OPEN = 50
AFTER_FAULT_S = 4.0
UNSURE_FOR_S = 30.0  # what Slack did not say of people is not asked for sooner either
PICTURES_AGAIN_AFTER_S = 600.0
STALE = ""  # the face of a home that must be published
REFUSED = frozenset({"invalid_arguments", "invalid_blocks"})  # what Slack says of a picture that it does not show
AGAIN_AFTER_S = 2.0  # the same home: edits that move together are shown together


class Homes:
    """One pass after another; between passes it only remembers what it showed, so that any replica can go on."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._shown: dict[str, tuple[str, float]] = {}  # whose home shows which face, since when
        self._in_words_until_s: dict[str, float] = {}  # whose pictures Slack refuses without having lost any
        self._workspace_url = ""

    async def __call__(self) -> None:
        """Welcome whom nobody has welcomed, and publish the home that waits longest for it."""
        attended = await self._parts.store.profiles.attended()
        for profile in attended:
            if profile.welcome == "due":
                await self._welcome(profile)
        opened = [profile for profile in attended if profile.home_opened_at]
        await self._let_go(opened[MOST_OPEN:])
        await self._let_go([profile for profile in opened[:MOST_OPEN] if not self._is_open(profile)])
        open_now = {profile.name: profile for profile in opened[:MOST_OPEN] if self._is_open(profile)}
        self._shown = {name: shown for name, shown in self._shown.items() if name in open_now}
        self._in_words_until_s = {name: at for name, at in self._in_words_until_s.items() if name in open_now}
        if open_now:
            await self._publish_one(open_now)

    def _is_open(self, profile: Profile) -> bool:
        opened_at = profile.home_opened_at
        return opened_at is not None and self._parts.now() - opened_at < OPEN_FOR

    async def _let_go(self, profiles: Sequence[Profile]) -> None:
        """Stop keeping homes up to date; whoever opens one again is seen by the next pass."""
        for profile in profiles:
            await self._parts.store.profiles.change(profile, home_opened_at=None)

    async def _publish_one(self, open_now: Mapping[str, Profile]) -> None:
        edits, now_s = await self._parts.store.open_edits(), time.monotonic()
        places = queue.places(edits, await self._parts.store.turns()) if edits else {}
        faces = {name: home_face(profile, _of(edits, profile), places) for name, profile in open_now.items()}
        for name, face in faces.items():
            shown, at_s = self._shown.get(name, (STALE, float("-inf")))
            if shown != face:  # it stays stale if the face comes back: what passed by is among what is over now
                self._shown[name] = (STALE, at_s)
        due = [name for name, (face, at_s) in self._shown.items() if face == STALE and now_s - at_s >= AGAIN_AFTER_S]
        if due:
            longest = min(due, key=lambda name: self._shown[name][1])
            again_s = await self._publish(open_now[longest], places)
            self._shown[longest] = (
                (faces[longest], now_s) if again_s is None else (STALE, now_s + again_s - AGAIN_AFTER_S)
            )

    async def _publish(self, profile: Profile, places: Mapping[str, int]) -> float | None:
        """Publish a home; return after how many seconds to do it again, or None: not before something changes."""
        parts, rights = self._parts, self._parts.settings.rights
        edits = await parts.store.by_person(profile.team, profile.user, MOST_UNDER_WAY + MOST_ENDED)
        why = rights.refusal(await parts.people.visitor(profile.team, profile.user, None, rights))
        try:
            if not self._workspace_url:
                self._workspace_url = await parts.slack.workspace_url()
            with speaking(await parts.people.language(profile.team, profile.user)):
                if why is not None:
                    await parts.slack.publish_home(profile.user, closed_home(why, has_edits=bool(edits)))
                    return UNSURE_FOR_S if why is Refusal.UNSURE else None
                made = partial(
                    home, profile, places=places, workspace_url=self._workspace_url, budget=await self._spent(profile),
                    only_in=rights.only_in(profile.user),
                )  # fmt: skip
                await self._show(profile, await look_again(parts, edits), made)
        except SlackError as exc:
            log.warning("home not published", extra={"user": profile.user, "why": str(exc)})
            return None if exc.final else AFTER_FAULT_S
        return None

    async def _show(
        self, profile: Profile, edits: Sequence[Edit], made: Callable[[Sequence[Edit]], Block]
    ) -> None:
        """Publish a home with its pictures; if Slack refuses it, without, and look which of them it has lost."""
        in_words, now_s = [edit.model_copy(update={"poster": None}) for edit in edits], time.monotonic()
        has_pictures = any(edit.shown_poster for edit in edits)
        if not has_pictures or self._in_words_until_s.get(profile.name, now_s) > now_s:
            await self._parts.slack.publish_home(profile.user, made(in_words))
            return
        try:
            await self._parts.slack.publish_home(profile.user, made(edits))
        except SlackError as exc:
            if exc.code not in REFUSED:
                raise
            log.info("home published without pictures", extra={"user": profile.user, "why": str(exc)})
            await self._parts.slack.publish_home(profile.user, made(in_words))
            if await drop_lost_posters(self._parts, edits):
                await show_anew(self._parts, profile.team, profile.user)
            else:
                self._in_words_until_s[profile.name] = now_s + PICTURES_AGAIN_AFTER_S

    async def _spent(self, profile: Profile) -> str:
        """Tell what the person, and the workspace, spent today and this month."""
        ledger, day = self._parts.store.ledger, self._parts.now().date()
        sums: Sums = {
            "day": await ledger.spent(profile.team, period_of(day, "day")),
            "month": await ledger.spent(profile.team, period_of(day, "month")),
        }
        whose: dict[Scope, str] = {"person": profile.user, "workspace": profile.team}
        return budget(sums, day=day, whose=whose, caps=ledger.caps, admin=False)

    async def _welcome(self, profile: Profile) -> None:
        """Say it once: whoever takes the turn says it, and where that fails nobody says it again."""
        parts = self._parts
        taken = await parts.store.profiles.change(profile, welcome="done")
        if taken is None or await parts.store.by_person(profile.team, profile.user, 1):
            return  # somebody who has edits needs no welcome
        try:
            with speaking(await parts.people.language(profile.team, profile.user)):
                await parts.slack.direct(profile.user, welcome())
        except SlackError as exc:
            log.warning("not welcomed", extra={"user": profile.user, "why": str(exc)})


def _of(edits: Sequence[Edit], profile: Profile) -> list[Edit]:
    return [edit for edit in edits if (edit.team, edit.user) == (profile.team, profile.user)]
