"""What may be switched on, at run time, to make the local workspace as unpleasant as the real one sometimes is."""

from dataclasses import dataclass, field, fields
from typing import Any, Literal


@dataclass(slots=True)
class Faults:
    """Name the unpleasant behaviours; every field may be changed while the workspace runs.

    Counting fields (`rate_limits`, `lost_answers`, `uploads_answered_408`) go down by one for each call that they hit.
    """

    duplicate_events: bool = False
    """Deliver each event a second time, with the same `event_id` and `retry_attempt` 1."""
    reorder_events: bool = False
    """Hold each second event back until the next one was sent (or 1 s passed)."""
    ack_timeout_s: float = 3.0
    """How long an envelope waits for its ack; Slack gives 3 s."""
    retry_delays_s: tuple[float, ...] = (0.0, 60.0, 300.0)
    """Pauses before each redelivery of an event: at once, a minute, five minutes (https://docs.slack.dev/apis/events-api)."""
    late_shares_s: float = 0.2
    """Time between `files.completeUploadExternal` and the message with the file; until then `shares` is empty."""
    late_mimetype_s: float = 0.0
    """Time for which a new file has an empty `mimetype` and `filetype`, as while Slack scans it."""
    stub_files: bool = False
    """Let payloads carry `file_access: check_file_info` stubs instead of files, as in Slack Connect channels."""
    login_page: Literal["off", "html", "redirect"] = "off"
    """Answer file downloads with the login page although the token is right."""
    trigger_lifetime_s: float = 3.0
    """How long a trigger id can be exchanged for a view."""
    rate_limits: dict[str, int] = field(default_factory=dict)
    """Method name → how many of its next calls get HTTP 429."""
    retry_after_s: int = 1
    """The `Retry-After` header of these answers."""
    real_rate_limits: bool = False
    """Enforce Slack's published tiers (calls per minute and method, one message per second and channel)."""
    errors: dict[str, str] = field(default_factory=dict)
    """Method name → the error that all of its calls get, until the entry is removed."""
    refused_blocks: list[str] = field(default_factory=list)
    """The types of blocks that messages may not have, as in a workspace that does not know them yet."""
    lost_answers: dict[str, int] = field(default_factory=dict)
    """Method name → how many of its next calls are carried out but never answered: the connection just closes."""
    uploads_answered_408: int = 0
    """How many of the next uploads are stored completely and then answered with HTTP 408."""

    def change(self, changes: dict[str, Any]) -> None:
        """Set fields by name; raise ValueError, and change nothing, when a name or a type is wrong."""
        known = {item.name for item in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"no such fault: {name}")
            if not _same_kind(getattr(self, name), value):
                raise ValueError(f"{name}: {value!r} has the wrong type")
        for name, value in changes.items():
            setattr(self, name, tuple(value) if name == "retry_delays_s" else value)

    @staticmethod
    def spend(counters: dict[str, int], name: str) -> bool:
        """Take one from the counter of this name; tell whether there was one left."""
        left = counters.get(name, 0)
        if left > 0:
            counters[name] = left - 1
        return left > 0


def _same_kind(old: object, new: object) -> bool:
    match old:
        case bool():
            return isinstance(new, bool)
        case int() | float():
            return isinstance(new, int | float) and not isinstance(new, bool) and new >= 0
        case "off" | "html" | "redirect":
            return new in ("off", "html", "redirect")
        case tuple():
            return isinstance(new, list | tuple) and all(isinstance(item, int | float) for item in new)
        case _:
            return isinstance(new, type(old))
