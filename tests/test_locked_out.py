"""While Slack does not accept the bot's token nothing can be said; what there is to say is said afterwards."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.edit import Failure, Reason, SlackFile, State
from bot.sandbox.person import Person
from bot.sandbox.state import ALICE
from bot.slack import NO_ENTRY, SlackError
from bot.steps import prepare
from bot.steps.boundary import KEPT_FOR, LONGEST_PAUSE, TRIES_IN_A_DAY, pause, run
from bot.steps.show import show
from bot.steps.tell import tell
from tests.bots import VIDEO_CHANNEL, idle_bot, small_clip
from tests.edits import edit_in
from tests.stores import new_note

SAYING = ("chat.postMessage", "chat.update", "chat.postEphemeral", "reactions.add", "conversations.replies")


@pytest.mark.parametrize("code", ["token_revoked", "token_expired"])
async def test_the_end_of_an_edit_is_shown_when_slack_accepts_the_token_again(code: str, tmp_path: Path) -> None:
    async with idle_bot("memory", tmp_path) as (bot, slack):
        parts, alice = bot.parts, Person(slack.origin, ALICE)
        root = await alice.post(VIDEO_CHANNEL, "make it snow")
        why = Failure(reason=Reason.CONTENT, message="Wan refused it")
        edit = edit_in(
            State.FAILED, team=slack.team_id, user=ALICE, channel=VIDEO_CHANNEL, thread_ts=root, request_ts=root,
            failure=why, shown="RUNNING",
        )  # fmt: skip
        await parts.store.create(edit, "claim")
        slack.faults.errors.update(dict.fromkeys(SAYING, code))
        for _try in range(7):
            await show(parts, "e1")
        (open_edit,) = await parts.store.open_edits()
        assert not open_edit.settled
        slack.faults.errors.clear()
        await show(parts, "e1")
        assert await parts.store.open_edits() == []
        assert "Wan refused it" in str((await alice.thread(VIDEO_CHANNEL, root))[-1])


async def test_a_refused_token_only_delays_an_edit_that_is_being_prepared(tmp_path: Path) -> None:
    async with idle_bot("memory", tmp_path) as (bot, slack):
        now, alice = bot.parts.now(), Person(slack.origin, ALICE)
        parts = replace(bot.parts, now=lambda: now)
        root = await alice.post(VIDEO_CHANNEL, "make it snow", files=[small_clip(tmp_path)])
        (asked,) = await alice.thread(VIDEO_CHANNEL, root)
        edit = edit_in(
            State.RECEIVED, team=slack.team_id, user=ALICE, channel=VIDEO_CHANNEL, thread_ts=root, request_ts=root,
            video=SlackFile(file_id=asked["files"][0]["id"]), created_at=now, entered_at=now,
        )  # fmt: skip
        await parts.store.create(edit, "claim")
        slack.faults.errors["files.info"] = "token_revoked"
        began = now
        while now - began < timedelta(hours=4):
            await run(prepare.STEP, parts, "e1")
            (tried,) = await parts.store.open_edits()
            assert tried.not_before is not None
            now = tried.not_before + timedelta(minutes=50)  # the bot is slow; a longer break would begin anew
        slack.faults.errors.clear()
        await run(prepare.STEP, parts, "e1")
        (prepared,) = await parts.store.open_edits()
        assert (prepared.state, prepared.video_url is not None) == (State.WAITING, True)


async def test_a_private_answer_is_given_when_slack_accepts_the_token_again(tmp_path: Path) -> None:
    async with idle_bot("memory", tmp_path) as (bot, slack):
        parts, alice = bot.parts, Person(slack.origin, ALICE)
        note = new_note().model_copy(
            update={"team": slack.team_id, "user": ALICE, "channel": VIDEO_CHANNEL, "text": "No video"}
        )
        await parts.store.notebook.save(note, claim="claim")
        slack.faults.errors.update(dict.fromkeys(SAYING, "token_expired"))
        await tell(parts, note.note_id)
        assert await parts.store.notebook.get(note.note_id) is not None
        slack.faults.errors.clear()
        await tell(parts, note.note_id)
        assert await parts.store.notebook.get(note.note_id) is None
        assert any(message["text"] == "No video" for message in await alice.history(VIDEO_CHANNEL))


@pytest.mark.parametrize("code", sorted(NO_ENTRY))
def test_a_token_that_is_refused_is_nothing_final(code: str) -> None:
    refused = SlackError("chat.update", code, lasting=True)
    assert (refused.locked_out, refused.final) == (True, False)
    assert SlackError("chat.update", "is_archived", lasting=True).final


def test_what_is_to_be_said_is_tried_for_a_day_and_not_much_longer() -> None:
    pauses = [pause(attempts) for attempts in range(1, TRIES_IN_A_DAY)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE
    assert KEPT_FOR <= sum(pauses, timedelta()) <= KEPT_FOR + LONGEST_PAUSE
