"""What the child does with a video: copy it into a fit file where that is enough, encode it anew where it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.media.film import VideoOrder, look_at
from bot.media.geometry import Limits
from bot.media.remux import copy
from bot.media.transcode import encode
from bot.media.unfit import Unfit


def mend_video(details: dict[str, Any], progress: Callable[[float], None]) -> dict[str, Any]:
    """Write the fit film to `out`; return its length, what it was, and whether its pictures were only copied."""
    order = VideoOrder(**{**details, "limits": Limits(**details["limits"])})
    look = look_at(order.source, order.demuxer)
    if order.is_cut and 0 < look.length_s < order.start_s + order.min_s:
        raise Unfit(
            "The video is {seconds} s long: after {start} s there are not the {limit} s left that are needed.",
            seconds=f"{look.length_s:.1f}",
            start=f"{order.start_s:g}",
            limit=f"{order.min_s:g}",
        )
    copied_s = copy(order, look) if order.may_copy else None
    length_s = encode(order, look, progress) if copied_s is None else copied_s
    if length_s < order.min_s:
        raise Unfit(
            "The video has pictures for only {seconds} seconds, and {limit} are needed.",
            seconds=f"{length_s:.2f}",
            limit=f"{order.min_s:g}",
        )
    return {
        "copied": copied_s is not None,
        "length_s": length_s,
        "codec": look.codec_name,
        "sound_lost": look.has_unknown_sound,
        "size": [look.width, look.height],
        "rotation": look.rotation,
        "hdr": look.is_hdr,
        "source_s": look.length_s,
    }
