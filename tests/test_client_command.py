"""`python -m client` as a person runs it, against the local Wan."""

import asyncio
import os
import sys
from pathlib import Path

from client.presets import PRESETS
from client.sandbox.clip import make_clip, make_picture
from client.sandbox.limits import Limits
from client.sandbox.server import LocalWan

FAST = Limits(pending_s=0, min_run_s=0)


async def run(wan: LocalWan | None, *words: str) -> tuple[int, str]:
    """Run the command and give its exit code and everything that it wrote."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("DASHSCOPE_")}
    if wan:
        environment |= {"DASHSCOPE_API_KEY": wan.api_key, "DASHSCOPE_HTTP_BASE_URL": wan.base_url}
    environment |= {"COLUMNS": "1000", "NO_COLOR": "1"}
    command = (sys.executable, "-m", "client", *words)
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=-1, stderr=-2)
    try:
        written, _ = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    assert "Traceback" not in written.decode()
    return process.returncode, written.decode()


async def test_a_clip_is_edited_and_the_task_can_be_seen_afterwards(tmp_path: Path) -> None:
    clip, coat, out = make_clip(tmp_path / "clip.mp4", seconds=2), tmp_path / "coat.png", tmp_path / "my out.mp4"
    make_picture(coat)
    async with LocalWan(limits=FAST) as wan:
        words = ("edit", str(clip), "Change the video to an 8-bit pixel style", "--image", str(coat), "-o", str(out))
        code, written = await run(wan, *words, "--seed", "7", "--keep-audio")
        assert code == 0, written
        (task_id,) = wan.tasks
        assert f"python -m client task {task_id} -o '{out}'" in written
        assert out.read_bytes()[4:8] == b"ftyp"
        assert out.read_bytes() != clip.read_bytes()
        code, written = await run(wan, "tasks")
        assert (code, task_id in written, "SUCCEEDED" in written) == (0, True, True)
        code, written = await run(wan, "cancel", task_id)
        assert (code, "cannot be canceled" in written) == (1, True)


async def test_a_failed_task_is_told_with_its_reason_and_that_it_is_free(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", seconds=2, audio=False)
    async with LocalWan(limits=FAST) as wan:
        wan.faults.add("task", code="DataInspectionFailed", message="Green net check failed for text")
        code, written = await run(wan, "edit", str(clip), "sepia", "-o", str(tmp_path / "out.mp4"))
    assert code == 1
    assert "Green net check failed" in written
    assert "--no-rewrite" in written
    assert "costs nothing" in written


async def test_wrong_usage_is_told_at_once_and_nothing_is_made(tmp_path: Path) -> None:
    async with LocalWan(limits=FAST) as wan:
        code, written = await run(wan, "edit", str(tmp_path / "no.mp4"), " ", "-o", str(tmp_path / "no" / "out.mp4"))
        assert code == 2
        for words in ("neither a file", "instruction is empty", "no folder"):
            assert words in written
        code, written = await run(wan, "edit", "https://a/b.mp4", "x", "--seconds", "11")
        assert (code, "2 to 10" in written) == (2, True)
        assert wan.creates == 0


async def test_a_preset_writes_the_instruction(tmp_path: Path) -> None:
    clip, out = make_clip(tmp_path / "clip.mp4", seconds=2), tmp_path / "out.mp4"
    async with LocalWan(limits=FAST) as wan:
        wan.faults.add("task", code="DataInspectionFailed", message="no")  # only what was sent matters here
        await run(wan, "edit", str(clip), "deep winter", "--preset", "season", "-o", str(out))
        (task,) = wan.tasks.values()
        assert "Move the scene to deep winter:" in task.body["input"]["prompt"]
        code, written = await run(wan, "edit", str(clip), "x", "--preset", "copy-action")
        assert (code, "1 reference image" in written) == (2, True)
        assert wan.creates == 1


async def test_presets_are_listed_without_a_key() -> None:
    code, written = await run(None, "presets")
    assert code == 0
    assert all(name in written for name in PRESETS)


async def test_a_missing_key_says_where_to_get_one() -> None:
    code, written = await run(None, "tasks")
    assert code == 2
    assert "DASHSCOPE_API_KEY" in written
    assert "get-api-key" in written
