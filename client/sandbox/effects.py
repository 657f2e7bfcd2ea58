"""The catalogue: everything that the local engine can do, with the words that ask for it, in the order of application.

Only what classic filters do honestly; an approximation says so in its name.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from client.sandbox import grades, styles, weather
from client.sandbox.chain import Chain
from client.sandbox.variation import Variation


@dataclass(frozen=True)
class Effect:
    """A change of the whole picture: `name` as people read it, `apply` adds its filters to the chain."""

    name: str
    apply: Callable[[Chain, Variation], None]


@dataclass(frozen=True)
class Entry:
    """One line of the catalogue: an effect and the words that ask for it."""

    effect: Effect
    words: re.Pattern[str]
    chinese: str  # one word that asks for it


def _entry(name: str, apply: Callable[[Chain, Variation], None], words: str, chinese: str) -> Entry:
    # \b would not do: to a regular expression a Chinese sign is a letter, so "8-bit风格" has no boundary
    pattern = rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])|{chinese}"
    return Entry(Effect(name, apply), re.compile(pattern, re.IGNORECASE), chinese.partition("|")[0])


CATALOGUE = (
    # rhythm and place
    _entry("claymation (approximation)", styles.clay, r"clay(?:mation)?|plasticine", "粘土|黏土"),
    _entry("stop-motion rhythm", styles.stop_motion, r"stop[- ]motion", "定格动画|定格"),
    _entry("mirror", styles.mirror, r"mirror(?:ed|s)?|flip(?:ped)? horizontally|flip left[- ]right", "镜像|左右翻转"),
    _entry("upside down", styles.upside_down, r"upside[- ]down|flip(?:ped)? vertically", "上下颠倒|倒过来"),
    _entry("zoom in", styles.zoom_in, r"zoom(?:s|ing)?[- ]?in|push(?:es|ing)?[- ]?in", "推进|拉近|放大"),
    _entry("zoom out", styles.zoom_out, r"zoom(?:s|ing)?[- ]?out|pull(?:s|ing)? (?:back|out)", "拉远"),
    # light and colour
    _entry("sunny, brighter light", grades.graded(grades.sunny), r"sunny|sunshine|bright(?:er|en)?", "晴天|晴朗|明亮"),
    _entry("darker, night-like light", grades.graded(grades.dark), r"dark(?:er|en)?|night(?:time)?", "夜晚|变暗"),
    _entry("warm tone", grades.graded(grades.warm), r"warm(?:er|th)?|golden hour", "暖色调|暖色|温暖|暖"),
    _entry("cold tone", grades.graded(grades.cold), r"cold(?:er)?|cool(?:er)?|icy", "冷色调|冷色|冷"),
    _entry("vivid colours", grades.graded(grades.vivid), r"vivid|vibrant|saturated|colou?rful", "鲜艳"),
    _entry("more contrast", grades.graded(grades.contrasty), r"(?:more|higher?|stronger|strong) contrast", "对比度"),
    _entry(
        "black and white",
        grades.graded(grades.grey),
        r"black[- ](?:and|&|n)[- ]white|b ?& ?w|b/w|monochrome|gr[ae]y[- ]?scale",
        "黑白",
    ),
    _entry("sepia", grades.graded(grades.sepia), r"sepia", "棕褐色"),
    _entry(
        "negative", grades.graded(grades.negative), r"negative|invert(?:ed)?(?: the)?(?: colou?rs)?", "反色|负片"
    ),
    # looks
    _entry("watercolour", styles.watercolour, r"water[- ]?colou?rs?|aquarelle", "水彩画|水彩"),
    _entry("comic (approximation)", styles.comic, r"comics?(?:[- ]book)?|cartoon(?:ish|s)?", "漫画|卡通"),
    _entry("pencil sketch", styles.sketch, r"(?:pencil |line )?(?:sketch|drawing)", "素描"),
    _entry("8-bit pixel style", styles.pixel, r"pixel(?:ated|ate|s)?(?:[- ]art)?|(?:8|eight)[- ]?bit", "像素"),
    _entry("blur", styles.blur, r"blur(?:ry|red)?|out of focus", "模糊"),
    # weather and film
    _entry(
        "falling snow (approximation)", weather.snow, r"snow(?:y|ing|fall|flakes)?|(?:deep )?winter",
        "下雪|雪景|雪|深冬|隆冬|冬天",
    ),
    _entry("rain (approximation)", weather.rain, r"rain(?:y|ing|drops)?", "下雨|雨"),
    _entry(
        "old film",
        styles.old_film,
        r"old[- ](?:time |fashioned )?(?:film|movie)|vintage(?: film)?|silent (?:film|movie)",
        "老电影|复古",
    ),
    _entry("film grain", styles.grain, r"(?:film )?grain|grainy", "颗粒"),
    _entry("vignette", styles.vignette, r"vignett(?:e|ing)", "暗角"),
    _entry("glitch", styles.glitch, r"glitch(?:y|es)?|vhs", "故障"),
)
WITH_PICTURE = (
    "the colours and mood of a reference image (as colour grading)",
    "a reference image shown as an inset in a corner",
    'a line of text ("add the text …" in quotes)',
)


def abilities_in_chinese() -> str:
    """List what the engine can do, in words that it understands."""
    return "、".join([*(entry.chinese for entry in CATALOGUE), "图1的色调"])


def abilities() -> str:
    """List what the engine can do, as a sentence part."""
    return ", ".join([*(entry.effect.name for entry in CATALOGUE), *WITH_PICTURE])
