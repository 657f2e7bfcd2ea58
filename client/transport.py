"""One pooled HTTP client, one region, one key, one set of budgets: how a call of the API travels.

Not here: what is in a call and what its answer means (`client/sansio.py`), nor what may be sent again
(`client/client.py`). Keys, prompts and result links are never logged.
"""

from __future__ import annotations

from contextlib import nullcontext
from urllib.parse import urlsplit

import httpx

from client import sansio
from client.budget import Budget
from client.errors import NotSent, ServiceError
from client.redaction import redact_httpx_log
from client.regions import BEIJING

READ_TIMEOUT = httpx.Timeout(connect=10, write=10, read=30, pool=30)

# Raised while the connection is made, TLS and proxy included; after that a request may have left.
BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

DIRECT = {"all://127.0.0.1": None, "all://localhost": None}  # a proxy of the environment cannot reach this machine


class Transport:
    """Send calls to one base URL. The key goes to its origin and nowhere else."""

    def __init__(self, api_key: str, base_url: str, http: httpx.AsyncClient | None) -> None:
        if not api_key or not api_key.isascii() or not api_key.isprintable() or " " in api_key:
            raise ValueError("The API key must be plain text without spaces.")
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"The base URL must look like {BEIJING}.")
        self.base_url = base_url.rstrip("/")
        self._authorization = {"Authorization": f"Bearer {api_key}"}
        self.http = http or httpx.AsyncClient(mounts=DIRECT)
        self._owns_http = http is None
        redact_httpx_log()

    async def aclose(self) -> None:
        """Close the pool, unless it was passed in."""
        if self._owns_http:
            await self.http.aclose()

    async def ask(self, call: sansio.Call, budget: Budget | None = None) -> sansio.Answer:
        """Send a call that is free and harmless, once its budget allows it."""
        try:
            async with budget or nullcontext():
                return await self.send(call, READ_TIMEOUT)
        except BEFORE_SENDING as exc:
            raise NotSent("The service cannot be reached.") from exc
        except httpx.HTTPError as exc:
            raise ServiceError("The connection to the service was lost.") from exc

    async def send(self, call: sansio.Call, timeout: httpx.Timeout) -> sansio.Answer:
        """Send a call exactly once; raises what httpx raises."""
        response = await self.http.request(
            call.method,
            self.base_url + call.path,
            headers={**call.headers, **self._authorization},
            params=call.query or None,
            json=call.json,
            timeout=timeout,
            follow_redirects=False,  # a redirect could carry the key elsewhere, or send a create twice
        )
        return sansio.Answer(response.status_code, response.headers, response.content)
