"""Options that people say in plain words, such as `9:16`, `x3` or `keep the audio`, told from words of an instruction.

Such words are options only where they stand alone: on a line or between commas of their own, or at the very end of the
text, in a row. Anywhere else ("make it look like 1080p footage of a 9:16 phone"), and within quotes, they belong to the
instruction. The words themselves stand in `bot/wordings.py`. Options with dashes need no such care; they are read in
`bot/flags.py`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.wordings import WAYS, Pair
from client.models import PROMPT_MAX_CHARS


@dataclass(frozen=True, slots=True)
class Phrase:
    """Options in a text, and where the words for them begin and end."""

    pairs: tuple[Pair, ...]
    start: int
    end: int


# -- where they stand --------------------------------------------------------------------------------------------------

# Each sign keeps its place, so that what is found here is found in the text itself. Full-width signs become plain ones,
# but for those that part sentences without a space behind them.
_TRADITIONAL = "從個聲豎橫這後視頻畫樂軌請輸設為變體結種隨機寫僅編輯處開頭別動長寬間兩數說"
_SIMPLIFIED = "从个声竖横这后视频画乐轨请输设为变体结种随机写仅编辑处开头别动长宽间两数说"
_PARTING = "！，．；？"
_FOLD = str.maketrans({
    **{sign: unicodedata.normalize("NFKC", sign) for sign in map(chr, range(0xFF01, 0xFF5F)) if sign not in _PARTING},
    "×": "x", "～": "-", "〜": "-", "’": "'", "‘": "'", "\u00a0": " ", "\u3000": " ", "*": " ", "`": " ", "~": " ",
    "_": " ", "\t": " ",
} | dict(zip(_TRADITIONAL, _SIMPLIFIED, strict=True)))  # fmt: skip
_WAVE = re.compile(r"(?<=[\d秒])~(?=\d)")  # `3~8秒` is a span of time; any other `~` is Slack's mark for a line through
_COLON = re.compile(r"：(?!\s*\d)")  # one that is not within `9：16` or `种子：42` parts sentences
_QUOTED = re.compile(
    r"\"[^\"]{0,500}\"|[“„][^“”]{0,500}[“”]|«[^»]{0,500}»|「[^」]{0,500}」|(?<!\w)'[^'\n]{1,500}'(?!\w)"
)
_KEYS = ("ratio", "aspect", "format", "shape", "seed", "resolution", "quality", "比例", "分辨率", "清晰度", "种子")
_SEPARATOR = re.compile(
    r"[\n,;|()\[\]，；、。！？\x01]|[.!?](?=\s|$)|(?<=\s)/(?=\s)|(?<=\s)(?!(?<=\d\s)[-–—]\s\d)[-–—]+(?=\s)|"
    + "".join(f"(?<!{key})" for key in _KEYS) + r":(?=\s|$)",
    re.IGNORECASE,
)  # fmt: skip
_LONGEST = 2 * PROMPT_MAX_CHARS  # what is longer is refused anyhow
_LONGEST_ROW = 160  # characters; nobody says more options in a row, and it bounds the work
_OPENING, _CLOSING = frozenset("(["), frozenset(")]")
_COMMAS, _ENDS = frozenset(",;，；、"), frozenset(".!?。！？")


def find_phrases(text: str) -> list[Phrase]:
    """Find the options that stand alone, in order; raise OptionError where a value is impossible."""
    if len(text) > _LONGEST:
        return []
    plain = _COLON.sub("\x01", _WAVE.sub("-", text)).translate(_FOLD)
    folded = _QUOTED.sub(lambda quoted: "\x00" * len(quoted[0]), plain)
    found: list[Phrase] = []
    last: tuple[int, int] | None = None  # the last part that is no option
    goes_on = False
    for start, end in _parts(folded):
        spoken_of = _is_spoken_of(folded, start, end)
        pairs = () if spoken_of else _row(folded[start:end])
        if spoken_of:
            last = None
        elif not pairs:
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


def _is_spoken_of(folded: str, start: int, end: int) -> bool:
    """Say whether the words before a colon speak of what stands behind it, as in `write: 9:16`."""
    before = folded[max(0, start - 40) : start].rstrip()
    if not before.endswith((":", "\x01")):
        return False
    word, words = _word_before(before, 0, len(before) - 1), folded[start:end].strip()
    return any(way.is_object(word) and way.pattern.match(words) for way in WAYS)


def _row(words: str) -> tuple[Pair, ...]:
    """Read words that are nothing but options in a row; empty where they are not."""
    pairs: tuple[Pair, ...] = ()
    rest = words.strip()
    while rest and len(rest) <= _LONGEST_ROW:
        for way in WAYS:
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
        before = _word_before(folded, start, at)
        is_free = any(way.pattern.match(folded, at, end) and not way.is_bound(before) for way in WAYS)
        if is_free and (pairs := _row(folded[at:end])):
            return Phrase(pairs, _without_marks(folded, at), end)
    return None


def _word_before(folded: str, start: int, at: int) -> str:
    words = folded[max(start, at - 40) : at].split()
    return words[-1].lower() if words else ""


def _with_marks(phrase: Phrase, folded: str) -> Phrase:
    """Take the marks around a part along that would be left over: brackets, or the comma behind or before it.

    A sentence that an option ends keeps its full stop.
    """
    start, end = phrase.start, phrase.end
    before, after = folded[start - 1 : start], folded[end : end + 1]
    if before in _OPENING and after in _CLOSING:
        return Phrase(phrase.pairs, _without_marks(folded, start - 1), end + 1)
    if not folded[end:].strip(" \n.,;!。！"):
        return Phrase(phrase.pairs, _without_marks(folded, start), len(folded))
    if after in _CLOSING or (after in _ENDS and before in _COMMAS):
        return Phrase(phrase.pairs, _without_marks(folded, start), end)
    return Phrase(phrase.pairs, start, end + 1)


def _without_marks(folded: str, at: int) -> int:
    """Return where the text before this place ends, without blanks and commas."""
    return len(folded[:at].rstrip(" \n,;:|/，；、-–—\x01"))


# -- what is left ------------------------------------------------------------------------------------------------------

_CLOSES = re.compile("[.,;:!?]")
_CHINESE_END = re.compile("[\u2e80-\uffef]$")  # signs and marks behind which no space belongs


def without_phrases(text: str, found: Sequence[Phrase]) -> str:
    """Return the text without these options, which stand in order, and without a comma before options at its end."""
    pieces = []
    end = 0
    for one in found:
        pieces.append(text[end : one.start].rstrip(" \t"))
        end = max(end, one.end)  # a phrase takes the marks before it along, where a flag may stand
    rest = text[end:].lstrip(" \t") if found else text
    left = ""
    for piece in (*pieces, rest):
        left += piece if not left or _CLOSES.match(piece) or _CHINESE_END.search(left) else f" {piece}"
    return left if rest.strip() else left.rstrip(" \n,;:|/，；：、")
