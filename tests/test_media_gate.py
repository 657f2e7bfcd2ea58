"""The gate for videos: what is accepted as it is, and what a person reads of everything else."""

import io
import struct
from contextlib import suppress
from dataclasses import replace
from functools import reduce
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.media.gate import Unfit, VideoFacts, accept_video, check_video, inspect_video, is_plain
from bot.media.magic import Kind, sniff
from client.catalogue import MODELS
from client.sandbox.clip import make_clip
from tests.films import claiming, make_film
from tests.mp4 import TURNS, Film, Track, box

MODEL = MODELS["wan2.7-videoedit"]
SEED = bytes(Film())
FACTS = inspect_video(io.BytesIO(SEED), len(SEED))


def accept(data: bytes) -> VideoFacts:
    return accept_video(io.BytesIO(data), len(data), MODEL)


def refusal(data: bytes) -> str:
    with pytest.raises(Unfit) as caught:
        accept(data)
    return caught.value.reason


def one(track: Track) -> bytes:
    return bytes(Film(tracks=(track,)))


def test_a_clip_from_a_real_encoder_is_accepted_with_its_true_facts(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", seconds=2, size=(426, 240))
    with path.open("rb") as file:
        facts = accept_video(file, path.stat().st_size, MODEL)
    assert facts == VideoFacts(
        mime_type="video/mp4", size_bytes=path.stat().st_size, duration_s=2.0, stored_s=2.0, width=426, height=240,
        rotation=0, codec="avc1", frames=60, has_sound=True,
    )  # fmt: skip


@pytest.mark.parametrize("codec", ["avc1", "avc3", "hvc1", "hev1"])
def test_h264_and_h265_are_accepted(codec: str) -> None:
    assert accept(one(Track(codecs=(codec.encode(),)))).codec == codec


def test_a_quicktime_film_is_named_as_such_with_and_without_its_brand() -> None:
    assert accept(bytes(Film(brand=b"qt  "))).mime_type == "video/quicktime"
    assert accept(box(b"mdat", bytes(200)) + Film().index).mime_type == "video/quicktime"


def test_the_index_may_stand_behind_the_pictures_whose_size_is_64_bits_wide() -> None:
    pictures = struct.pack(">I4sQ", 1, b"mdat", 16 + 500) + bytes(500)
    data = box(b"ftyp", b"isom", bytes(4)) + pictures + Film().index
    assert accept(data).duration_s == 5.0


def test_pictures_without_a_size_reach_to_the_end_of_the_file() -> None:
    assert accept(SEED[: -len(box(b"mdat", bytes(2000)))] + struct.pack(">I4s", 0, b"mdat") + bytes(150)).frames == 150


@pytest.mark.parametrize("claimed_s", [2.0, 4.7, 5.3, 9.0])
def test_a_header_that_claims_another_length_than_the_pictures_have_is_not_believed(
    tmp_path: Path, claimed_s: float
) -> None:
    data = make_film(tmp_path / "film.mp4", seconds=5, options={"bf": "2"}, sound="aac").read_bytes()
    assert is_plain(accept(data))
    assert is_plain(accept(claiming(data, 5.1)))
    assert accept(claiming(data, claimed_s)).quirks[0] == "unclear"


def test_a_table_of_times_that_leaves_pictures_out_is_not_believed(tmp_path: Path) -> None:
    data = bytearray(make_film(tmp_path / "film.mp4", seconds=9).read_bytes())
    struct.pack_into(">I", data, data.index(b"stts") + 12, 20)
    assert accept(claiming(bytes(data), 2)).quirks[0] == "unclear"


@pytest.mark.parametrize("size", ["to the end", "made smaller"])
def test_a_film_that_was_cut_off_is_found_whatever_its_last_box_claims(tmp_path: Path, size: str) -> None:
    data = make_film(tmp_path / "film.mp4", seconds=5, sound="aac", movflags="faststart").read_bytes()
    at = data.index(b"mdat") - 4
    cut = bytearray(data[: len(data) * 9 // 10])
    struct.pack_into(">I", cut, at, 0 if size == "to the end" else len(cut) - at)
    assert at < len(cut)
    assert "breaks off" in refusal(bytes(cut))
    struct.pack_into(">I", whole := bytearray(data), at, 0)
    assert accept(bytes(whole)).frames == 50


@pytest.mark.parametrize("kind", [b"stco", b"co64"])
def test_a_last_piece_behind_the_end_of_the_file_is_missed(kind: bytes) -> None:
    width = "Q" if kind == b"co64" else "I"
    last = len(bytes(Film(tracks=(Track(chunks=box(kind, struct.pack(f">II2{width}", 0, 2, 9, 9))),))))
    whole, cut = (one(Track(chunks=box(kind, struct.pack(f">II2{width}", 0, 2, 9, at)))) for at in (last - 1, last))
    assert accept(whole).frames == 150
    assert "breaks off" in refusal(cut)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_phone_video_has_upright_sides(turn: int) -> None:
    facts = accept(one(Track(matrix=TURNS[turn])))
    assert (facts.rotation, facts.width, facts.height) == (turn, *((640, 360) if turn in (0, 180) else (360, 640)))


def test_a_mirrored_film_is_not_turned_and_a_slanted_one_is_refused() -> None:
    assert accept(one(Track(matrix=(-1, 0, 0, 1)))).rotation == 0
    assert "quarter turn" in refusal(one(Track(matrix=(0.7, 0.7, -0.7, 0.7))))


def test_pictures_beside_the_film_are_no_second_film() -> None:
    chapters = Track(codecs=(b"jpeg",), frames=12)
    cover = Track(codecs=(b"png ",), frames=1)
    assert accept(bytes(Film(tracks=(chapters, cover, Track())))).codec == "avc1"


def test_junk_behind_a_complete_film_does_no_harm() -> None:
    assert accept(bytes(Film(tail=b"\xff" * 40))).frames == 150
    assert accept(bytes(Film(tail=b"abc"))).frames == 150


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (one(Track(codecs=(b"vp09",))), "codec is VP9"),
        (one(Track(codecs=(b"avc1", b"ap4h"))), "codec is ProRes"),
        (one(Track(codecs=(b"\x00<!>",))), "codec is “????”"),
        (one(Track(codecs=(b"jpeg",))), "codec is Motion JPEG"),
        (bytes(Film(seconds=1.999)), "2–10 seconds long; this one has 1.999 s"),
        (bytes(Film(seconds=10.005)), "2–10 seconds long; this one has 10.005 s"),
        (one(Track(seconds=12.5)), "shows 5 seconds, but 12.5 are still stored"),
        (one(Track(seconds=1)), "pictures for only 1 seconds"),
        (one(Track(width=239)), "240–4096 pixels, it is 239 × 360"),
        (one(Track(height=4097)), "240–4096 pixels, it is 640 × 4097"),
        (one(Track(width=2400, height=299)), "at most 8 times as long as wide, it is 2400 × 299"),
        (bytes(Film(tracks=(Track(), Track()))), "2 videos at once"),
        (bytes(Film(tracks=(Track(handler=b"soun"),))), "only sound"),
        (bytes(Film(tracks=())), "holds no film"),
        (one(Track(frames=1)), "still picture"),
        (one(Track(frames=0)), "no frames"),
        (SEED[:-1], "breaks off"),
        (SEED[:900], "breaks off"),
        (bytes(Film(pictures=bytes(149))), "breaks off"),
        (box(b"ftyp", b"isom", bytes(4)) + box(b"mdat", bytes(99)), "no index"),
        (box(b"ftyp", b"isom", bytes(4)) + Film().index, "no pictures"),
        (bytes(Film(pictures=b"")), "no pictures"),
        (box(b"ftyp", b"isom", bytes(4)) + Film().index + box(b"moof", bytes(9)), "fragments"),
        (one(Track(clock_hz=0)), "damaged"),
        (one(Track(codecs=())), "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_unfit_film_is_refused_with_the_limit_and_the_value(data: bytes, words: str) -> None:
    assert words in refusal(data)


def test_a_video_at_each_limit_is_accepted_and_one_step_further_is_not() -> None:
    for fits in (
        replace(FACTS, duration_s=2.0), replace(FACTS, duration_s=10.0, stored_s=10.0),
        replace(FACTS, width=240, height=240), replace(FACTS, width=4096, height=512),
        replace(FACTS, width=512, height=4096), replace(FACTS, size_bytes=100_000_000),
    ):  # fmt: skip
        assert check_video(fits, MODEL) == []
    assert check_video(replace(FACTS, width=511, height=4096), MODEL) == [
        "The video may be at most 8 times as long as wide, it is 511 × 4096."
    ]
    assert check_video(replace(FACTS, size_bytes=100_000_001), MODEL) == [
        "The video may have 100 MB, it has 100.1 MB."
    ]


def test_every_reason_is_told_at_once() -> None:
    reason = refusal(bytes(Film(seconds=60, tracks=(Track(codecs=(b"av01",), width=100),))))
    assert all(words in reason for words in ("AV1", "60 s", "100 × 360"))


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"", Kind.EMPTY),
        (b"\x1a\x45\xdf\xa3\x9fB\x86", Kind.MATROSKA),
        (b"RIFF\x00\x01\x00\x00AVI LIST", Kind.AVI),
        (b"GIF89a\x01\x00", Kind.GIF),
        (b"\x00\x00\x00\x18ftypheic\0\0\0\0mif1isom", Kind.HEIC),
        (b"\x00\x00\x00\x18ftypavif\0\0\0\0mif1isom", Kind.AVIF),
        (b"\x00\x00\x00\x14ftypM4A \0\0\0\0isom", Kind.AUDIO),
        (b"\x00\x00\x00\x14ftyp3gp4\0\0\0\x003gp4", Kind.THREE_GP),
        (b"\x00\x00\x00\x18ftyp3gp4\0\0\0\x003gp4isom", Kind.MP4),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html><html>", Kind.WEB_PAGE),
        (b"<?xml version='1.0'?>\n<html xmlns=''>", Kind.WEB_PAGE),
        (b"<?xml version='1.0'?>\n<svg>", Kind.SVG),
        (b"<?xml version='1.0'?>\n<MPD>", Kind.PLAYLIST),
        (b"#EXTM3U\nhttp://127.0.0.1/a.ts", Kind.PLAYLIST),
        (b"ffconcat version 1.0\nfile '/etc/passwd'", Kind.PLAYLIST),
        (b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n", Kind.PLAYLIST),
        (b"just words \xc3", Kind.TEXT),
        ("Grüße".encode("utf-16"), Kind.TEXT),
        (b"%PDF-1.7", Kind.PDF),
        (b"PK\x03\x04", Kind.ARCHIVE),
        (b"\x47" + bytes(187) + b"\x47" + bytes(187) + b"\x47" + bytes(9), Kind.MPEG_TS),
        (b"\x00\x00\x00\x01\x02\x03", Kind.UNKNOWN),
        (b"BMW is a car", Kind.TEXT),
    ],
    ids=lambda value: value.name if isinstance(value, Kind) else "",
)
def test_what_a_file_is_stands_in_its_first_bytes(head: bytes, kind: Kind) -> None:
    assert sniff(head) is kind
    if kind is not Kind.MP4:
        takes = "only MP4, MOV, 3GP, WebM, MKV, AVI and GIF videos can be edited"
        assert refusal(head) == f"This file is {kind.value}; {takes}."


FTYP, MDAT = box(b"ftyp", b"isom", bytes(4)), box(b"mdat", bytes(20))
MVHD_OF_ONES = box(b"mvhd", b"\x01" + b"\xff" * 40)
HOSTILE = {
    "boxes nested 500 deep": FTYP + MDAT + reduce(lambda inner, _: box(b"moov", inner), range(500), b""),
    "empty tracks": FTYP + MDAT + box(b"moov", *[box(b"trak")] * 3),
    "an index of 100 000 boxes": FTYP + MDAT + box(b"moov", box(b"free") * 100_000),
    "100 000 boxes before the index": FTYP + box(b"free") * 100_000 + MDAT + Film().index,
    "2000 tracks": FTYP + MDAT + box(b"moov", *[bytes(Track())] * 2000),
    "a size of 2^64 - 1": FTYP + MDAT + struct.pack(">I4sQ", 1, b"moov", 2**64 - 1),
    "a wide size of 3": FTYP + MDAT + struct.pack(">I4sQ", 1, b"moov", 3),
    "a size of 7": FTYP + MDAT + struct.pack(">I4s", 7, b"moov"),
    "a wide size that is missing": FTYP + MDAT + struct.pack(">I4s", 1, b"moov"),
    "a box larger than its parent": FTYP + MDAT + box(b"moov", struct.pack(">I4s", 2**32 - 1, b"trak")),
    "a box without size in the index": FTYP + MDAT + box(b"moov", struct.pack(">I4s", 0, b"trak")),
    "a length of all ones, wide": FTYP + MDAT + box(b"moov", MVHD_OF_ONES, bytes(Track())),
    "a length of all ones": FTYP + MDAT + box(b"moov", box(b"mvhd", b"\0" + b"\xff" * 40), bytes(Track())),
    "a header cut off": FTYP + MDAT + box(b"moov", box(b"mvhd", b"\0"), bytes(Track())),
    "a brand box past the end": struct.pack(">I4s", 2**32 - 1, b"ftyp") + b"isom",
    "a brand box without size": struct.pack(">I4s", 0, b"ftyp") + b"isom",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_boxes_end_in_a_plain_refusal(name: str) -> None:
    assert refusal(HOSTILE[name]).endswith(".")


class Counted(io.BytesIO):
    """A file that counts what is read from it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def test_little_is_read_of_a_big_file_and_of_a_hostile_one() -> None:
    big = Counted(bytes(Film(pictures=bytes(5_000_000))))
    inspect_video(big, len(big.getvalue()))
    assert big.taken < 10_000
    for data in HOSTILE.values():
        file = Counted(data)
        with pytest.raises(Unfit):
            inspect_video(file, len(data))
        assert file.taken < 500_000


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_no_mutation_of_a_film_raises_anything_but_a_refusal(data: st.DataObject) -> None:
    mutant = bytearray(SEED[: data.draw(st.integers(0, len(SEED)))] if data.draw(st.booleans()) else SEED)
    for at in data.draw(st.lists(st.integers(0, max(0, len(SEED) - 2001)), max_size=12)):
        piece = data.draw(st.binary(min_size=1, max_size=8))
        mutant[at : at + len(piece)] = piece
    with suppress(Unfit):
        assert 2 <= accept(bytes(mutant)).duration_s <= 10


def test_a_film_that_hides_its_size_from_the_gate_is_refused() -> None:
    with pytest.raises(Unfit, match="breaks off"):
        accept_video(io.BytesIO(SEED), len(SEED) - 5, MODEL)
    with pytest.raises(Unfit):
        accept_video(io.BytesIO(SEED[:600]), len(SEED), MODEL)
