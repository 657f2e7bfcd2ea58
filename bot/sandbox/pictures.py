"""Pictures in blocks that are files of the workspace (`slack_file`): which of them Slack takes.

The errors are Slack's own: https://github.com/slackapi/python-slack-sdk/issues/1521 and …/1658. A file that is shared
nowhere may be shown by the app that uploaded it, as soon as Slack has looked at it.
https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from bot.sandbox.payloads import Payloads
from bot.sandbox.state import Json, SlackError, State, StoredFile

_KINDS = frozenset({".png", ".jpg", ".jpeg", ".gif"})
_FILE_ID = re.compile(r"F[A-Z0-9]{8,}")


def check_pictures(blocks: Sequence[Json], state: State, payloads: Payloads, *, error: str, at: str = "") -> None:
    """Raise `error` where the app may not show one of the pictures; `at` is the JSON pointer to what has the blocks."""
    problems = []
    for place, named in _pictures(blocks):
        if ("id" in named) is ("url" in named):
            problems.append(f"one of id and url must be given [json-pointer:{at}{place}]")
        elif "id" in named and not _FILE_ID.fullmatch(str(named["id"])):
            problems.append(f"input must match regex pattern: ^[F][A-Z0-9]{{8,}}$ [json-pointer:{at}{place}/id]")
        elif not _may_be_shown(named, state, payloads):
            problems.append(f"invalid slack file [json-pointer:{at}{place}]")
    if problems:
        messages = [f"[ERROR] {problem}" for problem in problems]
        raise SlackError(error, errors=problems, response_metadata={"messages": messages})


def shows(blocks: Sequence[Json], file_id: str) -> bool:
    """Say whether a file is among the pictures in blocks."""
    return any(_file_id(named) == file_id for _, named in _pictures(blocks))


def _pictures(blocks: Sequence[Json]) -> Iterator[tuple[str, Json]]:
    """Yield each `slack_file` with its JSON pointer: of image blocks, accessories, and images among elements."""
    for number, block in enumerate(blocks):
        parts = [("", block), ("/accessory", block.get("accessory"))]
        parts += [(f"/elements/{n}", element) for n, element in enumerate(block.get("elements") or [])]
        for place, part in parts:
            if isinstance(part, dict) and isinstance(part.get("slack_file"), dict):
                yield f"/blocks/{number}{place}/slack_file", part["slack_file"]


def _file_id(named: Json) -> str:
    """Return the id of a file that is named by it, or by one of its two addresses, which both contain it."""
    found = _FILE_ID.search(str(named.get("id") or named.get("url")))
    return found[0] if found else ""


def _may_be_shown(named: Json, state: State, payloads: Payloads) -> bool:
    try:
        file: StoredFile = state.file(_file_id(named))
    except SlackError:
        return False
    is_there = file.is_completed or bool(file.shares)
    return is_there and bool(payloads.file(file)["mimetype"]) and PurePath(file.name).suffix.lower() in _KINDS
