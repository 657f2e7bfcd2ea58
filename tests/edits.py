"""Edits to test with."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.edit import Edit, Failure, Reason, SlackFile, State

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
WHY = Failure(reason=Reason.INPUT, message="why")


def edit_in(state: State, **fields: Any) -> Edit:
    given = {
        "edit_id": "e1", "created_at": NOW - timedelta(minutes=2, seconds=14), "entered_at": NOW, "team": "T1",
        "user": "U1", "channel": "C1", "thread_ts": "1.0", "instruction": "make it snow",
        "video": SlackFile(file_id="F0", name="beach day.mov"), "state": state,
    }  # fmt: skip
    if state is State.FAILED:
        given["failure"] = WHY
    return Edit.model_validate(given | fields)
