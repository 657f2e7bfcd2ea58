"""The gate for reference pictures: what is accepted as it is, and what a person reads of everything else."""

import io
import struct
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.media.gate import Unfit
from bot.media.images import ImageFacts, check_image
from client.catalogue import MODELS

LIMITS = MODELS["wan2.7-videoedit"].image


def drawn(kind: str, size: tuple[int, int] = (320, 250), mode: str = "RGB", **options: Any) -> bytes:
    """Make a picture of one colour with Pillow."""
    file = io.BytesIO()
    Image.new(mode, size).save(file, kind, **options)
    return file.getvalue()


def check(data: bytes) -> ImageFacts:
    return check_image(io.BytesIO(data), len(data), LIMITS)


def refusal(data: bytes) -> str:
    with pytest.raises(Unfit) as caught:
        check(data)
    return caught.value.reason


GIF = drawn("GIF")
SEEDS = {
    "JPEG": drawn("JPEG"),
    "progressive JPEG": drawn("JPEG", progressive=True, exif=b"Exif\0\0" + bytes(60_000), icc_profile=bytes(200_000)),
    "PNG": drawn("PNG"),
    "palette PNG": drawn("PNG", mode="P"),
    "lossy WEBP": drawn("WEBP"),
    "lossless WEBP": drawn("WEBP", lossless=True),
    "extended WEBP": drawn("WEBP", exif=b"Exif\0\0II*\0"),
    "BMP": drawn("BMP"),
    "grey BMP": drawn("BMP", mode="L"),
}


@pytest.mark.parametrize("name", SEEDS)
def test_pictures_of_the_four_formats_are_accepted_with_their_sides(name: str) -> None:
    facts = check(SEEDS[name])
    assert facts == ImageFacts(f"image/{name.split()[-1].lower()}", len(SEEDS[name]), 320, 250)


def test_an_old_bitmap_header_and_rows_from_the_top_are_understood() -> None:
    rows = bytes(240 * 240 * 3)
    old = b"BM" + struct.pack("<IIIIHHHH", 0, 0, 26, 12, 240, 240, 1, 24) + rows
    top_down = b"BM" + struct.pack("<IIIIiiHHI24x", 0, 0, 58, 40, 240, -240, 1, 24, 0) + rows
    assert (check(old).width, check(old).height) == (240, 240)
    assert (check(top_down).width, check(top_down).height) == (240, 240)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (drawn("PNG", mode="RGBA"), "transparency"),
        (drawn("PNG", mode="LA"), "transparency"),
        (drawn("PNG", mode="P", transparency=0), "transparency"),
        (drawn("WEBP", mode="RGBA"), "transparency"),
        (drawn("WEBP", mode="RGBA", lossless=True), "transparency"),
        (drawn("PNG", save_all=True, append_images=[Image.new("RGB", (320, 250), "red")]), "animated"),
        (drawn("WEBP", save_all=True, append_images=[Image.new("RGB", (320, 250), "red")]), "animated"),
        (drawn("JPEG", (239, 400)), "240–8000 pixels, it is 239 × 400"),
        (drawn("PNG", (8001, 1001)), "240–8000 pixels, it is 8001 × 1001"),
        (drawn("BMP", (2400, 299)), "at most 8 times as long as wide, it is 2400 × 299"),
        (GIF, "This file is a GIF;"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
        (b"<!doctype html>", "a web page"),
        (b"\0\0\0\x14ftypisom\0\0\0\0isom", "an MP4 video"),
        (b"", "empty"),
        (drawn("PNG")[:-40], "breaks off"),
        (drawn("BMP")[:-1], "breaks off"),
        (drawn("WEBP")[:-20], "breaks off"),
        (drawn("JPEG")[:60], "damaged"),
        (drawn("PNG")[:20], "damaged"),
        (b"\xff\xd8\xff" + b"\xff" * 100_000, "damaged"),
        (b"\xff\xd8" + b"\xff\xe1\0\2" * 100_000, "damaged"),
        (b"\xff\xd8\xff\xd9", "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_unfit_picture_is_refused_with_what_it_is_and_what_to_do(data: bytes, words: str) -> None:
    assert words in refusal(data)


def test_sides_at_the_limits_are_accepted() -> None:
    assert check(drawn("PNG", (240, 240))).width == 240
    assert check(drawn("PNG", (8000, 1000))).width == 8000


def test_the_size_is_judged_without_reading_the_pixels() -> None:
    data = SEEDS["JPEG"]
    with pytest.raises(Unfit, match=r"may have 20 MB, it has 20\.1 MB"):
        check_image(io.BytesIO(data), 20_000_001, LIMITS)
    assert check_image(io.BytesIO(data), 20_000_000, LIMITS).size_bytes == 20_000_000


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_no_mutation_of_a_picture_raises_anything_but_a_refusal(data: st.DataObject) -> None:
    seed = SEEDS[data.draw(st.sampled_from(sorted(SEEDS)))]
    mutant = bytearray(seed[: data.draw(st.integers(0, 200))] if data.draw(st.booleans()) else seed)
    for at in data.draw(st.lists(st.integers(0, 80), max_size=12)):
        piece = data.draw(st.binary(min_size=1, max_size=8))
        mutant[at : at + len(piece)] = piece
    with suppress(Unfit):
        assert 240 <= check(bytes(mutant)).width <= 8000
