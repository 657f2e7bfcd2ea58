"""The queue over hours, simulated: a look every 0.75 s, creates that take time, edits that take minutes. Seeded."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import mean, quantiles

import pytest

from bot.edit import Edit, SlackFile, State
from bot.queue import NO_TURNS, next_to_send, served, work
from client.models import Parameters

MIDNIGHT = datetime(2026, 1, 2, tzinfo=UTC)
LOOK_EVERY_S, CREATE_S = 0.75, 0.4
SLOTS = 5
SEEDS = range(4)


def at(second: float) -> datetime:
    return MIDNIGHT + timedelta(seconds=second)


def asked(
    user: str, edits: int, *, at_s: float = 0.0, every_s: float = 0.001, channel: str = "C1", **fields: object
) -> list[Edit]:
    """Return what somebody asks for, one after the other."""
    return [
        Edit(
            edit_id=f"{user}-{channel}-{number}", user=user, state=State.WAITING,
            created_at=at(at_s + number * every_s), entered_at=MIDNIGHT, team="T1", channel=channel, instruction="snow",
            video=SlackFile(file_id="F0"),
        ).model_copy(update=fields)
        for number in range(edits)
    ]  # fmt: skip


@dataclass
class Run:
    """What a simulation showed."""

    waits_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    work: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    order: list[str] = field(default_factory=list)
    sent_s: list[float] = field(default_factory=list)
    refills_s: list[float] = field(default_factory=list)
    busy_s: float = 0.0
    backlog_s: float = 0.0

    @property
    def busy_with_a_backlog(self) -> float:
        """The part of the slots' time that is used while somebody waits."""
        return self.busy_s / (SLOTS * self.backlog_s)


def lasts_s(edit: Edit) -> float:
    """Return how long the provider works on an edit: minutes, by its work, different for each, the same in all runs."""
    return 30 * work(edit) * random.Random(edit.edit_id).uniform(0.5, 1.6)


def simulate(edits: Sequence[Edit], *, until_s: float = 10 * 3600, until_served: frozenset[str] = frozenset()) -> Run:
    """Look, send and finish until everything is sent, until a time, or until these people's edits are all sent."""
    run, turns = Run(), NO_TURNS
    coming = sorted(edits, key=lambda edit: edit.created_at)
    open_edits: dict[str, Edit] = {}
    ends_s: dict[str, float] = {}
    free_since_s = [0.0] * SLOTS
    creating: tuple[float, Edit] | None = None
    for look in count():
        now_s = look * LOOK_EVERY_S
        for edit_id in [edit_id for edit_id, end_s in ends_s.items() if end_s <= now_s]:
            free_since_s.append(ends_s.pop(edit_id))
            del open_edits[edit_id]
        while coming and coming[0].created_at <= at(now_s):
            edit = coming.pop(0)
            open_edits[edit.edit_id] = edit
        waiting = {edit.user for edit in (*open_edits.values(), *coming) if edit.state is State.WAITING}
        if now_s > until_s or not waiting or (until_served and not waiting & until_served):
            return run
        if creating and creating[0] <= now_s:
            since_s, edit = creating
            open_edits[edit.edit_id] = edit.model_copy(update={"state": State.PENDING})
            turns, creating = served(turns, edit), None
            ends_s[edit.edit_id] = since_s + lasts_s(edit)
        if sum(edit.state is State.WAITING for edit in open_edits.values()) >= SLOTS:
            run.backlog_s += LOOK_EVERY_S
            run.busy_s += LOOK_EVERY_S * len(ends_s)
        chosen = next_to_send(list(open_edits.values()), turns, now=at(now_s), running_limit=SLOTS)
        if chosen is not None:
            open_edits[chosen.edit_id] = chosen.model_copy(update={"state": State.SUBMITTING})
            creating = now_s + CREATE_S, chosen
            run.order.append(chosen.user)
            run.sent_s.append(now_s)
            run.work[chosen.user] += work(chosen)
            asked_s = (chosen.created_at - MIDNIGHT).total_seconds()
            run.waits_s[chosen.user].append(now_s - asked_s)
            run.refills_s.append(now_s - max(asked_s, free_since_s.pop(0)))
    raise AssertionError


def jain(shares: Sequence[float]) -> float:
    """Return Jain's index of fairness: 1 where all are equal, 1/n where one has everything."""
    return sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares))


def fair_shares(wanted: dict[str, float], total: float) -> dict[str, float]:
    """Share out a total so that nobody gets more than they want while somebody has less and wants more."""
    shares: dict[str, float] = {}
    for left, (name, wish) in zip(
        range(len(wanted), 0, -1), sorted(wanted.items(), key=lambda item: item[1]), strict=True
    ):
        shares[name] = min(wish, (total - sum(shares.values())) / left)
    return shares


def p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20)[18]


LIGHT = [f"light{number}" for number in range(10)]


def light_edits(dice: random.Random, *, within_s: float) -> list[Edit]:
    return [
        edit
        for name in LIGHT
        for edit in asked(name, 1, at_s=dice.uniform(0.2, within_s), source_s=dice.uniform(3, 10))
    ]


def test_ten_people_with_one_edit_do_not_feel_the_one_with_a_hundred() -> None:
    alone, beside, indexes = [], [], []
    for seed in SEEDS:
        dice = random.Random(seed)
        light, heavy = light_edits(dice, within_s=0.7), asked("heavy", 100, source_s=6.0)
        shared = simulate([*heavy, *light], until_served=frozenset(LIGHT))
        alone += [wait for waits in simulate(light).waits_s.values() for wait in waits]
        beside += [wait for name in LIGHT for wait in shared.waits_s[name]]
        wanted = {edit.user: work(edit) for edit in light} | {"heavy": sum(map(work, heavy))}
        shares = fair_shares(wanted, sum(shared.work.values()))
        indexes.append(jain([shared.work[name] / share for name, share in shares.items()]))
    assert min(indexes) >= 0.95
    assert p95(beside) <= 1.2 * p95(alone)


def test_who_comes_while_another_has_all_places_gets_the_next_that_is_free() -> None:
    for seed in SEEDS:
        light = light_edits(random.Random(seed), within_s=3600)
        run = simulate([*asked("heavy", 100, source_s=6.0), *light], until_served=frozenset(LIGHT))
        for name in LIGHT:
            sent_s = run.sent_s[run.order.index(name)]
            came_s = sent_s - run.waits_s[name][0]
            between = [user for user, at_s in zip(run.order, run.sent_s, strict=True) if came_s < at_s < sent_s]
            assert "heavy" not in between


def test_people_with_unequal_backlogs_get_equal_work_whoever_came_first_and_however_long_their_clips_are() -> None:
    edits = [
        edit
        for number, length_s in enumerate((2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0))
        for edit in asked(f"p{number}", 15 + 5 * (9 - int(length_s)), at_s=number / 20, source_s=length_s)
    ]
    run = simulate(edits, until_s=3600)
    assert jain([run.work[f"p{number}"] for number in range(8)]) >= 0.99


def test_what_is_dearer_counts_for_more() -> None:
    large = asked("large", 60, source_s=4.0, parameters=Parameters(resolution="1080P"))
    run = simulate([*large, *asked("small", 120, source_s=4.0)], until_s=3600)
    assert jain([run.work["large"], run.work["small"]]) >= 0.99
    assert run.order.count("small") > 1.3 * run.order.count("large")


def test_a_crowd_in_one_channel_takes_turns_with_a_few_people_in_another() -> None:
    crowd = [edit for number in range(30) for edit in asked(f"crowd{number}", 1, at_s=0.01)]
    few = [edit for number in range(5) for edit in asked(f"few{number}", 1, at_s=0.5, channel="C2")]
    order = simulate([*crowd, *few]).order
    assert sum(name.startswith("few") for name in order[:10]) == 5


def test_nobody_is_overtaken_for_ever_by_people_who_come_back_with_one_edit_each() -> None:
    often = [edit for number in range(8) for edit in asked(f"often{number}", 40, at_s=number, every_s=90.0)]
    run = simulate([*asked("heavy", 20, at_s=5.0), *often], until_s=3600)
    fair = sum(run.work.values()) / 9
    assert run.work["heavy"] >= 0.9 * min(fair, 20 * 5.0)


def test_what_was_used_while_nobody_else_wanted_anything_is_not_held_against_anybody() -> None:
    before = asked("early", 50)
    run = simulate([*before, *asked("early", 10, at_s=3000, channel="C2"), *asked("late", 10, at_s=3000)])
    both = run.order[50:64]
    assert 5 <= both.count("early") <= 9


@pytest.mark.parametrize("seed", SEEDS)
def test_the_places_are_full_while_there_is_a_backlog_and_filled_again_at_once(seed: int) -> None:
    dice = random.Random(seed)
    edits = [
        edit
        for number in range(20)
        for edit in asked(f"p{number}", 5, at_s=dice.uniform(0, 600), source_s=dice.uniform(2, 10))
    ]
    run = simulate(edits)
    assert run.busy_with_a_backlog >= 0.98
    assert mean(run.refills_s) <= 1.0
    assert p95(run.refills_s) <= 2.0
