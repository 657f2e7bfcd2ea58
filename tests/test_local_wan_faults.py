"""Faults on demand: each kind, from Python and over HTTP."""

import aiohttp
import pytest

from tests.local_wan import FAST, SLOW, body, local_wan


@pytest.mark.parametrize(
    ("status", "code"), [(429, "Throttling.RateQuota"), (500, "InternalError"), (503, "ModelUnavailable")]
)
async def test_the_next_create_fails_with_a_status_and_makes_no_task(status: int, code: str) -> None:
    async with local_wan(SLOW) as on:
        on.wan.faults.add("create", status=status)
        got, answer = await on.create(body())
        assert (got, answer["code"]) == (status, code)
        assert on.wan.creates == 0
        assert (await on.create(body()))[0] == 200


async def test_a_fault_happens_as_often_as_ordered_and_only_to_its_call() -> None:
    async with local_wan(SLOW) as on:
        on.wan.faults.add("get", status=500, times=2)
        task_id = await on.created(body())
        assert (await on.call("GET", "/tasks"))[0] == 200
        statuses = [(await on.call("GET", f"/tasks/{task_id}"))[0] for _ in range(3)]
        assert statuses == [500, 500, 200]


async def test_a_page_of_html_comes_with_200_or_502() -> None:
    async with local_wan(SLOW) as on:
        for status in (200, 502):
            on.wan.faults.add("list", html=True, status=status)
            headers = {"Authorization": f"Bearer {on.wan.api_key}"}
            async with on.session.get(on.wan.base_url + "/tasks", headers=headers) as response:
                assert (response.status, response.content_type) == (status, "text/html")
                assert "<html>" in await response.text()


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
async def test_an_answer_is_dropped_before_or_after_the_task_was_made(when: str, made: int) -> None:
    async with local_wan(SLOW) as on:
        on.wan.faults.add("create", drop=when)
        with pytest.raises(aiohttp.ClientError):
            await on.create(body())
        assert on.wan.creates == made


async def test_a_delayed_answer_outlasts_an_impatient_caller_and_the_task_is_made() -> None:
    async with local_wan(SLOW) as on:
        on.wan.faults.add("get", delay_s=0.2)
        task_id = await on.created(body())
        headers = {"Authorization": f"Bearer {on.wan.api_key}"}
        impatient = aiohttp.ClientTimeout(total=0.05)
        with pytest.raises(TimeoutError):
            await on.session.get(f"{on.wan.base_url}/tasks/{task_id}", headers=headers, timeout=impatient)
        assert (await on.get(task_id))["output"]["task_status"] == "PENDING"


async def test_a_task_fails_with_any_code() -> None:
    async with local_wan(FAST) as on:
        on.wan.faults.add("task", code="DataInspectionFailed", message="Green net check failed for text")
        shown = (await on.finished(await on.created(body())))["output"]
        assert (shown["task_status"], shown["code"]) == ("FAILED", "DataInspectionFailed")
        assert shown["message"] == "Green net check failed for text"


async def test_a_get_answers_unknown_once() -> None:
    async with local_wan(SLOW) as on:
        task_id = await on.created(body())
        on.wan.faults.add("get", unknown=True)
        assert (await on.get(task_id))["output"]["task_status"] == "UNKNOWN"
        assert (await on.get(task_id))["output"]["task_status"] == "PENDING"


async def test_faults_are_ordered_shown_and_forgotten_over_http() -> None:
    async with local_wan(SLOW) as on:
        address = f"{on.wan.origin}/local/faults"
        faults = [{"on": "create", "status": 503, "times": 2}, {"on": "list", "status": 429}]
        async with on.session.post(address, json=faults) as response:
            assert [fault["times"] for fault in await response.json()] == [2, 1]
        assert (await on.create(body()))[0] == 503
        async with on.session.get(address) as response:
            assert [(fault["on"], fault["times"]) for fault in await response.json()] == [("create", 1), ("list", 1)]
        async with on.session.delete(address) as response:
            assert await response.json() == []
        assert (await on.create(body()))[0] == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"on": "lunch"},
        {"on": "get", "colour": "red"},
        {"on": "get", "times": 0},
        {"on": "get", "drop": "never"},
        {},
        [1],
    ],
)
async def test_a_fault_that_does_not_exist_is_refused(wrong: object) -> None:
    async with local_wan(SLOW) as on, on.session.post(f"{on.wan.origin}/local/faults", json=wrong) as response:
        assert response.status == 400


async def test_a_foreign_web_page_cannot_order_faults() -> None:
    async with local_wan(SLOW) as on:
        async with on.session.post(f"{on.wan.origin}/local/faults", data='{"on": "get", "status": 500}') as response:
            assert response.status == 415
        assert on.wan.faults.show() == []
