"""Intake: what every listener ends in — an Edit, a wish about an Edit, or a private answer, saved before the ack.

When a save fails the listener raises, nothing is acknowledged, and Slack delivers again; how long it may take stands in
`bot/listeners/punctual.py`. Claims make one edit of whatever Slack or people send twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bot.again import Way, parameters_for, variations_of
from bot.budget import asked_on, guessed_s, reserved
from bot.chain import from_original
from bot.edit import Edit, Errands, Medium, Part, State
from bot.events import Asked, CancelRequested
from bot.language import spoken
from bot.ledger import OverCapError
from bot.listeners.lineage import ancestors_of
from bot.messages import answers, comparison
from bot.messages.blocks import Block, with_buttons
from bot.messages.budget import Guess, over_cap
from bot.messages.words import FROM_ORIGINAL
from bot.moves import ImpossibleMoveError, cancellable
from bot.notes import Note
from bot.profile import Defaults
from bot.settings import Settings
from bot.store import Store, TooManyOpenError
from bot.usage import UsageError
from client.models import SEED_MAX, Parameters

LONGEST_CHAIN = 50


@dataclass(frozen=True)
class Place:
    """Who spoke, and where an answer belongs."""

    team: str
    user: str
    channel: str
    thread_ts: str | None = None
    channel_chosen: bool = False  # in a form, so that prepare checks that the person is in it


@dataclass(frozen=True)
class Wish:
    """What somebody wants made of which video."""

    instruction: str
    parameters: Parameters
    negative_prompt: str | None
    video: Medium
    images: tuple[Medium, ...] = ()
    parent_id: str | None = None
    way: str = ""  # in which the parent is run again, where it is
    chained: bool = False  # the video is the result of an earlier edit
    variations: int = 1  # how many edits with different seeds are wanted
    source_s: float | None = None  # how long the video is, where that is known already
    part: Part | None = None
    slow: bool = False


class NotTakenError(Exception):
    """A wish cannot be taken now; `str()` of it is what the person reads (plain text)."""


def _thread_of(edit: Edit, place: Place) -> Place:
    return Place(edit.team, place.user, edit.channel, edit.thread_ts, channel_chosen=edit.channel_chosen)


@dataclass(frozen=True)
class Intake:
    """Saves what listeners decided; the only thing that they call besides opening a view."""

    store: Store
    settings: Settings
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    random_below: Callable[[int], int]

    async def accept(
        self, place: Place, wish: Wish, *, request_ts: str | None, claim: str, more_claims: tuple[str, ...] = (),
        otherwise: Sequence[Block] = (),
    ) -> None:  # fmt: skip
        """Save what is wanted, as `take` does; where that cannot be, save a private answer with these buttons."""
        try:
            await self.take(place, wish, request_ts=request_ts, claim=claim, more_claims=more_claims)
        except NotTakenError as exc:
            if place.thread_ts == request_ts:  # the message begins its thread, which has no replies yet
                place = replace(place, thread_ts=None)
            await self.answer(place, str(exc), claim=claim, buttons=otherwise)

    async def take(
        self, place: Place, wish: Wish, *, request_ts: str | None, claim: str, more_claims: tuple[str, ...] = ()
    ) -> str:
        """Save a new Edit, once for each claim; return its id, or the id of the edit that has the claim already.

        Where several variations are wanted, each is an Edit, and all are saved together or none of them. Raise
        NotTakenError where the person would have too many under way, or a budget does not allow for all.
        """
        defaults = await self.defaults(place.team, place.user)
        wish = replace(wish, parameters=defaults.completing(wish.parameters))
        edit, *siblings = self._edits(place, wish, request_ts)
        claims = (f"{place.team}:{name}" for name in (claim, *more_claims))
        most = self.settings.edits_per_person
        try:
            owner = await self.store.create(edit, *claims, most_open=most, siblings=siblings)
        except TooManyOpenError as exc:
            raise NotTakenError(answers.too_many(most, wanted=wish.variations)) from exc
        except OverCapError as exc:
            left = await self.store.ledger.left(exc.cap, edit.model_copy(update={"charge": edit.charge.released}))
            guess: Guess = "up to" if wish.source_s or siblings else "at least"
            said = over_cap(exc.cap, needed=exc.needed, guess=guess, left=left, day=asked_on(edit))
            raise NotTakenError(said) from exc
        return owner or edit.edit_id

    def _edits(self, place: Place, wish: Wish, request_ts: str | None) -> list[Edit]:
        """Make the Edits of a wish, each with its reservation, and where they are several with a seed of its own."""
        now = self.now()
        first = Edit(
            edit_id=self.new_id(),
            created_at=now,
            entered_at=now,
            team=place.team,
            user=place.user,
            channel=place.channel,
            channel_chosen=place.channel_chosen,
            thread_ts=place.thread_ts,
            request_ts=request_ts,
            instruction=wish.instruction,
            negative_prompt=wish.negative_prompt,
            parameters=wish.parameters,
            video=wish.video,
            images=wish.images,
            part=wish.part,
            slow=wish.slow,
            parent_id=wish.parent_id,
            way=wish.way,
            chained=wish.chained,
            language=spoken(),
            variations=wish.variations,
        )
        charge = reserved(first, wish.source_s or guessed_s(first), self.settings.tariff)
        first = first.model_copy(update={"charge": charge})
        if wish.variations == 1:
            return [first]
        seed = first.parameters.seed
        if seed is None:
            seed = self.random_below(SEED_MAX)
        return variations_of(first, first_seed=seed)

    async def defaults(self, team: str, user: str) -> Defaults:
        """Return what a person chose for wherever they say nothing."""
        return (await self.store.profiles.get(team, user)).defaults

    async def answer(
        self, place: Place, text: str, *, claim: str, buttons: Sequence[Block] = (),
        attachment: Literal["spending"] | None = None, forgets: Literal["person", "workspace"] | None = None,
    ) -> None:  # fmt: skip
        """Save a private answer, once for each claim; a job sends it.

        In a thread that has no replies Slack shows it to nobody, and says nothing of it:
        https://docs.slack.dev/reference/methods/chat.postEphemeral
        """
        note = Note(
            note_id=self.new_id(),
            team=place.team,
            user=place.user,
            channel=place.channel,
            thread_ts=place.thread_ts,
            text=text,
            blocks=with_buttons(text, buttons),
            attachment=attachment,
            forgets=forgets,
            created_at=self.now(),
        )
        await self.store.notebook.save(note, claim=f"{place.team}:answer:{claim}")

    async def retry(self, place: Place, parent: Edit, *, claim: str, way: Way) -> None:
        """Run an edit again, in this way; where it stands for a set of which nothing was made, all of the set.

        However many people ask at once, they get one: the claim is the parent with its finished retries
        of this kind. The wish itself is claimed too, for Slack may deliver it again when that retry is over.
        An edit that is still under way is not paid for twice; whoever asks is told.
        """
        if not parent.state.terminal:
            await self.answer(place, answers.retry_too_early(parent), claim=claim)
            return
        wish = Wish(
            instruction=parent.instruction,
            parameters=parameters_for(way, parent, other_seed=self._other_seed(parent.parameters.seed)),
            negative_prompt=parent.negative_prompt,
            video=parent.video,
            images=parent.images,
            part=parent.part,
            slow=parent.slow or way is Way.SLOWED,
            variations=await self._as_many(parent),
            parent_id=parent.edit_id,
            source_s=parent.source_s,
            way=way.value,
            chained=parent.chained,
        )
        await self._accept_again(place, parent, wish, claim=claim)

    async def _as_many(self, parent: Edit) -> int:
        """Say how many results a retry is to make: as many as were asked for where none of them came, else one."""
        if parent.variations == 1 or parent.variation > 1:
            return 1
        members = [await self.store.get(edit_id) for edit_id in parent.set_ids]
        fruitless = all(one is None or one.state in {State.FAILED, State.CANCELED} for one in members)
        return parent.variations if fruitless else 1

    async def from_original(self, place: Place, edit: Edit, *, claim: str) -> None:
        """Run everything that led to an edit's result again, at once and on the first video.

        As with a retry, there is one at a time, however many people ask.
        """
        if not edit.state.terminal:
            await self.answer(place, answers.retry_too_early(edit), claim=claim)
            return
        try:
            original = from_original(edit, await ancestors_of(edit, self.store, most=LONGEST_CHAIN))
        except UsageError as exc:
            await self.answer(place, str(exc), claim=claim)
            return
        wish = Wish(
            instruction=original.instruction,
            parameters=original.parameters,
            negative_prompt=original.negative_prompt,
            video=original.video,
            images=original.images,
            part=original.part,
            parent_id=edit.edit_id,
            slow=original.slow,
            source_s=original.source_s,
            way=FROM_ORIGINAL,
        )
        await self._accept_again(place, edit, wish, claim=claim)

    async def _accept_again(self, place: Place, parent: Edit, wish: Wish, *, claim: str) -> None:
        """Accept a wish that runs an edit again in one of the ways, one at a time for each way."""
        once = f"again:{wish.way}:{parent.edit_id}:{await self.store.next_retry(parent.edit_id, wish.way)}"
        await self.accept(_thread_of(parent, place), wish, request_ts=None, claim=once, more_claims=(claim,))

    async def cancel(self, place: Place, edit: Edit, *, claim: str) -> None:
        """Note that a person wants an edit and its variations canceled; reconcile does it where that still helps."""
        if not self.settings.rights.may_end(place.user, requester=edit.user):
            await self.answer(place, answers.cancel_not_yours(edit), claim=claim)
            return
        asked = []
        for edit_id in edit.set_ids:
            with suppress(ImpossibleMoveError):  # it is over
                asked.append(await self.store.move(edit_id, CancelRequested(by=place.user), self.now()))
        if not any(asked):
            await self.answer(place, answers.cancel_over(await self.store.get(edit.edit_id) or edit), claim=claim)
        elif not any(cancellable(one) for one in asked if one):
            await self.answer(place, answers.cancel_too_late(), claim=claim)

    async def compare(self, place: Place, edit: Edit, *, claim: str) -> None:
        """Note that a person wants before and after beside each other; a job makes it, once for everybody."""
        if edit.result_file is not None:
            with suppress(ImpossibleMoveError):  # asked for already
                await self.store.move(edit.edit_id, self._asked("comparison", place), self.now())
        await self.answer(place, comparison.answer(edit), claim=claim)

    async def remove(self, place: Place, edit: Edit, *, claim: str) -> None:
        """Note that a person wants a video deleted; a job does it."""
        if refusal := self.may_not_remove(place.user, edit):
            await self.answer(place, refusal, claim=claim)
            return
        with suppress(ImpossibleMoveError):  # asked for already
            await self.store.move(edit.edit_id, self._asked("removal", place), self.now())

    def _asked(self, errand: Errands, place: Place) -> Asked:
        return Asked(errand=errand, by=place.user, language=spoken())

    def may_not_remove(self, user: str, edit: Edit) -> str | None:
        """Say why a person may not delete an edit's video; None where they may."""
        if not self.settings.rights.may_end(user, requester=edit.user):
            return answers.removal_not_yours(edit)
        if edit.result_file is not None:
            return None
        return answers.removal_over() if edit.state.terminal else answers.just_arriving()

    def _other_seed(self, seed: int | None) -> int:
        drawn = self.random_below(SEED_MAX)
        return drawn if drawn != seed else drawn + 1
