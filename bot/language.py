"""The language of what is said just now, and the translation into it.

English is the source: it stands in the code, marked by `say` and `counted`, whose first arguments are literals, so that
Babel finds them. Chinese stands in `bot/messages/zh_CN.po`. Whoever begins to speak to somebody (a listener, a step)
chooses the language with `speaking`; below that nobody passes it on.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


class Language(StrEnum):
    """A language that the bot speaks."""

    ENGLISH = "en"
    CHINESE = "zh_CN"


_current: ContextVar[Language] = ContextVar("language", default=Language.ENGLISH)


def language_of(locale: str | None) -> Language:
    """Return the language for a locale as Slack names it (`zh-CN`): https://docs.slack.dev/reference/objects/user-object.

    Traditional Chinese (`zh-TW`) gets English, because its readers may not want the other script.
    """
    return Language.CHINESE if locale in ("zh-CN", "zh-SG", "zh") else Language.ENGLISH


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Say everything in this language until the block ends; for this task and what it starts."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def speak(language: Language) -> None:
    """Say everything in this language until the block of `speaking` ends that this is called in."""
    _current.set(language)


def spoken() -> Language:
    """Return the language that is spoken just now."""
    return _current.get()


def say(text: str, /, **values: object) -> str:
    """Return a text in the current language, with its `{names}` filled in; a text without translation stays English."""
    said = _catalogue(_current.get()).gettext(text) if text else text  # the empty msgid is the catalogue's header
    return said.format(**values) if values else said


def sentences(*said: str) -> str:
    """Join whole sentences into a text: with a space between them, except after a Chinese full stop.

    Before markup there is one all the same, because Slack might not see it for markup otherwise.
    """
    text = ""
    for part in filter(None, said):
        text += f" {part}" if text and (text[-1].isascii() or part[0] in "*`") else part
    return text


def counted(one: str, many: str, count: int, /, **values: object) -> str:
    """Return the text for a number of things, which is filled in as `{count}`."""
    return _catalogue(_current.get()).ngettext(one, many, count).format(count=count, **values)


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    if language is Language.ENGLISH:
        return gettext.NullTranslations()
    compiled = BytesIO()
    with files("bot.messages").joinpath(f"{language}.po").open("rb") as po:
        write_mo(compiled, read_po(po))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
