"""The guarded download of people's links, over real sockets on loopback."""

import asyncio
import datetime as dt
import ipaddress
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.links import LinkError, LinkFetcher, is_public

FILM = bytes(range(256)) * 2000
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def served(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve every path by one handler on a free loopback port, and yield the port."""
    app = web.Application()
    app.router.add_get("/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    try:
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def film(_request: web.Request) -> web.StreamResponse:
    return web.Response(body=FILM, content_type="video/mp4")


def redirect(target: str) -> web.Response:
    return web.Response(status=302, headers={"Location": target})


def trusting(port: int, *, max_bytes: int = 100_000_000, timeout_s: float = 20) -> LinkFetcher:
    return LinkFetcher(frozenset({f"http://127.0.0.1:{port}"}), max_bytes=max_bytes, timeout_s=timeout_s)


async def refusal(fetcher: LinkFetcher, url: str, path: Path) -> str:
    with pytest.raises(LinkError) as caught:
        await fetcher.fetch(url, path)
    assert not await anyio.Path(path).exists()
    return str(caught.value)


async def test_a_file_arrives_whole_on_disk(tmp_path: Path) -> None:
    async with served(film) as port:
        size = await trusting(port).fetch(f"http://127.0.0.1:{port}/a.mp4?sig=1", tmp_path / "in")
    assert size == len(FILM)
    assert (tmp_path / "in").read_bytes() == FILM


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::]", "169.254.169.254", "10.1.2.3", "192.168.0.1",
        "172.16.0.1", "100.100.100.200", "168.63.129.16", "2130706433", "0x7f000001", "127.1", "0177.0.0.1", "0x7f.1",
        "localhost.", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[2002:7f00:1::]", "[64:ff9b::7f00:1]",
        "[fd00::1]", "[fe80::1]", "[fe80::1%25lo]", "[2001:0:1::1]", "224.0.0.1", "255.255.255.255", "240.0.0.1",
        "198.18.0.1", "127。0。0。1",
    ],
)  # fmt: skip
async def test_hosts_that_are_not_on_the_public_internet_are_never_contacted(host: str, tmp_path: Path) -> None:
    contacts = []

    async def counted(request: web.Request) -> web.StreamResponse:
        contacts.append(request.path)
        return web.Response(body=FILM)

    async with served(counted) as port:
        await refusal(LinkFetcher(timeout_s=5), f"https://{host}:{port}/a.mp4", tmp_path / "in")
    assert contacts == []


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111"])
def test_ordinary_addresses_are_public(address: str) -> None:
    assert is_public(address)


async def test_a_name_that_stands_for_one_private_address_among_public_ones_is_refused(tmp_path: Path) -> None:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return ["8.8.8.8", "127.0.0.1"]

    text = await refusal(LinkFetcher(resolve=resolve), "https://films.test/a.mp4", tmp_path / "in")
    assert "public internet" in text


async def test_a_name_without_an_address_is_called_a_typing_error(tmp_path: Path) -> None:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        raise OSError("no such name")

    assert "typing error" in await refusal(LinkFetcher(resolve=resolve), "https://films.test/a.mp4", tmp_path / "in")


async def test_the_name_is_looked_up_once_and_the_connection_goes_to_the_address_that_was_found(tmp_path: Path) -> None:
    looked_up, hosts = [], []

    async def resolve(host: str, port: int) -> Sequence[str]:
        looked_up.append((host, port))
        return ["127.0.0.1"]

    async def note_host(request: web.Request) -> web.StreamResponse:
        hosts.append(request.headers["Host"])
        return web.Response(body=FILM)

    async with served(note_host) as port:
        fetcher = LinkFetcher(frozenset({f"http://films.test:{port}"}), resolve=resolve)
        await fetcher.fetch(f"http://films.test:{port}/a.mp4", tmp_path / "in")
    assert looked_up == [("films.test", port)]
    assert hosts == [f"films.test:{port}"]


async def test_the_next_address_is_tried_where_the_first_does_not_answer(tmp_path: Path) -> None:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return ["::1", "127.0.0.1"]

    async with served(film) as port:
        fetcher = LinkFetcher(frozenset({f"http://films.test:{port}"}), resolve=resolve)
        assert await fetcher.fetch(f"http://films.test:{port}/a.mp4", tmp_path / "in") == len(FILM)


async def test_the_certificate_must_be_that_of_the_name_although_we_connect_to_an_address(tmp_path: Path) -> None:
    server_tls, client_tls = certified("films.test", tmp_path)

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with served(film, server_tls) as port:
        trusted = frozenset({f"https://films.test:{port}", f"https://other.test:{port}"})
        fetcher = LinkFetcher(trusted, resolve=resolve, tls=client_tls)
        assert await fetcher.fetch(f"https://films.test:{port}/a.mp4", tmp_path / "in") == len(FILM)
        assert "reached" in await refusal(fetcher, f"https://other.test:{port}/a.mp4", tmp_path / "other")


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://example.com/a.mp4", "https"),
        ("ftp://example.com/a.mp4", "https"),
        ("file:///etc/passwd", "https"),
        ("/a.mp4", "https"),
        ("https:///a.mp4", "https"),
        ("https://me:secret@example.com/a.mp4", "password"),
        ("https://example.com\n/a.mp4", "typing error"),
        ("https://example.com:port/a.mp4", "typing error"),
        ("https://" + "a" * 70 + ".com/a.mp4", "cannot be found"),
    ],
)
async def test_links_that_cannot_be_opened_are_refused_by_what_they_look_like(
    url: str, word: str, tmp_path: Path
) -> None:
    assert word in await refusal(LinkFetcher(), url, tmp_path / "in")


async def test_a_trusted_origin_is_exact_in_scheme_and_port(tmp_path: Path) -> None:
    async with served(film) as port, served(film) as other:
        assert "public" in await refusal(trusting(port), f"https://127.0.0.1:{port}/a.mp4", tmp_path / "in")
        assert "https" in await refusal(trusting(port), f"http://127.0.0.1:{other}/a.mp4", tmp_path / "in")


async def test_every_redirect_is_checked_again(tmp_path: Path) -> None:
    async with served(film) as inner:
        for target, word in (
            (f"http://127.0.0.1:{inner}/x", "https"),
            (f"https://127.0.0.1:{inner}/x", "public internet"),
            ("https://169.254.169.254/latest/meta-data", "public internet"),
            (f"//me:secret@127.0.0.1:{inner}/x", "password"),
            ("https://films.test:port/x", "typing error"),
            ("file:///etc/passwd", "https"),
        ):

            async def elsewhere(_request: web.Request, target: str = target) -> web.StreamResponse:
                return redirect(target)

            async with served(elsewhere) as port:
                assert word in await refusal(trusting(port), f"http://127.0.0.1:{port}/a.mp4", tmp_path / "in")


@pytest.mark.parametrize(("redirects", "arrives"), [(3, True), (4, False)])
async def test_three_redirects_are_followed_and_no_more(redirects: int, arrives: bool, tmp_path: Path) -> None:
    async def onward(request: web.Request) -> web.StreamResponse:
        step = int(request.path.strip("/"))
        return web.Response(body=FILM) if step == 0 else redirect(f"/{step - 1}")

    async with served(onward) as port:
        url = f"http://127.0.0.1:{port}/{redirects}"
        if arrives:
            assert await trusting(port).fetch(url, tmp_path / "in") == len(FILM)
        else:
            assert "redirected" in await refusal(trusting(port), url, tmp_path / "in")


async def test_a_body_without_a_length_is_cut_at_the_limit(tmp_path: Path) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(FILM)

    async with served(endless) as port:
        text = await refusal(trusting(port, max_bytes=3_000_000), f"http://127.0.0.1:{port}/a.mp4", tmp_path / "in")
    assert "more than 3 MB" in text


async def test_a_length_over_the_limit_is_refused_before_the_body(tmp_path: Path) -> None:
    async with served(film) as port:
        text = await refusal(trusting(port, max_bytes=500_000), f"http://127.0.0.1:{port}/a.mp4", tmp_path / "in")
    assert "more than 0.5 MB" in text


async def test_a_trickle_ends_at_the_time_limit(tmp_path: Path) -> None:
    gone = asyncio.Event()

    async def trickle(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"\0\0\0\x18ftyp")
        await gone.wait()
        return answer

    async with served(trickle) as port:
        text = await refusal(trusting(port, timeout_s=0.3), f"http://127.0.0.1:{port}/a.mp4", tmp_path / "in")
        gone.set()
    assert "longer than 0.3 seconds" in text


async def test_a_broken_download_leaves_no_file(tmp_path: Path) -> None:
    async def broken(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "1000000"})
        await answer.prepare(request)
        await answer.write(FILM)
        assert request.transport is not None
        request.transport.close()
        return answer

    async with served(broken) as port:
        assert "broke off" in await refusal(trusting(port), f"http://127.0.0.1:{port}/a.mp4", tmp_path / "in")


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ({"text": "<p>Sign in</p>", "content_type": "text/html"}, "web page"),
        ({"body": b"\n<!DOCTYPE html><title>Sign in", "content_type": "video/mp4"}, "web page"),
        ({"body": b""}, "empty"),
        ({"body": b"x", "headers": {"Content-Encoding": "br"}}, "compressed"),
        ({"status": 404}, "no file"),
        ({"status": 403}, "login"),
        ({"status": 503}, "HTTP 503"),
        ({"status": 206, "body": b"x"}, "HTTP 206"),
    ],
)
async def test_answers_that_are_no_file_are_refused_with_what_they_are(
    answer: dict[str, object], word: str, tmp_path: Path
) -> None:
    async def reply(_request: web.Request) -> web.StreamResponse:
        return web.Response(**answer)  # type: ignore[arg-type]  # the cases above are its keyword arguments

    async with served(reply) as port:
        assert word in await refusal(trusting(port), f"http://127.0.0.1:{port}/a.mp4", tmp_path / "in")


async def test_the_query_of_a_link_stays_out_of_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with served(film) as port:
        await trusting(port).fetch(f"http://127.0.0.1:{port}/a.mp4?signature=hush", tmp_path / "in")
    assert any(record.name.startswith("httpcore") for record in caplog.records)
    assert "hush" not in caplog.text
    assert all("hush" not in repr(record.args) for record in caplog.records)


def certified(host: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make the TLS settings of a server of that name, and those of a client that knows no other certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    begin = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("192.0.2.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + dt.timedelta(days=36500))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))
