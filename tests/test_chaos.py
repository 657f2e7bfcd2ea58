"""A short run of `python -m tests.chaos`: a bot is killed twice while people post, with faults on."""

from pathlib import Path

from tests.chaos import run_chaos

KILLS = 2


async def test_a_bot_that_is_killed_again_and_again_pays_once_and_delivers_once(tmp_path: Path) -> None:
    tally = await run_chaos("embedded", tmp_path, kills=KILLS, seed=5, open_at_once=1)
    assert tally.broken == []
    assert tally.kills.total() == KILLS
    assert tally.outcomes.total() >= 1
