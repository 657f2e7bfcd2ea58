"""Which waiting edit goes next, and at which place each stands.

Start-time fair queueing: a virtual clock stands at the turn of whoever was served last, each person's next turn comes
as much later as their last edit was work, and the earliest turn goes first. So somebody's hundred edits cost others
nothing, nobody who waits is overtaken for ever, and what somebody left unused is not saved up.
https://doi.org/10.1145/248156.248171

Pure: what it needs to know comes in as arguments. Who is told about the place, and who sends the edit, is decided
in `bot/steps/reconcile.py`; where the turns are kept, in `bot/store.py`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from bot.edit import Edit, State
from bot.moves import is_due

# When somebody's or some channel's next turn comes, in units of work; and the clock. What is not in it is not behind.
Turns = Mapping[str, float]
NO_TURNS: Turns = MappingProxyType({})
CLOCK = "clock"

TYPICAL_S = 5.0
WORK_OF_1080P = 1.5  # of that of 720P, by what it costs
# However much a channel or person had while nobody else wanted anything: nobody is held back further than this.
FURTHEST = 60.0


def work(edit: Edit) -> float:
    """Return what an edit takes of the provider, in seconds of 720P video."""
    seconds = edit.parameters.duration_s or edit.source_s or TYPICAL_S
    return seconds * (WORK_OF_1080P if edit.parameters.resolution == "1080P" else 1.0)


def _person(edit: Edit) -> str:
    return f"person:{edit.team}:{edit.user}"


def _channel(edit: Edit) -> str:
    return f"channel:{edit.team}:{edit.channel}"


def _turn(turns: Turns, name: str) -> float:
    clock = turns.get(CLOCK, 0.0)
    return min(max(clock, turns.get(name, clock)), clock + FURTHEST)


def served(turns: Turns, edit: Edit) -> dict[str, float]:
    """Return the turns after the provider has taken this edit; whoever is not behind any more is left out."""
    clock = _turn(turns, _person(edit))
    turns = dict(turns) | {CLOCK: clock}
    later = turns | {name: _turn(turns, name) + work(edit) for name in (_person(edit), _channel(edit))}
    return {name: turn for name, turn in later.items() if turn > clock and name != CLOCK} | {CLOCK: clock}


@dataclass(frozen=True, order=True)
class _Rank:
    turn: float
    extra: bool  # a further variation lets everything pass that somebody waits for
    backlog: int  # among equals whoever wants less goes first: it delays the others least
    created_at: datetime
    edit_id: str


def in_turn(edits: Sequence[Edit], turns: Turns = NO_TURNS) -> list[Edit]:
    """Return the waiting edits in the order in which they will be sent.

    People take turns, by the work that they were served, and their further variations come after whatever else they
    want; among those whose turn has come equally, single edits go before variations, and channels take turns too;
    then whoever has fewer edits in the queue, and the older edit, goes first.
    """
    for edit in edits:
        if edit.state is State.SUBMITTING:  # as good as served: its turn is counted when the provider answers
            turns = served(turns, edit)
    waiting = sorted(
        (edit for edit in edits if edit.state is State.WAITING),
        key=lambda edit: (edit.variation > 1, edit.created_at, edit.edit_id),
    )
    backlog = Counter(_person(edit) for edit in waiting)
    next_turn: dict[str, float] = {}
    ranked: list[tuple[_Rank, Edit]] = []
    for edit in waiting:
        person = _person(edit)
        turn = next_turn.get(person, _turn(turns, person))
        next_turn[person] = turn + work(edit)
        ranked.append((_Rank(turn, edit.variation > 1, backlog[person], edit.created_at, edit.edit_id), edit))
    return _channels_in_turn(sorted(ranked, key=lambda pair: pair[0]), turns)


def _channels_in_turn(ranked: Sequence[tuple[_Rank, Edit]], turns: Turns) -> list[Edit]:
    """Let channels take turns among edits whose people's turns come at the same moment."""
    before: defaultdict[str, float] = defaultdict(float)
    keyed: list[tuple[float, float, _Rank, Edit]] = []
    for rank, edit in ranked:
        channel = _channel(edit)
        keyed.append((rank.turn, _turn(turns, channel) + before[channel], rank, edit))
        before[channel] += work(edit)
    return [row[-1] for row in sorted(keyed, key=lambda row: row[:3])]


def places(edits: Sequence[Edit], turns: Turns = NO_TURNS) -> dict[str, int]:
    """Return the place in the queue of every waiting edit, by its id; the next one to go has place 1."""
    return {edit.edit_id: place for place, edit in enumerate(in_turn(edits, turns), start=1)}


def next_to_send(
    edits: Sequence[Edit], turns: Turns = NO_TURNS, *, now: datetime, running_limit: int
) -> Edit | None:
    """Return the edit whose paid request may be sent now, or None.

    One create is in flight at a time, and never more edits are with the provider than the account may run. What it
    refuses one edit it refuses the others too, so nobody goes before the refused one may.
    """
    if any(edit.state is State.SUBMITTING for edit in edits):
        return None
    if sum(edit.state.at_provider for edit in edits) >= running_limit:
        return None
    waiting = in_turn(edits, turns)
    if any(edit.refusals and not is_due(edit, now) for edit in waiting):
        return None
    return next((edit for edit in waiting if is_due(edit, now)), None)
