"""Parsing: from a record's body to what it says. One bad record must not stop the others."""

from __future__ import annotations

import logging
from typing import Generic, TypeVar

from pydantic import ValidationError

from bot.commit import Record
from bot.edit import Frozen

log = logging.getLogger(__name__)

Kept = TypeVar("Kept", bound=Frozen)


class Parsing(Generic[Kept]):
    """Parses records of one kind; one that cannot be read is reported once, not at every look."""

    def __init__(self, kind: type[Kept]) -> None:
        self._kind = kind
        self._reported: set[str] = set()

    def parsed(self, name: str, record: Record) -> Kept | None:
        """Return what the record says, None where it cannot be read (logged)."""
        try:
            return self._kind.model_validate_json(record.body)
        except ValidationError as error:
            if name not in self._reported:
                self._reported.add(name)
                facts = {"kind": self._kind.__name__, "record": name, "faults": error.error_count()}
                log.error("a record cannot be read", extra=facts)
            return None
