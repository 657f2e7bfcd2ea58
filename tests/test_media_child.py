"""The child process: it is fettered, it dies at once when nobody waits for it, and what happens in it stays there."""

import asyncio
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from PIL import Image

from bot.edit import State
from bot.media import child, jail
from bot.media.child import ChildError
from bot.media.fit import fit
from bot.media.unfit import Unfit
from tests.bots import VIDEO_CHANNEL, buttons, settled_edit, stage
from tests.films import make_film
from tests.stores import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
PICTURE_LIMITS = {"min_side_px": 240, "max_side_px": 4096, "max_ratio": 8.0, "longest_px": 2048}
WAIT_S = 60.0
TRIES = 10  # a busy machine may be late, but not each time


def children() -> list[int]:
    """List the media children of this process that are alive."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = entry.read_text().rpartition(")")[2].split()[:2]
            words = entry.with_name("cmdline").read_bytes()
        except OSError:
            continue  # it ended meanwhile
        if int(parent) == os.getpid() and state != "Z" and b"bot.media.worker" in words:
            found.append(int(entry.parent.name))
    return found


def environment(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a film that keeps the child busy for seconds."""
    return make_film(tmp_path_factory.mktemp("film") / "film.avi", codec="mpeg4", size=(1280, 720), seconds=9, fps=25)


@asynccontextmanager
async def fitting(path: Path, folder: Path) -> AsyncIterator[asyncio.Task[object]]:
    """Start to fit a film, and go on as soon as pictures are being made."""
    started = asyncio.Event()
    task: asyncio.Task[object] = asyncio.create_task(
        fit(path, "video", folder, on_progress=lambda _share: started.set())
    )
    try:
        async with asyncio.timeout(WAIT_S):
            await started.wait()
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_a_child_dies_within_50_ms_when_its_job_is_cancelled(film: Path, tmp_path: Path) -> None:
    took_s: list[float] = []
    loop = asyncio.get_running_loop()
    while not took_s or (min(took_s) >= 0.05 and len(took_s) < TRIES):
        async with fitting(film, tmp_path) as task:
            (pid,) = children()
            began_s = loop.time()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            took_s.append(loop.time() - began_s)
            assert pid not in children()
    assert min(took_s) < 0.05


async def test_a_child_gets_nothing_of_our_environment(film: Path, tmp_path: Path) -> None:
    assert os.environ
    async with fitting(film, tmp_path):
        (pid,) = children()
        assert environment(pid) == b""


async def test_a_child_dies_when_a_person_cancels_the_edit(film: Path, tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[film])
        await until(lambda: children() != [])
        (pid,) = children()
        os.kill(pid, signal.SIGSTOP)  # it would never end by itself
        try:
            said = await on.alice.wait_for(VIDEO_CHANNEL, lambda message: "cancel" in buttons(message), WAIT_S)
            await on.alice.click(VIDEO_CHANNEL, said["ts"], "cancel")
            await until(lambda: pid not in children(), WAIT_S)
        finally:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        assert (await settled_edit(on, ts)).state is State.CANCELED


@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGKILL, signal.SIGXCPU])
async def test_a_crash_of_the_child_is_a_sentence_for_the_person(
    film: Path, tmp_path: Path, how: signal.Signals
) -> None:
    async with fitting(film, tmp_path) as task:
        (pid,) = children()
        os.kill(pid, how)
        with pytest.raises(Unfit, match="export it again"):
            await task
    assert children() == []


async def test_a_child_that_takes_too_long_is_ended(film: Path, tmp_path: Path) -> None:
    with pytest.raises(Unfit, match="takes too long"):
        await child.run("video", details(film, tmp_path), reads=[film], folder=tmp_path, limit_s=0.5)
    assert children() == []


async def test_a_mistake_of_ours_is_no_fault_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(ChildError, match="KeyError"):
        await child.run("no such task", {}, reads=[], folder=tmp_path)


async def test_only_the_named_file_can_be_read(
    film: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    refusal = ""
    with caplog.at_level(logging.DEBUG, "bot.media.child"):
        try:
            await child.run("video", details(film, tmp_path), reads=[], folder=tmp_path)
        except Unfit as exc:
            refusal = exc.reason
    if not any("landlock" in getattr(record, "held", ()) for record in caplog.records):
        pytest.skip("this kernel has no Landlock")
    assert "cannot be decoded" in refusal


def details(path: Path, folder: Path) -> dict[str, object]:
    return {
        "source": str(path), "out": str(folder / "out.mp4"), "demuxer": "avi", "start_s": 0.0, "length_s": 9.9,
        "is_cut": False, "may_copy": True, "min_s": 2,
        "limits": {"min_side_px": 240, "max_side_px": 4096, "max_ratio": 8.0, "longest_px": 1920},
    }  # fmt: skip


DENIED = ("read", "write", "environ", "exec", "link", "pipe", "folder")
ESCAPES = """
import json, os, resource, signal, socket, sys
from bot.media import jail
canary, outside, folder, port = sys.argv[1:]
print(json.dumps(jail.enter([], folder, cpu_s=5)))
def tried(act):
    try:
        act()
    except OSError as exc:
        return exc.strerror
    return "done"
def execute():
    pid = os.fork()
    if pid == 0:
        try:
            os.execv("/bin/true", ["true"])
        except OSError as exc:
            os._exit(exc.errno)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code:
        raise OSError(code, os.strerror(code))
print(json.dumps({
    "read": tried(lambda: open(canary)),
    "write": tried(lambda: open(outside, "w")),
    "environ": tried(lambda: open(f"/proc/{os.getppid()}/environ").read()),
    "signal": tried(lambda: os.kill(os.getppid(), 0)),
    "connect": tried(lambda: socket.create_connection(("127.0.0.1", int(port)), 2)),
    "datagram": tried(lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", int(port)))),
    "own folder": tried(lambda: open(folder + "/mine", "w").write("x")),
    "too large": tried(lambda: open(folder + "/large", "wb").truncate(200_000_000)),
    "exec": tried(execute),
    "link": tried(lambda: os.symlink(canary, folder + "/link")),
    "pipe": tried(lambda: os.mkfifo(folder + "/pipe")),
    "folder": tried(lambda: os.mkdir(folder + "/folder")),
    "remove": tried(lambda: os.remove(folder + "/mine")),
    "limits": {name: resource.getrlimit(getattr(resource, "RLIMIT_" + name))
               for name in ("AS", "CPU", "NOFILE", "CORE")},
}))
"""


async def test_code_that_took_over_the_child_reaches_nothing(tmp_path: Path) -> None:
    (tmp_path / "job").mkdir()
    canary = tmp_path / "canary"
    canary.write_text("a secret")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-c", ESCAPES,
            canary, tmp_path / "outside", tmp_path / "job", str(listener.getsockname()[1]),
            stdout=asyncio.subprocess.PIPE, env={},
        )  # fmt: skip
        said, _ = await process.communicate()
    held, done = map(json.loads, said.splitlines())
    assert done["own folder"] == done["remove"] == "done"
    at_most = {"AS": jail.ADDRESS_BYTES, "CPU": 6, "NOFILE": jail.OPEN_FILES, "CORE": 0}
    assert all(0 <= hard <= at_most[name] for name, (_soft, hard) in done["limits"].items())
    assert done["too large"] == "File too large"
    if "landlock" in held:
        assert {done[name] for name in DENIED} == {"Permission denied"}
        assert not (tmp_path / "outside").exists()
    if "network" in held:
        assert {done["connect"], done["datagram"]} <= {"Network is unreachable", "Permission denied"}


@pytest.mark.parametrize("make", [lambda path: path.symlink_to("/proc/self/cwd"), os.mkfifo, os.mkdir])
async def test_what_a_child_leaves_is_opened_only_if_it_is_a_plain_file(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    """The place is taken before the child comes: a picture that is fit leaves it as it is."""
    picture = tmp_path / "picture.jpg"
    Image.new("RGB", (400, 400)).save(picture)
    out = tmp_path / "out.jpg"
    make(out)
    order = {"source": str(picture), "out": str(out), "format": "JPEG", "takes": True, "limits": PICTURE_LIMITS}
    with pytest.raises(Unfit, match="give up"):
        await child.run("image", order, reads=[picture], folder=tmp_path)
    out.rmdir() if out.is_dir() and not out.is_symlink() else out.unlink()
    assert (await child.run("image", order, reads=[picture], folder=tmp_path))["as_is"]
    elsewhere = order | {"out": str(tmp_path.parent / "out.jpg")}
    with pytest.raises(Unfit, match="give up"):
        await child.run("image", elsewhere, reads=[picture], folder=tmp_path)


@pytest.mark.parametrize(
    "said",
    [
        '{"done": 5}', '{"progress": "half"}', '{"progress": [0.5]}', '{"progress": NaN}', "[" * 60_000, "5", "half",
        '{"unfit": "{a}", "values": {"b": 1}}', '{"unfit": "It is bad.", "values": 5}',
    ],
    ids=range(9),
)  # fmt: skip
async def test_no_nonsense_of_a_child_harms_us(tmp_path: Path, said: str) -> None:
    program = sys.executable, "-I", "-c", "import sys; print(sys.argv[1])", said
    with pytest.raises(Unfit, match="give up"):
        await child.run("video", {}, reads=[], folder=tmp_path, on_progress=lambda share: None, program=program)


WITH_GRANDCHILD = """
import json, subprocess
kept = subprocess.Popen(["/bin/sleep", "60"], start_new_session=True)  # with our pipes
print(json.dumps({"done": {"pid": kept.pid}}))
"""


async def test_nobody_waits_for_what_a_child_leaves_running(tmp_path: Path) -> None:
    program = sys.executable, "-I", "-c", WITH_GRANDCHILD
    async with asyncio.timeout(30):
        answer = await child.run("video", {}, reads=[], folder=tmp_path, program=program)
    os.kill(answer["pid"], signal.SIGKILL)
