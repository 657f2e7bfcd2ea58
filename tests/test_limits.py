"""The limit on one person's edits, over the whole path: a further one is refused privately, and others go on."""

from pathlib import Path

from client.sandbox.limits import Limits
from tests.bots import VIDEO_CHANNEL, result_in, settled_edit, small_clip, stage, whispered

ASK = "@video-editor 8-bit pixel style"


async def test_who_has_too_many_edits_under_way_is_told_privately_and_others_go_on(tmp_path: Path) -> None:
    clip = small_clip(tmp_path)
    async with stage("memory", tmp_path, limits=Limits(pending_s=0.2, min_run_s=2.0), edits_per_person=1) as on:
        first = await on.alice.post(VIDEO_CHANNEL, ASK, files=[clip])
        second = await on.alice.post(VIDEO_CHANNEL, ASK, files=[clip])
        assert "as many as one person may" in await whispered(on, VIDEO_CHANNEL, "ask again when it is over")
        others = await on.bob.post(VIDEO_CHANNEL, ASK, files=[clip])
        await result_in(on, VIDEO_CHANNEL, others)
        await result_in(on, VIDEO_CHANNEL, first)
        await settled_edit(on, first)
        assert on.wan.creates == 2
        assert await on.store.in_thread(on.slack.team_id, VIDEO_CHANNEL, second) == []
        await result_in(on, VIDEO_CHANNEL, await on.alice.post(VIDEO_CHANNEL, ASK, files=[clip]))
