"""What a large upload costs, measured in a process of its own."""

from pathlib import Path

from tests.bench.upload import large_file, measure

TRIES = 3  # a machine with other work may stop any process for a while; what blocks the loop does so every time


async def test_a_hundred_megabytes_take_no_memory_and_never_hold_the_loop(tmp_path: Path) -> None:
    path = large_file(tmp_path)
    stalls_s: list[float] = []
    for _ in range(TRIES):
        found = await measure("client", path)
        assert found["more_bytes"] <= 10_000_000
        stalls_s.append(found["stall_s"])
        if stalls_s[-1] <= 0.020:
            return
    raise AssertionError(f"the loop stood still every time: {stalls_s}")
