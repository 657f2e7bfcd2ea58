"""Pictures in the child process: any photo becomes an upright sRGB JPEG without metadata, or stays as it is.

The format is forced to what the first bytes say; a bomb is refused from its header. Not here: films.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from bot.media.bare import is_bare
from bot.media.disk import is_full
from bot.media.geometry import Limits, fit_canvas
from bot.media.unfit import Unfit

MOST_PIXELS = 80_000_000
MOST_JPEG_PIXELS = 220_000_000  # a JPEG is read at an eighth of its sides where it is so large
_MOVING = frozenset({"GIF", "PNG", "WEBP", "AVIF"})  # in other formats a further picture is a brightness or depth map
_QUALITY = 92
_WHITE = (255, 255, 255)
_DAMAGE = (  # all that Pillow's readers say of it; a fuzz run of thousands of files met most of them
    OSError, SyntaxError, ValueError, EOFError, LookupError, RuntimeError, TypeError, ArithmeticError, struct.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PictureOrder:
    """What is asked for: the picture, as the format that it is, made fit in `out`."""

    source: str
    out: str
    format: str
    takes: bool  # the gate lets it through, so the file may stay as it is
    limits: Limits


def mend_picture(details: dict[str, Any], _progress: Callable[[float], None]) -> dict[str, Any]:
    """Write the fit picture to `out` and name what was done; write nothing where it is fit already."""
    order = PictureOrder(**{**details, "limits": Limits(**details["limits"])})
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None  # ours is checked below, before a pixel is read
    if order.format == "HEIF":
        pillow_heif.register_heif_opener()
    try:
        with Image.open(order.source, formats=[order.format]) as picture:
            _check_pixels(picture.size, MOST_JPEG_PIXELS if order.format == "JPEG" else MOST_PIXELS)
            return _mend(picture, order)
    except UnidentifiedImageError as exc:
        raise Unfit("The picture is damaged, or of a kind that cannot be read; please save it again.") from exc
    except _DAMAGE as exc:
        if is_full(exc):
            raise
        raise Unfit("The picture cannot be read to its end; please save it again, or upload it again.") from exc


def _check_pixels(size: tuple[int, int], most: int) -> None:
    if size[0] * size[1] > most:
        raise Unfit(
            "The picture has {width} × {height} pixels, and {limit} million are the limit; please send a smaller one.",
            width=size[0],
            height=size[1],
            limit=most // 10**6,
        )


def _mend(picture: Image.Image, order: PictureOrder) -> dict[str, Any]:
    size, frames = picture.size, getattr(picture, "n_frames", 1)
    profile = picture.info.get("icc_profile")
    has_alpha = "transparency" in picture.info or picture.mode in ("RGBA", "LA", "PA", "La", "RGBa")
    is_plain = picture.mode == "RGB" and not has_alpha
    share = order.limits.longest_px / max(size)
    picture.draft("RGB" if picture.mode != "CMYK" else None, (round(size[0] * share), round(size[1] * share)))
    picture.load()
    is_fit = order.takes and is_plain and max(size) <= order.limits.longest_px and order.limits.allow(*size)
    if is_fit and is_bare(Path(order.source).read_bytes()):
        return {"as_is": True}
    is_turned = _is_turned(picture)
    ImageOps.exif_transpose(picture, in_place=True)  # else it copies, even what is upright
    made = _canvas(_flat(_srgb(_reduced(_eight_bit(picture), order.limits), profile)), order.limits)
    made.info.clear()  # of which Pillow would write some
    made.save(order.out, "JPEG", quality=_QUALITY)
    return {
        "as_is": False,
        "turned": is_turned,
        "animated": frames > 1 and order.format in _MOVING,
        "transparent": has_alpha,
        "scaled": list(made.size) if max(made.size) != max(size) else None,
    }


def _is_turned(picture: Image.Image) -> bool:
    return int(picture.getexif().get(0x0112, 1)) in range(2, 9)


def _eight_bit(picture: Image.Image) -> Image.Image:
    """Bring 16 and 32 bit greys down to 8 bits; Pillow itself would cut off everything that is bright."""
    if picture.mode.startswith("I;16"):
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in ("I", "F"):
        low, high = picture.getextrema()
        span = (float(high) - float(low)) or 1.0  # type: ignore[arg-type]  # one band, so two numbers
        return picture.convert("F").point(lambda value: value * (255 / span) - float(low) * 255 / span).convert("L")  # type: ignore[arg-type]  # as above
    return picture


def _reduced(picture: Image.Image, limits: Limits) -> Image.Image:
    """Make a giant small before anything copies it; what is finer than our largest side is averaged."""
    factor = max(picture.size) // limits.longest_px
    return picture.reduce(factor) if factor > 1 and picture.mode in ("RGB", "L", "CMYK") else picture


def _srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Turn the colours of the picture's own profile into those of screens; a broken profile is passed over."""
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return picture
    try:
        made = ImageCms.profileToProfile(
            picture,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode="RGBA" if picture.mode == "RGBA" else "RGB",
        )
    except (ImageCms.PyCMSError, OSError):
        return picture
    return made or picture


def _flat(picture: Image.Image) -> Image.Image:
    """Put the picture on white where it is transparent; Wan takes no transparency."""
    if "transparency" in picture.info or picture.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        clear = picture.convert("RGBA")
        ground = Image.new("RGBA", clear.size, (*_WHITE, 255))
        return Image.alpha_composite(ground, clear).convert("RGB")
    return picture.convert("RGB")


def _canvas(picture: Image.Image, limits: Limits) -> Image.Image:
    if limits.allow(*picture.size) and max(picture.size) <= limits.longest_px:
        return picture
    canvas = fit_canvas(*picture.size, limits)
    made = picture.resize((canvas.width, canvas.height), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if (canvas.frame_width, canvas.frame_height) == made.size:
        return made
    framed = Image.new("RGB", (canvas.frame_width, canvas.frame_height), _WHITE)
    framed.paste(made, ((framed.width - made.width) // 2, (framed.height - made.height) // 2))
    return framed
