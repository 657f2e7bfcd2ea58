"""What a caller's type checker sees: `assert_type` is checked by mypy in strict mode, the calls run here."""

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import assert_type

from client.client import Client
from client.models import EditRequest, Task, TaskPage, TaskRow, TaskStatus
from client.prices import Money, cost, estimate
from client.sandbox.clip import make_clip
from client.sandbox.limits import Limits
from client.sandbox.server import LocalWan
from client.sources import prepare
from client.watcher import Watcher


def test_the_package_tells_type_checkers_that_it_is_typed() -> None:
    assert files("client").joinpath("py.typed").is_file()


async def test_a_caller_is_given_plain_types(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", seconds=2, size=(320, 240), fps=10)
    async with LocalWan(limits=Limits(pending_s=60)) as wan, Client(wan.api_key, wan.base_url) as client:
        request = assert_type(await prepare(client, "sepia", clip), EditRequest)
        assert_type(estimate(request, "cn-beijing", source_s=2.0), Money | None)
        task = assert_type(await client.create(request), Task)
        assert_type(await client.list(), TaskPage)
        assert_type(await client.list_all(), tuple[TaskRow, ...])
        assert_type(await client.find_created(datetime.now(UTC)), tuple[TaskRow, ...])
        assert_type(await client.cancel(task.task_id), bool)
        async with Watcher(client) as watcher:
            end = assert_type(await watcher.wait(task.task_id, timeout_s=30), Task)
        assert assert_type(end.status, TaskStatus) is TaskStatus.CANCELED
        assert_type(cost(end.usage, "cn-beijing") if end.usage else None, Money | None)
