"""The sending: one pooled httpx client, one region, one key. Nothing that may cost money is ever sent twice.

Not here: what goes over the wire and what answers mean (`client/sansio.py`), and the moving of files
(`client/upload.py`, `client/download.py`).

Settings are arguments; only the command line reads the environment. Keys, prompts and result links are never logged.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import httpx

from client import sansio
from client.bucket import Bucket
from client.budget import Budget
from client.catalogue import MODELS
from client.checks import violations
from client.download import MAX_BYTES, download_file
from client.errors import (
    AccountError,
    DownloadError,
    InvalidRequest,
    Later,
    NotSent,
    ServiceError,
    Throttled,
    UnknownOutcome,
    WanError,
)
from client.models import DEFAULT_MODEL, EditRequest, Task, TaskPage, TaskRow, TaskStatus
from client.origin import demand_safe
from client.oss import UploadPolicy
from client.patience import patiently
from client.regions import BEIJING, explain_key, region_of
from client.transport import BEFORE_SENDING, Transport
from client.upload import upload_files

T = TypeVar("T")

# Connecting and writing end within 30 s: whoever reconciles a lost create relies on nothing being on its way later.
CREATE_TIMEOUT = httpx.Timeout(connect=10, write=20, read=60, pool=10)
CREATE_LIMIT_S = 90.0  # for the whole create, as each of the above starts anew with every packet
CLOCKS_DIFFER = timedelta(seconds=5)  # ours and the service's

Links = list[str]  # inside the class, `list` is a method

WAIT_S = 3 * 3600.0  # the service itself gives up on a task after 3 h


class Client:
    """Talk to Model Studio's video editing in one region, with one account's budgets.

    `base_url` ends in `/api/v1`, in the classic or the workspace form; the key goes to its origin and nowhere else. An
    `http` that is passed in stays the caller's to close. The budgets are the service's limits for an account, all its
    keys together (https://help.aliyun.com/zh/model-studio/rate-limit): calls above them wait, so use one object for an
    account, and lower budgets where other programs share it. With a `bucket`, uploads go there.
    """

    def __init__(
        self,
        api_key: str,
        base_url: str = BEIJING,
        *,
        http: httpx.AsyncClient | None = None,
        creates_per_s: int = 5,
        queries_per_s: int = 20,
        bucket: Bucket | None = None,
    ) -> None:
        self._transport = Transport(api_key, base_url, http)
        self._bucket = bucket
        self._creates = Budget(creates_per_s)
        self._queries = Budget(queries_per_s)
        self.queries_per_s = queries_per_s

    @property
    def base_url(self) -> str:
        """Where it talks to, without a slash at the end."""
        return self._transport.base_url

    def __repr__(self) -> str:
        """Show where it talks to, not with which key."""
        return f"Client(base_url={self.base_url!r})"

    async def __aenter__(self) -> Self:
        """Give the client itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the pool, unless it was passed in."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close the pool, unless it was passed in."""
        await self._transport.aclose()

    async def create(self, request: EditRequest) -> Task:
        """Start an edit: ONE POST, never resent; costs money if the task succeeds. There is no idempotency key.

        NotSent, Throttled: no task was made, the same may be sent again. UnknownOutcome: a task may have been made, so
        ask `find_created` before anything else. Every other error: no task was made.
        """
        if found := violations(request, region_of(self.base_url)):
            raise InvalidRequest(" ".join(found))
        try:
            async with self._creates, asyncio.timeout(CREATE_LIMIT_S):
                answer = await self._transport.send(sansio.create_call(request, MODELS[request.model]), CREATE_TIMEOUT)
        except BEFORE_SENDING as exc:
            raise NotSent("The service cannot be reached; nothing was sent.") from exc
        except (httpx.HTTPError, TimeoutError) as exc:
            raise UnknownOutcome("The connection was lost before the service said whether it made a task.") from exc
        try:
            return self._read(sansio.read_task, answer)
        except WanError as error:
            if 400 <= answer.status < 500 and (isinstance(error, Throttled) or not isinstance(error, Later)):
                raise
            raise UnknownOutcome(
                "The service did not say whether it made a task.",
                code=error.code,
                request_id=error.request_id,
                status=answer.status,
            ) from error

    async def get(self, task_id: str) -> Task:
        """Read one task; free. A FAILED or UNKNOWN task is returned, not raised."""
        return await self._query(sansio.get_call(task_id), sansio.read_task)

    async def list(
        self, *, status: TaskStatus | None = None, model: str | None = None, page: int = 1, page_size: int = 100
    ) -> TaskPage:
        """Read one page of the tasks of the whole account, all its keys, of the last 24 hours; free."""
        call = sansio.list_call(status=status, model=model, page=page, page_size=page_size)
        return await self._query(call, sansio.read_page)

    async def list_all(self, *, status: TaskStatus | None = None, model: str | None = None) -> tuple[TaskRow, ...]:
        """Read the list completely, or raise ServiceError when it changed meanwhile; free, one call a page."""
        first = await self.list(status=status, model=model)
        rows = {row.task_id: row for row in first.rows}
        for number in range(2, first.total_pages + 1):
            page = await self.list(status=status, model=model, page=number, page_size=first.page_size)
            if page.total != first.total:
                raise ServiceError("The task list changed while it was read.")
            rows |= {row.task_id: row for row in page.rows}
        if len(rows) != first.total:  # one came as another expired: a row was seen twice, or none at all
            raise ServiceError("The task list changed while it was read.")
        return tuple(rows.values())

    async def find_created(
        self, since: datetime, model: str = DEFAULT_MODEL, known_ids: Collection[str] = ()
    ) -> tuple[TaskRow, ...]:
        """Find what creates without an answer may have made: unknown tasks of a model since then, oldest first; free.

        `since` is aware, the time just before the create. One row after one lost create is that task, unless another
        program uses the account; `get` tells its prompt once it has succeeded. No row may also mean that the list is
        behind, so ask again before sending anything again: a create can be on its way for 90 s.
        """
        rows = await self.list_all(model=model)
        found = [row for row in rows if row.created_at >= since - CLOCKS_DIFFER and row.task_id not in known_ids]
        return tuple(sorted(found, key=lambda row: row.created_at))

    async def cancel(self, task_id: str) -> bool:
        """Cancel a PENDING task; free. False: it is not pending any more, goes on and is billed."""
        return await self._query(sansio.cancel_call(task_id), sansio.read_cancel)

    async def upload(self, files: Sequence[Path], *, model: str = DEFAULT_MODEL) -> Links:
        """Upload a batch of files and return links in the same order; free.

        An `oss://` link lives 48 h and serves only this account and model; it cannot be listed, read back or deleted.
        Those of an own bucket are https links.
        """
        if self._bucket:
            return await self._bucket.upload(files)

        async def ask_policy() -> UploadPolicy:
            return await self._policy(model)

        return await upload_files(self._transport.http, files, ask_policy, base_url=self.base_url)

    async def download(self, url: str, path: Path, *, max_bytes: int = MAX_BYTES) -> int:
        """Load a result to `path` and return its size in bytes; whole and an MP4, or DownloadError and no file."""
        demand_safe(url, self.base_url)
        return await download_file(self._transport.http, url, path, max_bytes=max_bytes)

    async def load(self, task: Task, path: Path) -> int:
        """Load the result of a task like `download`; a link that has expired is asked for anew, while there is one."""
        for known in (True, False):
            found = task if known else await self.get(task.task_id)
            if found.video_url is None:
                continue
            try:
                return await self.download(found.video_url.get_secret_value(), path)
            except DownloadError as error:
                if not known or error.status not in (403, 404):
                    raise
        raise DownloadError("The task has no result to load; results are kept for 24 hours.", task_id=task.task_id)

    async def wait(
        self,
        task_id: str,
        *,
        timeout_s: float = WAIT_S,
        poll_every_s: float = 15.0,
        first_poll_s: float = 2.0,
        on_progress: Callable[[Task], None] | None = None,
        stop: asyncio.Event | None = None,
    ) -> Task:
        """Poll a task to its end and return it: SUCCEEDED, FAILED, CANCELED, or UNKNOWN twice in a row.

        Gaps double from `first_poll_s` to `poll_every_s`. Faults of the service are ridden through. WaitTimeout, and
        WaitStopped once `stop` is set, keep the task's id; waiting for it again is free.
        """
        end = self._watch(task_id, first_poll_s, poll_every_s, on_progress)
        return await patiently(end, task_id, timeout_s, stop)

    async def probe(self, model: str = DEFAULT_MODEL) -> None:
        """Try key, region, model and bucket without the paid endpoint; raises what is wrong with them. Free."""
        await self.list(page_size=1)
        await (self._bucket.probe() if self._bucket else self._policy(model))

    async def _watch(
        self, task_id: str, gap_s: float, longest_s: float, on_progress: Callable[[Task], None] | None
    ) -> Task:
        lost = False
        while True:
            await asyncio.sleep(gap_s * random.uniform(0.8, 1.2))  # so that many waits do not poll in step
            gap_s = min(max(2 * gap_s, 1.0), longest_s)
            try:
                task = await self.get(task_id)
            except Throttled as error:
                await asyncio.sleep(error.retry_after_s or 0)
                continue
            except Later:
                continue
            if on_progress:
                on_progress(task)
            if task.status.finished or (lost and task.status is TaskStatus.UNKNOWN):
                return task
            lost = task.status is TaskStatus.UNKNOWN

    async def _policy(self, model: str) -> UploadPolicy:
        answer = await self._transport.ask(sansio.policy_call(model))  # a limit of its own, 100 a second
        return self._read(sansio.read_policy, answer)

    async def _query(self, call: sansio.Call, read: Callable[[sansio.Answer], T]) -> T:
        answer = await self._transport.ask(call, self._queries)
        sansio.demand_json(answer)
        return self._read(read, answer)

    def _read(self, read: Callable[[sansio.Answer], T], answer: sansio.Answer) -> T:
        try:
            return read(answer)
        except AccountError as error:
            if explained := explain_key(error, self.base_url):
                raise explained from error
            raise
