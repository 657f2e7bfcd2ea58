"""Budgets over the whole path: who is over a cap is told privately, and nothing is paid or lost."""

from pathlib import Path

from bot.budget import parse_caps
from tests.bots import VIDEO_CHANNEL, result_in, settled_edit, small_clip, stage, whispered

ASK = "@video-editor 8-bit pixel style"


async def test_who_is_over_a_cap_is_told_privately_and_nothing_is_paid(tmp_path: Path) -> None:
    short, long = small_clip(tmp_path), small_clip(tmp_path, "long.mp4", seconds=4.0)
    async with stage("memory", tmp_path, caps=parse_caps("person 7s/day")) as on:
        too_long = await on.alice.post(VIDEO_CHANNEL, ASK, files=[long])
        refused = await settled_edit(on, too_long)
        assert refused.charge.seconds == 0
        said = await whispered(on, VIDEO_CHANNEL, "your budget for today")
        assert said.startswith("This needs 8 s, and your budget for today has 7 s of 7 s left. It renews on ")
        assert not [message for message in await on.bob.thread(VIDEO_CHANNEL, too_long) if "7 s" in message["text"]]

        ts = await on.alice.post(VIDEO_CHANNEL, ASK, files=[short])
        await result_in(on, VIDEO_CHANNEL, ts)
        edit = await settled_edit(on, ts)
        assert edit.usage is not None
        assert edit.charge.seconds == edit.usage.billed_s == 4.0

        third = await on.alice.post(VIDEO_CHANNEL, ASK, files=[short])
        assert "This needs 4 s" in await whispered(on, VIDEO_CHANNEL, "has 3 s of 7 s left")
        assert await on.store.in_thread(on.slack.team_id, VIDEO_CHANNEL, third) == []
        assert on.wan.creates == 1
