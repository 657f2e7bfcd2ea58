"""Options with dashes, such as `--ratio 9:16`, wherever they stand in a text and however a phone has spelt the dashes.

Options in plain words are read in `bot/phrases.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from bot.language import say, sentences
from bot.phrases import Phrase
from bot.text import shorten
from bot.usage import UsageError
from bot.wordings import Pair
from client.options import MOST_VARIATIONS, OPTIONS, Option

_BY_WORD = {flag.removeprefix("--"): option for option in OPTIONS for flag in option.flags} | {
    f"x{count}": Option((f"--x{count}",), "variations", "nothing", "", value=count)
    for count in range(1, MOST_VARIATIONS + 1)
}
# Phones turn `--` into a long dash. Words such as `720p` and `keep-audio` are never prose, so any dash right in front
# of them makes an option, and a long one even with a space between; `seed` needs two dashes, or a long one, and `from`
# and `to` with a long one need a time behind them.
_UNMISTAKABLE = "|".join(re.escape(word) for word in _BY_WORD if re.search(r"[\d-]", word))
_KNOWN = "|".join(re.escape(word) + (r"(?=\s*[=:]?\s*\d)" if word in ("from", "to") else "") for word in _BY_WORD)
_OPTION = re.compile(
    rf"(?<![^\s`，、；。])`?(?:(?:[-–—−－]{{1,3}}|—[ \t])(?P<sure>{_UNMISTAKABLE})|[–—−－][-－]?(?P<known>{_KNOWN})"
    r"|--(?P<any>[^\W_][\w-]*))(?![\w-])",
    re.IGNORECASE,
)
_QUOTES = {'"': '"”“', "'": "'’‘", "“": "”“\"", "”": "”“\"", "„": "“”\"", "‘": "’‘'", "’": "’‘'", "«": "»", "»": "«",
           "「": "」", "『": "』", "＂": "＂"}
_BARE_END = ",;:.`，；：、。"


def find_flags(text: str) -> Iterator[Phrase]:
    """Find the options with dashes, in order; raise UsageError, or OptionError where a value is impossible."""
    end = 0
    while match := _OPTION.search(text, end):
        option = _option(match)
        if option.takes == "nothing":
            end = _end_of_flag(text, match, option)
            pair: Pair = option, option.value
        else:
            typed, end = _value(text, match.end(), option)
            pair = option, option.parse(typed)
        yield Phrase((pair,), match.start(), end)


def _option(match: re.Match[str]) -> Option:
    word = (match["sure"] or match["known"] or match["any"]).lower()
    option = _BY_WORD.get(word)
    if option is None:
        flag = f"--{shorten(word, 40)}"
        if near := get_close_matches(word, _BY_WORD, n=1, cutoff=0.5):
            raise UsageError(
                say("I do not know the option {flag}: did you mean {near}?", flag=flag, near=f"--{near[0]}")
            )
        known = ", ".join(option.flags[0] for option in OPTIONS)
        raise UsageError(say("I do not know the option {flag}: there are {known}.", flag=flag, known=known))
    return option


def _end_of_flag(text: str, match: re.Match[str], option: Option) -> int:
    end = match.end()
    if text[end : end + 1] == "=":
        raise UsageError(say("{flag} takes no value: write it without “=”.", flag=option.flags[0]))
    return _past_marks(text, end)


def _past_marks(text: str, end: int) -> int:
    return len(text) - len(text[end:].lstrip(_BARE_END))


def _value(text: str, at: int, option: Option) -> tuple[str, int]:
    """Return the value that begins here and where it ends."""
    flag = option.flags[0]
    gap = re.compile(r"`?\s*[=:：]?\s*").match(text, at)
    start = gap.end() if gap else at
    if start >= len(text) or _OPTION.match(text, start):
        raise UsageError(sentences(say("{flag} needs a value.", flag=flag), say(option.help)))
    closing = _QUOTES.get(text[start])
    if closing:
        ends = [position for mark in closing if (position := text.find(mark, start + 1)) > 0]
        if not ends:
            raise UsageError(
                say('The text after {flag} begins with a quote that never ends: write {flag} "…".', flag=flag)
            )
        return text[start + 1 : min(ends)], _past_marks(text, min(ends) + 1)
    is_text = option.placeholder == "TEXT"
    word = re.compile(r"\S+" if is_text else r"[^\s，；、。]+").match(text, start)
    end = word.end() if word else start
    if is_text and not _ends_phrase(text, end):
        raise UsageError(
            say('Put the text of {flag} in quotes, so that I see where it ends: {flag} "blur, text".', flag=flag)
        )
    return text[start:end].rstrip(_BARE_END), end


def _ends_phrase(text: str, at: int) -> bool:
    """Say whether an unquoted text can be taken to end here: at the end, at a new line or at the next option."""
    rest = text[at:]
    gap = len(rest) - len(rest.lstrip())
    return not rest.strip() or "\n" in rest[:gap] or _OPTION.match(text, at + gap) is not None
