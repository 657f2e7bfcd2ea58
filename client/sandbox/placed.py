"""Things laid over the film: a reference picture as an inset, a line of text, and the labels of the engine itself."""

from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFont, ImageOps

from client.sandbox.chain import Chain
from client.sandbox.variation import Variation

Apply = Callable[[Chain, Variation], None]
_INSET_SHARE = 0.3  # of the film's shorter side
CORNERS = {
    ("top", "left"): ("{edge}", "{edge}"),
    ("top", "right"): ("W-w-{edge}", "{edge}"),
    ("bottom", "left"): ("{edge}", "H-h-{edge}"),
    ("bottom", "right"): ("W-w-{edge}", "H-h-{edge}"),
}


def inset(picture: Image.Image, corner: tuple[str, str]) -> Apply:
    """Make an effect that shows a picture, with a thin white frame, in a corner of the film."""

    def apply(chain: Chain, variation: Variation) -> None:
        side = round(min(chain.size) * _INSET_SHARE * variation.strength)
        small = ImageOps.contain(picture, (round(side * 1.6), side), Image.Resampling.LANCZOS)
        framed = ImageOps.expand(small, border=max(2, side // 40), fill=(255, 255, 255))
        x, y = CORNERS[corner]
        edge = _edge(chain) * (1 if corner != ("top", "left") else 4)  # the engine's own label is up there
        chain.over(framed, x.format(edge=_edge(chain)), y.format(edge=edge))

    return apply


def caption(text: str) -> Apply:
    """Make an effect that writes a line of text at the bottom of the film."""

    def apply(chain: Chain, variation: Variation) -> None:
        width = chain.size[0]
        size = max(16, round(min(chain.size) / 12 * variation.strength))
        while size > 10 and ImageFont.load_default(size).getlength(text) > width * 0.9:
            size -= 1
        chain.over(label(text, size), "(W-w)/2", f"H-h-{2 * _edge(chain)}")

    return apply


def stamp(chain: Chain, *, watermark: bool) -> None:
    """Say on every frame where the film comes from; nobody may take it for the model's work."""
    edge, size = _edge(chain), max(14, min(chain.size) // 20)
    chain.over(label("LOCAL PREVIEW", size), f"{edge}", f"{edge}")
    if watermark:
        chain.over(label("AI generated", size), f"W-w-{edge}", f"H-h-{edge}")


def label(text: str, size: int) -> Image.Image:
    """Draw a line of white text on a dark ground that lets the film through."""
    font = ImageFont.load_default(size)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(text))
    pad = max(6, size // 2)
    picture = Image.new("RGBA", (right - left + 2 * pad, bottom - top + 2 * pad), (0, 0, 0, 150))
    ImageDraw.Draw(picture).text((pad - left, pad - top), text, font=font, fill=(255, 255, 255, 240))
    return picture


def _edge(chain: Chain) -> int:
    return max(8, min(chain.size) // 45)
