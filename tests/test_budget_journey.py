"""Budgets over the whole path: who is over a cap is told privately, nothing is paid or lost, and admins see it all."""

import csv
from pathlib import Path

from bot.budget import parse_caps
from bot.messages.modal import INSTRUCTION, VIDEO_FILE
from bot.sandbox.state import ALICE
from tests.bots import DIRECT, VIDEO_CHANNEL, has_file, result_in, settled_edit, small_clip, stage, whispered

ASK = "@video-editor 8-bit pixel style"


async def test_who_is_over_a_cap_is_told_privately_and_nothing_is_paid(tmp_path: Path) -> None:
    short, long = small_clip(tmp_path), small_clip(tmp_path, "long.mp4", seconds=4.0)
    async with stage("memory", tmp_path, caps=parse_caps("person 8s/day")) as on:
        on.slack.faults.rate_limits["chat.postMessage"] = 1  # the thread has no reply yet when the answer goes out
        too_long = await on.alice.post(VIDEO_CHANNEL, ASK, files=[long])
        refused = await settled_edit(on, too_long)
        assert refused.charge.seconds == 0
        said = await whispered(on, VIDEO_CHANNEL, "your budget for today")
        assert said.startswith("This needs up to 9 s, and your budget for today has 8 s of 8 s left. Nothing was sent")
        assert not [message for message in await on.bob.thread(VIDEO_CHANNEL, too_long) if "8 s" in message["text"]]

        ts = await on.alice.post(VIDEO_CHANNEL, ASK, files=[short])
        await result_in(on, VIDEO_CHANNEL, ts)
        edit = await settled_edit(on, ts)
        assert edit.usage is not None
        assert edit.charge.seconds == edit.usage.billed_s == 4.0

        third = await on.alice.post(VIDEO_CHANNEL, ASK, files=[short])
        assert "This needs at least 5 s" in await whispered(on, VIDEO_CHANNEL, "has 4 s of 8 s left")
        assert await on.store.in_thread(on.slack.team_id, VIDEO_CHANNEL, third) == []

        await on.alice.command(VIDEO_CHANNEL)
        form = await on.alice.wait_for_view(lambda view: bool(view))
        answer = await on.alice.submit(
            form["id"], {INSTRUCTION: {INSTRUCTION: "make it snow"}}, {VIDEO_FILE: [short]}
        )
        assert not answer["closed"]
        assert "This needs at least 5 s" in str(answer["errors"])
        assert on.wan.creates == 1


async def test_everybody_sees_their_spending_and_admins_get_the_file(tmp_path: Path) -> None:
    caps = parse_caps("person 60s/day")
    async with stage("memory", tmp_path, caps=caps, admins=frozenset({ALICE})) as on:
        ts = await on.bob.post(VIDEO_CHANNEL, ASK, files=[small_clip(tmp_path)])
        await result_in(on, VIDEO_CHANNEL, ts)
        edit = await settled_edit(on, ts)

        seen = await on.bob.command(VIDEO_CHANNEL, "budget")
        assert seen is not None
        assert "• *You*: today 4 s of 60 s · this month 4 s" in seen["text"]
        assert "<@" not in seen["text"]
        refused = await on.bob.command(VIDEO_CHANNEL, "budget csv")
        assert refused is not None
        assert "Only the admins" in refused["text"]

        told = await on.alice.command(VIDEO_CHANNEL, "budget")
        assert told is not None
        assert "• *You*: today 0 s of 60 s" in told["text"]
        assert f"• <@{edit.user}> 4 s" in told["text"]
        await on.alice.command(VIDEO_CHANNEL, "budget csv")
        sent = await on.alice.wait_for(DIRECT, has_file)
        await on.alice.save_file(sent["files"][0]["id"], tmp_path / "got.csv")
        (row,) = csv.DictReader((tmp_path / "got.csv").read_text(encoding="utf-8-sig").splitlines())
        assert (row["edit"], row["person"], row["state"]) == (edit.edit_id, edit.user, "DONE")
        assert (row["billed"], row["seconds"], row["money"]) == ("yes", "4.00", "")
