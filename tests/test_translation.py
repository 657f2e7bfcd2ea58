"""The Chinese catalogue: every text that the source says, nothing else, with the same placeholders.

What is said is read from the source by Babel. Texts that a table holds (options, kinds of edits, kinds of files) are no
literals of a call, and are read from the table.
"""

import ast
import re
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

import bot
import client
from bot.media.magic import Kind
from client.options import OPTIONS
from client.presets import PRESETS

SOURCES = [
    path
    for package in (bot, client)
    for path in sorted(Path(package.__file__ or "").parent.rglob("*.py"))
    if "sandbox" not in path.parts
]
# Babel overlooks a keyword's call within any other call within a keyword's: hence two rounds.
ROUNDS = ({"say": None, "counted": (1, 2)}, {"Unfit": None, "Mendable": None, "OptionError": None})
Text = str | tuple[str, ...]


@cache
def said() -> frozenset[Text]:
    """Return all that the source says in English."""
    found: set[Text] = set()
    for source in map(Path.read_bytes, SOURCES):
        for keywords in ROUNDS:
            if any(f"{name}(".encode() in source for name in keywords):
                for _line, text, _comments, _context in extract("python", BytesIO(source), keywords=keywords):
                    found.add(text if isinstance(text, str) else tuple(text))
    found |= {option.help for option in OPTIONS}
    found |= {kind.value for kind in Kind}
    for preset in PRESETS.values():
        found |= {preset.title, preset.asks, preset.example, preset.template, preset.pictured}
    return frozenset(found - {""})


@pytest.fixture(scope="module")
def catalogue() -> dict[Text, Message]:
    with Path(bot.__file__ or "").with_name("messages").joinpath("zh_CN.po").open("rb") as file:
        return {tuple(m.id) if isinstance(m.id, list) else m.id: m for m in read_po(file, abort_invalid=True) if m.id}


def texts(value: object) -> list[str]:
    return [value] if isinstance(value, str) else [str(part) for part in value]  # type: ignore[attr-defined] # a tuple


def names(text: str) -> set[str]:
    return set(re.findall(r"\{\w*\}", text))


def test_everything_that_is_said_is_translated_and_nothing_else(catalogue: dict[Text, Message]) -> None:
    assert said() - catalogue.keys() == set(), "not translated yet"
    assert catalogue.keys() - said() == set(), "not said any more"


def test_no_translation_is_empty_or_only_guessed(catalogue: dict[Text, Message]) -> None:
    assert [text for text, message in catalogue.items() if message.fuzzy or not all(texts(message.string))] == []


def test_placeholders_and_commands_are_the_same_in_both_languages(catalogue: dict[Text, Message]) -> None:
    for text, message in catalogue.items():
        for chinese in texts(message.string):
            assert names(chinese) == set().union(*map(names, texts(text))), text
            assert set(re.findall(r"--[a-z]+|/[a-z]+-?[a-z]+", chinese)) == set(
                re.findall(r"--[a-z]+|/[a-z]+-?[a-z]+", texts(text)[-1])
            ), text


def test_markup_stands_free_so_that_slack_shows_it(catalogue: dict[Text, Message]) -> None:
    """Slack takes `*` and backticks for markup only between spaces, punctuation and the ends of a line."""
    for message in catalogue.values():
        for chinese in texts(message.string):
            outside = re.sub(r"(\*|`)[^*`]+\1", lambda mark: "\x00" * len(mark[0]), chinese)
            assert not re.search("[\u4e00-\u9fff]\x00|\x00[\u4e00-\u9fff，。；：！？（）]", outside), chinese


def calls(tree: ast.AST) -> set[ast.Call]:
    """Return the calls of `say` and `counted`."""
    found = {node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    return {call for call in found if isinstance(call.func, ast.Name) and call.func.id in ("say", "counted")}


def within(tree: ast.AST, *kinds: type[ast.AST]) -> set[ast.Call]:
    """Return those calls that stand within nodes of these kinds."""
    return {call for node in ast.walk(tree) if isinstance(node, kinds) for call in calls(node)}


def test_texts_are_literals_where_babel_looks_and_are_said_when_somebody_is_spoken_to() -> None:
    """Babel overlooks f-strings, and what is said while a module is loaded is English for everybody."""
    for path in SOURCES:
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source if "language import" in source else "")
        assert not within(tree, ast.JoinedStr), path
        assert calls(tree) == within(tree, ast.FunctionDef, ast.AsyncFunctionDef), path
        tables = [call.args[0] for call in calls(tree) if not isinstance(call.args[0], ast.Constant)]
        assert all(isinstance(text, ast.Attribute | ast.Name) for text in tables), path
