"""What a person filled into a view → the true `state.values`, after the checks that Slack's client makes. Pure.

https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.state import Json, StoredFile

MAX_INPUT_FILE_BYTES = 10 * 1024**2  # https://docs.slack.dev/reference/block-kit/block-elements/file-input-element
_REQUIRED = "Please complete this required field."


@dataclass(frozen=True, slots=True)
class FilledIn:
    """Hold `state.values` and, by block id, what Slack's client complains about."""

    values: dict[str, dict[str, Json]]
    errors: dict[str, str]


def fill_in(
    blocks: list[Json],
    typed: Mapping[str, Mapping[str, Any]],
    files: Mapping[str, list[StoredFile]],
    write_file: Callable[[StoredFile], Json],
    current_channel: str | None,
) -> FilledIn:
    """Combine the view's elements with simple values by block and action id, and with files by block id."""
    values: dict[str, dict[str, Json]] = {}
    errors: dict[str, str] = {}
    for block, element in _stateful(blocks):
        block_id, action_id = block["block_id"], element["action_id"]
        if element["type"] == "file_input":
            given = files.get(block_id, [])
            value: Json = {"type": "file_input", "files": [write_file(file) for file in given]}
            problem = _file_problem(element, given)
        else:
            value = element_value(element, typed.get(block_id, {}).get(action_id), current_channel)
            problem = _value_problem(element, value)
        if block["type"] == "input" and not block.get("optional") and is_empty(value):
            problem = _REQUIRED
        values.setdefault(block_id, {})[action_id] = value
        if problem:
            errors[block_id] = problem
    return FilledIn(values, errors)


def element_value(element: Json, typed: Any, current_channel: str | None = None) -> Json:
    """Write the value of one element from a simple one; None means untouched, so that its initial value counts."""
    kind: str = element["type"]
    match kind:
        case "static_select" | "external_select" | "radio_buttons" | "overflow":
            chosen = _options(element, [typed] if typed else []) if typed is not None else []
            untouched = element.get("initial_option") if typed is None else None
            return {"type": kind, "selected_option": chosen[0] if chosen else untouched}
        case "checkboxes" | "multi_static_select":
            untouched_options: list[Json] = element.get("initial_options", [])
            options = untouched_options if typed is None else _options(element, typed)
            return {"type": kind, "selected_options": options}
        case "conversations_select" | "channels_select" | "users_select":
            noun = kind.removesuffix("s_select")
            default = current_channel if element.get("default_to_current_conversation") else None
            initial = element.get(f"initial_{noun}", default)
            return {"type": kind, f"selected_{noun}": (typed or None) if typed is not None else initial}
        case "datepicker" | "timepicker":
            noun = kind.removesuffix("picker")
            return {"type": kind, f"selected_{noun}": typed or element.get(f"initial_{noun}")}
        case _:
            text = element.get("initial_value") if typed is None else str(typed)
            return {"type": kind, "value": text or None}


def is_empty(value: Json) -> bool:
    """Tell whether nothing was filled in."""
    return not any(content for name, content in value.items() if name != "type")


def _stateful(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Iterate over the elements that have state: those of inputs, and the selects of sections and actions."""
    for block in blocks:
        elements = [block.get("element"), block.get("accessory"), *(block.get("elements") or [])]
        for element in elements:
            has_state = isinstance(element, dict) and element.get("type") not in ("button", "overflow")
            if has_state and "action_id" in element:
                yield block, element


def _options(element: Json, wanted: list[str]) -> list[Json]:
    groups = [group["options"] for group in element.get("option_groups", [])]
    options = [*element.get("options", []), *(option for group in groups for option in group)]
    return [option for option in options if option.get("value") in wanted]


def _file_problem(element: Json, files: list[StoredFile]) -> str | None:
    if len(files) > element.get("max_files", 10):
        return f"You can add up to {element.get('max_files', 10)} files."
    if any(file.size_bytes > MAX_INPUT_FILE_BYTES for file in files):
        return "Files must be smaller than 10 MB."
    return None


def _value_problem(element: Json, value: Json) -> str | None:
    text = value.get("value")
    if not text:
        return None
    if element["type"] == "number_input":
        return _number_problem(element, text)
    if len(text) > element.get("max_length", 3000):
        return f"Please use at most {element.get('max_length', 3000)} characters."
    if len(text) < element.get("min_length", 0):
        return f"Please use at least {element['min_length']} characters."
    if element["type"] == "url_text_input" and not text.startswith(("http://", "https://")):
        return "Please enter a valid URL."
    return None


def _number_problem(element: Json, text: str) -> str | None:
    try:
        number = float(text) if element.get("is_decimal_allowed") else int(text)
    except ValueError:
        return "Please enter a number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and number > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return None
