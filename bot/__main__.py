"""The command line: run · sandbox · demo · check · manifest. Words and exit codes; the work is done elsewhere."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
import yaml
from pydantic import ValidationError
from rich.console import Console

from bot import logs
from bot.missing import missing
from bot.settings import Settings

app = typer.Typer(
    add_completion=False,
    help="Post a video in Slack, say what should change, get the edited video back in the thread.",
    pretty_exceptions_enable=False,
)
console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

FAILED, USAGE = 1, 2
STORE_ANSWERS_WITHIN_S = 10.0  # at the start; later on an outage is waited out


@app.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """Run the bot where no command is given."""
    if context.invoked_subcommand is None:
        run()


@app.command()
def run() -> None:
    """Run the bot against Slack and Wan; settings come from the environment or from `.env`."""
    settings = _settings()
    logs.set_up(settings.log_level)
    with _loading():
        from redis.exceptions import RedisError

        from bot.app import open_bot
        from bot.check import refused_tokens
        from bot.embedded import EmbeddedUnavailableError
        from bot.http import PortUnavailableError
        from bot.scratch import ScratchUnavailableError

    async def serve() -> bool:
        stop = _stop_on_signals()
        if findings := await refused_tokens(settings):
            for finding in findings:
                errors.print(f"{finding.what}: {finding.says}", style="red", markup=False)
            return False
        async with open_bot(settings) as bot:
            async with asyncio.timeout(STORE_ANSWERS_WITHIN_S):
                await bot.parts.store.get("any")
            await bot.run(stop)
        return True

    if settings.where.startswith("memory:"):
        errors.print("[yellow]Edits are kept in memory only: a restart loses every edit under way, paid ones too.")
    try:
        good = asyncio.run(serve())
    except (EmbeddedUnavailableError, PortUnavailableError, ScratchUnavailableError) as exc:
        errors.print(str(exc), style="red", markup=False)
        raise typer.Exit(FAILED) from exc
    except (RedisError, OSError) as exc:
        why = str(exc) or type(exc).__name__
        errors.print(f"The store cannot be reached: {why}. See STORE_URL.", style="red", markup=False)
        raise typer.Exit(FAILED) from exc
    if not good:
        raise typer.Exit(FAILED)


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Port of the page on 127.0.0.1; 0 takes a free one.")] = 8765,
) -> None:
    """Run everything on this machine: a local Slack workspace, a local Wan and the bot. No account needed."""
    logs.set_up("WARNING")
    with _loading():
        from bot.local import open_sandbox

    async def serve() -> None:
        stop = _stop_on_signals()
        async with open_sandbox(port=port) as running:
            console.print(f"Ready: open [bold]{running.slack.origin}/[/bold]")
            console.print("Attach a short video in #video and write: @video-editor Change it to an 8-bit pixel style")
            console.print("Nothing leaves this machine, nothing is kept, and bills are simulated. Ctrl-C ends it.")
            await stop.wait()

    try:
        asyncio.run(serve())
    except OSError as exc:
        errors.print(f"[red]Port {port} cannot be used ({exc.strerror}). Try: bot sandbox --port 0")
        raise typer.Exit(FAILED) from exc


@app.command()
def demo(
    video: Annotated[Path | None, typer.Option(exists=True, help="Default: a short clip made here.")] = None,
    image: Annotated[list[Path] | None, typer.Option(exists=True, help="Up to four.")] = None,
    prompt: Annotated[str, typer.Option(help="What should change.")] = "Change the video to an 8-bit pixel style",
    out: Annotated[Path, typer.Option(help="Where the edited video is written.")] = Path("out.mp4"),
) -> None:
    """Show the main job once, without a browser: post a video in the sandbox, wait for the edited one, write it."""
    logs.set_up("ERROR")
    with _loading():
        from bot.demo import NoVideoError, run_demo

    def say(elapsed_s: float, text: str) -> None:
        console.print(f"{elapsed_s:6.1f} s  {text}", markup=False)

    try:
        asyncio.run(run_demo(video=video, images=image or [], prompt=prompt, out=out, say=say))
    except NoVideoError as exc:
        errors.print("No video arrived. The bot's last word:", str(exc), style="red", markup=False)
        raise typer.Exit(FAILED) from exc


@app.command()
def check() -> None:
    """Check Slack, Wan, the store and the media libraries; costs nothing. Exit 1 if anything fails."""
    settings = _settings()
    logs.set_up("ERROR")
    with _loading():
        from bot.check import check_all

    async def look() -> bool:
        good = True
        async for finding in check_all(settings):
            console.print("ok  " if finding.good else "FAIL", finding.what, "–", finding.says, markup=False)
            good &= finding.good
        return good

    if not asyncio.run(look()):
        raise typer.Exit(FAILED)


@app.command()
def manifest(
    http: Annotated[str, typer.Option(metavar="URL", help="https://host at which BOT_HTTP_PORT is reached.")] = "",
) -> None:
    """Print the manifest to paste where Slack says “Create an app from a manifest”; for Socket Mode, or with --http."""
    from bot.manifest import for_http, path

    if not http:
        typer.echo(path().read_text(encoding="utf-8"), nl=False)
        return
    try:
        typer.echo(yaml.safe_dump(for_http(http), sort_keys=False, allow_unicode=True, width=120), nl=False)
    except ValueError as exc:
        errors.print(str(exc), style="red", markup=False)
        raise typer.Exit(USAGE) from exc


@contextmanager
def _loading() -> Iterator[None]:
    """Keep the collector away from what is loaded: all of it stays, and to look through it takes a sixth of the start.

    Later it would take 0.06 s each time, in which the loop stands still.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _settings() -> Settings:
    """Read the settings, or say everything that is missing at once and exit with 2."""
    try:
        return Settings()
    except ValidationError as exc:
        errors.print("Settings are missing or wrong (environment or .env):")
        for line in missing(exc):
            errors.print(f"  {line}", markup=False)
        errors.print("Without an account, try: bot sandbox")
        raise typer.Exit(USAGE) from exc


def _stop_on_signals() -> asyncio.Event:
    """Return an event that the first SIGINT or SIGTERM sets; a second one ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            os._exit(FAILED)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal)
    return stop


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
