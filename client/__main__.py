"""A command line for the API alone: `python -m client edit | task | tasks | cancel`.

Only here is the environment read. Exit codes: 0 done, 1 failed, 2 wrong usage or a missing setting.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import shlex
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from client.checks import violations
from client.client import Client
from client.errors import AccountError, ContentRefused, Later, UnknownOutcome, WaitTimeout, WanError
from client.models import EditRequest, Parameters, Task, TaskStatus
from client.options import OPTIONS, Option, apply_options
from client.regions import BEIJING, SINGAPORE
from client.sansio import task_error
from client.sources import SCHEMES, links, source_faults

T = TypeVar("T")
Function = TypeVar("Function", bound=Callable[..., None])

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
console = Console(markup=False, highlight=False, soft_wrap=True)
errors = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)

Out = Annotated[Path, typer.Option("--out", "-o", help="Where the edited video goes.")]


class Failed(Exception):  # noqa: N818 - internal: a sentence for the person, then exit 1
    """End the command with a sentence."""


def shared_options(function: Function) -> Function:
    """Give a command the options of the shared table; they reach it as keyword arguments named `option_N`."""
    signature = inspect.signature(function, eval_str=True)
    own = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    shared = [
        inspect.Parameter(
            f"option_{number}",
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=_annotation(option),
        )
        for number, option in enumerate(OPTIONS)
    ]
    function.__signature__ = signature.replace(parameters=[*own, *shared])  # type: ignore[attr-defined]  # PEP 362
    return function


def _annotation(option: Option) -> object:
    described = typer.Option(*option.flags, help=option.help, metavar=option.placeholder or None)
    return Annotated[bool | None, described] if option.takes == "nothing" else Annotated[str | None, described]


def read_options(typed: dict[str, Any]) -> tuple[Parameters, str | None]:
    """Read what `shared_options` collected; a wrong value ends the command with its sentence."""
    pairs: list[tuple[Option, object]] = []
    try:
        for number, option in enumerate(OPTIONS):
            text = typed[f"option_{number}"]
            if text is not None:
                pairs.append((option, option.value if option.takes == "nothing" else option.parse(text)))
        return apply_options(pairs)
    except ValueError as exc:
        raise typer.BadParameter(str(exc)) from exc


@app.command()
@shared_options
def edit(
    video: Annotated[str, typer.Argument(help="An mp4 or mov file of 2-10 seconds, or a link to one.")],
    prompt: Annotated[str, typer.Argument(help="What should change.")],
    image: Annotated[list[str] | None, typer.Option("--image", help="A reference picture or a link, up to 4.")] = None,
    out: Out = Path("out.mp4"),
    **typed: Any,
) -> None:
    """Edit a video; this costs money when it succeeds."""
    images = image or []
    parameters, negative = read_options(typed)
    faults = source_faults(video, images) + _request_faults(prompt, video, images)
    if not out.parent.is_dir():
        faults.append(f"There is no folder {out.parent} for the result.")
    if faults:
        raise typer.BadParameter(" ".join(faults))

    async def work(client: Client) -> None:
        video_link, image_links = await links(client, video, images)
        request = EditRequest(
            prompt=prompt, video=video_link, images=image_links, negative_prompt=negative, parameters=parameters
        )
        task = await client.create(request)
        console.print(f"Task {task.task_id}; if this is interrupted: {_resume(task.task_id, out)}")
        await _fetch(client, task.task_id, out)

    _run(work)


@app.command()
def task(
    task_id: str, out: Annotated[Path | None, typer.Option("--out", "-o", help="Wait, and load the result.")] = None
) -> None:
    """Show a task, or wait for it and load its result."""

    async def work(client: Client) -> None:
        if out is not None:
            await _fetch(client, task_id, out)
            return
        found = await client.get(task_id)
        console.print(f"{found.task_id} {found.status.value}")
        if found.status is TaskStatus.FAILED:
            raise task_error(found)
        if found.usage:
            console.print(f"{found.usage.billed_s:g} s billed")

    _run(work)


@app.command()
def tasks() -> None:
    """List the account's tasks of the last 24 hours."""

    async def work(client: Client) -> None:
        table = Table("task", "status", "model", "created (UTC)")
        for row in await client.list_all():
            table.add_row(row.task_id, row.status.value, row.model, f"{row.created_at:%Y-%m-%d %H:%M:%S}")
        console.print(table)

    _run(work)


@app.command()
def cancel(task_id: str) -> None:
    """Cancel a task that has not begun."""

    async def work(client: Client) -> None:
        if not await client.cancel(task_id):
            raise Failed("The task is not waiting any more, so it cannot be canceled; if it runs, it is billed.")
        console.print("Canceled; it costs nothing.")

    _run(work)


def _request_faults(prompt: str, video: str, images: list[str]) -> list[str]:
    """Check what is known before the upload; a file stands for the link that it will get."""
    here = "https://file.invalid/"
    sources = [name if name.startswith(SCHEMES) else here for name in (video, *images)]
    return violations(EditRequest(prompt=prompt, video=sources[0], images=tuple(sources[1:])))


async def _fetch(client: Client, task_id: str, out: Path) -> None:
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
    billed = f", {found.usage.billed_s:g} s billed" if found.usage else ""
    console.print(f"{out}: {size_bytes} bytes{billed}")


async def _load(client: Client, found: Task, out: Path) -> int:
    match found.status:
        case TaskStatus.SUCCEEDED if found.video_url:
            return await client.download(found.video_url.get_secret_value(), out)
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


def _run(work: Callable[[Client], Coroutine[Any, Any, None]]) -> None:
    """Run a command's work with a client of the environment, and turn what goes wrong into a sentence."""
    key = os.environ.get("DASHSCOPE_API_KEY", "")
    if not key:
        _end("Set DASHSCOPE_API_KEY; how to get a key: https://www.alibabacloud.com/help/en/model-studio/get-api-key "
             f"(for Singapore also set DASHSCOPE_HTTP_BASE_URL={SINGAPORE}).", 2)  # fmt: skip
    try:
        client = Client(key, os.environ.get("DASHSCOPE_HTTP_BASE_URL") or BEIJING)
    except ValueError as exc:
        _end(f"DASHSCOPE_API_KEY or DASHSCOPE_HTTP_BASE_URL is wrong. {exc}", 2)

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
