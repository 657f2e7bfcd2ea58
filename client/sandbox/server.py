"""The local Wan: the HTTP API of Model Studio's video editing on loopback, over a workshop that really edits.

`LocalWan` is the whole double: start it, point a client at `base_url` with `api_key`, and it answers as the vendor
documents (https://help.aliyun.com/zh/model-studio/wan-video-editing-api-reference). It shares no code with our client,
so that both cannot be wrong in the same way. Faults on demand: see `faults`. Besides the API there are
`/local/faults` (the same over HTTP) and `/local/tasks` (what was created, for a look from outside).
"""

import asyncio
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from client.sandbox.bucket import Bucket, OssError
from client.sandbox.fault_routes import fault_routes
from client.sandbox.faults import Call, Fault, Faults
from client.sandbox.job import Failed
from client.sandbox.limits import Limits, Window
from client.sandbox.listing import list_tasks
from client.sandbox.media import MediaReader
from client.sandbox.orders import MODEL, RefusedError, read_order
from client.sandbox.tasks import LocalTask
from client.sandbox.workshop import Workshop

REQUEST_ID = web.RequestKey("request_id", str)
CUT_AFTER: web.RequestKey[int | None] = web.RequestKey("cut_after_bytes", int)
_LARGEST_BODY = 160 * 1024**2  # four pictures of 20 MB as data URIs
_CREATE_PATH = "/services/aigc/video-generation/video-synthesis"
_HTML = "<!DOCTYPE html><html><head><title>Service</title></head><body><h1>Please wait</h1></body></html>"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LocalWan:
    """The API of one account on 127.0.0.1; use as an async context manager.

    `trusted_origins`: where http(s) media may be fetched from, besides loopback. `clock` gives the wall time in seconds
    (tests let a day pass). Everything is kept in a temporary folder and gone at the end.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        api_key: str = "sk-sandbox",
        limits: Limits | None = None,
        trusted_origins: Iterable[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.api_key = api_key
        self.limits = limits or Limits()
        self.faults = Faults()
        self.creates = 0  # create requests that became a task
        self.calls: Counter[str] = Counter()  # every request, whatever was answered
        self._port = port
        self._trusted_origins = frozenset(trusted_origins)
        self._clock = clock
        self._creating = Window(self.limits.creates_per_s, time.monotonic)
        self._asking = Window(self.limits.queries_per_s, time.monotonic)
        self._uploading = Window(self.limits.policies_per_s, time.monotonic)

    @property
    def origin(self) -> str:
        """Where it listens, without a path."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        """What a client takes as DASHSCOPE_HTTP_BASE_URL."""
        return f"{self.origin}/api/v1"

    @property
    def tasks(self) -> dict[str, LocalTask]:
        """All tasks by id, oldest first."""
        return self._workshop.tasks

    def uploaded(self, url: str) -> Path | None:
        """Return the file behind an `oss://` link, for a look at what was sent."""
        return self._bucket.find(url)

    async def __aenter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="local-wan-", ignore_cleanup_errors=True)
        self._bucket = Bucket(Path(self._folder.name) / "uploads", self.limits, self._clock)
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        reader = MediaReader(self._bucket, self._session, self._trusted_origins)
        self._workshop = Workshop(Path(self._folder.name), self.limits, self._clock, reader.fetch)
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()
        await self._workshop.close()
        await self._session.close()
        self._folder.cleanup()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=_LARGEST_BODY)
        api = "/api/v1"
        app.add_routes(
            [
                web.post(api + _CREATE_PATH, self._guarded("create", self._create)),
                web.get(api + "/tasks", self._guarded("list", self._list)),
                web.get(api + "/tasks/", self._guarded("list", self._list)),
                web.get(api + "/tasks/{task_id}", self._guarded("get", self._get)),
                web.get(api + "/tasks/{task_id}/", self._guarded("get", self._get)),
                web.post(api + "/tasks/{task_id}/cancel", self._guarded("cancel", self._cancel)),
                web.post(api + "/tasks/{task_id}/cancel/", self._guarded("cancel", self._cancel)),
                web.get(api + "/uploads", self._guarded("policy", self._policy)),
                web.post("/oss", self._guarded("upload", self._bucket.upload)),
                web.route("*", "/results/{task_id}.mp4", self._guarded("result", self._result)),
                *fault_routes(self.faults),
                web.get("/local/tasks", self._show_tasks),
                web.route("*", "/{path:.*}", self._guarded(None, self._nowhere)),
            ]
        )
        return app

    def _guarded(self, call: Call | None, handler: Handler) -> Handler:
        """Put errors and ordered faults around a handler."""

        async def answer(request: web.Request) -> web.StreamResponse:
            request[REQUEST_ID] = str(uuid.uuid4())
            fault = None
            if call is not None:
                self.calls[call] += 1
                fault = self.faults.take(call)
            if fault is not None:
                return await self._spoil(fault, request, handler)
            return await self._answer(request, handler)

        return answer

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except RefusedError as refusal:
            return _error(request, refusal.status, refusal.code, refusal.message)
        except OssError as error:
            return error.answer()
        except ConnectionResetError:
            return web.Response()  # the caller is gone, and nobody reads this

    async def _spoil(self, fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
        await asyncio.sleep(fault.delay_s)
        if fault.drop == "before":
            return _hang_up(request)
        if fault.html:
            return web.Response(text=_HTML, status=fault.status or 200, content_type="text/html")
        if fault.status is not None:
            answer = _error(request, fault.status, fault.wire_code, fault.sentence)
            if fault.retry_after_s is not None:
                answer.headers["Retry-After"] = str(fault.retry_after_s)
            return answer
        if fault.unknown:
            return _answer(request, output=_unknown(request))
        request[CUT_AFTER] = fault.cut_after_bytes
        response = await self._answer(request, handler)
        return _hang_up(request) if fault.drop == "after" else response

    async def _create(self, request: web.Request) -> web.StreamResponse:
        self._check_key(request)
        self._creating.count()
        try:
            body = await request.json()
        except ValueError as error:
            raise RefusedError(400, "InvalidParameter", "The request body is not JSON.") from error
        if request.headers.get("X-DashScope-Async", "").lower() != "enable":
            raise RefusedError(403, "AccessDenied", "current user api does not support synchronous calls.")
        resolve = request.headers.get("X-DashScope-OssResourceResolve", "").lower() == "enable"
        order = read_order(body, resolve_oss=resolve)
        doomed = self.faults.take("task")
        doom = Failed(doomed.wire_code, doomed.sentence) if doomed else None
        task = self._workshop.submit(order, body, request[REQUEST_ID], doom)
        self.creates += 1
        return _answer(request, output={"task_id": task.task_id, "task_status": task.status})

    async def _get(self, request: web.Request) -> web.StreamResponse:
        self._check_key(request)
        self._asking.count()
        task = self._kept(request.match_info["task_id"])
        if task is None:
            return _answer(request, output=_unknown(request))
        path = f"/results/{task.task_id}.mp4"
        url = self._bucket.link(self.origin, path, (task.ended_at or 0) + self.limits.keep_s)
        more = {"usage": task.usage} if task.usage else {}
        return _answer(request, output=task.output(url), **more)

    async def _list(self, request: web.Request) -> web.StreamResponse:
        self._check_key(request)
        self._asking.count()
        kept = [task for task in self.tasks.values() if self._kept(task.task_id)]
        return _answer(request, **list_tasks(kept, request.query, self._clock()))

    async def _cancel(self, request: web.Request) -> web.StreamResponse:
        self._check_key(request)
        self._asking.count()
        task = self._kept(request.match_info["task_id"])
        if task is None or not self._workshop.cancel(task):
            raise RefusedError(
                400,
                "UnsupportedOperation",
                "Failed to cancel the task, please confirm if the task is in PENDING status.",
            )
        return _answer(request)

    async def _policy(self, request: web.Request) -> web.StreamResponse:
        self._check_key(request)
        self._uploading.count()
        if request.query.get("action") != "getPolicy" or not request.query.get("model"):
            raise RefusedError(400, "InvalidParameter", "action must be getPolicy, and model is required.")
        if request.query["model"] != MODEL:
            raise RefusedError(400, "InvalidParameter", "Model not exist.")
        return _answer(request, data=self._bucket.policy(f"{self.origin}/oss", request[REQUEST_ID]))

    async def _result(self, request: web.Request) -> web.StreamResponse:
        self._bucket.admit(request)
        task = self._kept(request.match_info["task_id"])
        if task is None or task.result is None:
            raise OssError(404, "NoSuchKey", "The specified key does not exist.")
        cut_after: int | None = request.get(CUT_AFTER)
        if cut_after is not None:
            return await _cut(request, task.result, cut_after)
        return web.FileResponse(task.result, headers={"Content-Type": "video/mp4"})

    async def _nowhere(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith("/api/v1/services/"):
            raise RefusedError(400, "InvalidParameter", "url error, please check url!")
        raise RefusedError(404, "NotFound", "Not found.")

    async def _show_tasks(self, request: web.Request) -> web.Response:
        rows: list[dict[str, Any]] = [task.row() | {"body": task.body} for task in self.tasks.values()]
        return web.json_response({"creates": self.creates, "tasks": rows})

    def _check_key(self, request: web.Request) -> None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise RefusedError(401, "InvalidApiKey", "No API-key provided.")
        if key.strip() != self.api_key:
            raise RefusedError(401, "InvalidApiKey", "Invalid API-key provided.")

    def _kept(self, task_id: str) -> LocalTask | None:
        """Find a task that the service still knows: ids die after a day."""
        task = self.tasks.get(task_id)
        if task is None or self._clock() > task.submitted_at + self.limits.keep_s:
            return None
        return task


def _answer(request: web.Request, **fields: Any) -> web.Response:
    request_id = request[REQUEST_ID]
    return web.json_response({"request_id": request_id, **fields}, headers={"x-request-id": request_id})


def _error(request: web.Request, status: int, code: str, message: str) -> web.Response:
    request_id = request[REQUEST_ID]
    body = {"code": code, "message": message, "request_id": request_id}
    return web.json_response(body, status=status, headers={"x-request-id": request_id})


def _unknown(request: web.Request) -> dict[str, str]:
    return {"task_id": request.match_info["task_id"], "task_status": "UNKNOWN"}


def _hang_up(request: web.Request) -> web.Response:
    """Close the connection under the caller."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _cut(request: web.Request, path: Path, count: int) -> web.StreamResponse:
    """Promise the whole file, send a part, hang up."""
    whole = await asyncio.to_thread(path.read_bytes)
    response = web.StreamResponse(headers={"Content-Type": "video/mp4", "Content-Length": str(len(whole))})
    await response.prepare(request)
    await response.write(whole[:count])
    if request.transport is not None:
        request.transport.close()
    return response
