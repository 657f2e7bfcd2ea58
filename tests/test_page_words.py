"""The page's own words in Chinese: all that its code says, nothing else, with the same placeholders."""

import json
import re
from functools import cache
from html.parser import HTMLParser

from babel.messages.extract import extract

from bot.sandbox.page_files import PAGE_FOLDER

ENTRY = re.compile(r'^  ("(?:[^"\\]|\\.)*"):\s+("(?:[^"\\]|\\.)*"),$', re.MULTILINE)
PLACEHOLDER = re.compile(r"\{\w+\}")


class _Said(HTMLParser):
    """Collect what `sayEverywhere` says: marked texts, and the labels of the body."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: set[str] = set()
        self._marked = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._marked = "data-say" in given
        self.texts |= {given["aria-label"] or ""} if "aria-label" in given else set()

    def handle_data(self, data: str) -> None:
        self.texts |= {data} if self._marked else set()

    def handle_endtag(self, tag: str) -> None:
        self._marked = False


@cache
def said() -> frozenset[str]:
    page = _Said()
    page.feed((PAGE_FOLDER / "index.html").read_text(encoding="utf-8"))
    found = page.texts
    for script in PAGE_FOLDER.glob("*.js"):
        with script.open("rb") as source:
            found |= {str(text) for _line, text, *_rest in extract("javascript", source, keywords={"say": None})}
    return frozenset(found)


@cache
def chinese() -> dict[str, str]:
    table = (PAGE_FOLDER / "chinese.js").read_text(encoding="utf-8")
    return {json.loads(english): json.loads(text) for english, text in ENTRY.findall(table)}


def test_every_text_of_the_page_is_there_in_chinese_and_nothing_else() -> None:
    assert len(said()) > 100
    assert set(chinese()) == said()


def test_a_chinese_text_of_the_page_keeps_the_placeholders() -> None:
    def names(text: str) -> list[str]:
        return sorted(PLACEHOLDER.findall(text))

    assert [text for english, text in chinese().items() if not text.strip() or names(text) != names(english)] == []
