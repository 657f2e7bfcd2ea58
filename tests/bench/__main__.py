"""`python -m tests.bench watch | upload | creates`: our client and the vendor's SDK side by side, on this machine;
`flight | soak`: the whole bot under load; `media`: fitting beside the ffmpeg command line."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from tests.bench import creates as creating
from tests.bench import flight as flying
from tests.bench import media as fitting
from tests.bench import soak as soaking
from tests.bench import upload as uploading
from tests.bench import watch as watching
from tests.bench.uploader import WHO

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def quiet() -> None:
    """Measure."""
    logging.getLogger("dashscope").setLevel(logging.CRITICAL)


@app.command()
def watch(
    count: Annotated[int, typer.Option(help="How many tasks.")] = 200,
    burst: Annotated[bool, typer.Option(help="Create them all at once; the limit on creates is off.")] = False,
    only: Annotated[str | None, typer.Option(help="Run only this one.")] = None,
) -> None:
    """Follow many tasks of 2-8 s under 20 queries a second."""
    how = "all at once" if burst else "5 a second"
    print(f"{count} tasks of 2-8 s, created {how}, no limit on running ones, 20 queries a second")
    for name, run in watching.RUNS.items():
        if only in (None, name):
            print(watching.line(name, count, asyncio.run(watching.measure(run, count, burst=burst))), flush=True)


@app.command()
def upload(megabytes: Annotated[int, typer.Option(help="How large the file is.")] = 100) -> None:
    """Upload a large file, each in a process of its own."""
    print(f"{megabytes} MB to a storage on this machine")
    with tempfile.TemporaryDirectory() as folder:
        path = uploading.large_file(Path(folder), megabytes * 1_000_000)
        for who in WHO:
            found = asyncio.run(uploading.measure(who, path))
            more_mb, stall_ms, busy_ms = found["more_bytes"] / 1e6, found["stall_s"] * 1000, found["busy_s"] * 1000
            still = f"loop still for {stall_ms:6.1f} ms at most, {busy_ms:6.1f} ms of work in one go"
            print(f"{who:18} {more_mb:6.1f} MB more memory   {still}", flush=True)


@app.command()
def creates(count: Annotated[int, typer.Option(help="How many creates.")] = 100) -> None:
    """Create tasks while each first answer is lost."""
    for who in ("client", *creating.SDK):
        print(f"{who:18} {count} creates made {asyncio.run(creating.measure(who, count))} tasks", flush=True)


@app.command()
def flight(count: Annotated[int, typer.Option(help="How many edits.")] = 1000) -> None:
    """Have many edits in flight in one bot process."""
    with tempfile.TemporaryDirectory(prefix="flight-") as folder:
        print(asyncio.run(flying.measure(count, Path(folder))))


@app.command()
def soak(
    count: Annotated[int, typer.Option(help="How many edits.")] = 30_000,
    every: Annotated[int, typer.Option(help="A line after so many.")] = 2_500,
) -> None:
    """Send many edits through the store and the jobs of memory mode."""

    async def watch_memory() -> None:
        async for sample in soaking.samples(count, every=every):
            print(sample, flush=True)

    asyncio.run(watch_memory())


@app.command()
def media(
    runs: Annotated[int, typer.Option(help="Take the best of so many.")] = 3,
    only: Annotated[str | None, typer.Option(help="Run only this part.")] = None,
) -> None:
    """Fit films, beside ffmpeg where it can do the same."""
    for name, part in fitting.PARTS.items():
        if only in (None, name):
            with tempfile.TemporaryDirectory(prefix="media-") as folder:
                for line in asyncio.run(part(Path(folder), runs)):
                    print(line, flush=True)


if __name__ == "__main__":
    app(prog_name="python -m tests.bench")
