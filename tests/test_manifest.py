"""The manifest: valid for Slack, and exactly the scopes, events, commands and ids that the code uses.

What the code uses is read from its source: names of Web API methods where they are called, and Bolt's decorators.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from slack_sdk.web.async_client import AsyncWebClient

import bot
from bot.listeners.register import RETRIES
from bot.manifest import bot_events, for_http, load, scopes
from bot.messages.words import CANCEL, DETAILS, EDIT_AGAIN, RETRY

SOURCE = Path(bot.__file__).parent
SCHEMA = Path(__file__).parent / "samples" / "slack-manifest.schema.json"

HISTORIES = frozenset({"channels:history", "groups:history", "im:history", "mpim:history"})

# https://docs.slack.dev/reference/methods: the bot scopes that each method needs where we call it.
SCOPES_OF_METHOD: dict[str, frozenset[str]] = {
    "apps.connections.open": frozenset(),  # of the app-level token
    "auth.test": frozenset(),
    "views.open": frozenset(),
    "views.publish": frozenset(),
    "views.update": frozenset(),
    "chat.postMessage": frozenset({"chat:write"}),
    "chat.postEphemeral": frozenset({"chat:write"}),
    "chat.update": frozenset({"chat:write"}),
    "conversations.history": HISTORIES,
    "conversations.replies": HISTORIES,
    "conversations.members": frozenset({"channels:read", "groups:read"}),  # direct messages: im:read
    "files.info": frozenset({"files:read"}),
    "files.getUploadURLExternal": frozenset({"files:write"}),
    "files.completeUploadExternal": frozenset({"files:write"}),
    "files.delete": frozenset({"files:write"}),
    "reactions.add": frozenset({"reactions:write"}),
    "users.info": frozenset({"users:read"}),
    "usergroups.users.list": frozenset({"usergroups:read"}),
}
# https://docs.slack.dev/reference/events
SCOPE_OF_EVENT = {
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "app_home_opened": None,
    "app_uninstalled": None,
    "tokens_revoked": None,
}
METHOD = re.compile(r"[a-z]+(?:\.[a-z][A-Za-z]*)+")


def calls() -> Iterator[ast.Call]:
    """Yield every call in the bot's source, the sandbox left out."""
    for path in sorted(SOURCE.rglob("*.py")):
        if "sandbox" not in path.relative_to(SOURCE).parts:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield node


def methods_used() -> set[str]:
    """Name the Web API methods that the source calls, by name or by the SDK's own functions."""
    used = set()
    by_function = {method.replace(".", "_"): method for method in SCOPES_OF_METHOD}
    for call in calls():
        if not isinstance(call.func, ast.Attribute):
            continue
        name = call.func.attr
        if name in ("call", "send", "api_call"):
            used |= {text for text in literals(call.args[:1]) if METHOD.fullmatch(text)}
        elif "_" in name and callable(getattr(AsyncWebClient, name, None)) and receiver(call.func) in CLIENTS:
            used.add(by_function.get(name, name))
    return used


CLIENTS = {"client", "web", "_web", "AsyncWebClient"}  # what the source calls a client of the SDK


def receiver(function: ast.Attribute) -> str:
    value = function.value.func if isinstance(function.value, ast.Call) else function.value
    return value.attr if isinstance(value, ast.Attribute) else value.id if isinstance(value, ast.Name) else ""


def literals(nodes: list[ast.expr]) -> list[str]:
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def listened(kind: str) -> set[str]:
    """Name what is given to `@app.event`, `@app.command`, `@app.action` or `@app.view`."""
    return {
        text
        for call in calls()
        if isinstance(call.func, ast.Attribute) and call.func.attr == kind and receiver(call.func) == "app"
        for text in literals(call.args[:1])
    }


def test_slack_takes_the_manifest() -> None:
    jsonschema.validate(load(), json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_every_scope_is_used_and_none_is_missing() -> None:
    methods = methods_used()
    assert "chat.postMessage" in methods
    assert methods <= set(SCOPES_OF_METHOD), "say which scopes the new method needs"
    needed = {scope for method in methods for scope in SCOPES_OF_METHOD[method]}
    needed |= {scope for event in bot_events() if (scope := SCOPE_OF_EVENT[event])}
    needed |= {"commands"} if listened("command") else set()
    needed |= {"files:read"}  # the download of url_private, which is no method
    assert needed == scopes()


def test_every_event_has_its_listener_and_none_comes_twice() -> None:
    assert {event.partition(".")[0] for event in bot_events()} == listened("event")
    assert bot_events() == set(SCOPE_OF_EVENT)


def test_nothing_is_subscribed_twice_or_listed_twice() -> None:
    manifest = load()
    for listed in (
        manifest["oauth_config"]["scopes"]["bot"],
        manifest["settings"]["event_subscriptions"]["bot_events"],
    ):
        assert len(listed) == len(set(listed))


def test_the_commands_are_those_that_the_code_listens_to() -> None:
    commands = load()["features"]["slash_commands"]
    assert {command["command"] for command in commands} == listened("command")
    assert all(command["should_escape"] for command in commands)


def test_the_shortcuts_are_those_that_the_code_listens_to() -> None:
    for kind, listener in (("message", "message_shortcut"), ("global", "global_shortcut")):
        shortcuts = [shortcut for shortcut in load()["features"]["shortcuts"] if shortcut["type"] == kind]
        assert {shortcut["callback_id"] for shortcut in shortcuts} == listened(listener)


@pytest.mark.parametrize("action", [RETRY, CANCEL, EDIT_AGAIN, DETAILS])
def test_every_button_has_its_listener(action: str) -> None:
    assert action in listened("action") or RETRIES.fullmatch(action)


def test_people_can_write_to_the_bot_and_press_its_buttons_without_a_public_address() -> None:
    manifest = load()
    assert manifest["settings"]["socket_mode_enabled"]
    assert manifest["settings"]["interactivity"]["is_enabled"]
    assert not manifest["features"]["app_home"]["messages_tab_read_only_enabled"]


def test_the_manifest_for_signed_http_is_the_same_with_one_address_for_everything() -> None:
    manifest = for_http("https://bot.example.com/")
    jsonschema.validate(manifest, json.loads(SCHEMA.read_text(encoding="utf-8")))
    url = "https://bot.example.com/slack/events"
    assert not manifest["settings"].pop("socket_mode_enabled")
    assert manifest["settings"]["event_subscriptions"].pop("request_url") == url
    assert manifest["settings"]["interactivity"].pop("request_url") == url
    assert [command.pop("url") for command in manifest["features"]["slash_commands"]] == [url]
    ours = load()
    ours["settings"].pop("socket_mode_enabled")
    assert manifest == ours


@pytest.mark.parametrize("origin", ["http://bot.example.com", "bot.example.com", "https://", "https://a.example/b?c=d"])
def test_an_address_that_slack_would_not_take_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="is not an address"):
        for_http(origin)
