"""Our client and the vendor's SDK (2.0.2, all its stacks) side by side: the same edit on the wire, the same troubles.

What the SDK does is asserted too, so that a release of it that does better makes this file fail and be rewritten.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import dashscope
import pytest
from aiohttp import web
from dashscope import VideoSynthesis, close_shared_aio_session
from dashscope.aigc.video_synthesis import AioVideoSynthesis
from dashscope.v2 import Client as SecondClient

from client.client import Client
from client.models import DEFAULT_MODEL, EditRequest, Parameters
from tests.storage import hang_up, serve

KEY = "sk-very-secret"
VIDEO, COAT = "https://video.invalid/in.mp4", "https://video.invalid/coat.png"
PROMPT, NEGATIVE = "He wears the coat of image 1", "blur"
SENT: dict[str, Any] = {"resolution": "1080P", "ratio": "9:16", "duration": 5, "audio_setting": "origin",
                        "prompt_extend": False, "watermark": True, "seed": 42}  # fmt: skip
REQUEST = EditRequest(
    prompt=PROMPT,
    negative_prompt=NEGATIVE,
    video=VIDEO,
    images=(COAT,),
    parameters=Parameters(
        resolution="1080P", ratio="9:16", duration_s=5, audio_setting="origin", prompt_extend=False, watermark=True,
        seed=42,
    ),
)  # fmt: skip

# Every field that the reference of the API names for this model, and nothing else.
DOCUMENTED = {
    "model", "input.prompt", "input.negative_prompt", "input.media[0].type", "input.media[0].url",
    "input.media[1].type", "input.media[1].url", *(f"parameters.{name}" for name in SENT),
}  # fmt: skip


NOWHERE = "http://127.0.0.1:9/api/v1"


@pytest.fixture(autouse=True)
def _never_the_real_service() -> Iterator[None]:
    """Let calls that forget where they were sent end on this machine: some of the classic stack do."""
    before = dashscope.base_http_api_url
    dashscope.base_http_api_url = NOWHERE
    yield
    dashscope.base_http_api_url = before


def media() -> list[dict[str, str]]:
    """Make the list anew each time, because the SDK changes the one that it is given."""
    return [{"type": "video", "url": VIDEO}, {"type": "reference_image", "url": COAT}]


@dataclass
class Gateway:
    """Answer as a list of troubles says, and then as if all were well."""

    troubles: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    queries: int = 0
    base_url: str = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        status = "SUCCEEDED"
        if request.method == "POST":
            self.bodies.append(await request.json())
            self.headers.append({name.lower(): text for name, text in request.headers.items()})
            status = "PENDING"
        else:
            self.queries += 1
        trouble = self.troubles.pop(0) if self.troubles else status
        if trouble == "drop":
            return hang_up(request)
        if trouble == "late":
            await asyncio.sleep(1.0)
            trouble = status
        if trouble.startswith("html"):
            return web.Response(status=int(trouble[4:]), text="<html>please wait</html>", content_type="text/html")
        if trouble.isdigit():
            return web.json_response({"code": "Ordered", "message": "m", "request_id": "r"}, status=int(trouble))
        output = {"task_id": "t", "task_status": trouble}
        if trouble == "SUCCEEDED":
            output["video_url"] = f"http://{request.host}/r.mp4"
        return web.json_response({"request_id": "r", "output": output})


@asynccontextmanager
async def gateway(troubles: Sequence[str] = ()) -> AsyncIterator[Gateway]:
    there = Gateway(list(troubles))
    async with serve(there.answer) as (origin, _):
        there.base_url = origin + "/api/v1"
        yield there


async def word_of(work: Awaitable[Any]) -> str:
    """Put what came of a call in a word: the status of a task, the status of HTTP, or the name of an error."""
    try:
        answer = await work
    except Exception as error:  # noqa: BLE001 - which one it is, is what the tests are about
        return type(error).__name__
    if (getattr(answer, "status_code", None) or 200) != 200:
        return str(answer.status_code)
    output = getattr(answer, "output", None)
    status = getattr(output, "task_status", None) or getattr(answer, "status", None)
    return str(getattr(status, "value", status))


def run_aio(work: Callable[[], Awaitable[Any]]) -> Awaitable[Any]:
    """Run the SDK's own coroutines in a loop of their own, and close the session that they share."""

    async def whole() -> Any:
        try:
            return await work()
        finally:
            close: Any = close_shared_aio_session  # annotated as if it were no coroutine
            await close()

    return asyncio.to_thread(lambda: asyncio.run(whole()))


Call = Callable[[Gateway], Awaitable[Any]]


def classic_create(there: Gateway) -> Awaitable[Any]:
    return asyncio.to_thread(
        lambda: VideoSynthesis.async_call(
            api_key=KEY, base_address=there.base_url, model=DEFAULT_MODEL, prompt=PROMPT, negative_prompt=NEGATIVE,
            media=media(), **SENT,
        )
    )  # fmt: skip


def classic_aio_create(there: Gateway) -> Awaitable[Any]:
    return run_aio(
        lambda: AioVideoSynthesis.async_call(
            api_key=KEY, base_address=there.base_url, model=DEFAULT_MODEL, prompt=PROMPT, negative_prompt=NEGATIVE,
            media=media(), **SENT,
        )
    )  # fmt: skip


def second_create(there: Gateway, timeout_s: float = 30.0) -> Awaitable[Any]:
    def work() -> Any:
        with SecondClient(api_key=KEY, base_url=there.base_url, timeout=timeout_s) as client:
            return client.videos.jobs.create(
                model=DEFAULT_MODEL, prompt=PROMPT, media=media(), parameters=SENT,
                extra_input={"negative_prompt": NEGATIVE},
            )  # fmt: skip

    return asyncio.to_thread(work)


def impatient_second_create(there: Gateway) -> Awaitable[Any]:
    return second_create(there, timeout_s=0.3)


async def our_create(there: Gateway) -> Any:
    async with Client(KEY, there.base_url) as client:
        return await client.create(REQUEST)


def classic_wait(there: Gateway) -> Awaitable[Any]:
    return asyncio.to_thread(lambda: VideoSynthesis.wait("t", api_key=KEY, base_address=there.base_url))


def classic_aio_wait(there: Gateway) -> Awaitable[Any]:
    dashscope.base_http_api_url = there.base_url  # for the whole process: it takes no address of its own
    return run_aio(lambda: AioVideoSynthesis.wait("t", api_key=KEY))


def second_wait(there: Gateway) -> Awaitable[Any]:
    def work() -> Any:
        with SecondClient(api_key=KEY, base_url=there.base_url) as client:
            return client.videos.jobs.wait(client.videos.jobs.fetch("t"), poll_interval=0.1)

    return asyncio.to_thread(work)


async def our_wait(there: Gateway) -> Any:
    async with Client(KEY, there.base_url) as client:
        return await client.wait("t", first_poll_s=0.01, poll_every_s=0.05, timeout_s=30)


CREATES: tuple[Call, ...] = (classic_create, classic_aio_create, second_create, our_create)
WAITS: tuple[Call, ...] = (classic_wait, classic_aio_wait, second_wait, our_wait)


async def each(calls: Sequence[Call], troubles: Sequence[str]) -> list[tuple[str, Gateway]]:
    """Give every one of them the same troubles, each from a gateway of its own."""

    async def one(call: Call) -> tuple[str, Gateway]:
        async with gateway(troubles) as there:
            return await word_of(call(there)), there

    return await asyncio.gather(*map(one, calls))


def flat(value: object, path: str = "") -> dict[str, object]:
    """Name every field of a body by its path."""
    if isinstance(value, dict):
        inner = [flat(one, f"{path}.{key}".strip(".")) for key, one in value.items()]
    elif isinstance(value, list):
        inner = [flat(one, f"{path}[{number}]") for number, one in enumerate(value)]
    else:
        return {path: value}
    return {name: leaf for fields in inner for name, leaf in fields.items()}


async def test_the_same_edit_has_the_same_fields_on_the_wire_and_ours_no_undocumented_one() -> None:
    sent = [flat(there.bodies[0]) for _, there in await each(CREATES, [])]
    classic, classic_aio, second, ours = sent
    assert ours.keys() == DOCUMENTED
    for other in (classic, classic_aio, second):
        assert {name: other.get(name) for name in DOCUMENTED} == ours
    assert classic.keys() - DOCUMENTED == {"input.extend_prompt", "input.function"}
    assert classic_aio.keys() - DOCUMENTED == {"input.extend_prompt", "input.function"}
    assert second.keys() == DOCUMENTED


async def test_the_headers_that_the_reference_asks_for_are_those_of_the_sdk() -> None:
    needed = ("authorization", "x-dashscope-async")
    sent = [there.headers[0] for _, there in await each(CREATES, [])]
    for headers in sent:
        assert {name: headers.get(name) for name in needed} == {name: sent[-1][name] for name in needed}
        assert headers["content-type"].startswith("application/json")
    assert not [name for name in sent[-1] if name.startswith("x-dashscope") and name != "x-dashscope-async"]


OK = "SUCCEEDED"

ONLY_V2: tuple[Call, ...] = (impatient_second_create, our_create)  # the other stacks wait for 300 s
NONE = [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("calls", "troubles", "outcomes", "posts"),
    [
        (WAITS, ["429"], ["429", "429", OK, OK], NONE),
        (WAITS, ["500"], ["500", "500", OK, OK], NONE),
        (WAITS, ["html502"], ["502", "502", OK, OK], NONE),
        (WAITS, ["html403"], ["403", "403", "PermissionDeniedError", OK], NONE),  # not in that table
        (WAITS, ["503"], [OK, OK, OK, OK], NONE),
        (WAITS, ["504"], [OK, OK, OK, OK], NONE),
        (WAITS, ["drop"], ["ConnectionError", OK, OK, OK], NONE),
        (WAITS, ["drop"] * 4, ["ConnectionError", "ServerDisconnectedError", "APIConnectionError", OK], NONE),
        (WAITS, ["html200"], ["JSONDecodeError", "ContentTypeError", "JSONDecodeError", OK], NONE),
        (WAITS, ["401"], ["401", "401", "AuthenticationError", "AccountError"], NONE),
        (WAITS, ["FAILED"], ["FAILED", "FAILED", "DashScopeError", "FAILED"], NONE),
        (WAITS, ["CANCELED"], ["CANCELED", "CANCELED", "DashScopeError", "CANCELED"], NONE),
        (WAITS, ["UNKNOWN"], ["UNKNOWN", "UNKNOWN", "UNKNOWN", OK], NONE),
        (WAITS, ["UNKNOWN"] * 9, ["UNKNOWN", "UNKNOWN", "UNKNOWN", "UNKNOWN"], NONE),
        (WAITS, ["SUSPENDED"], [OK, OK, OK, OK], NONE),
        (CREATES, ["429"] * 9, ["429", "429", "RateLimitError", "Throttled"], [1, 1, 3, 1]),
        (CREATES, ["500"] * 9, ["500", "500", "InternalServerError", "UnknownOutcome"], [1, 1, 3, 1]),
        (CREATES, ["503"] * 9, ["503", "503", "ServiceUnavailableError", "UnknownOutcome"], [1, 1, 3, 1]),
        (CREATES, ["drop"], ["PENDING", "PENDING", "PENDING", "UnknownOutcome"], [2, 2, 2, 1]),
        (
            CREATES, ["drop"] * 9,
            ["ConnectionError", "ServerDisconnectedError", "APIConnectionError", "UnknownOutcome"], [2, 2, 3, 1],
        ),
        (ONLY_V2, ["late"] * 9, ["APITimeoutError", "PENDING"], [3, 1]),
    ],
)  # fmt: skip
async def test_every_failure_and_what_each_client_makes_of_it(
    calls: Sequence[Call], troubles: list[str], outcomes: list[str], posts: list[int]
) -> None:
    """Name what comes of each call, and how often each create is sent: where the service took it, each is a task."""
    found = await each(calls, troubles)
    assert [word for word, _ in found] == outcomes
    assert [len(there.bodies) for _, there in found] == posts
