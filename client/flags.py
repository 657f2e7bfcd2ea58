"""The options of the shared table (`client/options.py`) that the service knows, as flags of a typer command."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer

from client.options import OPTIONS, Chosen, Option, apply_options

Function = TypeVar("Function", bound=Callable[..., None])
FLAGS = tuple(option for option in OPTIONS if option.is_wan)


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
        for number, option in enumerate(FLAGS)
    ]
    function.__signature__ = signature.replace(parameters=[*own, *shared])  # type: ignore[attr-defined]  # PEP 362
    return function


def _annotation(option: Option) -> object:
    described = typer.Option(*option.flags, help=option.help, metavar=option.placeholder or None)
    return Annotated[bool | None, described] if option.takes == "nothing" else Annotated[str | None, described]


def read_options(typed: dict[str, Any]) -> Chosen:
    """Read what `shared_options` collected; a wrong value ends the command with its sentence."""
    pairs: list[tuple[Option, object]] = []
    try:
        for number, option in enumerate(FLAGS):
            text = typed[f"option_{number}"]
            if text is not None:
                pairs.append((option, option.value if option.takes == "nothing" else _parsed(option, text)))
        return apply_options(pairs)
    except ValueError as exc:
        raise typer.BadParameter(str(exc)) from exc


def _parsed(option: Option, text: str) -> object:
    try:
        return option.parse(text)
    except ValueError as exc:
        raise typer.BadParameter(str(exc), param_hint=option.flags[0]) from exc
