"""Find and read the app's manifest: what Slack is told about commands, events and scopes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_IN_WHEEL = Path(__file__).with_name("manifest.yml")
_IN_CHECKOUT = Path(__file__).parent.parent / "manifest.yml"


def path() -> Path:
    """Return where the manifest lies: in the installed package, else at the top of the checkout."""
    return _IN_WHEEL if _IN_WHEEL.exists() else _IN_CHECKOUT


def load() -> dict[str, Any]:
    """Read the manifest; raises OSError where it is missing."""
    manifest: dict[str, Any] = yaml.safe_load(path().read_text(encoding="utf-8"))
    return manifest


def scopes() -> frozenset[str]:
    """Return the scopes that the bot token must have."""
    return frozenset(load()["oauth_config"]["scopes"]["bot"])


def bot_events() -> frozenset[str]:
    """Return the events that Slack delivers to us."""
    return frozenset(load()["settings"]["event_subscriptions"]["bot_events"])
