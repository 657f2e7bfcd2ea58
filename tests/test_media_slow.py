"""What is shorter than two seconds: refused with an offer, and slowed down where the person takes it."""

from pathlib import Path

import pytest

from bot.edit import State
from bot.media.fit import fit
from bot.media.gate import VideoFacts
from bot.media.unfit import TooShort, Unfit
from bot.messages.status import status
from tests.blocks import whole
from tests.bots import EDIT_S, VIDEO_CHANNEL, buttons, has_file, settled_edit, stage, whispered
from tests.edits import NOW
from tests.films import live, make_film


@pytest.mark.parametrize(("name", "codec"), [("short.mp4", "libx264"), ("short.webm", "libvpx")])
async def test_a_short_film_is_refused_as_such_and_long_enough_once_slowed_down(
    tmp_path: Path, name: str, codec: str
) -> None:
    film = make_film(tmp_path / name, codec=codec, seconds=1.2)
    with pytest.raises(TooShort, match=r"1\.20? s"):
        await fit(film, "video", tmp_path, first_s=5)
    slowed = await fit(film, "video", tmp_path, first_s=5, slow=True)
    assert isinstance(slowed.facts, VideoFacts)
    assert 2.0 <= slowed.facts.duration_s <= 2.4
    assert slowed.actions[0] == f"slowed down from 1.2 s to {slowed.facts.duration_s:.1f} s"


async def test_a_recording_that_does_not_say_its_length_is_slowed_down_as_well(tmp_path: Path) -> None:
    film = live(make_film(tmp_path / "live.webm", codec="libvpx", seconds=1.2))
    with pytest.raises(TooShort, match=r"for only 1\.20 seconds"):
        await fit(film, "video", tmp_path)
    slowed = await fit(film, "video", tmp_path, slow=True)
    assert isinstance(slowed.facts, VideoFacts)
    assert 2.0 <= slowed.facts.duration_s <= 2.4


async def test_a_short_film_with_longer_sound_is_slowed_down_by_its_pictures(tmp_path: Path) -> None:
    film = make_film(tmp_path / "short.mp4", seconds=1, sound="aac", bit_of_sound=11 * 48)
    slowed = await fit(film, "video", tmp_path, slow=True)
    assert isinstance(slowed.facts, VideoFacts)
    assert 2.0 <= slowed.facts.duration_s <= 2.4


async def test_the_sound_of_a_slowed_film_is_left_out_and_that_is_said(tmp_path: Path) -> None:
    film = make_film(tmp_path / "short.mp4", seconds=1, sound="aac")
    slowed = await fit(film, "video", tmp_path, slow=True)
    assert isinstance(slowed.facts, VideoFacts)
    assert not slowed.facts.has_sound
    assert "sound left out" in slowed.actions


async def test_a_blink_of_a_film_is_not_slowed_down(tmp_path: Path) -> None:
    with pytest.raises(Unfit, match="too little to be slowed down"):
        await fit(make_film(tmp_path / "blink.mp4", seconds=0.3), "video", tmp_path, slow=True)


async def test_a_film_that_is_long_enough_is_never_slowed_down(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", seconds=3)
    assert (await fit(film, "video", tmp_path, slow=True)).path == film


async def test_a_button_slows_a_short_film_down_and_edits_it(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        film = make_film(tmp_path / "short.mp4", seconds=1)
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style x2", files=[film])
        assert await whispered(on, VIDEO_CHANNEL, "*Slow it down* makes it long enough")
        refused = await settled_edit(on, ts)
        assert refused.failure is not None
        assert refused.failure.remedy == "slow_down"
        thread = await on.alice.thread(VIDEO_CHANNEL, ts)
        said = next(message for message in thread if buttons(message) and not message.get("ephemeral"))
        assert buttons(said) == {"slow"}
        await on.alice.click(VIDEO_CHANNEL, said["ts"], "slow")
        await on.alice.wait_for(VIDEO_CHANNEL, has_file, EDIT_S)
        edit = await settled_edit(on, ts)
        assert edit.variations == 2
        assert edit.slow
        assert edit.fitted[0].startswith("slowed down from 1.0 s to 2.")
        running = edit.model_copy(update={"state": State.RUNNING, "variations": 1})
        assert "slowed down from 1.0 s" in whole(status(running, now=NOW, place=None, waiting=None))
