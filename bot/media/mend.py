"""What the child does with a video: copy it into a fit file where that is enough, encode it anew where it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from bot.media.film import Look, VideoOrder, counted_s, look_at, open_film, sound
from bot.media.geometry import Limits
from bot.media.remux import copy
from bot.media.transcode import encode
from bot.media.unfit import Unfit

_MOST_SLOWNESS = 5  # slower than that it is a row of stills
_BEYOND_S = 1.0  # so much more than is wanted shows that the film goes on


def mend_video(details: dict[str, Any], progress: Callable[[float], None]) -> dict[str, Any]:
    """Write the fit film to `out`; return what it was and whether its pictures were only copied, or how short it is."""
    order = VideoOrder(**{**details, "limits": Limits(**details["limits"])})
    look = look_at(order.source, order.demuxer)
    claimed_s = look.length_s
    wanted_s = order.start_s + order.length_s
    if order.slow_to_s or claimed_s < wanted_s:  # a recording of a browser claims nothing, and others too little
        pictures_s = counted_s(order.source, order.demuxer, enough_s=wanted_s + _BEYOND_S)
        look = replace(look, length_s=pictures_s or claimed_s)
    if order.start_s and 0 < look.length_s < order.start_s + order.min_s:
        return {"ends_s": look.length_s}
    slow = _slowness(order, look)
    copied_s = copy(order, look) if order.may_copy and slow == 1 else None
    length_s = encode(order, look, progress, slow) if copied_s is None else copied_s
    if length_s < order.min_s:
        if order.start_s:
            return {"ends_s": order.start_s + length_s}
        return {"too_short_s": length_s}
    return {
        "copied": copied_s is not None,
        "length_s": length_s,
        "codec": look.codec_name,
        "sound_lost": look.has_unknown_sound or (slow != 1 and _has_sound(order)),
        "slowed_from_s": look.length_s if slow != 1 else 0.0,
        "size": [look.width, look.height],
        "rotation": look.rotation,
        "hdr": look.is_hdr,
        "deep": look.is_deep,
        "interlaced": look.is_interlaced,
        "rates": [float(look.halved_rate), float(look.rate)] if look.halved_rate and slow == 1 else None,
        "source_s": max(claimed_s, look.length_s),
    }


def _slowness(order: VideoOrder, look: Look) -> Fraction:
    """Return how many times slower the film must be; 1 where it is long enough, or shall stay as fast as it is."""
    if not order.slow_to_s or not 0 < look.length_s < order.min_s:
        return Fraction(1)
    last_s = look.length_s - float(1 / look.rate)  # when its last picture comes, more or less
    slow = Fraction(order.slow_to_s / last_s).limit_denominator(1000) if last_s > 0 else Fraction(_MOST_SLOWNESS + 1)
    if slow > _MOST_SLOWNESS:
        raise Unfit("The video has only {seconds} s, too little to be slowed down.", seconds=f"{look.length_s:.2f}")
    return slow


def _has_sound(order: VideoOrder) -> bool:
    with open_film(order.source, order.demuxer) as container:
        return sound(container) is not None
