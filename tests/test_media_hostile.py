"""Attacks by file: nothing is fetched, no other file is read, and the person reads a plain sentence."""

import asyncio
import contextlib
import io
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import av
import pytest

from bot.media import child
from bot.media.codecs import DEMUXERS
from bot.media.fit import FORMATS, MODEL, fit
from bot.media.gate import accept_video
from bot.media.images import check_image
from bot.media.unfit import Unfit
from tests.alarm import alarm
from tests.films import make_film
from tests.hostile import enormous, pointing_elsewhere, texts
from tests.memory import memory_mb
from tests.mutants import INSIDE, mutate, order, seeds

NAMES = sorted(texts("127.0.0.1:1", Path("canary")))


class Listener(asyncio.DatagramProtocol):
    """Counts everybody who comes, by TCP or UDP."""

    def __init__(self) -> None:
        self.hits = 0
        self.address = ""

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.hits += 1

    def connected(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.hits += 1
        writer.close()


@contextlib.asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    listener = Listener()
    server = await asyncio.start_server(listener.connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: listener, local_addr=("127.0.0.1", port)
    )
    listener.address = f"127.0.0.1:{port}"
    try:
        yield listener
    finally:
        transport.close()
        server.close()
        await server.wait_closed()


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def job(path: Path, demuxer: str) -> dict[str, object]:
    return {
        "source": str(path), "out": str(path.parent / "out.mp4"), "demuxer": demuxer, "start_s": 0.0, "length_s": 9.9,
        "is_cut": False, "may_copy": True, "min_s": 2,
        "limits": {"min_side_px": 240, "max_side_px": 4096, "max_ratio": 8.0, "longest_px": 1920},
    }  # fmt: skip


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a film that an attacker would like to see."""
    return make_film(tmp_path_factory.mktemp("canary") / "canary.mp4", size=(400, 300))


async def test_the_listener_hears_and_the_alarm_rings_where_nobody_guards(tmp_path: Path, canary: Path) -> None:
    """The attacks work: without a forced demuxer FFmpeg opens another file, and of a named stream even fetches."""
    async with listening() as listener:
        with alarm(canary) as watch:
            text = texts(listener.address, canary)
            assert not watch.rang()
            with av.open(str(written(tmp_path / "x.mp4", text["ffconcat to a file"])), options={"safe": "0"}) as film:
                assert film.streams.video[0].width == 400
            assert watch.rang()
            stream = io.BytesIO(text["HLS to an address"].encode())
            stream.name = "x.m3u8"

            def fetch() -> None:
                with contextlib.suppress(av.error.FFmpegError, OSError):
                    av.open(stream, timeout=5.0).close()

            await asyncio.to_thread(fetch)
            assert listener.hits > 0


@pytest.mark.parametrize("suffix", ["mp4", "m3u8", "png"])
@pytest.mark.parametrize("name", NAMES)
async def test_a_text_that_names_other_places_is_refused_at_the_gate(
    tmp_path: Path, canary: Path, name: str, suffix: str
) -> None:
    async with listening() as listener:
        path = written(tmp_path / f"x.{suffix}", texts(listener.address, canary)[name])
        with alarm(canary) as watch:
            with pytest.raises(Unfit, match="This file is"):
                await fit(path, "image" if suffix == "png" else "video", tmp_path)
            assert not watch.rang()
        assert listener.hits == 0


UNGUARDED = """
import json, sys
from bot.media import worker
for line in sys.stdin:
    order = json.loads(line)
    print(json.dumps([order["name"], *worker.answer(order, lambda share: None)]))
"""


async def test_forced_demuxers_and_formats_follow_no_text_without_gate_and_fetters(
    tmp_path: Path, canary: Path
) -> None:
    """Each text under both names that FFmpeg knows, as each kind of film and picture that is ever opened."""
    async with listening() as listener:
        orders: list[dict[str, object]] = []
        for number, (name, text) in enumerate(texts(listener.address, canary).items()):
            for suffix in ("mp4", "m3u8"):
                path = written(tmp_path / f"{number}.{suffix}", text)
                for demuxer in sorted(set(DEMUXERS.values())):
                    orders.append({"name": name, "task": "video", "details": job(path, demuxer)})
            for format_ in sorted(set(FORMATS.values())):
                details = {key: job(path, "")[key] for key in ("source", "out", "limits")}
                orders.append({"name": name, "task": "image", "details": details | {"format": format_, "takes": False}})
        with alarm(canary) as watch:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", UNGUARDED, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
            )
            said, _ = await process.communicate("\n".join(map(json.dumps, orders)).encode())
            assert not watch.rang()
        assert listener.hits == 0
    outcomes = [json.loads(line) for line in said.splitlines()]
    assert [name for name, *_ in outcomes] == [order["name"] for order in orders]
    assert {outcome for _, outcome, *_ in outcomes} == {"unfit"}
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize("name", ["HLS to a file", "ffconcat to a file", "SDP"])
async def test_the_child_follows_no_text_even_if_the_gate_were_passed(
    tmp_path: Path, canary: Path, name: str
) -> None:
    async with listening() as listener:
        path = written(tmp_path / "x.m3u8", texts(listener.address, canary)[name])
        with alarm(canary) as watch:
            with pytest.raises(Unfit):
                await child.run("video", job(path, "mov"), reads=[path, canary], folder=tmp_path)
            assert not watch.rang()
        assert listener.hits == 0


async def test_a_film_whose_pictures_lie_in_another_file_is_refused(tmp_path: Path, canary: Path) -> None:
    path = pointing_elsewhere(tmp_path / "x.mp4", canary)
    with alarm(canary) as watch:
        with pytest.raises(Unfit):
            await child.run("video", job(path, "mov") | {"may_copy": False}, reads=[path, canary], folder=tmp_path)
        assert not watch.rang()


async def test_a_bomb_is_refused_without_memory_for_it(tmp_path: Path) -> None:
    path = enormous(tmp_path / "x.avi")
    with pytest.raises(Unfit):
        await fit(path, "video", tmp_path)
    assert await memory_mb(path, "video", tmp_path) < 100


@pytest.mark.parametrize("first", [0, 150])
async def test_mutated_files_never_do_more_than_be_refused(tmp_path: Path, first: int) -> None:
    originals = seeds(tmp_path)
    orders = []
    for number in range(first, first + 150):
        path, kind = mutate(originals, number, tmp_path / str(number))
        judged(path, kind)
        orders.append(order(path, kind))
    told = [order for order in orders if order]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", INSIDE, tmp_path, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate("\n".join(map(json.dumps, told)).encode())
    outcomes = [json.loads(line) for line in said.splitlines()]
    assert len(outcomes) == len(told) > 100, f"it ended with {process.returncode} at {told[len(outcomes)]}"
    assert {outcome for _, outcome, *_ in outcomes} == {"done", "unfit"}


def judged(path: Path, kind: str) -> None:
    """Let the gate look at a file in this process; all that may come of it is a refusal."""
    with path.open("rb") as file, contextlib.suppress(Unfit):
        if kind == "image":
            check_image(file, path.stat().st_size, MODEL.image)
        else:
            accept_video(file, path.stat().st_size, MODEL)


async def test_mutated_files_are_fitted_or_refused_each_in_a_child_of_its_own(tmp_path: Path) -> None:
    async def tried(number: int) -> str:
        path, kind = mutate(originals, number, tmp_path / str(number))
        with contextlib.suppress(Unfit):
            await fit(path, kind, path.parent)
            return "fit"
        return "unfit"

    originals = seeds(tmp_path)
    outcomes = await asyncio.gather(*map(tried, range(1000, 1016)))
    assert set(outcomes) == {"fit", "unfit"}
