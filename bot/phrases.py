"""Options that people say in plain words, such as `9:16`, `x3` or `keep the audio`, told from words of an instruction.

Such words are options only where they stand alone: on a line or between commas of their own, or at the very end of the
text, in a row. Anywhere else ("make it look like 1080p footage of a 9:16 phone"), and within quotes, they belong to the
instruction. Options with dashes need no such care; they are read in `bot/command.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from client.models import PROMPT_MAX_CHARS
from client.options import OPTIONS, Option

Pair = tuple[Option, object]
_BY_FLAG = {flag: option for option in OPTIONS for flag in option.flags}


@dataclass(frozen=True, slots=True)
class Phrase:
    """Options in a text, and where the words for them begin and end."""

    pairs: tuple[Pair, ...]
    start: int
    end: int


# -- the words ---------------------------------------------------------------------------------------------------------

_JOIN = r"(?:(?:and|but|also|plus|then|please|pls|with|use|using|&|\+)\s+)*"
_NUMBERS = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10",
}  # fmt: skip
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:\.\d{1,3})?"
_COUNT = r"\d{1,4}(?:\.\d{1,3})?"
_UNIT = r"\s*(?:seconds?|secs?|s|秒)"
_GAP = r"\s*+[:=]?\s*+"  # gives nothing back: otherwise many blanks could be divided in endless ways
_ONLY = r"(?:(?:only|just|use|take|keep|edit|the\s+(?:part|clip|piece|bit))\s+)*"


@dataclass(frozen=True, slots=True)
class _Words:
    """One way to say options: `pattern` has a group for each value, in the order of the flags."""

    pattern: re.Pattern[str]
    flags: tuple[str, ...]
    bound_by: frozenset[str]  # words before it that make it a part of the instruction

    def read(self, found: re.Match[str]) -> tuple[Pair, ...]:
        """Return what is asked for; raise OptionError with a sentence for the person."""
        values = (_NUMBERS.get(value.lower(), value.lower()) for value in found.groups() if value is not None)
        return tuple(_pair(flag, values) for flag in self.flags)


def _pair(written: str, values: Iterator[str]) -> Pair:
    """Read `--seed` (with the next value), `--from=0` (with this one) or `--{}` (the value is the flag's name)."""
    flag, _, fixed = written.partition("=")
    option = _BY_FLAG[flag.format(next(values)) if "{}" in flag else flag]
    if option.takes == "nothing":
        return option, option.value
    return option, option.parse(fixed or next(values))


def _words(pattern: str, *flags: str, bound_by: str) -> _Words:
    compiled = re.compile(rf"{_JOIN}(?:{pattern})(?:\s+please)?(?![\w:])", re.IGNORECASE)
    return _Words(compiled, flags, frozenset(bound_by.split()))


_NOT = "not no never don't dont"
_OBJECT = (
    f"{_NOT} a an the this that to of like by than into onto over under between from about or as is are be was with "
    "show shows showing say says saying read reads reading write writes writing written display displays number time "
    "clock at for on in during within after until"
)
_SCALE = f"{_OBJECT} zoom zoomed out up down speed faster slower bigger larger smaller closer scale scaled times"

_WAYS = (
    _words(
        rf"{_ONLY}(?:from|between)\s+({_CLOCK}|{_COUNT}{_UNIT})\s*(?:to|until|till|and|-|–)\s*({_CLOCK}|{_COUNT}{_UNIT})"
        rf"|{_ONLY}(?:from|between)\s+({_COUNT})\s*(?:to|until|till|and|-|–)\s*({_COUNT}{_UNIT})"
        rf"|{_ONLY}({_CLOCK})\s*[-–—]\s*({_CLOCK})"
        rf"|[从第]\s*({_CLOCK}|{_COUNT}{_UNIT}?)\s*[到至-]\s*第?\s*({_CLOCK}|{_COUNT}{_UNIT})",
        "--from", "--to", bound_by=_NOT,
    ),
    _words(rf"{_ONLY}(?:from|starting\s+at)\s+({_CLOCK})(?:\s+on)?", "--from", bound_by=_NOT),
    _words(
        rf"{_ONLY}(?:the\s+)?first\s+({_COUNT}|{'|'.join(_NUMBERS)}){_UNIT}(?:\s+only)?", "--from=0", "--to",
        bound_by=f"{_OBJECT} of",
    ),
    _words(rf"(?:只用|使用|用)?前\s*({_COUNT}){_UNIT}", "--from=0", "--to", bound_by=""),
    _words(
        rf"(?:(?:in|at|make\s+it|output|render|export|resolution|quality){_GAP})*+(720p|1080p)"
        r"(?:\s+(?:resolution|quality))?", "--{}", bound_by=_OBJECT,
    ),
    _words(
        rf"(?:(?:in|as|make\s+it|aspect\s+ratio|aspect|ratio|format|shape){_GAP})*+(?<![\d:])"
        r"((?:16[:x]9|9[:x]16|1:1|4:3|3:4))(?:\s+(?:format|aspect\s+ratio|ratio|aspect))?", "--ratio",
        bound_by=_OBJECT,
    ),
    _words(r"(?:the\s+)?seed\s*[:=#]?\s*([0-9]+)", "--seed", bound_by=_OBJECT),
    _words(r"种子\s*[:=#]?\s*([0-9]+)", "--seed", bound_by=""),
    _words(r"x\s?([0-9]{1,3})", "--variations", bound_by=_SCALE),
    _words(r"(?:(?:make|give\s+me|try)\s+)?([0-9]{1,2})\s+(?:variations|variants|versions)", "--variations",
           bound_by=_OBJECT),
    _words(r"([0-9]{1,2})\s*个(?:版本|变体)", "--variations", bound_by=""),
    _words(
        r"(?:keep|preserve|leave)\s+(?:(?:the|its|my)\s+)?(?:(?:original|same)\s+)?"
        r"(?:audio|sound|music|soundtrack)(?:\s+track)?(?:\s+(?:as\s+(?:it\s+)?is|unchanged|untouched))?"
        r"|(?:the\s+)?original\s+(?:audio|sound|music|soundtrack)|保留(?:原来的|原)?(?:声音|声|音频|音乐)",
        "--keep-audio", bound_by=f"{_NOT} to of from than like",
    ),
)  # fmt: skip

# -- where they stand --------------------------------------------------------------------------------------------------

# Each sign keeps its place, so that what is found here is found in the text itself.
_FOLD = str.maketrans({
    "：": ":", "×": "x", "’": "'", "‘": "'", "\u00a0": " ", "\u3000": " ", "*": " ", "`": " ", "~": " ", "_": " ",
    "\t": " ", **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
})  # fmt: skip
_QUOTED = re.compile(
    r"\"[^\"]{0,500}\"|[“„][^“”]{0,500}[“”]|«[^»]{0,500}»|「[^」]{0,500}」|(?<!\w)'[^'\n]{1,500}'(?!\w)"
)
_KEYS = ("ratio", "aspect", "format", "shape", "seed", "resolution", "quality")
_SEPARATOR = re.compile(
    r"[\n,;|()\[\]，；、。（）]|[.!?](?=\s|$)|(?<=\s)(?!(?<=\d\s)[-–—]\s\d)[-–—]+(?=\s)|"
    + "".join(f"(?<!{key})" for key in _KEYS) + r":(?=\s|$)",
    re.IGNORECASE,
)  # fmt: skip
_LONGEST = 2 * PROMPT_MAX_CHARS  # what is longer is refused anyhow
_LONGEST_ROW = 160  # characters; nobody says more options in a row, and it bounds the work
_OPENING, _CLOSING = frozenset("([（"), frozenset(")]）")


def find_phrases(text: str) -> list[Phrase]:
    """Find the options that stand alone, in order; raise OptionError where a value is impossible."""
    if len(text) > _LONGEST:
        return []
    folded = _QUOTED.sub(lambda quoted: "\x00" * len(quoted[0]), text.translate(_FOLD))
    found: list[Phrase] = []
    last: tuple[int, int] | None = None  # the last part that is no option
    goes_on = False
    for start, end in _parts(folded):
        pairs = _row(folded[start:end])
        if not pairs:
            last = start, end
        elif goes_on:
            found[-1] = Phrase(found[-1].pairs + pairs, found[-1].start, end)
        else:
            found.append(Phrase(pairs, start, end))
        goes_on = bool(pairs)
    found = [_with_marks(phrase, folded) for phrase in found]
    if last and (ending := _ending(folded, *last)):
        found.append(ending)
    return sorted(found, key=lambda phrase: phrase.start)


def _parts(folded: str) -> list[tuple[int, int]]:
    """Return where each part of the text that is not blank begins and ends, without the marks between them."""
    marks = [(0, 0), *(mark.span() for mark in _SEPARATOR.finditer(folded)), (len(folded), len(folded))]
    spans = ((before[1], after[0]) for before, after in pairwise(marks))
    return [(start, end) for start, end in spans if folded[start:end].strip()]


def _row(words: str) -> tuple[Pair, ...]:
    """Read words that are nothing but options in a row; empty where they are not."""
    pairs: tuple[Pair, ...] = ()
    rest = words.strip()
    while rest and len(rest) <= _LONGEST_ROW:
        for way in _WAYS:
            if match := way.pattern.match(rest):
                pairs += way.read(match)
                rest = rest[match.end() :].lstrip()
                break
        else:
            return ()
    return pairs


def _ending(folded: str, start: int, end: int) -> Phrase | None:
    """Find the longest row of options with which a part ends, unless the word before it speaks of them."""
    earliest = max(start, end - _LONGEST_ROW)
    for word in re.compile(r"(?<=\s)\S").finditer(folded, earliest, end):
        at = word.start()
        way = next((way for way in _WAYS if way.pattern.match(folded, at, end)), None)
        if way is None or _word_before(folded, start, at) in way.bound_by:
            continue
        if pairs := _row(folded[at:end]):
            return Phrase(pairs, _without_marks(folded, at), end)
    return None


def _word_before(folded: str, start: int, at: int) -> str:
    words = folded[max(start, at - 40) : at].split()
    return words[-1].lower() if words else ""


def _with_marks(phrase: Phrase, folded: str) -> Phrase:
    """Take the marks around a part along that would be left over: brackets, or the comma behind or before it."""
    start, end = phrase.start, phrase.end
    before, after = folded[start - 1 : start], folded[end : end + 1]
    if before in _OPENING and after in _CLOSING:
        return Phrase(phrase.pairs, _without_marks(folded, start - 1), end + 1)
    if not folded[end:].strip(" \n.,;!。"):
        return Phrase(phrase.pairs, _without_marks(folded, start), len(folded))
    if after in _CLOSING:
        return Phrase(phrase.pairs, _without_marks(folded, start), end)
    return Phrase(phrase.pairs, start, end + 1)


def _without_marks(folded: str, at: int) -> int:
    """Return where the text before this place ends, without blanks and commas."""
    return len(folded[:at].rstrip(" \n,;|，；、-–—"))
