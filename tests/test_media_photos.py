"""Photos that do not fit: what is made of each kind, and what is left alone."""

import struct
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from bot.media.bare import is_bare
from bot.media.fit import Fitted, fit
from bot.media.images import ImageFacts
from bot.media.unfit import Unfit
from tests.memory import memory_mb

ORIENTATION, GPS = 0x0112, 0x8825


async def fitted(path: Path) -> Fitted:
    folder = path.parent / "job"
    folder.mkdir(exist_ok=True)
    done = await fit(path, "image", folder)
    assert isinstance(done.facts, ImageFacts)
    with Image.open(done.path) as picture:
        picture.load()
        assert picture.mode == "RGB"
        assert picture.size == (done.facts.width, done.facts.height)
    assert is_bare(done.path.read_bytes())
    return done


def halves(size: tuple[int, int] = (400, 300), mode: str = "RGB") -> Image.Image:
    """Make a picture whose left half is red and whose right half is blue."""
    picture = Image.new("RGB", size, (220, 30, 30))
    picture.paste((30, 30, 220), (size[0] // 2, 0, *size))
    return picture.convert(mode)


def colour(path: Path, x: float, y: float) -> tuple[int, int, int]:
    with Image.open(path) as picture:
        red, green, blue = picture.convert("RGB").getpixel((int(x * picture.width), int(y * picture.height)))  # type: ignore[misc] # three bands
    return int(red), int(green), int(blue)


def exif(orientation: int = 1) -> Image.Exif:
    notes = Image.Exif()
    notes[ORIENTATION] = orientation
    notes.get_ifd(GPS)[1] = "N"
    return notes


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "bmp"])
async def test_a_plain_picture_is_left_alone(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"photo.{suffix}"
    halves().save(path)
    done = await fitted(path)
    assert (done.path, done.actions) == (path, ())


async def test_where_a_picture_was_taken_stays_with_its_owner(tmp_path: Path) -> None:
    halves().save(tmp_path / "photo.jpg", exif=exif())
    done = await fitted(tmp_path / "photo.jpg")
    assert done.actions == ("picture saved anew without its metadata",)
    assert b"Exif" not in done.path.read_bytes()


def segment(code: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, code, len(content) + 2) + content


def with_text() -> PngImagePlugin.PngInfo:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Location", "Berlin")
    return notes


@pytest.mark.parametrize(
    ("name", "options", "early", "late"),
    [
        ("iptc.jpg", {}, segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0b\x1c\x02\x5a\0\x06Berlin\0"), b""),
        ("unknown.jpg", {}, segment(0xE5, b"Berlin"), b""),
        ("thumbnail.jpg", {}, segment(0xE0, b"JFXX\0\x10Berlin"), b""),
        ("comment.jpg", {"comment": "Berlin"}, b"", b""),
        ("after.jpg", {}, b"", b"Berlin"),
        ("text.png", {"pnginfo": with_text()}, b"", b""),
        ("after.png", {}, b"", b"Berlin"),
        ("note.webp", {"exif": exif().tobytes() + b"Berlin"}, b"", b""),
        ("after.webp", {}, b"", b"Berlin"),
        ("after.bmp", {}, b"", b"Berlin"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_whatever_a_file_holds_besides_its_picture_stays_with_its_owner(
    tmp_path: Path, name: str, options: dict[str, Any], early: bytes, late: bytes
) -> None:
    path = tmp_path / name
    halves().save(path, **options)
    data = path.read_bytes()
    path.write_bytes(data[:2] + early + data[2:] + late)
    assert b"Berlin" in path.read_bytes()
    done = await fitted(path)
    assert done.actions == ("picture saved anew without its metadata",)
    assert b"Berlin" not in done.path.read_bytes()


@pytest.mark.parametrize(("name", "did"), [("ultra.jpg", "without its metadata"), ("two.heic", "HEIC converted")])
async def test_the_second_picture_of_a_phone_is_no_animation(tmp_path: Path, name: str, did: str) -> None:
    """An Ultra HDR photo carries a map of its brightness, a portrait one of its depth."""
    path, second = tmp_path / name, Image.new("RGB", (400, 300), (0, 255, 0))
    pillow_heif.register_heif_opener()
    halves().save(path, "MPO" if name.endswith("jpg") else "HEIF", save_all=True, append_images=[second])
    done = await fitted(path)
    assert len(done.actions) == 1
    assert did in done.actions[0]
    assert colour(done.path, 0.2, 0.5)[0] > 150


async def test_a_turned_photo_is_turned_upright(tmp_path: Path) -> None:
    halves().save(tmp_path / "photo.jpg", exif=exif(6))
    done = await fitted(tmp_path / "photo.jpg")
    assert "picture turned upright" in done.actions
    assert colour(done.path, 0.5, 0.2)[0] > 150
    assert colour(done.path, 0.5, 0.8)[2] > 150


async def test_heic_is_converted_and_turned_once_only(tmp_path: Path) -> None:
    path = tmp_path / "photo.heic"
    image = pillow_heif.from_pillow(halves())
    image.info["exif"] = exif(6).tobytes()
    image.save(path, quality=80)
    done = await fitted(path)
    assert "HEIC converted" in done.actions
    assert isinstance(done.facts, ImageFacts)
    assert (done.facts.width, done.facts.height) == (300, 400)
    assert colour(done.path, 0.5, 0.2)[0] > 150


@pytest.mark.parametrize(
    ("name", "mode", "did"),
    [
        ("print.jpg", "CMYK", "without its metadata"),
        ("page.tiff", "RGB", "TIFF converted"),
        ("still.gif", "P", "GIF converted"),
        ("new.avif", "RGB", "AVIF converted"),
    ],
)
async def test_other_kinds_become_jpeg_with_their_colours(tmp_path: Path, name: str, mode: str, did: str) -> None:
    path = tmp_path / name
    halves(mode=mode).save(path)
    done = await fitted(path)
    assert did in " ".join(done.actions)
    assert colour(done.path, 0.2, 0.5)[0] > 150
    assert colour(done.path, 0.8, 0.5)[2] > 130


async def test_16_bits_keep_their_greys(tmp_path: Path) -> None:
    grey = Image.new("I;16", (300, 300), 0x8000)
    grey.save(tmp_path / "scan.png")
    done = await fitted(tmp_path / "scan.png")
    assert 120 <= colour(done.path, 0.5, 0.5)[0] <= 136


@pytest.mark.parametrize(("name", "mode"), [("logo.png", "RGBA"), ("logo.webp", "RGBA"), ("grey.png", "LA")])
async def test_transparency_is_filled_with_white(tmp_path: Path, name: str, mode: str) -> None:
    Image.new(mode, (300, 300), 0).save(tmp_path / name)
    done = await fitted(tmp_path / name)
    assert "transparency filled with white" in done.actions
    assert min(colour(done.path, 0.5, 0.5)) > 250


async def test_the_first_frame_of_an_animation_is_used(tmp_path: Path) -> None:
    path = tmp_path / "party.gif"
    halves().save(path, save_all=True, append_images=[Image.new("RGB", (400, 300), (0, 255, 0))])
    done = await fitted(path)
    assert "first frame of the animation used" in done.actions
    assert colour(done.path, 0.2, 0.5)[0] > 150


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# A screen whose red is blue and whose blue is red: what it calls red is blue everywhere else.
SWAPPED = SRGB.replace(b"rXYZ", b"xxxx").replace(b"bXYZ", b"rXYZ").replace(b"xxxx", b"bXYZ")


@pytest.mark.parametrize(
    ("name", "profile", "red", "blue"),
    [("own.jpg", SWAPPED, 30, 220), ("own.png", SWAPPED, 30, 220), ("same.jpg", SRGB, 220, 30),
     ("broken.jpg", SRGB[:90], 220, 30)],
    ids=["own JPEG", "own PNG", "sRGB", "broken"],
)  # fmt: skip
async def test_colours_are_brought_from_the_profile_of_the_picture_to_srgb(
    tmp_path: Path, name: str, profile: bytes, red: int, blue: int
) -> None:
    halves().save(tmp_path / name, icc_profile=profile)
    found = colour((await fitted(tmp_path / name)).path, 0.2, 0.5)
    assert abs(found[0] - red) < 25
    assert abs(found[2] - blue) < 25


@pytest.mark.parametrize(("name", "most_mb"), [("giant.jpg", 90), ("giant.png", 200)])
async def test_a_giant_photo_is_scaled_before_it_needs_much_memory(tmp_path: Path, name: str, most_mb: int) -> None:
    """Its 27 million pixels are 81 MB, and each step on all of them would take as much again."""
    halves((9000, 3000)).save(tmp_path / name, quality=30, compress_level=1, icc_profile=SRGB)
    done = await fitted(tmp_path / name)
    assert "picture scaled to 2048 × 682" in done.actions
    assert done.path.stat().st_size < 1_000_000
    assert await memory_mb(tmp_path / name, "image", tmp_path) < most_mb


async def test_a_tiny_and_a_thin_picture_are_brought_within_the_limits(tmp_path: Path) -> None:
    halves((60, 40)).save(tmp_path / "tiny.png")
    assert "360 × 240" in " ".join((await fitted(tmp_path / "tiny.png")).actions)
    halves((2000, 40)).save(tmp_path / "thin.png")
    thin = (await fitted(tmp_path / "thin.png")).facts
    assert (thin.width, thin.height) == (2000, 250)


async def test_a_bomb_is_refused_from_its_header(tmp_path: Path) -> None:
    Image.new("1", (30_000, 30_000)).save(tmp_path / "bomb.png")
    with pytest.raises(Unfit, match="30000 × 30000 pixels"):
        await fitted(tmp_path / "bomb.png")


async def test_a_picture_with_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    halves().save(tmp_path / "photo.png")
    data = bytearray((tmp_path / "photo.png").read_bytes())
    data[-20] ^= 255  # the checksum of the last pixels
    (tmp_path / "photo.png").write_bytes(data)
    with pytest.raises(Unfit, match="cannot be read"):
        await fitted(tmp_path / "photo.png")


async def test_a_broken_picture_is_refused(tmp_path: Path) -> None:
    halves((800, 600)).save(tmp_path / "photo.jpg", quality=95)
    cut = (tmp_path / "photo.jpg").read_bytes()
    (tmp_path / "photo.jpg").write_bytes(cut[: len(cut) // 2])
    with pytest.raises(Unfit, match="cannot be read"):
        await fitted(tmp_path / "photo.jpg")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"%PDF-1.7\n", "PDF"), (b"<!doctype html><p>", "web page"), (b"<svg xmlns=''/>", "SVG"), (b"", "empty"),
     (b"\0\0\0\x14ftypisom\0\0\0\0isom", "an MP4 video")],
)
async def test_what_is_no_photo_is_refused_by_name(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "photo.png").write_bytes(content)
    with pytest.raises(Unfit, match=words):
        await fitted(tmp_path / "photo.png")
