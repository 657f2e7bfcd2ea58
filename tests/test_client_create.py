"""The paid call over real sockets: sent once, whatever happens to its answer; and what else the client promises."""

import asyncio
import logging
import socket
from pathlib import Path

import httpx
import pytest
from aiohttp import web

from client.client import Client
from client.errors import (
    AccountError,
    InvalidRequest,
    NotSent,
    ServiceError,
    Throttled,
    UnexpectedAnswer,
    UnknownOutcome,
    WaitStopped,
    WaitTimeout,
    WanError,
)
from client.models import EditRequest, TaskStatus
from client.sandbox.limits import Limits
from client.sandbox.server import LocalWan
from client.watcher import Watcher
from tests.storage import hang_up, serve

REQUEST = EditRequest(prompt="8-bit pixel style", video="https://video.invalid/in.mp4")
KEY = "sk-very-secret"
QUIET = Limits(pending_s=60, creates_per_s=100, queries_per_s=1000)  # tasks stay PENDING, so nothing is fetched


def answer_of(status: int, body: str) -> web.Response:
    return web.Response(status=status, text=body, content_type="text/html" if body.startswith("<") else "text/plain")


async def test_a_create_without_an_answer_is_never_sent_twice() -> None:
    async with LocalWan(limits=QUIET) as wan, Client(wan.api_key, wan.base_url) as client:
        wan.faults.add("create", drop="after")
        with pytest.raises(UnknownOutcome):
            await client.create(REQUEST)
        assert wan.creates == 1
        assert [row.task_id for row in await client.list_all()] == list(wan.tasks)


@pytest.mark.parametrize("warm", [False, True])
async def test_a_dropped_create_is_one_post_also_on_a_pooled_connection(warm: bool) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if request.method == "GET":
            return web.json_response({"page_no": 1, "page_size": 100, "total_page": 0, "total": 0, "data": []})
        await request.read()
        return hang_up(request)

    async with serve(handler) as (origin, seen), Client(KEY, origin + "/api/v1") as client:
        if warm:
            await client.list()
        with pytest.raises(UnknownOutcome):
            await client.create(REQUEST)
        assert [one.method for one in seen].count("POST") == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, '{"code":"InternalError","message":"m"}'),
        (500, '{"code":"DataInspectionFailed","message":"m"}'),
        (502, "<html>bad gateway</html>"),
        (503, ""),
        (408, ""),
        (200, "<html>please wait</html>"),
        (200, '{"output":'),
        (200, '{"output":{}}'),
        (302, ""),
    ],
)
async def test_an_answer_that_leaves_it_open_whether_a_task_was_made_is_an_unknown_outcome(
    status: int, body: str
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return answer_of(status, body)

    async with serve(handler) as (origin, seen), Client(KEY, origin + "/api/v1") as client:
        with pytest.raises(UnknownOutcome):
            await client.create(REQUEST)
        assert len(seen) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, '{"code":"Throttling.RateQuota","message":"m"}', Throttled),
        (429, '{"code":"PostpaidBillOverdue","message":"m"}', AccountError),
        (400, '{"code":"Arrearage","message":"m"}', AccountError),
        (400, '{"code":"InvalidParameter","message":"m"}', InvalidRequest),
        (403, "<html>forbidden</html>", AccountError),
        (409, '{"code":"Conflict","message":"m"}', UnexpectedAnswer),
    ],
)
async def test_a_refused_create_says_whose_turn_it_is(status: int, body: str, kind: type[WanError]) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return answer_of(status, body)

    async with serve(handler) as (origin, seen), Client(KEY, origin + "/api/v1") as client:
        with pytest.raises(kind) as caught:
            await client.create(REQUEST)
        assert type(caught.value) is kind
        assert len(seen) == 1


async def test_a_refused_connection_means_that_nothing_was_sent() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        async with Client(KEY, f"http://127.0.0.1:{unused.getsockname()[1]}/api/v1") as client:
            with pytest.raises(NotSent):
                await client.create(REQUEST)


async def test_a_request_against_the_limits_is_not_sent_at_all() -> None:
    async with LocalWan(limits=QUIET) as wan, Client(wan.api_key, wan.base_url) as client:
        with pytest.raises(InvalidRequest, match="6000"):
            await client.create(REQUEST.model_copy(update={"prompt": "x" * 6000}))
        assert wan.creates == 0


async def test_a_complete_read_of_the_list_turns_every_page() -> None:
    async with LocalWan(limits=QUIET) as wan, Client(wan.api_key, wan.base_url) as client:
        made = {(await client.create(REQUEST)).task_id for _ in range(5)}
        page = await client.list(page=2, page_size=2)
        assert (page.page, page.total, page.total_pages, len(page.rows)) == (2, 5, 3, 2)
        assert {row.task_id for row in await client.list_all(status=TaskStatus.PENDING)} == made
        assert await client.list_all(status=TaskStatus.FAILED) == ()


async def test_a_list_that_changes_between_its_pages_is_not_taken_for_complete() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        number = int(request.query["page_no"])
        row = {"task_id": f"t{number}", "status": "PENDING", "model_name": "m", "gmt_create": 0}
        return web.json_response(
            {"page_no": number, "page_size": 1, "total_page": 2, "total": 1 + number, "data": [row]}
        )

    async with serve(handler) as (origin, _), Client(KEY, origin + "/api/v1") as client:
        with pytest.raises(ServiceError, match="changed"):
            await client.list_all()


async def test_a_pending_task_is_canceled_once() -> None:
    async with LocalWan(limits=QUIET) as wan, Client(wan.api_key, wan.base_url) as client:
        task = await client.create(REQUEST)
        assert await client.cancel(task.task_id)
        assert (await client.get(task.task_id)).status is TaskStatus.CANCELED
        assert not await client.cancel(task.task_id)


async def test_a_wait_rides_through_the_services_faults() -> None:
    limits = Limits(pending_s=0, min_run_s=0, queries_per_s=1000)
    async with LocalWan(limits=limits) as wan, Client(wan.api_key, wan.base_url) as client:
        wan.faults.add("task", code="DataInspectionFailed", message="no")
        task = await client.create(REQUEST)
        faults: list[dict[str, object]] = [
            {"status": 429}, {"status": 500}, {"html": True}, {"html": True, "status": 502}, {"drop": "before"},
            {"unknown": True},
        ]  # fmt: skip
        for fault in faults:
            wan.faults.add("get", **fault)
        found = await client.wait(task.task_id, first_poll_s=0.01, poll_every_s=0.01, timeout_s=20)
        assert (found.status, found.code) == (TaskStatus.FAILED, "DataInspectionFailed")
        assert wan.faults.show() == []


async def test_a_task_unknown_twice_in_a_row_is_returned_as_unknown() -> None:
    async with LocalWan(limits=QUIET) as wan, Client(wan.api_key, wan.base_url) as client:
        seen: list[TaskStatus] = []
        found = await client.wait(
            "no-such-task", first_poll_s=0.01, poll_every_s=0.01, on_progress=lambda task: seen.append(task.status)
        )
        assert found.status is TaskStatus.UNKNOWN
        assert seen == [TaskStatus.UNKNOWN] * 2


async def test_a_wait_that_ends_keeps_the_task_id() -> None:
    async with LocalWan(limits=QUIET) as wan, Client(wan.api_key, wan.base_url) as client:
        task = await client.create(REQUEST)
        with pytest.raises(WaitTimeout) as caught:
            await client.wait(task.task_id, first_poll_s=0.01, poll_every_s=0.01, timeout_s=0.1)
        assert caught.value.task_id == task.task_id


async def test_a_wait_can_be_told_to_stop_and_keeps_the_task_id() -> None:
    stop = asyncio.Event()
    async with LocalWan(limits=QUIET) as wan, Client(wan.api_key, wan.base_url) as client:
        task = await client.create(REQUEST)
        async with Watcher(client) as watcher:
            waits = [
                client.wait(task.task_id, first_poll_s=0.01, on_progress=lambda _: stop.set(), stop=stop),
                watcher.wait(task.task_id, stop=stop),
            ]
            ends = await asyncio.gather(*waits, return_exceptions=True)
        assert [(type(end), getattr(end, "task_id", "")) for end in ends] == [(WaitStopped, task.task_id)] * 2
        assert (await client.get(task.task_id)).status is TaskStatus.PENDING


async def test_a_wait_does_not_ride_through_a_wrong_key() -> None:
    async with LocalWan(limits=QUIET) as wan, Client("sk-wrong", wan.base_url) as client:
        with pytest.raises(AccountError):
            await client.wait("t", first_poll_s=0.01, timeout_s=10)


async def test_a_probe_tells_a_wrong_key_and_makes_no_task() -> None:
    async with LocalWan(limits=QUIET) as wan:
        async with Client(wan.api_key, wan.base_url) as client:
            await client.probe()
        async with Client("sk-wrong", wan.base_url) as client:
            with pytest.raises(AccountError):
                await client.probe()
        assert wan.creates == 0


async def test_neither_key_nor_signature_nor_prompt_reaches_a_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/result.mp4":
            return web.Response(body=b"\0\0\0\x18ftypisom")
        return web.json_response({"output": {"task_id": "t", "task_status": "PENDING"}})

    caplog.set_level(logging.DEBUG)
    async with serve(handler) as (origin, _), Client(KEY, origin + "/api/v1") as client:
        await client.create(REQUEST.model_copy(update={"prompt": "PRIVATE-PROMPT"}))
        await client.download(f"{origin}/result.mp4?Signature=SIGNED", tmp_path / "out.mp4")
        assert KEY not in repr(client)
    assert "/result.mp4" in caplog.text  # httpx did log the call
    for secret in (KEY, "SIGNED", "PRIVATE-PROMPT"):
        assert secret not in caplog.text


async def test_a_redirect_does_not_carry_the_key_to_another_origin() -> None:
    async def elsewhere(request: web.Request) -> web.StreamResponse:
        return web.json_response({})

    async with serve(elsewhere) as (other, seen_there):

        async def handler(request: web.Request) -> web.StreamResponse:
            raise web.HTTPTemporaryRedirect(other + request.path)

        async with serve(handler) as (origin, _), httpx.AsyncClient(follow_redirects=True) as http:
            client = Client(KEY, origin + "/api/v1", http=http)
            with pytest.raises(UnknownOutcome):
                await client.create(REQUEST)
            with pytest.raises(ServiceError):
                await client.get("t")
            assert seen_there == []
            await client.aclose()
            assert not http.is_closed  # it is the caller's


async def test_creates_side_by_side_are_one_post_each() -> None:
    async with LocalWan(limits=QUIET) as wan, Client(wan.api_key, wan.base_url) as client:
        tasks = await asyncio.gather(*(client.create(REQUEST) for _ in range(10)))
        assert len({task.task_id for task in tasks}) == wan.creates == 10


@pytest.mark.parametrize(("key", "base_url"), [("", "https://a/api/v1"), ("sk-é", "https://a/api/v1"), ("k", "ftp://a")])
def test_a_client_refuses_settings_that_cannot_work(key: str, base_url: str) -> None:
    with pytest.raises(ValueError, match="must"):
        Client(key, base_url)
