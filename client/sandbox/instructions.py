"""Read an instruction: which effects does it ask for, and is there a word in it that we cannot serve? Pure.

The rule is strict, because half an edit shown as a whole one would be a lie: every word must be part of an effect, or
one of the plain words around it. "Make it pixel art and replace the cat" fails as a whole, and says why.
"""

import re
from collections.abc import Sequence

from PIL import Image

from client.sandbox import grades, placed
from client.sandbox.effects import CATALOGUE, Effect, abilities, abilities_in_chinese
from client.sandbox.probe import JobError

_PLAIN_TEXT = """
    a an the this that these it its it's of in on at for with by to into as like from and or so also plus please kindly
    can could you your i we me my us want would will should be is are was become becoming looks
    make makes making made turn turns match matching change changes changing convert converting transform adjust
    apply add give get use using do let set render redo restyle create switch put show have need edit shift
    video videos clip film movie footage scene scenes frame frames shot shots picture whole entire full complete all
    everything every overall general style styles styled stylised stylized stylize stylise look looking effect effects
    filter filters tone tones toned colour colours color colors coloured colored light lighting lights mood atmosphere
    feel feeling vibe aesthetic art artistic painting painted hand-painted retro classic animation animated game
    weather season day texture rhythm grade grading graded palette
    more much very really slightly little bit lot some strong stronger soft softer softly subtle gentle nice beautiful
    lovely pretty cosy cozy delicate cinematic good great simple
    slow slowly smooth smoothly gradually camera fall falling falls down heavy lightly over across throughout during
    start end middle center centre towards toward completely fully just then now again new time same
"""
_PLAIN = frozenset(_PLAIN_TEXT.split())
_PLAIN_CHINESE = re.compile(
    "请|把|将|整个|整段|这个|这段|视频|画面|影片|全部|变成|变为|转换|转化|转为|改成|改为|换成|调整|调成|添加|加上|加|使|让|成|为|的|"
    "风格|效果|色调|氛围|光线|滤镜|一个|一种|和|与|并|给|做|用|动画|艺术|画|感|正在|8 ?位"
)
_KEPT = re.compile(
    r"^\W*(?:and |but |while |please )*(?:keep|keeping|leave|leaving|preserve|preserving|retain|maintain|maintaining"
    r"|without|don't change|do not change|no\b|avoid)|保持|不变"
)
_NEGATED = re.compile(r"\b(?:not|no|don't|do not|never|without|avoid|isn't|less)\b[^\x01]*\x01|不要|别")
_CLAUSES = re.compile(r"[.,;:!?\n。，；：！？、]+|\b(?:while|but|then)\b")
_MARK = re.compile("\x01(\\d+)\x02")
_IMAGE = r"(?:reference |attached |given |second |first )?(?:image|picture|photo|logo|图片|参考图|图)(?: ?#?([1-4]))?"
_FEATURE = r"(?:mood|colou?rs?|palette|tones?|atmosphere|light(?:ing)?|grading|vibe|look and feel)"
_MOOD = re.compile(
    rf"{_FEATURE}(?:(?: and |, ?)(?:the )?{_FEATURE})* (?:of|from|in|as|like|as in)(?: the| this| my)? {_IMAGE}"
    rf"|(?:the |this )?{_IMAGE}(?:'s|’s|的)? ?(?:{_FEATURE}|色调|氛围|颜色|色彩)",
    re.IGNORECASE,
)
_INSET = re.compile(
    rf"(?:add|place|put|show|overlay|insert|include|display)(?: the| this| my| a)? {_IMAGE}"
    r"(?: as (?:an? )?(?:inset|overlay|picture[- ]in[- ]picture|logo))?"
    r"(?: (?:in|at|to|into|on) (?:the |a )?(?:(top|upper|bottom|lower)[- ]?)?(?:(left|right)[- ]?)?(?:hand )?"
    r"(?:corner|side)?)?"
    r"(?: of (?:the )?(?:video|clip|frame|screen|picture))?",
    re.IGNORECASE,
)
# Where an image goes when the instruction does not say: four of them do not cover each other.
_USUAL_CORNERS = (("bottom", "right"), ("bottom", "left"), ("top", "right"), ("top", "left"))
_CHINESE = re.compile("[\u4e00-\u9fff]")
_CAPTION = re.compile(
    r"(?:add|write|show|put|display|with)(?: the| a| this)? (?:text|caption|title|words?|subtitle)s?"
    r"(?: (?:saying|that says|reading))?[: ]*[\"“”']([^\"“”]{1,120}?)[\"“”']"
    r"(?: (?:at|on|in|to) the (?:bottom|video|clip))?",
    re.IGNORECASE,
)


def read_instruction(prompt: str, pictures: Sequence[Image.Image]) -> list[Effect]:
    """Find the effects that an instruction asks for, in the order of application.

    Raises JobError for anything else, in the language of the instruction.
    """
    try:
        return _read(prompt, pictures)
    except _RefusedError as exc:
        said = exc.chinese if _CHINESE.search(_CAPTION.sub("", prompt)) else exc.english
        raise JobError("LocalEngine.Unsupported", said) from exc


class _RefusedError(Exception):
    """Says what the engine cannot do."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.english = english
        self.chinese = chinese


def _read(prompt: str, pictures: Sequence[Image.Image]) -> list[Effect]:
    text, laid_over = _take_captions(prompt)
    text, insets = _take_insets(text, pictures)
    text, moods = _take_moods(text, pictures)
    for number, entry in enumerate(CATALOGUE):
        text = entry.words.sub(f" \x01{number}\x02 ", text)
    wanted: set[int] = set()
    for clause in _CLAUSES.split(text):
        wanted |= _read_clause(clause)
    effects = [entry.effect for number, entry in enumerate(CATALOGUE) if number in wanted]
    effects = [*moods, *effects, *insets, *laid_over]
    if not effects:
        raise _unsupported(prompt.strip()[:200] or "an empty instruction")
    return effects


def _read_clause(clause: str) -> set[int]:
    """Give the numbers of the effects in one clause. Raises _RefusedError when it says more than we can do."""
    if _NEGATED.search(clause):
        rest = _MARK.sub(" ", clause)
        if not _unknown(re.sub(r"\b(?:not|no|don't|do not|never|without|avoid|isn't|less)\b|不要|别", " ", rest)):
            return set()
        raise _unsupported(_plain(clause))
    if _KEPT.search(clause.strip().lower()) and not _MARK.search(clause):
        return set()
    if unknown := _unknown(_MARK.sub(" ", clause)):
        raise _unsupported(" ".join(unknown) if _MARK.search(clause) else clause.strip())
    return {int(number) for number in _MARK.findall(clause)}


def _unknown(text: str) -> list[str]:
    """The words that are neither effects nor plain words around them."""
    text = _PLAIN_CHINESE.sub(" ", text.lower().replace("’", "'"))
    return [word for word in re.findall(r"[^\W_]+(?:['-][^\W_]+)*", text) if word not in _PLAIN]


def _take_captions(text: str) -> tuple[str, list[Effect]]:
    found: list[Effect] = []
    for match in _CAPTION.finditer(text):
        words = match[1].strip()
        if not words.isprintable() or any(ord(letter) > 0x24F and letter not in "–—’‘…€" for letter in words):
            raise _RefusedError("The local engine can write text in Latin letters only.", "本地引擎只能写拉丁字母。")
        found.append(Effect(f"text “{words}”", placed.caption(words)))
    return _CAPTION.sub(" ", text), found


def _take_insets(text: str, pictures: Sequence[Image.Image]) -> tuple[str, list[Effect]]:
    found: list[Effect] = []
    for match in _INSET.finditer(text):
        number = int(match[1] or 1)
        usual = _USUAL_CORNERS[number - 1]
        up = {"upper": "top", "lower": "bottom"}.get(match[2].lower(), match[2].lower()) if match[2] else usual[0]
        corner = (up, match[3].lower() if match[3] else usual[1])
        found.append(Effect(f"image {number} as an inset", placed.inset(_picture(pictures, number), corner)))
    return _INSET.sub(" ", text), found


def _take_moods(text: str, pictures: Sequence[Image.Image]) -> tuple[str, list[Effect]]:
    found: list[Effect] = []
    for match in _MOOD.finditer(text):
        number = int(match[1] or match[2] or 1)
        found.append(Effect(f"colours of image {number}", grades.mood_of(_picture(pictures, number))))
    return _MOOD.sub(" ", text), found


def _picture(pictures: Sequence[Image.Image], number: int) -> Image.Image:
    if number > len(pictures):
        raise _RefusedError(
            f"The instruction speaks of image {number}, but {len(pictures) or 'no'} reference images came with it.",
            f"编辑要求中提到图{number}，但只附了 {len(pictures)} 张参考图片。",
        )
    return pictures[number - 1]


def _plain(clause: str) -> str:
    return _MARK.sub(lambda match: CATALOGUE[int(match[1])].effect.name, clause).strip()


def _unsupported(what: str) -> _RefusedError:
    return _RefusedError(
        f"The local engine cannot do this: {what}. It works with classic filters only, and changes the whole picture. "
        f"It can do: {abilities()}.",
        f"本地引擎做不到：{what}。它只有传统滤镜，而且总是改变整个画面。它能做的有：{abilities_in_chinese()}。",
    )
