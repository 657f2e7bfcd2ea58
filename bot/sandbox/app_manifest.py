"""What the app registered: commands, shortcuts, events and scopes, read from its manifest. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Command:
    """Describe a slash command."""

    command: str
    description: str
    usage_hint: str
    should_escape: bool


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Describe a shortcut; `type` is `message` or `global`."""

    callback_id: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Registration:
    """Hold what of a manifest the workspace acts upon."""

    bot_name: str
    commands: tuple[Command, ...]
    shortcuts: tuple[Shortcut, ...]
    events: frozenset[str]
    scopes: tuple[str, ...]
    has_home: bool


def read_manifest(manifest: Mapping[str, Any]) -> Registration:
    """Read an app manifest (https://docs.slack.dev/reference/app-manifest); raise ValueError for a missing name."""
    features = manifest.get("features") or {}
    events = (manifest.get("settings") or {}).get("event_subscriptions") or {}
    scopes = (manifest.get("oauth_config") or {}).get("scopes") or {}
    try:
        return Registration(
            bot_name=(features.get("bot_user") or {}).get("display_name", "Video Editor"),
            commands=tuple(_command(item) for item in features.get("slash_commands") or ()),
            shortcuts=tuple(_shortcut(item) for item in features.get("shortcuts") or ()),
            events=frozenset(events.get("bot_events") or ()),
            scopes=tuple(scopes.get("bot") or ()),
            has_home=bool((features.get("app_home") or {}).get("home_tab_enabled")),
        )
    except KeyError as missing:
        raise ValueError(f"the manifest lacks {missing} in a command or shortcut") from missing


def _shortcut(item: Mapping[str, Any]) -> Shortcut:
    return Shortcut(item["callback_id"], item["name"], item["type"])


def _command(item: Mapping[str, Any]) -> Command:
    return Command(
        item["command"], item.get("description", ""), item.get("usage_hint", ""), bool(item.get("should_escape", False))
    )
