"""Origins of URLs, and the rule to which of them files may travel; pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from client.errors import UnexpectedAnswer

DEFAULT_PORTS = {"https": 443, "http": 80}


def origin(url: str) -> tuple[str, str, int | None]:
    """Name scheme, host and port of a URL."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme)


def demand_safe(url: str, base_url: str) -> None:
    """Raise unless a URL named by the service is https, or of the very origin that we were told to trust."""
    try:
        safe = origin(url)[0] == "https" or origin(url) == origin(base_url)
    except ValueError:
        safe = False
    if not safe:
        raise UnexpectedAnswer("The service named an address that is neither https nor its own; it is not used.")
