"""A local Wan for tests, and plain requests to it: what a client sends, without a client."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from client.sandbox.limits import Limits
from client.sandbox.server import LocalWan

MODEL = "wan2.7-videoedit"
FAST = Limits(pending_s=0.0, min_run_s=0.0, creates_per_s=1000, queries_per_s=1000)
SLOW = Limits(pending_s=600, creates_per_s=1000, queries_per_s=1000)
WAIT_S = 60.0


class Caller:
    """Speaks the wire by hand."""

    def __init__(self, wan: LocalWan, session: aiohttp.ClientSession) -> None:
        self.wan = wan
        self.session = session

    async def call(self, method: str, path: str, **more: Any) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {self.wan.api_key}"} | more.pop("headers", {})
        async with self.session.request(method, self.wan.base_url + path, headers=headers, **more) as response:
            return response.status, await response.json()

    async def create(
        self, body: object, *, asynchronous: bool = True, resolve: bool = True, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        if asynchronous:
            headers["X-DashScope-Async"] = "enable"
        if resolve:
            headers["X-DashScope-OssResourceResolve"] = "enable"
        path = "/services/aigc/video-generation/video-synthesis"
        return await self.call("POST", path, json=body, headers=headers)

    async def created(self, body: object) -> str:
        status, answer = await self.create(body)
        assert status == 200, answer
        return str(answer["output"]["task_id"])

    async def get(self, task_id: str) -> dict[str, Any]:
        status, answer = await self.call("GET", f"/tasks/{task_id}")
        assert status == 200, answer
        return answer

    async def finished(self, task_id: str) -> dict[str, Any]:
        await until(lambda: not self.wan.tasks[task_id].is_open)
        return await self.get(task_id)

    async def policy(self) -> dict[str, Any]:
        status, answer = await self.call("GET", "/uploads", params={"action": "getPolicy", "model": MODEL})
        assert status == 200, answer
        data: dict[str, Any] = answer["data"]
        return data

    async def upload(self, path: Path, leave: dict[str, Any], **changed: str) -> tuple[int, str, Mapping[str, str]]:
        """Send the form with the leave that a policy gives; `changed` replaces fields. Status, body and headers."""
        fields = {
            "OSSAccessKeyId": leave["oss_access_key_id"],
            "Signature": leave["signature"],
            "policy": leave["policy"],
            "key": f"{leave['upload_dir']}/{path.name}",
            "x-oss-object-acl": leave["x_oss_object_acl"],
            "x-oss-forbid-overwrite": leave["x_oss_forbid_overwrite"],
            "success_action_status": "200",
            **changed,
        }
        form = aiohttp.FormData(fields)
        form.add_field("file", await asyncio.to_thread(path.read_bytes), filename=path.name)
        async with self.session.post(leave["upload_host"], data=form) as response:
            return response.status, await response.text(), response.headers

    async def uploaded(self, path: Path) -> str:
        policy = await self.policy()
        status, text, _ = await self.upload(path, policy)
        assert status == 200, text
        return f"oss://{policy['upload_dir']}/{path.name}"


@asynccontextmanager
async def local_wan(limits: Limits = FAST, **more: Any) -> AsyncIterator[Caller]:
    async with LocalWan(limits=limits, **more) as wan, aiohttp.ClientSession() as session:
        yield Caller(wan, session)


def body(*media: tuple[str, str], prompt: str = "8-bit pixel style", **parameters: Any) -> dict[str, Any]:
    """A create request; without media it speaks of a video that is never fetched."""
    items = media or (("video", "https://films.invalid/a.mp4"),)
    listed = [{"type": kind, "url": url} for kind, url in items]
    return {"model": MODEL, "input": {"prompt": prompt, "media": listed}, "parameters": parameters}


async def until(condition: Callable[[], bool], limit_s: float = WAIT_S) -> None:
    async with asyncio.timeout(limit_s):
        while not condition():  # noqa: ASYNC110  # some conditions live in another process
            await asyncio.sleep(0.01)
