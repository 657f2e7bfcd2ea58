"""Looks, movement and film effects: what the local engine does to a picture with filters other than colour grading."""

from PIL import Image

from client.sandbox import grades
from client.sandbox.chain import Chain
from client.sandbox.variation import Variation

_HELD_FPS = 10  # stop-motion films show a new picture about this often


def pixel(chain: Chain, variation: Variation) -> None:
    """Reduce to big square pixels in the few colours of an old console."""
    width, height = chain.size
    block = max(4, round(min(width, height) / 60 * variation.strength))
    chain.resize((max(2, width // block), max(2, height // block)), "area")
    chain.beside(_console_palette(variation), "paletteuse", "dither=none")
    chain.resize((width, height), "neighbor")
    chain.enlarge = "neighbor"  # the edges of the blocks stay hard


def watercolour(chain: Chain, variation: Variation) -> None:
    """Flow colours into each other, few tones, pale, on rough paper."""
    size = _halve(chain)
    chain.then("median", f"radius={max(3, min(size) // 120)}")
    chain.then("bilateral", f"sigmaS={3 * variation.strength:.3f}:sigmaR=0.2")
    grades.grade(chain, grades.posterised(9))
    chain.resize(size, "bilinear")
    chain.then("gblur", "sigma=0.8").then("hue", f"s={0.95 * variation.strength:.3f}:b=0.25")
    chain.over(_paper(chain.size, variation), "0", "0")


def comic(chain: Chain, variation: Variation) -> None:
    """Flat colours with dark lines along the edges."""
    size = _halve(chain)
    chain.then("median", "radius=2")
    grades.grade(chain, grades.vivid(0.8 * variation.strength))
    grades.grade(chain, grades.posterised(6))
    chain.resize(size, "bilinear")
    lines = f"mode=wires:low={0.08 * variation.strength:.3f}:high=0.22"
    ink = (("format", "gray"), ("edgedetect", lines), ("dilation", ""), ("negate", ""), ("gblur", "sigma=0.7"))
    chain.multiplied(ink)


def sketch(chain: Chain, variation: Variation) -> None:
    """Dark pencil lines on white paper."""
    chain.then("format", "gray").then("gblur", "sigma=1")
    chain.then("edgedetect", f"mode=wires:low={0.05 * variation.strength:.3f}:high={0.14 * variation.strength:.3f}")
    chain.then("negate").then("format", "yuv420p").then("gblur", "sigma=0.6")


def stop_motion(chain: Chain, variation: Variation) -> None:
    """Hold each picture for some frames, as in films made of photographs."""
    chain.then("fps", f"{_HELD_FPS * variation.strength:.3f}").then("fps", f"{chain.rate}")


def clay(chain: Chain, variation: Variation) -> None:
    """Smooth, rounded surfaces in full colours, with the rhythm of stop motion."""
    stop_motion(chain, variation)
    size = _halve(chain)
    chain.then("median", f"radius={max(2, min(chain.size) // 80)}").then("bilateral", "sigmaS=3:sigmaR=0.15")
    grades.grade(chain, grades.vivid(0.7 * variation.strength))
    chain.resize(size, "bilinear")
    chain.then("unsharp", f"13:13:{0.9 * variation.strength:.3f}")


def old_film(chain: Chain, variation: Variation) -> None:
    """Brown, grainy, dark corners, trembling light."""
    grades.grade(chain, grades.sepia(variation.strength))
    grain(chain, variation)
    vignette(chain, variation)
    chain.then("hue", f"b=0.25*sin({variation.chance('flicker').uniform(17, 23):.2f}*t)")


def grain(chain: Chain, variation: Variation) -> None:
    """Add the moving grain of film."""
    chain.then("noise", f"alls={round(22 * variation.strength)}:allf=t:all_seed={variation.seed % 100_000}")


def vignette(chain: Chain, variation: Variation) -> None:
    """Darken the corners."""
    chain.then("vignette", f"angle={0.75 * variation.strength:.3f}")


def glitch(chain: Chain, variation: Variation) -> None:
    """Shift the colours against each other, with noise, as on a worn tape."""
    shift = max(3, round(min(chain.size) / 60 * variation.strength))
    chain.then("format", "gbrp").then("rgbashift", f"rh={-shift}:bh={shift}:gv={shift // 3}")
    grain(chain, variation)


def blur(chain: Chain, variation: Variation) -> None:
    """Blur the whole picture."""
    chain.then("gblur", f"sigma={min(chain.size) / 60 * variation.strength:.2f}")


def mirror(chain: Chain, variation: Variation) -> None:
    """Swap left and right."""
    chain.then("hflip")


def upside_down(chain: Chain, variation: Variation) -> None:
    """Turn the picture on its head."""
    chain.then("hflip").then("vflip")


def zoom_in(chain: Chain, variation: Variation) -> None:
    """Push in slowly towards the middle."""
    _zoom(chain, f"1+{0.35 * variation.strength:.3f}*min(1,on/{chain.frames})")


def zoom_out(chain: Chain, variation: Variation) -> None:
    """Begin close and pull back."""
    _zoom(chain, f"1+{0.35 * variation.strength:.3f}*max(0,1-on/{chain.frames})")


def _zoom(chain: Chain, factor: str) -> None:
    width, height = chain.size
    # zoompan counts in whole pixels: on an enlarged picture the steps are too small to see
    chain.resize((width * 2, height * 2), "bilinear")
    chain.then("zoompan", f"z={factor}:x=iw/2-iw/zoom/2:y=ih/2-ih/zoom/2:d=1:s={width}x{height}:fps={chain.rate}")
    chain.size = (width, height)


def _halve(chain: Chain) -> tuple[int, int]:
    """Go on at half the size, where smoothing costs a fourth and shows the same; give the size to come back to."""
    size = chain.size
    chain.resize((max(2, size[0] // 2), max(2, size[1] // 2)), "area")
    return size


def _console_palette(variation: Variation) -> Image.Image:
    """Four levels of each colour, the middle ones shifted by the seed; as a 16 by 16 picture for `paletteuse`."""
    shift = variation.chance("palette").randint(-12, 12)
    levels = (0, 85 + shift, 170 + shift, 255)
    colours = [(red, green, blue, 255) for red in levels for green in levels for blue in levels]
    palette = Image.new("RGBA", (16, 16))
    palette.putdata(colours * 4)
    return palette


def _paper(size: tuple[int, int], variation: Variation) -> Image.Image:
    """A veil of soft grey spots: the grain of paper."""
    noise = variation.chance("paper").randbytes(160 * 160)
    spots = Image.frombytes("L", (160, 160), noise).resize(size, Image.Resampling.BICUBIC)
    veil = Image.new("RGBA", size, (120, 112, 100, 0))
    veil.putalpha(spots.point(lambda value: value // 6))
    return veil
