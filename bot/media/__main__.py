"""`python -m bot.media FILE…`: what the bot would say of each file, and what it would do to make it fit."""

from __future__ import annotations

import asyncio
import errno
import json
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.media.fit import PHOTOS, fit
from bot.media.magic import HEAD_BYTES, Kind, sniff
from bot.media.unfit import Unfit

Meant = Literal["video", "image"]
MARKS = {"accept": "[green]accept[/]", "normalise": "[yellow]normalise[/]", "reject": "[red]reject[/]"}
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def judge(
    files: Annotated[list[Path], typer.Argument(help="The files.")],
    meant: Annotated[Meant | None, typer.Option("--as", help="What they are meant to be.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    out: Annotated[Path | None, typer.Option("--fit", help="Write the fitted file here (one file only).")] = None,
    start_s: Annotated[float | None, typer.Option("--from", help="First second that is wanted.")] = None,
    end_s: Annotated[float | None, typer.Option("--to", help="Last second that is wanted.")] = None,
) -> None:
    """Say for each file whether it is taken as it is, made fit or refused, and why. Ends with 1 if one is refused."""
    if out is not None and len(files) != 1:
        raise typer.BadParameter("--fit writes one file, so name one.")
    if (start_s is None) != (end_s is None):
        raise typer.BadParameter("--from and --to belong together.")
    cut = None if start_s is None or end_s is None else (start_s, end_s)
    try:
        verdicts = [asyncio.run(verdict(path, meant, out, cut)) for path in files]
    except OSError as exc:  # of what is written; what cannot be read has a verdict
        sys.exit(str(exc))
    if as_json:
        for found in verdicts:
            print(json.dumps(found, ensure_ascii=False))
    else:
        _print_table(verdicts)
    sys.exit(int(any(found["verdict"] == "reject" for found in verdicts)))


async def verdict(
    path: Path, meant: Meant | None, out: Path | None, cut: tuple[float, float] | None
) -> dict[str, Any]:
    """Judge one file by really fitting it, in a folder that is deleted afterwards; OSError is of what is written."""
    said: dict[str, Any] = {"file": str(path), "verdict": "reject", "reason": None, "actions": [], "facts": None}
    try:
        looks_like: Meant = "image" if _kind(path) in PHOTOS else "video"
    except OSError as exc:
        return said | {"reason": f"It cannot be read: {exc.strerror}."}
    with TemporaryDirectory(prefix="media-") as folder:
        try:
            done = await fit(path, meant or looks_like, Path(folder), cut=cut)
        except Unfit as exc:
            return said | {"reason": exc.reason}
        if out is not None:
            await asyncio.to_thread(shutil.copyfile, done.path, out)
    accepted = done.path == path
    return said | {
        "verdict": "accept" if accepted else "normalise", "actions": list(done.actions), "facts": asdict(done.facts)
    }  # fmt: skip


def _kind(path: Path) -> Kind:
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "Is no ordinary file")  # a pipe would be waited for without end
    with path.open("rb") as file:
        return sniff(file.read(HEAD_BYTES))


def _print_table(verdicts: list[dict[str, Any]]) -> None:
    table = Table("file", "verdict", "what is done, or why not", "after that")
    for found in verdicts:
        facts = found["facts"] or {}
        size = f"{facts['mime_type']}, {facts['width']} × {facts['height']}" if facts else ""
        length = f", {facts['duration_s']:g} s" if "duration_s" in facts else ""
        why = found["reason"] or ", ".join(found["actions"])
        table.add_row(escape(Path(found["file"]).name), MARKS[found["verdict"]], escape(why), size + length)
    Console().print(table)


if __name__ == "__main__":
    app()
