"""Faults on demand: what shall go wrong with the next calls.

In Python: `wan.faults.add("create", status=500)`. Over HTTP: `POST /local/faults` with one JSON object or a list of
them, the same fields and `on`; `DELETE /local/faults` forgets all that are left; `GET` shows them.

`on` names the call: create, get, list, cancel, policy, upload, result (reading a result file), task (the work itself).
What happens (`times`: how often, once by default; faults of one call happen in the order they were added):

- `status` (with `code`, `message`): this HTTP error as JSON, without doing what was asked; with `retry_after_s` the
  answer has that header.
- `html=True` (with `status`, 200 by default): an HTML page instead, as proxies send it.
- `drop="before"` / `"after"`: close the connection without an answer, before or AFTER the call was carried out.
- `delay_s`: answer this much later (alone or with one of the others); with no other fault the call goes well.
- `unknown=True` (get): answer UNKNOWN.
- `cut_after_bytes` (result): send this many bytes of the file, then close the connection.
- `code`, `message` (task): the next task ends as FAILED with them.
"""

from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

Call = Literal["create", "get", "list", "cancel", "policy", "upload", "result", "task"]

_CODES = {
    400: "InvalidParameter",
    401: "InvalidApiKey",
    403: "AccessDenied",
    404: "NotFound",
    409: "Conflict",
    429: "Throttling.RateQuota",
    500: "InternalError",
    503: "ModelUnavailable",
}


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong `times` times; the fields are explained at the top of this module."""

    on: Call
    times: int = 1
    status: int | None = None
    retry_after_s: int | None = None
    html: bool = False
    code: str = ""
    message: str = ""
    drop: Literal["before", "after"] | None = None
    delay_s: float = 0.0
    unknown: bool = False
    cut_after_bytes: int | None = None

    def __post_init__(self) -> None:
        if self.on not in get_args(Call) or self.times < 1 or self.drop not in (None, "before", "after"):
            raise ValueError(f"no such fault: {self}")

    @property
    def sentence(self) -> str:
        """The `message` of the answer."""
        return self.message or "A fault that was ordered."

    @property
    def wire_code(self) -> str:
        """The `code` of the answer: the given one or what usually comes with the status."""
        return self.code or _CODES.get(self.status or 500, "InternalError")


class Faults:
    """The faults that are still to come."""

    def __init__(self) -> None:
        self._left: list[list[Any]] = []

    def add(self, on: Call, **what: Any) -> Fault:
        """Order a fault. Raises ValueError or TypeError for one that does not exist."""
        fault = Fault(on, **what)
        self._left.append([fault, fault.times])
        return fault

    def take(self, on: Call) -> Fault | None:
        """Use up the next fault of a call, if there is one."""
        for entry in self._left:
            fault: Fault = entry[0]
            if fault.on == on:
                entry[1] -= 1
                if entry[1] == 0:
                    self._left.remove(entry)
                return fault
        return None

    def clear(self) -> None:
        """Forget all that are left."""
        self._left.clear()

    def show(self) -> list[dict[str, Any]]:
        """List what is left, as JSON values."""
        return [
            {field.name: getattr(fault, field.name) for field in fields(fault)} | {"times": left}
            for fault, left in self._left
        ]
