"""Attacks by file: nothing is fetched, no other file is read, and the person reads a plain sentence."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.media import child
from bot.media.fit import fit
from bot.media.unfit import Unfit
from tests.films import make_film
from tests.hostile import enormous, pointing_elsewhere, texts
from tests.mutants import mutate, seeds

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


@pytest.mark.parametrize("suffix", ["mp4", "m3u8", "png"])
@pytest.mark.parametrize("name", NAMES)
async def test_a_text_that_names_other_places_is_refused_at_the_gate(tmp_path: Path, name: str, suffix: str) -> None:
    async with listening() as listener:
        path = written(tmp_path / f"x.{suffix}", texts(listener.address, tmp_path / "canary")[name])
        with pytest.raises(Unfit, match="This file is"):
            await fit(path, "image" if suffix == "png" else "video", tmp_path)
        assert listener.hits == 0


@pytest.mark.parametrize("name", NAMES)
async def test_the_child_follows_no_text_even_if_the_gate_were_passed(tmp_path: Path, name: str) -> None:
    canary = make_film(tmp_path / "canary.mp4")
    async with listening() as listener:
        path = written(tmp_path / "x.m3u8", texts(listener.address, canary)[name])
        for demuxer in ("mov", "matroska"):
            with pytest.raises(Unfit):
                await child.run("video", job(path, demuxer), reads=[path, canary], folder=tmp_path)
        assert listener.hits == 0
        assert not (tmp_path / "out.mp4").exists()


async def test_a_film_whose_pictures_lie_in_another_file_is_refused(tmp_path: Path) -> None:
    canary = make_film(tmp_path / "canary.mp4", size=(400, 300))
    path = pointing_elsewhere(tmp_path / "x.mp4", canary)
    with pytest.raises(Unfit):
        await child.run("video", job(path, "mov") | {"may_copy": False}, reads=[path, canary], folder=tmp_path)


MEASURE = """
import asyncio, resource, sys
from pathlib import Path
from bot.media.fit import fit
from bot.media.unfit import Unfit
try:
    asyncio.run(fit(Path(sys.argv[1]), "video", Path(sys.argv[2])))
except Unfit:
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


async def test_a_bomb_is_refused_without_memory_for_it(tmp_path: Path) -> None:
    path = enormous(tmp_path / "x.avi")
    # A process of its own, because the kernel remembers the largest child that this one ever had.
    measured = await asyncio.create_subprocess_exec(
        sys.executable, "-c", MEASURE, str(path), str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await measured.communicate()
    assert 0 < int(said) < 400_000


@pytest.mark.parametrize("first", range(0, 200, 50))
async def test_mutated_files_never_do_more_than_be_refused(tmp_path: Path, first: int) -> None:
    async def tried(number: int) -> str:
        path, kind = mutate(originals, number, tmp_path / str(number))
        with contextlib.suppress(Unfit):
            await fit(path, kind, path.parent)
            return "fit"
        return "unfit"

    originals = seeds(tmp_path)
    outcomes = await asyncio.gather(*map(tried, range(first, first + 50)))
    assert set(outcomes) == {"fit", "unfit"}
