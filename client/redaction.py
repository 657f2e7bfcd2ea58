"""Keep signatures out of the log: httpx writes every requested URL at INFO, and a signed URL is a bearer secret."""

from __future__ import annotations

import logging

import httpx


class WithoutQueries(logging.Filter):
    """Cut the query off every URL in a log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without the queries of its URLs."""
        if isinstance(record.args, tuple):
            record.args = tuple(_without_query(arg) if isinstance(arg, httpx.URL) else arg for arg in record.args)
        return True


WITHOUT_QUERIES = WithoutQueries()  # one object, because a logger keeps each filter once


def redact_httpx_log() -> None:
    """Cut queries off the URLs that httpx logs, in the whole process; doing it again changes nothing."""
    logging.getLogger("httpx").addFilter(WITHOUT_QUERIES)


def _without_query(url: httpx.URL) -> str:
    return str(url.copy_with(query=None, username=None, password=None))
