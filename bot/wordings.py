"""The ways in which people say options in plain words, in English and Chinese: one table of patterns.

Where such words must stand to be options is decided in `bot/phrases.py`, which has folded the text before: full-width
letters, digits and signs are plain ones here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from client.options import OPTIONS, Option, OptionError

Pair = tuple[Option, object]
_BY_FLAG = {flag: option for option in OPTIONS for flag in option.flags}

_NUMBERS = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10",
}  # fmt: skip
_CHINESE_NUMBERS = str.maketrans({
    "一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9",
    "十": "10",
})  # fmt: skip
_BINDING_SIGNS = frozenset("成为到在的是把像着大小快慢不写上字说")  # a Chinese text that ends with one goes on


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to say options: `pattern` has a group for each value, in the order of the flags."""

    pattern: re.Pattern[str]
    flags: tuple[str, ...]
    bound_by: frozenset[str]  # words before it that make it a part of the instruction
    alone: bool  # without a comma before it, any word does

    def read(self, found: re.Match[str]) -> tuple[Pair, ...]:
        """Return what is asked for; raise OptionError with a sentence for the person."""
        values = (_number(value) for value in found.groups() if value is not None)
        return tuple(_pair(flag, values) for flag in self.flags)

    def is_bound(self, word_before: str) -> bool:
        """Say whether it belongs to the instruction behind this word, unless a comma stands between them."""
        return self.alone or self.is_object(word_before)

    def is_object(self, word_before: str) -> bool:
        """Say whether this word speaks of it, as in `write: 9:16`."""
        return word_before in self.bound_by or word_before[-1:] in _BINDING_SIGNS


def _number(said: str) -> str:
    return _NUMBERS.get(said.lower(), said.lower()).translate(_CHINESE_NUMBERS)


def _pair(written: str, values: Iterator[str]) -> Pair:
    """Read `--seed` (with the next value), `--from=0` (with this one) or `--{}` (the value is the flag's name)."""
    flag, _, fixed = written.partition("=")
    if flag == _LAST:
        raise OptionError("I cannot count from the end of a video: say from when to when, as 0:12–0:17.")
    option = _BY_FLAG[flag.format(next(values)) if "{}" in flag else flag]
    if option.takes == "nothing":
        return option, option.value
    return option, option.parse(fixed or next(values))


_JOIN = r"(?:(?:and|but|also|plus|then|please|pls|with|use|using|&|\+|@)\s+)*"
_KINDLY = r"(?:\s+(?:please|pls|thanks|thank\s+you|thx)|[的哦吧啊呀]?(?:谢谢)?)"


def _words(pattern: str, *flags: str, bound_by: str = "", alone: bool = False) -> Wording:
    compiled = re.compile(rf"{_JOIN}(?:{pattern}){_KINDLY}(?![\w:])", re.IGNORECASE)
    return Wording(compiled, flags, frozenset(bound_by.split()), alone)


_LAST = "last"  # no option: it is understood only to be refused
_NOT = "not no never don't dont"
_OBJECT = (
    f"{_NOT} a an the this that to of like by than into onto over under between from about or as is are be was with "
    "show shows showing say says saying read reads reading write writes writing written display displays number time "
    "clock at for on in during within after until score scores becomes become equals result"
)
_SCALE = f"{_OBJECT} zoom zoomed out up down speed faster slower bigger larger smaller closer scale scaled times"

_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:\.\d{1,3})?"
_COUNT = r"\d{1,4}(?:\.\d{1,3})?"
_UNIT = r"\s*(?:seconds?|secs?|s|秒)"
_TO = r"\s*(?:to|until|till|and|-|–|—)\s*"
_GAP = r"\s*+[:=]?\s*+"  # gives nothing back: otherwise many blanks could be divided in endless ways
_ONLY = (
    r"(?:(?:only|just|use|take|keep|edit|(?:trim|cut)(?:\s+it)?(?:\s+down)?(?:\s+to)?"
    r"|the\s+(?:part|clip|piece|bit))\s+)*"
)
_NUMBER = "|".join(_NUMBERS)
_SOUND = r"(?:audio|sound|music|soundtrack)(?:\s+track)?"

_ZH_NUMBER = r"\d{1,4}(?:\.\d{1,3})?|[一二两三四五六七八九十]"
_ZH_ONLY = r"(?:[请只仅要取用改]|使用|截取|保留|编辑|处理|视频的?)*+"
_ZH_MAKE = r"(?:[请要用]|改成|改为|设为|输出)*+"
_ZH_PART = r"(?:的?(?:这一?段|部分|片段|视频)|之间)?"
_ZH_SOUND = r"(?:声音|音频|音乐|音轨|配乐)"

_PARTS = (
    _words(
        rf"{_ONLY}(?:from|between)\s+({_CLOCK}|{_COUNT}{_UNIT}){_TO}({_CLOCK}|{_COUNT}{_UNIT})"
        rf"|{_ONLY}(?:from|between)\s+({_COUNT}){_TO}({_COUNT}{_UNIT})"
        rf"|{_ONLY}(?:from|between)\s+seconds?\s+({_COUNT}){_TO}(?:seconds?\s+)?({_COUNT})"
        rf"|{_ONLY}({_CLOCK})\s*(?:to|until|till|-|–|—)\s*({_CLOCK})(?:\s+only)?",
        "--from", "--to", bound_by=_NOT,
    ),
    _words(
        rf"{_ONLY}seconds?\s+({_COUNT})\s*(?:to|until|till|-|–|—)\s*(?:seconds?\s+)?({_COUNT})(?:\s+only)?"
        rf"|{_ONLY}({_COUNT})(?:{_UNIT})?\s*(?:to|-|–|—)\s*({_COUNT}{_UNIT})", "--from", "--to", alone=True,
    ),
    _words(
        rf"{_ZH_ONLY}[从第]?\s*第?\s*({_CLOCK}|(?:{_ZH_NUMBER})\s*秒?)\s*[到至–-]\s*第?\s*"
        rf"({_CLOCK}|(?:{_ZH_NUMBER})\s*秒){_ZH_PART}", "--from", "--to",
    ),
    _words(
        rf"{_ONLY}(?:from|starting\s+(?:at|from))\s+({_CLOCK})(?:\s+on(?:wards?)?)?"
        rf"|{_ONLY}from\s+({_COUNT}{_UNIT})\s+on(?:wards?)?", "--from", bound_by=_NOT,
    ),
    _words(rf"{_ZH_ONLY}从\s*第?\s*({_CLOCK}|(?:{_ZH_NUMBER})\s*秒)\s*(?:开始|起|以后|之后)", "--from"),
    _words(rf"{_ONLY}up\s+to\s+({_CLOCK})", "--to", bound_by=_OBJECT),
    _words(
        rf"{_ONLY}(?:the\s+)?first\s+({_COUNT}|{_NUMBER}){_UNIT}(?:\s+only)?", "--from=0", "--to",
        bound_by=f"{_OBJECT} of",
    ),
    _words(rf"{_ZH_ONLY}(?:开头|前)\s*({_ZH_NUMBER})\s*秒钟?{_ZH_PART}", "--from=0", "--to"),
    _words(rf"{_ONLY}(?:the\s+)?last\s+({_COUNT}|{_NUMBER}){_UNIT}(?:\s+only)?", _LAST, bound_by=f"{_OBJECT} of"),
    _words(rf"{_ZH_ONLY}(?:最后|后)\s*({_ZH_NUMBER})\s*秒钟?{_ZH_PART}", _LAST),
)
_SHAPES = (
    _words(
        rf"{_ZH_MAKE}(?:(?:in|make\s+it|crop(?:\s+it)?\s+to|(?:change|set)\s+the\s+(?:aspect\s+)?ratio\s+to"
        rf"|aspect\s+ratio|aspect|as|ratio|format|shape|(?:画面|视频|宽高|长宽)?比例?为?){_GAP})*+{_ZH_MAKE}"
        r"(16[:x比]9|9[:x比]16|1[:比]1|4[:比]3|3[:比]4)(?:\s+(?:format|aspect\s+ratio|ratio|aspect)|的?比例)?",
        "--ratio", bound_by=_OBJECT,
    ),
    _words(r"(?:in\s+)?(?:vertical|portrait)\s+(?:format|orientation)", "--ratio=9:16", bound_by=_OBJECT),
    _words(r"(?:in\s+)?(?:horizontal|landscape)\s+(?:format|orientation)", "--ratio=16:9", bound_by=_OBJECT),
    _words(r"(?:in\s+)?square\s+format", "--ratio=1:1", bound_by=_OBJECT),
    _words(rf"{_ZH_MAKE}(?:9:16)?竖[屏版](?:视频|画面|输出)?(?:9:16)?", "--ratio=9:16"),
    _words(rf"{_ZH_MAKE}(?:16:9)?横[屏版](?:视频|画面|输出)?(?:16:9)?", "--ratio=16:9"),
    _words(rf"{_ZH_MAKE}正?方形(?:视频|画面|输出)", "--ratio=1:1"),
)  # fmt: skip
_RESOLUTIONS = (
    _words(
        rf"{_ZH_MAKE}(?:(?:in|at|make\s+it|output|render|export|resolution|res|quality|(?:full\s+)?hd"
        rf"|(?:视频)?分辨率为?|清晰度为?|高清){_GAP})*+{_ZH_MAKE}"
        r"(720p|1080p)(?:\s+(?:resolution|quality)|高清|分辨率)?", "--{}", bound_by=_OBJECT,
    ),
)
_SEEDS = (
    _words(r"(?:the\s+)?seed\s*[:=#]?\s*([0-9]+)", "--seed", bound_by=_OBJECT),
    _words(r"(?:随机)?种子[数值]?为?\s*[:=#]?\s*([0-9]+)", "--seed"),
)
_VARIATIONS = (
    _words(r"x\s?([0-9]{1,3})", "--variations", bound_by=_SCALE),
    _words(
        rf"(?:(?:make|give\s+me|try|in)\s+)?([0-9]{{1,2}}|{_NUMBER})\s+(?:different\s+)?(?:variations|variants|versions)",
        "--variations", bound_by=_OBJECT,
    ),
    _words(
        r"(?:请|给我|生成|制作|做|出|来|要)*+([0-9]{1,2}|[一二两三四五六七八九十])\s*"
        r"(?:[个种](?:不同的?)?(?:版本|变体|成片|结果|方案)|版)", "--variations",
    ),
)
_SOUNDS = (
    _words(
        rf"(?:keep|preserve|leave)\s+(?:(?:the|its|my)\s+)?(?:(?:original|same)\s+)?{_SOUND}"
        r"(?:\s+(?:as\s+(?:it\s+)?is|unchanged|untouched))?"
        rf"|with\s+(?:the\s+)?(?:original|same)\s+{_SOUND}|(?:don't|dont|do\s+not)\s+(?:change|touch)\s+the\s+{_SOUND}",
        "--keep-audio", bound_by=f"{_NOT} to of from than like",
    ),
    _words(rf"(?:the\s+)?(?:original|same)\s+{_SOUND}", "--keep-audio", alone=True),
    _words(
        rf"(?:请?(?:保留|保持|用|使用))?(?:视频)?(?:原声|原音|原(?:来|有|视频|始)?的?{_ZH_SOUND})(?:不变)?"
        rf"|请?(?:保留|保持)(?:视频的?)?{_ZH_SOUND}(?:不变)?|(?:{_ZH_SOUND}|原声)(?:保持不变|不变|保留)"
        rf"|(?:不要?|别)(?:改变?|动)(?:{_ZH_SOUND}|原声)", "--keep-audio",
    ),
)
_REWRITES = (
    _words(r"(?:don't|dont|do\s+not)\s+rewrite(?:\s+it|\s+this|\s+the\s+(?:instruction|prompt))?|no\s+rewrite"
           r"|word\s+for\s+word", "--no-rewrite", alone=True),
    _words(r"(?:请?不要?|别)改写(?:编辑要求|提示词|指令|原文)?", "--no-rewrite"),
)  # fmt: skip

WAYS = (*_PARTS, *_SHAPES, *_RESOLUTIONS, *_SEEDS, *_VARIATIONS, *_SOUNDS, *_REWRITES)
