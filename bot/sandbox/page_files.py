"""What guards and serves the web page: the loopback check, the files of `page/`, their content security policy."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from bot.sandbox.file_transfer import as_json
from bot.sandbox.state import SlackError

PAGE_FOLDER = Path(__file__).parent / "page"
_POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob: data:",
    "media-src 'self' blob:", "connect-src 'self'", "font-src 'self'", "base-uri 'none'",
    "form-action 'none'", "frame-ancestors 'none'",
))
_TYPES = {
    ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png",
}
_OWN_HOSTS = ("127.0.0.1", "localhost", "::1")

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def guard(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Refuse people's requests that another web site could have made; word SlackErrors as JSON."""
    is_for_people = not request.path.startswith(("/api/", "/link/", "/upload/", "/files-pri/", "/response/"))
    if is_for_people and not _is_own(request):
        return as_json({"ok": False, "error": "foreign_origin"}, status=403)
    try:
        return await handler(request)
    except SlackError as problem:
        return as_json({"ok": False, "error": problem.error} | problem.extra, status=400)
    except ConnectionResetError:
        return web.Response()  # the caller is gone, and nobody reads this


def _is_own(request: web.Request) -> bool:
    host = urlsplit(f"//{request.headers.get('Host', '')}")
    origin = request.headers.get("Origin")
    return host.hostname in _OWN_HOSTS and (origin is None or origin == f"http://{host.netloc}")


async def index(request: web.Request) -> web.StreamResponse:
    """Serve the page itself."""
    return _served(PAGE_FOLDER / "index.html")


async def static(request: web.Request) -> web.StreamResponse:
    """Serve a script, style sheet or picture of the page."""
    wanted = (PAGE_FOLDER / request.match_info["path"]).resolve()
    if not wanted.is_relative_to(PAGE_FOLDER.resolve()):
        raise web.HTTPNotFound
    return _served(wanted)


async def archive(request: web.Request) -> web.StreamResponse:
    """Lead a message's permalink to the page, which finds the message by the fragment."""
    channel_id, ts = request.match_info["channel"], request.match_info["ts"]
    raise web.HTTPFound(f"/#channel={channel_id}&ts={ts[:-6]}.{ts[-6:]}")


def _served(path: Path) -> web.StreamResponse:
    if path.suffix not in _TYPES or not path.is_file():
        raise web.HTTPNotFound(text="The page is not here.")
    return web.FileResponse(path, headers={
        "Content-Type": f"{_TYPES[path.suffix]}; charset=utf-8", "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
    })


def add_routes(app: web.Application) -> None:
    """Add what this module serves."""
    app.router.add_get("/", index)
    app.router.add_get("/static/{path:.+}", static)
    app.router.add_get(r"/archives/{channel}/p{ts:\d{16}}", archive)
