"""How log lines look: a constant message, then the facts given in `extra` as key=value pairs."""

from __future__ import annotations

import logging

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class FactsFormatter(logging.Formatter):
    """Append what a record carries in `extra` to its message."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line (more with a traceback)."""
        line = super().format(record)
        facts = " ".join(f"{key}={value}" for key, value in vars(record).items() if key not in _STANDARD)
        head, newline, rest = line.partition("\n")
        return f"{head}  {facts}{newline}{rest}" if facts else line


def set_up(level: str) -> None:
    """Write our log to standard error; other libraries speak from WARNING on.

    The SDKs log parameters at DEBUG and httpx logs URLs at INFO; the provider's result URL is a bearer secret.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(FactsFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for ours in ("bot", "client"):
        logging.getLogger(ours).setLevel(level.upper())
