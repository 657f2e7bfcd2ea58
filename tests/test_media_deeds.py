"""What was done to a file, fact by fact, as the status message and Details say it."""

from dataclasses import replace
from typing import Any

import pytest

from bot.media.deeds import picture_deeds, video_deeds
from bot.media.gate import VideoFacts
from bot.media.magic import Kind

SOURCE = VideoFacts("video/mp4", 5_000_000, 5.0, 5.0, 1280, 720, 0, "avc1", 150, has_sound=True)
NOTHING = {
    "copied": True, "codec": "", "size": [1280, 720], "rotation": 0, "hdr": False, "source_s": 5.0,
    "sound_lost": False, "slowed_from_s": 0.0, "deep": False, "interlaced": False, "rates": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("source", "answer", "fact"),
    [
        ({"duration_s": 12.0}, {"source_s": 12.0}, "used 0:00–0:05"),
        ({}, {"slowed_from_s": 1.4}, "slowed down from 1.4 s to 5.0 s"),
        ({}, {"rotation": 90}, "turned upright"),
        ({}, {"hdr": True}, "HDR converted to SDR"),
        ({}, {"copied": False, "codec": "H.265"}, "H.265 converted to H.264"),
        ({}, {"size": [4096, 2304]}, "scaled to 1280 × 720"),
        ({"quirks": ("unusual colours",)}, {}, "colours converted to 8 bit"),
        ({"quirks": ("stretched pixels",)}, {}, "pixels made square"),
        ({"quirks": ("interlaced",)}, {}, "deinterlaced"),
        ({"quirks": ("uneven frame rate",)}, {}, "frame rate made even"),
        ({"size_bytes": 250_000_000}, {}, "250 MB made 5 MB"),
        ({}, {"sound_lost": True}, "sound left out"),
        ({}, {"copied": False, "deep": True}, "colours converted to 8 bit"),
        ({"quirks": ("interlaced",)}, {"copied": False, "interlaced": True}, "deinterlaced"),
        ({}, {"copied": False, "interlaced": True}, "deinterlaced"),
        ({}, {"copied": False, "rates": [59.94006, 29.97003]}, "59.94 frames a second made 29.97"),
        ({}, {}, "written anew as MP4"),
    ],
)
def test_each_thing_that_is_done_to_a_video_is_said(
    source: dict[str, Any], answer: dict[str, Any], fact: str
) -> None:
    said = video_deeds(replace(SOURCE, **source), SOURCE, NOTHING | answer, start_s=0.0, is_cut=False)
    assert said == (fact,)


def test_a_part_is_said_by_its_beginning_and_its_real_end() -> None:
    assert video_deeds(SOURCE, replace(SOURCE, duration_s=4.93), NOTHING, start_s=63.5, is_cut=True) == (
        "used 1:03.5–1:08.4",
    )


@pytest.mark.parametrize(
    ("kind", "answer", "said"),
    [
        (Kind.JPEG, {"as_is": True}, ()),
        (Kind.HEIC, {"turned": True}, ("HEIC converted", "picture turned upright")),
        (Kind.GIF, {"animated": True}, ("GIF converted", "first frame of the animation used")),
        (Kind.PNG, {"transparent": True}, ("transparency filled with white",)),
        (Kind.JPEG, {"scaled": [2048, 1536]}, ("picture scaled to 2048 × 1536",)),
        (Kind.JPEG, {}, ("picture saved anew without its metadata",)),
    ],
)
def test_each_thing_that_is_done_to_a_picture_is_said(
    kind: Kind, answer: dict[str, Any], said: tuple[str, ...]
) -> None:
    nothing = {"as_is": False, "turned": False, "animated": False, "transparent": False, "scaled": None}
    assert picture_deeds(kind, nothing | answer) == said
