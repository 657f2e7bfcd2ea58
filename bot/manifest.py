"""Find and read the app's manifest: what Slack is told about commands, events and scopes."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

REQUEST_PATH = "/slack/events"  # where signed HTTP is taken
_IN_WHEEL = Path(__file__).with_name("manifest.yml")
_IN_CHECKOUT = Path(__file__).parent.parent / "manifest.yml"


def path() -> Path:
    """Return where the manifest lies: in the installed package, else at the top of the checkout."""
    return _IN_WHEEL if _IN_WHEEL.exists() else _IN_CHECKOUT


def load() -> dict[str, Any]:
    """Read the manifest; raises OSError where it is missing."""
    manifest: dict[str, Any] = yaml.safe_load(path().read_text(encoding="utf-8"))
    return manifest


def for_http(origin: str) -> dict[str, Any]:
    """Return the manifest of an app that gets signed requests at `https://host`; raise ValueError for anything else."""
    parts = urlsplit(origin)
    if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"“{origin}” is not an address such as https://bot.example.com")
    url = f"https://{parts.netloc}{REQUEST_PATH}"
    manifest = load()
    settings = manifest["settings"]
    settings["socket_mode_enabled"] = False
    settings["event_subscriptions"]["request_url"] = url
    settings["interactivity"]["request_url"] = url
    for command in manifest["features"]["slash_commands"]:
        command["url"] = url
    return manifest


def scopes() -> frozenset[str]:
    """Return the scopes that the bot token must have."""
    return frozenset(load()["oauth_config"]["scopes"]["bot"])


def bot_events() -> frozenset[str]:
    """Return the events that Slack delivers to us."""
    return frozenset(load()["settings"]["event_subscriptions"]["bot_events"])
