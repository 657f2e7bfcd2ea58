"""What the local Wan accepts and refuses, by the rules of the API's page; and how a task goes through its states."""

import asyncio
from typing import Any

import aiohttp
import pytest

from client.sandbox.limits import Limits
from tests.local_wan import FAST, MODEL, SLOW, body, local_wan, until

VIDEO = ("video", "https://films.invalid/a.mp4")
PICTURE = ("reference_image", "https://films.invalid/a.png")
DATA_PICTURE = ("reference_image", "data:image/png;base64,AAAA")


@pytest.mark.parametrize(
    "good",
    [
        body(),
        body(VIDEO, *[PICTURE] * 4),
        body(VIDEO, DATA_PICTURE),
        body(resolution="1080P", ratio="3:4", duration=10, audio_setting="origin", seed=2147483647),
        body(prompt_extend=False),
        body(duration=0, seed=0, watermark=True),
        body(prompt="x" * 6000),
    ],
)
async def test_a_correct_request_becomes_a_pending_task(good: dict[str, Any]) -> None:
    async with local_wan(SLOW) as on:
        status, answer = await on.create(good)
        assert status == 200
        assert answer["output"]["task_status"] == "PENDING"
        assert on.wan.tasks[answer["output"]["task_id"]].body == good


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (body(PICTURE), "exactly 1 video"),
        (body(VIDEO, VIDEO), "exactly 1 video"),
        (body(VIDEO, *[PICTURE] * 5), "at most 4"),
        (body(VIDEO, ("first_frame", "https://films.invalid/a.png")), "first_frame"),
        (body(resolution="720p"), "resolution"),
        (body(ratio="2:1"), "ratio"),
        (body(duration=1), "duration"),
        (body(duration=11), "duration"),
        (body(duration="5"), "duration"),
        (body(seed=-1), "seed"),
        (body(seed=2147483648), "seed"),
        (body(audio_setting="none"), "audio_setting"),
        (body(watermark="yes"), "watermark"),
        (body() | {"model": "wan2.7-i2v"}, "Model not exist"),
        ({"model": MODEL, "input": {"prompt": "x", "media": []}}, "media"),
        ([], "JSON object"),
    ],
)
async def test_a_wrong_field_is_refused_by_name_and_makes_no_task(bad: object, word: str) -> None:
    async with local_wan() as on:
        status, answer = await on.create(bad)
        assert (status, answer["code"]) == (400, "InvalidParameter")
        assert word in answer["message"]
        assert answer["request_id"]
        assert on.wan.creates == 0


async def test_a_video_as_data_uri_is_refused() -> None:
    async with local_wan() as on:
        status, answer = await on.create(body(("video", "data:video/mp4;base64,AAAA")))
        assert (status, answer["code"]) == (400, "InvalidURL")


async def test_an_upload_needs_the_header_that_resolves_it() -> None:
    async with local_wan() as on:
        status, answer = await on.create(body(("video", "oss://dashscope-instant/x/a.mp4")), resolve=False)
        assert (status, answer["code"]) == (400, "InvalidParameter.DataInspection")


async def test_a_create_without_the_async_header_is_denied() -> None:
    async with local_wan() as on:
        status, answer = await on.create(body(), asynchronous=False)
        assert (status, answer["code"]) == (403, "AccessDenied")


@pytest.mark.parametrize(
    ("header", "word"), [("", "No API-key"), ("Bearer ", "No API-key"), ("Bearer sk-x", "Invalid")]
)
async def test_every_call_wants_the_key(header: str, word: str) -> None:
    async with local_wan() as on:
        headers = {"Authorization": header}
        for method, path in (
            ("POST", "/services/aigc/video-generation/video-synthesis"),
            ("GET", "/tasks/1"),
            ("GET", "/tasks"),
            ("POST", "/tasks/1/cancel"),
            ("GET", "/uploads?action=getPolicy"),
        ):
            status, answer = await on.call(method, path, headers=headers)
            assert (status, answer["code"]) == (401, "InvalidApiKey")
            assert word in answer["message"]


async def test_a_wrong_path_is_a_url_error() -> None:
    async with local_wan() as on:
        status, answer = await on.call("POST", "/services/aigc/image2video/video-synthesis", json={})
        assert (status, answer["message"]) == (400, "url error, please check url!")


async def test_the_sixth_create_of_a_second_is_throttled() -> None:
    async with local_wan(Limits(pending_s=600)) as on:
        answers = await asyncio.gather(*[on.create(body()) for _ in range(6)])
        assert sorted(status for status, _ in answers) == [200] * 5 + [429]
        assert {answer["code"] for status, answer in answers if status == 429} == {"Throttling.RateQuota"}
        assert on.wan.creates == 5


async def test_gets_lists_and_cancels_share_twenty_calls_a_second() -> None:
    async with local_wan(Limits()) as on:
        calls = [on.call("GET", "/tasks") for _ in range(11)] + [on.call("GET", "/tasks/1") for _ in range(11)]
        statuses = [status for status, _ in await asyncio.gather(*calls)]
        assert statuses.count(200) == 20
        assert statuses.count(429) == 2


async def test_only_five_tasks_run_and_the_others_wait() -> None:
    limits = Limits(pending_s=0, min_run_s=600, creates_per_s=100, queries_per_s=100)
    async with local_wan(limits) as on:
        for _ in range(7):
            await on.created(body())
        await until(lambda: [task.status for task in on.wan.tasks.values()].count("RUNNING") == 5)
        states = [task.status for task in on.wan.tasks.values()]
        assert states == ["RUNNING"] * 5 + ["PENDING"] * 2


async def test_each_state_shows_its_own_fields() -> None:
    limits = Limits(pending_s=0, min_run_s=600, running=1, creates_per_s=100, queries_per_s=100)
    async with local_wan(limits) as on:
        running, pending = await on.created(body()), await on.created(body())
        await until(lambda: on.wan.tasks[running].status == "RUNNING")
        shown = (await on.get(pending))["output"]
        assert shown.keys() == {"task_id", "task_status", "submit_time"}
        shown = (await on.get(running))["output"]
        assert shown.keys() == {"task_id", "task_status", "submit_time", "scheduled_time"}
        assert (await on.call("POST", f"/tasks/{pending}/cancel"))[0] == 200
        assert (await on.get(pending))["output"]["task_status"] == "CANCELED"
        status, answer = await on.call("POST", f"/tasks/{running}/cancel")
        assert (status, answer["code"]) == (400, "UnsupportedOperation")


async def test_times_are_those_of_beijing() -> None:
    async with local_wan(SLOW, clock=lambda: 1776412302.42) as on:  # 2026-04-17 07:51:42.420 UTC
        shown = (await on.get(await on.created(body())))["output"]
        assert shown["submit_time"] == "2026-04-17 15:51:42.420"


async def test_an_unknown_id_and_one_older_than_a_day_answer_unknown_with_200() -> None:
    now = [1_776_000_000.0]
    async with local_wan(SLOW, clock=lambda: now[0]) as on:
        task_id = await on.created(body())
        assert (await on.get("nobody"))["output"] == {"task_id": "nobody", "task_status": "UNKNOWN"}
        now[0] += 86_401
        assert (await on.get(task_id))["output"] == {"task_id": task_id, "task_status": "UNKNOWN"}
        assert (await on.call("GET", "/tasks"))[1]["total"] == 0


async def test_queries_work_with_and_without_a_slash_at_the_end() -> None:
    async with local_wan(SLOW) as on:
        task_id = await on.created(body())
        assert (await on.call("GET", f"/tasks/{task_id}/"))[1]["output"]["task_id"] == task_id
        assert (await on.call("POST", f"/tasks/{task_id}/cancel/"))[0] == 200


async def test_the_list_filters_and_pages_newest_first() -> None:
    now = [1_776_412_302.0]  # 2026-04-17 15:51:42 in Beijing
    async with local_wan(SLOW, clock=lambda: now[0]) as on:
        ids = []
        for _ in range(5):
            ids.append(await on.created(body()))
            now[0] += 60
        await on.call("POST", f"/tasks/{ids[1]}/cancel")

        async def listed(**query: str) -> list[str]:
            status, page = await on.call("GET", "/tasks", params=query)
            assert status == 200, page
            return [row["task_id"] for row in page["data"]]

        assert await listed() == ids[::-1]
        assert await listed(status="CANCELED") == [ids[1]]
        assert await listed(status="PENDING", page_size="2", page_no="2") == [ids[2], ids[0]]
        assert await listed(task_id=ids[3]) == [ids[3]]
        assert await listed(model_name="wan2.7-i2v") == []
        assert await listed(start_time="20260417155230", end_time="20260417155500") == [ids[3], ids[2], ids[1]]
        assert await listed(start_time="20260417155500") == [ids[4]]
        page = (await on.call("GET", "/tasks", params={"page_size": "2"}))[1]
        assert (page["total"], page["total_page"], page["page_no"], page["page_size"]) == (5, 3, 1, 2)


@pytest.mark.parametrize(
    "query",
    [
        "page_no=0",
        "page_size=x",
        "status=DONE",
        "start_time=yesterday",
        "start_time=20260101000000&end_time=20260103000000",
    ],
)
async def test_a_filter_without_sense_is_refused(query: str) -> None:
    async with local_wan() as on:
        status, answer = await on.call("GET", f"/tasks?{query}")
        assert (status, answer["code"]) == (400, "InvalidParameter")


async def test_a_long_prompt_is_cut_without_a_word() -> None:
    async with local_wan(SLOW) as on:
        task_id = await on.created(body(prompt="x" * 6000))
        assert len(on.wan.tasks[task_id].order.prompt) == 5000


async def test_tasks_can_be_looked_at_from_outside() -> None:
    async with local_wan(SLOW) as on, aiohttp.ClientSession() as session:
        await on.created(body(seed=7))
        async with session.get(f"{on.wan.origin}/local/tasks") as response:
            seen = await response.json()
        assert seen["creates"] == 1
        assert seen["tasks"][0]["body"]["parameters"] == {"seed": 7}


async def test_media_from_a_foreign_place_fail_the_task() -> None:
    async with local_wan(FAST) as on:
        shown = (await on.finished(await on.created(body())))["output"]
        assert (shown["task_status"], shown["code"]) == ("FAILED", "InvalidParameter.DataInspection")
        assert "usage" not in shown
