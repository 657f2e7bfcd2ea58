"""Trouble with Wan and Slack: nothing is paid twice, nothing paid is lost, and the thread says what happened."""

from pathlib import Path

import pytest

from bot.edit import Reason, State
from tests.bots import EDIT_S, VIDEO_CHANNEL, Stage, buttons, result_in, settled_edit, small_clip, stage
from tests.stores import BACKENDS

ASK = "@video-editor 8-bit pixel style"


async def post(on: Stage, folder: Path) -> str:
    return await on.alice.post(VIDEO_CHANNEL, ASK, files=[small_clip(folder)])


async def last_words(on: Stage, ts: str) -> str:
    return str((await on.alice.thread(VIDEO_CHANNEL, ts))[1]["text"])


@pytest.mark.parametrize("backend", BACKENDS)
async def test_a_create_whose_answer_is_lost_is_adopted_and_paid_once(backend: str, tmp_path: Path) -> None:
    async with stage(backend, tmp_path, adopt_after_s=1.0) as on:
        on.wan.faults.add("create", drop="after")
        ts = await post(on, tmp_path)
        await result_in(on, VIDEO_CHANNEL, ts)
        edit = await settled_edit(on, ts)
        assert edit.adopted
        assert on.wan.creates == 1


async def test_a_create_that_never_arrived_is_sent_once_more_after_a_look_at_the_list(tmp_path: Path) -> None:
    async with stage("memory", tmp_path, adopt_after_s=1.0) as on:
        on.wan.faults.add("create", drop="before")
        ts = await post(on, tmp_path)
        await result_in(on, VIDEO_CHANNEL, ts)
        edit = await settled_edit(on, ts)
        assert (edit.lost_creates, edit.adopted) == (1, False)
        assert on.wan.creates == 1


async def test_a_create_that_is_lost_twice_is_left_to_a_person(tmp_path: Path) -> None:
    async with stage("memory", tmp_path, adopt_after_s=0.5) as on:
        on.wan.faults.add("create", drop="before", times=2)
        ts = await post(on, tmp_path)
        edit = await settled_edit(on, ts)
        assert edit.failure is not None
        assert edit.failure.reason is Reason.UNKNOWN_OUTCOME
        assert "may have been billed" in await last_words(on, ts)
        assert on.wan.creates == 0


@pytest.mark.parametrize("code", ["CommodityNotPurchased", "PrepaidBillOverdue", "Throttling.AllocationQuota"])
async def test_a_429_about_money_is_not_tried_again(code: str, tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        on.wan.faults.add("create", status=429, code=code)
        ts = await post(on, tmp_path)
        edit = await settled_edit(on, ts)
        assert edit.failure is not None
        assert (edit.failure.reason, edit.failure.code) == (Reason.ADMIN, code)
        assert on.wan.creates == 0  # the next try would have been taken


async def test_an_outage_shows_in_the_status_message_and_ends_by_itself(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        on.wan.faults.add("policy", status=503, times=1000)
        ts = await post(on, tmp_path)
        await on.alice.wait_for_reply(VIDEO_CHANNEL, ts, lambda message: "try again" in str(message), EDIT_S)
        on.wan.faults.clear()
        assert await result_in(on, VIDEO_CHANNEL, ts)


async def test_a_throttled_create_waits_and_goes_again(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        on.wan.faults.add("create", status=429)
        ts = await post(on, tmp_path)
        await result_in(on, VIDEO_CHANNEL, ts)
        assert on.wan.creates == 1


async def test_an_outage_of_the_list_and_of_uploads_ends_by_itself(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        on.wan.faults.add("list", status=503, times=5)
        on.wan.faults.add("get", html=True)
        on.wan.faults.add("policy", status=500)
        ts = await post(on, tmp_path)
        await result_in(on, VIDEO_CHANNEL, ts)
        assert on.wan.creates == 1


@pytest.mark.parametrize(
    ("code", "reason", "words"),
    [
        ("DataInspectionFailed", Reason.CONTENT, "Retry word for word"),
        ("InvalidFile.Duration", Reason.INPUT, "did not accept"),
        ("InternalError.Algo", Reason.LATER, "Retry"),
        ("Arrearage", Reason.ADMIN, "unpaid bill"),
    ],
)
async def test_a_failed_task_gets_the_sentence_of_its_class(
    code: str, reason: Reason, words: str, tmp_path: Path
) -> None:
    async with stage("memory", tmp_path) as on:
        on.wan.faults.add("task", code=code, message="The vendor's words.")
        ts = await post(on, tmp_path)
        edit = await settled_edit(on, ts)
        assert edit.failure is not None
        assert (edit.failure.reason, edit.failure.code) == (reason, code)
        said = await last_words(on, ts)
        assert words in said
        assert "It cost nothing." in said


async def test_a_refused_key_is_for_the_admin_and_makes_no_task(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        on.wan.faults.add("create", status=401)
        ts = await post(on, tmp_path)
        edit = await settled_edit(on, ts)
        assert edit.failure is not None
        assert edit.failure.reason is Reason.ADMIN
        assert "tell an admin" in await last_words(on, ts)


@pytest.mark.parametrize("backend", BACKENDS)
async def test_a_share_whose_answer_is_lost_is_found_and_not_posted_twice(backend: str, tmp_path: Path) -> None:
    async with stage(backend, tmp_path) as on:
        on.slack.faults.lost_answers["files.completeUploadExternal"] = 1
        on.slack.faults.late_shares_s = 1.0
        ts = await post(on, tmp_path)
        video = await result_in(on, VIDEO_CHANNEL, ts)
        edit = await settled_edit(on, ts)
        assert edit.result_ts == video["ts"]
        assert len(await on.alice.thread(VIDEO_CHANNEL, ts)) == 3


async def test_a_result_download_that_breaks_off_is_resumed(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        on.wan.faults.add("result", cut_after_bytes=1000)
        ts = await post(on, tmp_path)
        assert await result_in(on, VIDEO_CHANNEL, ts)


@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("files.getUploadURLExternal", "file_upload_size_restricted"),  # too big
        ("files.completeUploadExternal", "file_uploads_disabled"),  # forbidden
    ],
)
async def test_a_file_that_the_workspace_refuses_goes_to_the_requester_alone(
    method: str, error: str, tmp_path: Path
) -> None:
    async with stage("memory", tmp_path) as on:
        on.slack.faults.errors[method] = error
        ts = await post(on, tmp_path)
        edit = await settled_edit(on, ts)
        assert (edit.state, edit.link_sent) == (State.DONE, True)
        sent = [str(message) for message in await on.alice.history("D0ALICE01")]
        assert any("/results/" in message and "until <!date^" in message for message in sent)
        _, status = await on.alice.thread(VIDEO_CHANNEL, ts)
        assert "Slack did not take the file here" in status["text"]
        assert buttons(status) == {"retry", "edit_again"}
        everybody = "".join(str(message) for message in await on.bob.history(VIDEO_CHANNEL))
        assert "/results/" not in everybody


async def test_slack_asking_to_slow_down_loses_nothing(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        on.slack.faults.rate_limits |= {"chat.postMessage": 1, "files.info": 2, "chat.update": 2}
        ts = await post(on, tmp_path)
        assert await result_in(on, VIDEO_CHANNEL, ts)
        assert (await settled_edit(on, ts)).state is State.DONE
