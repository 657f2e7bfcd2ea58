"""Weather that falls: layers of flakes or drops that scroll over the film. An approximation, and named so."""

import random

from PIL import Image, ImageDraw, ImageFilter

from client.sandbox import grades
from client.sandbox.chain import Chain, Size
from client.sandbox.variation import Variation


def snow(chain: Chain, variation: Variation) -> None:
    """Let snow fall in a cold, pale light; nothing lies on the ground."""
    cold, pale = grades.cold(0.6 * variation.strength), 0.14 * variation.strength

    def winter(colour: grades.Colour) -> grades.Colour:
        light = grades.luma(colour)
        red, green, blue = (part + (light - part) * 0.45 for part in cold(colour))
        return red * (1 - pale) + pale, green * (1 - pale) + pale, blue * (1 - pale) + pale

    grades.grade(chain, winter)
    side = min(chain.size)
    for layer, (radius, share, seconds) in enumerate(((side / 90, 0.5, 2.6), (side / 150, 0.9, 4.2))):
        flakes = _flakes(chain.size, radius, share, variation.chance(f"snow {layer}"))
        _fall(chain, flakes, seconds / variation.strength)


def rain(chain: Chain, variation: Variation) -> None:
    """Let rain fall in a dull light; nothing gets wet."""
    chain.then("hue", f"s={0.65 * variation.strength:.3f}:b=-0.8")
    for layer, seconds in enumerate((0.55, 0.8)):
        _fall(chain, _drops(chain.size, variation.chance(f"rain {layer}")), seconds / variation.strength)


def _fall(chain: Chain, layer: Image.Image, seconds: float) -> None:
    """Scroll a layer down by one height in `seconds`; stacked twice, it has no seam."""
    width, height = layer.size
    tall = Image.new("RGBA", (width, height * 2))
    tall.paste(layer, (0, 0))
    tall.paste(layer, (0, height))
    chain.over(tall, "0", f"mod(t*{height / seconds:.3f},{height})-{height}")


def _flakes(size: Size, radius: float, share: float, chance: random.Random) -> Image.Image:
    layer = Image.new("RGBA", size, (255, 255, 255, 0))
    draw = ImageDraw.Draw(layer)
    for _ in range(round(size[0] * size[1] / (radius * 22) ** 2 * 4 * share)):
        x, y, r = chance.uniform(0, size[0]), chance.uniform(radius, size[1] - radius), radius * chance.uniform(0.5, 1)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(255, 255, 255, chance.randint(150, 240)))
    return layer.filter(ImageFilter.GaussianBlur(radius / 4))


def _drops(size: Size, chance: random.Random) -> Image.Image:
    layer = Image.new("RGBA", size, (220, 230, 240, 0))
    draw = ImageDraw.Draw(layer)
    length = size[1] / 14
    for _ in range(round(size[0] / 5)):
        x, y = chance.uniform(0, size[0]), chance.uniform(0, size[1] - length)
        draw.line((x, y, x - length / 9, y + length), fill=(220, 230, 240, chance.randint(70, 150)), width=1)
    return layer
