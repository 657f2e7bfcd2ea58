"""The local Wan, driven by the vendor's own SDK (`dashscope` 2.0.2), unchanged: its classic and its new stack."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import dashscope
import pytest
from dashscope.aigc.video_synthesis import AioVideoSynthesis
from dashscope.v2 import AsyncClient, Client

from client.sandbox.clip import make_clip, make_picture
from tests.local_wan import FAST, MODEL, SLOW, Caller, body, local_wan

SDK: Any = dashscope  # its types name half of what it has
CLASSIC_ADDRESS = "base_http_api_url"  # the classic stack keeps it for the whole process


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("sdk") / "clip.mp4", seconds=2.0, size=(320, 240), fps=10)


@pytest.fixture
def address() -> Iterator[None]:
    before = getattr(SDK, CLASSIC_ADDRESS)
    yield
    setattr(SDK, CLASSIC_ADDRESS, before)


def request(on: Caller, clip: Path) -> dict[str, Any]:
    setattr(SDK, CLASSIC_ADDRESS, on.wan.base_url)
    return {
        "api_key": on.wan.api_key,
        "model": MODEL,
        "prompt": "Change the video to an 8-bit pixel style",
        "media": [{"type": "video", "url": clip.as_uri()}],
        "resolution": "720P",
        "seed": 5,
    }


async def read(on: Caller, url: str) -> bytes:
    async with on.session.get(url) as response:
        assert response.status == 200
        return await response.read()


async def test_the_classic_stack_uploads_creates_waits_and_gets_a_film(clip: Path, address: None) -> None:
    async with local_wan(FAST) as on:
        answer = await asyncio.to_thread(lambda: SDK.VideoSynthesis.call(**request(on, clip)))
        assert answer.status_code == 200
        assert answer.output.task_status == "SUCCEEDED"
        assert answer.usage["duration"] == 4.0
        assert (await read(on, answer.output.video_url))[4:8] == b"ftyp"
        assert on.wan.creates == 1


async def test_the_classic_stack_uploads_several_files_at_once(clip: Path, tmp_path: Path, address: None) -> None:
    picture = make_picture(tmp_path / "evening.jpg", size=(240, 240))
    async with local_wan(FAST) as on:
        asked = request(on, clip) | {"prompt": "Use the colours of image 1"}
        asked["media"].append({"type": "reference_image", "url": str(picture)})
        answer = await asyncio.to_thread(lambda: SDK.VideoSynthesis.call(**asked))
        assert answer.output.task_status == "SUCCEEDED", answer


async def test_the_classic_stack_lists_fetches_and_cancels(clip: Path, address: None) -> None:
    async with local_wan(SLOW) as on:
        asked, key = request(on, clip), on.wan.api_key
        synthesis = SDK.VideoSynthesis
        task = await asyncio.to_thread(lambda: synthesis.async_call(**asked))
        rows = await asyncio.to_thread(lambda: synthesis.list(api_key=key, status="PENDING", model_name=MODEL))
        assert [row["task_id"] for row in rows.output["data"]] == [task.output.task_id]
        assert (await asyncio.to_thread(lambda: synthesis.cancel(task, api_key=key))).status_code == 200
        assert (await asyncio.to_thread(lambda: synthesis.fetch(task, api_key=key))).output.task_status == "CANCELED"
        again = await asyncio.to_thread(lambda: synthesis.cancel(task, api_key=key))
        assert (again.status_code, again.code) == (400, "UnsupportedOperation")


async def test_the_classic_async_stack_does_the_same(clip: Path, address: None) -> None:
    async with local_wan(FAST) as on:

        async def work() -> None:
            answer = await AioVideoSynthesis.call(**request(on, clip))
            assert answer.output.task_status == "SUCCEEDED"
            task_id = answer.output.task_id
            fetched = await AioVideoSynthesis.fetch(task_id, api_key=on.wan.api_key)
            assert fetched.output.orig_prompt == "Change the video to an 8-bit pixel style"
            rows = await AioVideoSynthesis.list(api_key=on.wan.api_key)
            assert rows.output["total"] == 1
            refused = await AioVideoSynthesis.cancel(task_id, api_key=on.wan.api_key)
            assert refused.code == "UnsupportedOperation"
            await SDK.close_shared_aio_session()

        # in a loop of its own: its upload blocks the loop, and the local Wan would never answer
        await asyncio.to_thread(lambda: asyncio.run(work()))


async def test_the_classic_stack_sees_a_wrong_key(clip: Path, address: None) -> None:
    async with local_wan(FAST) as on:
        asked = request(on, clip) | {"api_key": "sk-other", "media": body()["input"]["media"]}
        answer = await asyncio.to_thread(lambda: SDK.VideoSynthesis.async_call(**asked))
        assert (answer.status_code, answer.code) == (401, "InvalidApiKey")


async def test_the_new_stack_uploads_creates_waits_fetches_and_cancels(clip: Path) -> None:
    async with local_wan(FAST) as on:

        def work() -> Any:
            with Client(api_key=on.wan.api_key, base_url=on.wan.base_url) as client:
                media = [{"type": "video", "url": clip.as_uri()}]
                jobs = client.videos.jobs
                job = jobs.create(model=MODEL, prompt="Make it black and white", media=media, resolution="720P")
                return jobs.wait(job, poll_interval=0.2), jobs.fetch(job.task_id)

        waited, fetched = await asyncio.to_thread(work)
        assert waited.succeeded
        assert fetched.video_url.startswith(on.wan.origin)
        assert (await read(on, waited.video_url))[4:8] == b"ftyp"


async def test_the_new_async_stack_does_the_same(clip: Path) -> None:
    async with (
        local_wan(FAST) as on,
        AsyncClient(api_key=on.wan.api_key, base_url=on.wan.base_url) as client,
    ):
        media = [{"type": "video", "url": clip.as_uri()}]
        job = await client.videos.jobs.create(model=MODEL, prompt="Mirror the video", media=media, resolution="720P")
        waited = await client.videos.jobs.wait(job, poll_interval=0.2)
        assert waited.succeeded
        assert waited.usage is not None


async def test_the_new_stack_cancels_what_is_pending() -> None:
    async with (
        local_wan(SLOW) as on,
        AsyncClient(api_key=on.wan.api_key, base_url=on.wan.base_url) as client,
    ):
        job = await client.videos.jobs.create(model=MODEL, prompt="sepia", media=body()["input"]["media"])
        await client.videos.jobs.cancel(job.task_id)
        assert (await client.videos.jobs.fetch(job.task_id)).status == "CANCELED"


async def test_a_page_of_the_list_has_the_rows_that_the_vendor_documents() -> None:
    async with local_wan(SLOW) as on, aiohttp.ClientSession() as session:
        task_id = await on.created(body())
        headers = {"Authorization": f"Bearer {on.wan.api_key}"}
        async with session.get(f"{on.wan.base_url}/tasks/", headers=headers) as response:
            page = await response.json()
        (row,) = page.pop("data")
        assert page.keys() == {"request_id", "page_no", "page_size", "total_page", "total"}
        assert row["task_id"] == task_id
        assert row["user_api_unique_key"].endswith(f":{MODEL}")
        assert not {"prompt", "video_url", "code"} & row.keys()
