"""`python -m client` against the local Wan: as a process once, and as the same commands inside this one."""

import asyncio
import os
import sys
from pathlib import Path

from typer.testing import CliRunner

from client.__main__ import app
from client.presets import PRESETS
from client.sandbox.clip import make_clip, make_picture
from client.sandbox.limits import Limits
from client.sandbox.server import LocalWan

FAST = Limits(pending_s=0, min_run_s=0)
NAMES = ("DASHSCOPE_API_KEY", "DASHSCOPE_HTTP_BASE_URL", "WAN_BUCKET_URL")


def clip_in(folder: Path) -> Path:
    return make_clip(folder / "clip.mp4", seconds=2, size=(320, 240), fps=10)


def settings_for(wan: LocalWan) -> dict[str, str]:
    return {"DASHSCOPE_API_KEY": wan.api_key, "DASHSCOPE_HTTP_BASE_URL": wan.base_url}


async def process(*words: str, **settings: str) -> tuple[int, str]:
    """Run the command as a person does, and give its exit code and everything that it wrote."""
    inherited = {name: text for name, text in os.environ.items() if name not in NAMES}
    environment = inherited | settings | {"COLUMNS": "1000", "NO_COLOR": "1"}
    command = (sys.executable, "-m", "client", *words)
    running = await asyncio.create_subprocess_exec(*command, env=environment, stdout=-1, stderr=-2)
    try:
        written, _ = await asyncio.wait_for(running.communicate(), 60)
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()
    assert running.returncode is not None
    assert "Traceback" not in written.decode()
    return running.returncode, written.decode()


async def run(wan: LocalWan | None, *words: str) -> tuple[int, str]:
    """Run the command in this process, which starts faster."""
    settings: dict[str, str | None] = dict.fromkeys(NAMES) | (settings_for(wan) if wan else {})
    found = await asyncio.to_thread(CliRunner().invoke, app, words, env=settings | {"COLUMNS": "1000"})
    assert found.exception is None or isinstance(found.exception, SystemExit), found.output
    return found.exit_code, found.output


async def test_a_clip_is_edited_and_the_task_can_be_seen_afterwards(tmp_path: Path) -> None:
    clip, coat, out = clip_in(tmp_path), tmp_path / "coat.png", tmp_path / "my out.mp4"
    make_picture(coat)
    async with LocalWan(limits=FAST) as wan:
        words = ("edit", str(clip), "Change the video to an 8-bit pixel style", "--image", str(coat), "-o", str(out))
        code, written = await process(*words, "--seed", "7", "--keep-audio", **settings_for(wan))
        assert code == 0, written
        (task_id,) = wan.tasks
        assert f"python -m client task {task_id} -o '{out}'" in written
        assert "No price is known for wan2.7-videoedit in this region" in written
        assert out.read_bytes()[4:8] == b"ftyp"
        assert out.read_bytes() != clip.read_bytes()
        code, written = await run(wan, "tasks")
        assert (code, task_id in written, "SUCCEEDED" in written) == (0, True, True)
        code, written = await run(wan, "cancel", task_id)
        assert (code, "cannot be canceled" in written) == (1, True)


async def test_a_preset_writes_the_instruction_and_a_failed_task_is_told_with_its_reason(tmp_path: Path) -> None:
    clip = clip_in(tmp_path)
    async with LocalWan(limits=FAST) as wan:
        wan.faults.add("task", code="DataInspectionFailed", message="Green net check failed for text")
        out = str(tmp_path / "out.mp4")
        code, written = await run(wan, "edit", str(clip), "deep winter", "--preset", "season", "--watermark", "-o", out)
        (task,) = wan.tasks.values()
    assert "Move the scene to deep winter:" in task.body["input"]["prompt"]
    assert task.body["parameters"]["watermark"] is True
    assert code == 1
    for words in ("Green net check failed", "--no-rewrite", "costs nothing"):
        assert words in written


async def test_wrong_usage_is_told_at_once_and_nothing_is_made(tmp_path: Path) -> None:
    async with LocalWan(limits=FAST) as wan:
        code, written = await run(wan, "edit", str(tmp_path / "no.mp4"), " ", "-o", str(tmp_path / "no" / "out.mp4"))
        assert code == 2
        for words in ("neither a file", "instruction is empty", "no folder"):
            assert words in written
        code, written = await run(wan, "edit", "https://a/b.mp4", "x", "--seconds", "11")
        assert (code, "2 to 10" in written) == (2, True)
        code, written = await run(wan, "edit", "https://a/b.mp4", "x", "--preset", "copy-action")
        assert (code, "1 reference image" in written) == (2, True)
        assert wan.creates == 0


async def test_presets_are_listed_without_a_key() -> None:
    code, written = await run(None, "presets")
    assert code == 0
    assert all(name in written for name in PRESETS)


async def test_a_missing_key_says_where_to_get_one() -> None:
    code, written = await run(None, "tasks")
    assert code == 2
    assert "DASHSCOPE_API_KEY" in written
    assert "get-api-key" in written


async def test_a_key_alone_asks_beijing() -> None:
    asked: list[bytes] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as proxy:  # nothing leaves this machine
        url = f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
        code, written = await process("tasks", DASHSCOPE_API_KEY="sk-x", HTTPS_PROXY=url, https_proxy=url)
    assert asked == [b"CONNECT dashscope.aliyuncs.com:443 HTTP/1.1\r\n"]
    assert (code, "cannot be reached" in written) == (1, True)
