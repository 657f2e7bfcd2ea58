"""`python -m tests.bench watch`: our client and the vendor's SDK side by side, against the local Wan."""

from __future__ import annotations

import asyncio
import logging
from typing import Annotated

import typer

from tests.bench import watch as watching

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


if __name__ == "__main__":
    app(prog_name="python -m tests.bench")
