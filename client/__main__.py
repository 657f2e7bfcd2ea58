"""A command line for the API alone: `python -m client edit | presets | task | tasks | cancel`.

Only here is the environment read: DASHSCOPE_API_KEY, DASHSCOPE_HTTP_BASE_URL (its region), and WAN_BUCKET_URL (uploads
into a bucket of one's own, see `client/bucket.py`). Exit codes: 0 done, 1 failed, 2 wrong usage or a missing setting.
"""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from client.bucket import Bucket
from client.catalogue import MODELS
from client.client import Client
from client.errors import AccountError, ContentRefused, Later, UnknownOutcome, WaitTimeout, WanError
from client.flags import read_options, shared_options
from client.media import read_film
from client.models import DEFAULT_MODEL, EditRequest, Task, TaskStatus, Usage
from client.presets import PRESETS
from client.prices import cost, estimate, price
from client.regions import BEIJING, NAMES, SINGAPORE, region_of
from client.sansio import task_error
from client.sources import all_faults, links, local_file, stand_in

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
console = Console(markup=False, highlight=False, soft_wrap=True)
errors = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)

Out = Annotated[Path, typer.Option("--out", "-o", help="Where the edited video goes.")]


class Failed(Exception):  # noqa: N818 - internal: a sentence for the person, then exit 1
    """End the command with a sentence."""


@app.command()
@shared_options
def edit(
    video: Annotated[str, typer.Argument(help="An mp4 or mov file of 2-10 seconds, or a link to one.")],
    prompt: Annotated[str, typer.Argument(help="What should change; with --preset, its few words.")],
    image: Annotated[list[str] | None, typer.Option("--image", help="A reference picture or a link.")] = None,
    preset: Annotated[str | None, typer.Option("--preset", help="A kind of edit; see `presets`.")] = None,
    model: Annotated[str, typer.Option("--model", help=f"One of {', '.join(MODELS)}.")] = DEFAULT_MODEL,
    watermark: Annotated[bool, typer.Option("--watermark", help="Let the model put its mark into a corner.")] = False,
    out: Out = Path("out.mp4"),
    **typed: Any,
) -> None:
    """Edit a video; this costs money when it succeeds."""
    images = image or []
    chosen = read_options(typed)
    parameters = chosen.parameters.model_copy(update={"watermark": watermark})
    draft = EditRequest(
        prompt=_instruction(preset, prompt, len(images)),
        video=stand_in(video),
        images=tuple(stand_in(one) for one in images),
        negative_prompt=chosen.negative_prompt,
        parameters=parameters,
        model=model,
    )
    faults = all_faults(draft, video, images, region_of(_base_url()))
    if not out.parent.is_dir():
        faults.append(f"There is no folder {out.parent} for the result.")
    if faults:
        raise typer.BadParameter(" ".join(faults))

    async def work(client: Client) -> None:
        _tell_price(draft, video)
        video_link, image_links = await links(client, video, images, model)
        task = await client.create(draft.model_copy(update={"video": video_link, "images": image_links}))
        console.print(f"Task {task.task_id}; if this is interrupted: {_resume(task.task_id, out)}")
        await _fetch(client, task.task_id, out, model)

    _run(work)


@app.command()
def presets() -> None:
    """List the kinds of edits that `edit --preset` knows."""
    table = Table("preset", "what it does", "pictures", "example of its words")
    for one in PRESETS.values():
        table.add_row(one.name, one.title, str(one.images or "-"), one.example)
    console.print(table)


@app.command()
def task(
    task_id: str, out: Annotated[Path | None, typer.Option("--out", "-o", help="Wait, and load the result.")] = None
) -> None:
    """Show a task, or wait for it and load its result."""

    async def work(client: Client) -> None:
        found = await client.get(task_id)  # tells a wrong key or address at once, where a wait would have patience
        if out is not None:
            await _fetch(client, task_id, out)
            return
        console.print(f"{found.task_id} {found.status.value}{_billed(found.usage)}")
        if found.status is TaskStatus.FAILED:
            raise task_error(found)

    _run(work)


@app.command()
def tasks() -> None:
    """List the account's tasks of the last 24 hours: id, status, model and when it was created, in UTC."""

    async def work(client: Client) -> None:
        for row in await client.list_all():  # lines and no table, which would cut ids where the window is narrow
            console.print(f"{row.task_id}  {row.status.value:9}  {row.model}  {row.created_at:%Y-%m-%d %H:%M:%S}")

    _run(work)


@app.command()
def cancel(task_id: str) -> None:
    """Cancel a task that has not begun."""

    async def work(client: Client) -> None:
        if not await client.cancel(task_id):
            raise Failed("The task is not waiting any more, so it cannot be canceled; if it runs, it is billed.")
        console.print("Canceled; it costs nothing.")

    _run(work)


def _instruction(preset: str | None, words: str, images: int) -> str:
    if preset is None:
        return words
    if preset not in PRESETS:
        raise typer.BadParameter(f"There is no preset {preset}; there are {', '.join(PRESETS)}.")
    try:
        return PRESETS[preset].prompt(words, images)
    except ValueError as exc:
        raise typer.BadParameter(str(exc)) from exc


def _tell_price(draft: EditRequest, video: str) -> None:
    """Say what it will cost at most, or why nobody can say."""
    path, region = local_file(video), region_of(_base_url())
    film = read_film(path) if path else None
    known = price(draft.model, region, draft.parameters.resolution) if region else None
    if film and region and known:
        cost_at_most = estimate(draft, region, film.seconds)
        console.print(f"This costs at most about {cost_at_most}, at the price known on {known.checked_on}.")
    elif film:
        console.print(f"No price is known for {draft.model} in {NAMES[region] if region else 'this region'}.")
    else:
        console.print("What this costs depends on the length of the video, which is not known of a link.")


def _billed(usage: Usage | None, model: str | None = None) -> str:
    """Say what was billed; a task does not tell its model, so the price is known to whoever made it only."""
    if usage is None:
        return ""
    region = region_of(_base_url())
    paid = cost(usage, region, model) if region and model else None
    return f", {usage.billed_s:g} s billed" + (f" (about {paid})" if paid else "")


async def _fetch(client: Client, task_id: str, out: Path, model: str | None = None) -> None:
    columns = SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        shown = progress.add_task("waiting")

        def show(found: Task) -> None:
            progress.update(shown, description=f"{found.status.value} (usually 4-11 minutes in all)")

        try:
            found = await client.wait(task_id, on_progress=show)
            size_bytes = await _load(client, found, out)
        except (Later, WaitTimeout) as error:
            raise Failed(f"{error.message} To go on: {_resume(task_id, out)}") from error
    console.print(f"{out}: {size_bytes} bytes{_billed(found.usage, model)}")


async def _load(client: Client, found: Task, out: Path) -> int:
    match found.status:
        case TaskStatus.SUCCEEDED:
            return await client.load(found, out)
        case TaskStatus.FAILED:
            error = task_error(found)
            raise Failed(_sentence(error) + " A failed task costs nothing.") from error
        case TaskStatus.UNKNOWN:
            raise Failed("The service does not know this task: it keeps tasks for 24 hours, each in its own region.")
        case status:
            raise Failed(f"The task ended as {status.value}, without a video.")


def _resume(task_id: str, out: Path) -> str:
    return f"python -m client task {shlex.quote(task_id)} -o {shlex.quote(str(out))}"


def _sentence(error: WanError) -> str:
    match error:
        case AccountError():
            hint = " Check the key, its region (the base URL), the bill and the access to the model."
        case ContentRefused():
            hint = " A content rule refused it: change the instruction or the media, or try --no-rewrite."
        case UnknownOutcome():
            hint = " A task may exist and be billed: look at `python -m client tasks` before you try again."
        case Later():
            hint = " Try again later."
        case _:
            hint = ""
    facts = [f"{name} {value}" for name, value in (("code", error.code), ("request", error.request_id)) if value]
    return error.message + hint + (f" ({', '.join(facts)})" if facts else "")


def _base_url() -> str:
    return os.environ.get("DASHSCOPE_HTTP_BASE_URL") or BEIJING


def _run(work: Callable[[Client], Coroutine[Any, Any, None]]) -> None:
    """Run a command's work with a client of the environment, and turn what goes wrong into a sentence."""
    key = os.environ.get("DASHSCOPE_API_KEY", "")
    if not key:
        _end("Set DASHSCOPE_API_KEY; how to get a key: https://www.alibabacloud.com/help/en/model-studio/get-api-key "
             f"(for Singapore also set DASHSCOPE_HTTP_BASE_URL={SINGAPORE}).", 2)  # fmt: skip
    try:
        bucket_url = os.environ.get("WAN_BUCKET_URL")
        client = Client(key, _base_url(), bucket=Bucket(bucket_url) if bucket_url else None)
    except ValueError as exc:
        _end(f"DASHSCOPE_API_KEY, DASHSCOPE_HTTP_BASE_URL or WAN_BUCKET_URL is wrong. {exc}", 2)

    async def within() -> None:
        async with client:
            await work(client)

    try:
        asyncio.run(within())
    except WanError as error:
        _end(_sentence(error), 1)
    except Failed as exc:
        _end(str(exc), 1)
    except OSError as exc:
        _end(f"{exc.filename or 'A file'}: {exc.strerror}.", 1)


def _end(sentence: str, code: int) -> None:
    errors.print(sentence)
    raise typer.Exit(code)


if __name__ == "__main__":
    app(prog_name="python -m client")
