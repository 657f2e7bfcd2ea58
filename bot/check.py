"""`bot check`: is everything there that the bot needs? One finding each; nothing is posted, created or paid.

Wan is asked for its task list and for an upload policy, never for an edit. A bucket of one's own takes a few bytes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import aiohttp
import redis
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.embedded import EmbeddedUnavailableError, open_store_url
from bot.jobs import Jobs
from bot.manifest import REQUEST_PATH, scopes
from bot.settings import Settings
from bot.slack import PASSING, refusal
from bot.wan import wan_client
from client.errors import WanError
from client.models import DEFAULT_MODEL


@dataclass(frozen=True)
class Finding:
    """One line of the check."""

    what: str
    good: bool
    says: str
    refused: bool = False  # Slack does not accept the token: the bot cannot run with it


async def check_all(settings: Settings) -> AsyncIterator[Finding]:
    """Yield one finding after another, as each is known."""
    yield await _slack_bot(settings)
    yield await _slack_app(settings) if not settings.over_http else _signing(settings)
    yield await _wan(settings)
    yield await _store(settings)
    for package in ("av", "pillow"):
        yield _media(package)


async def refused_tokens(settings: Settings) -> list[Finding]:
    """Return a finding for each token that Slack refuses; where Slack cannot be reached, nothing is known yet."""
    findings = [await _slack_bot(settings)]
    if not settings.over_http:
        findings.append(await _slack_app(settings))
    return [finding for finding in findings if finding.refused]


async def _slack_bot(settings: Settings) -> Finding:
    what = "Slack bot token"
    try:
        answer = await AsyncWebClient(settings.slack_bot_token.get_secret_value(), settings.slack_api_url).auth_test()
    except SlackApiError as exc:
        hint = "Take the bot token of your app's “OAuth & Permissions” page."
        return Finding(what, False, f"{_error(exc)}. {hint}", refused=_is_refusal(exc))
    except (aiohttp.ClientError, TimeoutError, OSError) as exc:
        return Finding(what, False, f"{settings.slack_api_url} cannot be reached ({type(exc).__name__}).")
    headers = {str(name).lower(): value for name, value in answer.headers.items()}
    granted = {scope.strip() for scope in str(headers.get("x-oauth-scopes", "")).split(",") if scope.strip()}
    if lacking := sorted(scopes() - granted):
        return Finding(what, False, f"lacks {', '.join(lacking)}. Add the scopes and reinstall the app.")
    return Finding(what, True, f"{answer['user']} in {answer['team']}, all {len(scopes())} scopes granted")


async def _slack_app(settings: Settings) -> Finding:
    what = "Slack app token"
    client = AsyncWebClient(base_url=settings.slack_api_url)
    try:
        await client.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    except SlackApiError as exc:
        hint = "It needs `connections:write`, and Socket Mode must be on."
        return Finding(what, False, f"{_error(exc)}. {hint}", refused=_is_refusal(exc))
    except (aiohttp.ClientError, TimeoutError, OSError) as exc:
        return Finding(what, False, f"{settings.slack_api_url} cannot be reached ({type(exc).__name__}).")
    return Finding(what, True, "Socket Mode can be opened")


def _signing(settings: Settings) -> Finding:
    where = f"{settings.http_host}:{settings.http_port}{REQUEST_PATH}"
    return Finding("Slack signing secret", True, f"set; requests are taken on {where}")


async def _wan(settings: Settings) -> Finding:
    url = settings.dashscope_http_base_url
    try:
        async with wan_client(settings) as client:
            await client.probe(DEFAULT_MODEL)
    except (WanError, ValueError) as exc:
        return Finding("Wan", False, f"{exc}")
    return Finding("Wan", True, f"{DEFAULT_MODEL} at {url}: key accepted, tasks listed, upload allowed")


async def _store(settings: Settings) -> Finding:
    what = "Store"
    try:
        async with open_store_url(settings.where) as url, Jobs.open(url) as jobs, jobs.redis() as client:
            await client.zcard(jobs.key("check"))
    except (EmbeddedUnavailableError, redis.RedisError, OSError, ValueError) as exc:
        return Finding(what, False, f"{settings.where.split('@')[-1]}: {exc}")
    warning = "; a restart loses everything" if settings.where.startswith("memory:") else ""
    return Finding(what, True, f"{settings.where.split('@')[-1]} answers{warning}")


def _media(package: str) -> Finding:
    try:
        return Finding(f"Library {package}", True, version(package))
    except PackageNotFoundError:
        return Finding(f"Library {package}", False, "is not installed")


def _error(exc: SlackApiError) -> str:
    return refusal(exc) or "Slack does not answer as it should"


def _is_refusal(exc: SlackApiError) -> bool:
    return refusal(exc) not in {None, *PASSING}
