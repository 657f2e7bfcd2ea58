"""A short soak of memory mode; `python -m tests.bench soak` is the long one."""

from tests.bench.soak import samples


async def test_edits_that_lived_and_were_deleted_leave_nothing_in_memory_mode() -> None:
    warm, after = [sample async for sample in samples(200, every=100)]
    assert (warm.keys, after.keys) == (1, 1)  # how long edits took, of which the newest are kept on purpose
    assert after.all_keys <= warm.all_keys + 2  # docket's own: a perpetual job that is due just now
    assert after.memory_bytes - warm.memory_bytes < 5_000_000
