"""How long an edit takes is told from this bot's own past, and only where that is enough."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from bot.edit import State
from bot.events import Claimed, Created, Finished
from bot.messages.status import status
from bot.times import FEWEST, KEPT, Expected, expect, kind_of
from client.models import Parameters
from tests.blocks import whole
from tests.edits import NOW, edit_in
from tests.stores import BACKENDS, NOON, new_edit, open_store

FIVE_TO_NINE = Expected(half_s=290, most_s=530)


def test_too_few_times_say_nothing() -> None:
    assert expect([60.0] * (FEWEST - 1)) is None
    assert expect([60.0] * FEWEST) == Expected(60, 60)


def test_nine_of_ten_edits_take_no_longer_than_was_told() -> None:
    dice = random.Random(11)
    kept_word = 0
    for _ in range(2000):
        times = [dice.lognormvariate(5.5, 0.4) for _ in range(FEWEST + 1)]
        told = expect(times[:-1])
        assert told is not None
        kept_word += times[-1] <= told.most_s
    assert 0.88 <= kept_word / 2000 <= 0.95


@pytest.mark.parametrize(
    ("resolution", "source_s", "seconds", "kind"),
    [
        ("720P", 2.0, 0, "720P:0"),
        ("720P", 9.8, 5, "720P:1"),
        ("1080P", 9.8, 0, "1080P:2"),
        ("1080P", None, 0, "1080P:1"),
    ],
)
def test_edits_of_one_resolution_and_about_one_length_are_alike(
    resolution: str, source_s: float | None, seconds: int, kind: str
) -> None:
    parameters = Parameters.model_validate({"resolution": resolution, "duration_s": seconds})
    assert kind_of(edit_in(State.RUNNING, parameters=parameters, source_s=source_s)) == kind


@pytest.mark.parametrize(
    ("running_s", "expected", "words"),
    [
        (0, None, "usually 4–11 min"),
        (60, FIVE_TO_NINE, "1 min 0 s so far, about 5 min, at most 9 min in nine of ten cases"),
        (0, Expected(12.2, 41.0), "about 15 s, at most 45 s in nine of ten cases"),
        (600, FIVE_TO_NINE, "10 min 0 s so far, longer than nine of ten edits like this one take"),
    ],
)
def test_the_status_message_promises_what_the_past_supports(
    running_s: int, expected: Expected | None, words: str
) -> None:
    edit = edit_in(State.RUNNING, submitted_at=NOW)
    message = status(edit, now=NOW + timedelta(seconds=running_s), place=None, waiting=None, expected=expected)
    assert words in whole(message)


@pytest.mark.parametrize("backend", BACKENDS)
async def test_the_newest_times_of_each_kind_are_kept_and_no_more(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        for number in range(KEPT + 3):
            edit = new_edit(f"e{number}", state=State.WAITING, source_s=2.0)
            await store.create(edit, f"claim {number}")
            asked_at = NOON + timedelta(hours=number)
            await store.move(edit.edit_id, Claimed(), asked_at)
            await store.move(edit.edit_id, Created(task_id=f"t{number}"), asked_at)
            ended_at = asked_at + timedelta(seconds=100 + number)
            await store.move(edit.edit_id, Finished(result_url="https://example.com/r.mp4"), ended_at)
        assert await store.durations.of("720P:0") == [100.0 + number for number in range(3, KEPT + 3)]
        assert await store.durations.of("1080P:0") == []
