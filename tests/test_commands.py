"""The command line: what a person gets from `bot`, `bot check` and `bot demo`, run as processes."""

import asyncio
import os
import sys
from pathlib import Path

import av
import pytest
import yaml

from bot.manifest import for_http, load, scopes
from bot.sandbox.workspace import LocalSlack
from client.sandbox.server import LocalWan
from tests.processes import settings_for

OURS = ("SLACK_", "DASHSCOPE_", "BOT_", "STORE_URL", "REDIS_URL")


async def bot(*arguments: str, folder: Path, **settings: str) -> tuple[int, str]:
    """Run a command in an empty folder with these settings only; return its exit code and all that it said."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments, cwd=folder, env=inherited | settings | {"COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(60):
        said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


@pytest.mark.parametrize("command", [(), ("run",), ("check",)])
async def test_missing_settings_are_listed_all_at_once_and_the_exit_code_is_two(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    code, said = await bot(*command, folder=tmp_path)
    assert code == 2
    assert all(name in said for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "DASHSCOPE_API_KEY"))
    assert "Traceback" not in said


async def test_settings_are_read_from_a_file_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=xoxb-1\nSLACK_APP_TOKEN=xapp-1\n")
    code, said = await bot("check", folder=tmp_path)
    assert code == 2
    assert "DASHSCOPE_API_KEY" in said
    assert "SLACK_BOT_TOKEN" not in said


async def test_check_finds_everything_in_order_and_pays_nothing(tmp_path: Path) -> None:
    async with LocalSlack(manifest=load()) as slack, LocalWan() as wan:
        code, said = await bot("check", folder=tmp_path, **settings_for(slack, wan))
        assert code == 0, said
        assert f"all {len(scopes())} scopes granted" in said
        assert "FAIL" not in said
        assert wan.creates == 0
        assert not [method for method, _ in slack.calls if method.startswith(("chat.", "files."))]


async def test_check_names_each_thing_that_is_wrong_and_exits_with_one(tmp_path: Path) -> None:
    manifest = load()
    manifest["oauth_config"]["scopes"]["bot"].remove("files:read")
    async with LocalSlack(manifest=manifest) as slack, LocalWan() as wan:
        wrong = settings_for(slack, wan) | {"DASHSCOPE_API_KEY": "sk-wrong", "STORE_URL": "redis://127.0.0.1:1/0"}
        code, said = await bot("check", folder=tmp_path, **wrong)
    failed = [line for line in said.splitlines() if line.startswith("FAIL")]
    assert code == 1
    assert [line.split()[1] for line in failed] == ["Slack", "Wan", "Store"]
    assert "files:read" in failed[0]
    assert "Traceback" not in said


async def test_the_demo_ends_with_a_playable_file_of_the_inputs_length(tmp_path: Path) -> None:
    code, said = await bot("demo", "--out", "out.mp4", folder=tmp_path)
    assert code == 0, said
    assert "The video is in the thread" in said
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.duration is not None
        assert abs(container.duration / 1_000_000 - 4.0) < 0.1


async def test_a_demo_without_a_video_at_the_end_fails_with_the_bots_reason(tmp_path: Path) -> None:
    code, said = await bot("demo", "--prompt", "replace the ball with a dragon", "--out", "out.mp4", folder=tmp_path)
    assert code == 1
    assert "cannot do this" in said
    assert not (tmp_path / "out.mp4").exists()


async def test_the_manifest_is_printed_as_it_is_to_be_pasted(tmp_path: Path) -> None:
    code, said = await bot("manifest", folder=tmp_path)
    assert code == 0
    assert said == Path(__file__).parent.parent.joinpath("manifest.yml").read_text(encoding="utf-8")


async def test_the_manifest_for_signed_http_names_the_address_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    code, said = await bot("manifest", "--http", "https://bot.example.com", folder=tmp_path)
    assert code == 0
    assert yaml.safe_load(said) == for_http("https://bot.example.com")
    code, said = await bot("manifest", "--http", "http://bot.example.com", folder=tmp_path)
    assert code == 2
    assert "https://bot.example.com" in said


async def test_over_signed_http_check_asks_for_no_app_token(tmp_path: Path) -> None:
    async with LocalSlack(manifest=load()) as slack, LocalWan() as wan:
        over_http = {"BOT_HTTP_PORT": "3000", "SLACK_SIGNING_SECRET": "a-signing-secret", "SLACK_APP_TOKEN": ""}
        code, said = await bot("check", folder=tmp_path, **settings_for(slack, wan) | over_http)
    assert code == 0, said
    assert "requests are taken on 127.0.0.1:3000/slack/events" in said
    assert "apps.connections.open" not in {method for method, _ in slack.calls}
