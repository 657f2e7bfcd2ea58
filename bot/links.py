"""The guarded download of links that people give us: a link must not lead our server into its own network.

For the first address and for every redirect: https only, no password in the link, and every address that the host's
name stands for is a public one; the connection then goes to exactly such an address (the name is never looked up a
second time), with the host's own name for TLS. Bytes and time are capped. Exempt are only the exact origins that an
admin trusts. Never through a proxy, never with cookies, and httpx's client, which logs whole URLs, is not used.

Not here: what is inside the file (`bot/media`), and Slack's own files (`bot/files.py`).
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import anyio
import httpx

from bot.language import say
from bot.media.magic import HEAD_BYTES, Kind, sniff

MOST_REDIRECTS = 3
MOST_ADDRESSES = 4  # of one host, tried in turn: the first may be IPv6 on a machine that has none
CONNECT_TIMEOUT_S = 10.0
CHUNK_BYTES = 256 * 1024

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Look up a host and port, and return its addresses as text; raise OSError where there are none."""

# Public by the registries, and yet not the internet: a cloud's own service address, and retired 6to4 relays.
_NOT_PUBLIC_V4 = tuple(map(ipaddress.IPv4Network, ("168.63.129.16/32", "192.88.99.0/24")))
# Only 2000::/3 is the internet; the ranges below lie in it and hide an IPv4 address or are for documentation.
# https://www.iana.org/assignments/iana-ipv6-special-registry
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))


class LinkError(Exception):
    """A link cannot be used; the text is one or two sentences for the person who gave it."""


async def look_up(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver for the addresses of a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


def is_public(address: str) -> bool:
    """Say whether an address belongs to the public internet; False for anything that is not plainly so."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        known = ip.is_global and not (ip.is_multicast or ip.is_reserved)
        return known and not any(ip in network for network in _NOT_PUBLIC_V4)
    known = ip.is_global and ip.scope_id is None and ip in _PUBLIC_V6
    return known and not any(ip in network for network in _NOT_PUBLIC_V6)


class LinkFetcher:
    """Downloads links that people gave, to disk. Holds no connection between two calls; safe to share."""

    def __init__(
        self,
        trusted_origins: frozenset[str] = frozenset(),
        *,
        max_bytes: int = 100_000_000,
        timeout_s: float = 60,
        resolve: Resolve = look_up,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Trust origins such as `http://127.0.0.1:8080` besides public https; `timeout_s` bounds a whole download."""
        self._trusted = frozenset(_origin(httpx.URL(trusted)) for trusted in trusted_origins)
        self._max_bytes = max_bytes
        self._timeout_s = timeout_s
        self._resolve = resolve
        self._tls = tls or httpx.create_ssl_context()

    async def fetch(self, url: str, path: Path) -> int:
        """Save what a link leads to and return its size in bytes; raise LinkError, and then leave no file behind."""
        with _all_or_nothing(path):
            try:
                async with asyncio.timeout(self._timeout_s):
                    return await self._follow(_parse(url), path)
            except TimeoutError as exc:
                limit = f"{self._timeout_s:g}"
                text = say("That link took longer than {limit} seconds. Attach the file.", limit=limit)
                raise LinkError(text) from exc
            except (httpx.ConnectError, httpx.ConnectTimeout) as exc:
                raise LinkError(
                    say("The server of that link cannot be reached. Check it, or attach the file.")
                ) from exc
            except httpx.HTTPError as exc:
                raise LinkError(say("The download from that link broke off. Try again, or attach the file.")) from exc

    async def _follow(self, url: httpx.URL, path: Path) -> int:
        for _hop in range(1 + MOST_REDIRECTS):
            async with self._get(url) as answer:
                if not answer.has_redirect_location:
                    self._demand_file(answer)
                    return await self._save(answer, path)
                url = _parse(answer.headers["location"], base=url)
        raise LinkError(
            say(
                "That link was redirected more than {limit} times. Use the address where it ends.", limit=MOST_REDIRECTS
            )
        )

    @asynccontextmanager
    async def _get(self, url: httpx.URL) -> AsyncIterator[httpx.Response]:
        """Ask one address of the host for the file, with a connection of its own."""
        addresses = await self._addresses(url)
        async with httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False) as transport:
            for number, address in enumerate(addresses, start=1):
                try:
                    answer = await transport.handle_async_request(_pinned(url, address))
                    break
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    if number == len(addresses):
                        raise
            try:
                yield answer
            finally:
                await answer.aclose()

    async def _addresses(self, url: httpx.URL) -> Sequence[str]:
        """Look up the host once, and refuse it unless its origin is trusted or all its addresses are public."""
        trusted = _origin(url) in self._trusted
        if url.userinfo:
            raise LinkError(say("That link carries a user name or password. Use a link without them."))
        if url.scheme != "https" and not trusted:
            raise LinkError(say("Only https:// links can be used. Attach the file to your message instead."))
        host, port = _host_and_port(url)
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as exc:
            raise LinkError(say("The server of that link cannot be found. Check the link for a typing error.")) from exc
        if not addresses or not (trusted or all(map(is_public, addresses))):
            raise LinkError(say("That link does not lead to a server on the public internet. Attach the file instead."))
        return addresses[:MOST_ADDRESSES]

    def _demand_file(self, answer: httpx.Response) -> None:
        match answer.status_code:
            case 200:
                pass
            case 401 | 403 | 407:
                raise LinkError(
                    say("That link is not open to everybody: its server asks for a login. Attach the file.")
                )
            case 404 | 410:
                raise LinkError(say("There is no file at that link (any more). Check the link, or attach the file."))
            case status:
                raise LinkError(
                    say(
                        "The server of that link answered with an error (HTTP {status}). Try again later.",
                        status=status,
                    )
                )
        content_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type in ("text/html", "application/xhtml+xml"):
            raise _no_file()
        if answer.headers.get("content-encoding", "identity").lower() != "identity":  # could swell without bound
            raise LinkError(say("The server of that link sends the file only compressed. Attach the file instead."))
        length = answer.headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._max_bytes:
            raise self._too_big()

    async def _save(self, answer: httpx.Response, path: Path) -> int:
        size_bytes = 0
        async with await anyio.open_file(path, "wb") as file:
            async for chunk in answer.aiter_raw(CHUNK_BYTES):
                if not size_bytes and sniff(chunk[:HEAD_BYTES]) is Kind.WEB_PAGE:
                    raise _no_file()
                size_bytes += len(chunk)
                if size_bytes > self._max_bytes:
                    raise self._too_big()
                await file.write(chunk)
        if not size_bytes:
            raise LinkError(say("The file at that link is empty. Check the link, or attach the file."))
        return size_bytes

    def _too_big(self) -> LinkError:
        limit = f"{self._max_bytes / 1e6:g}"
        return LinkError(say("The file at that link has more than {limit} MB, which is the limit.", limit=limit))


def _no_file() -> LinkError:
    return LinkError(
        say(
            "That link leads to a web page, not to a video file. Use a link that downloads the file itself, or attach "
            "the file to your message."
        )
    )


@contextmanager
def _all_or_nothing(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _parse(link: str, base: httpx.URL | None = None) -> httpx.URL:
    try:
        url = base.join(link) if base else httpx.URL(link)
    except (httpx.InvalidURL, ValueError) as exc:
        raise LinkError(say("That is not a link that can be opened. Check it for a typing error.")) from exc
    if url.scheme not in ("http", "https") or not url.host:
        raise LinkError(say("Only https:// links can be used. Attach the file to your message instead."))
    return url


def _pinned(url: httpx.URL, address: str) -> httpx.Request:
    """Make the request to one address; name and certificate stay those of the host."""
    timeout = httpx.Timeout(None, connect=CONNECT_TIMEOUT_S)  # `fetch` bounds everything else
    extensions: dict[str, object] = {"timeout": timeout.as_dict(), "sni_hostname": _host_and_port(url)[0]}
    headers = {
        "Host": url.netloc.decode("ascii"),
        "User-Agent": "slack-video-editor",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
    }
    return httpx.Request("GET", url.copy_with(host=address), headers=headers, extensions=extensions)


def _host_and_port(url: httpx.URL) -> tuple[str, int]:
    return url.raw_host.decode("ascii").rstrip("."), url.port or (443 if url.scheme == "https" else 80)


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, *_host_and_port(url)
