"""The Chinese catalogue: every text that the source says, nothing else, with the same placeholders.

What is said is read from the source by Babel. Texts that a table holds (options, kinds of edits, kinds of files) are no
literals of a call, and are read from the table.
"""

import ast
import re
from collections.abc import Iterator
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


def said() -> set[Text]:
    """Return all that the source says in English."""
    found: set[Text] = set()
    for path in SOURCES:
        for keywords in ROUNDS:
            for _line, text, _comments, _context in extract("python", BytesIO(path.read_bytes()), keywords=keywords):
                found.add(text if isinstance(text, str) else tuple(text))
    found |= {option.help for option in OPTIONS}
    found |= {kind.value for kind in Kind}
    for preset in PRESETS.values():
        found |= {preset.title, preset.asks, preset.example, preset.template, preset.pictured}
    return found - {""}


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


def calls(path: Path) -> Iterator[tuple[ast.Call, bool]]:
    """Yield the calls of `say` and `counted`, and whether each stands within an f-string, where Babel does not look."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = {id(node) for string in ast.walk(tree) if isinstance(string, ast.JoinedStr) for node in ast.walk(string)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("say", "counted"):
            yield node, id(node) in hidden


def test_texts_are_literals_that_babel_finds() -> None:
    told = []
    for path in SOURCES:
        for call, is_hidden in calls(path):
            is_table = isinstance(call.args[0], ast.Attribute | ast.Name)
            if is_hidden or not (is_table or isinstance(call.args[0], ast.Constant)):
                told.append(f"{path.name}:{call.lineno}")
    assert told == []
