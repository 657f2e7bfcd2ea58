"""Damaged media: small files of many kinds with pieces changed, cut off or doubled, the same for the same number.

`uv run python -m tests.mutants 5000` makes so many and fits each in a child of its own, and names every one that does
more than be refused. The suite opens some hundred in one child, because starting it is most of the work.
"""

import asyncio
import random
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import pillow_heif
from PIL import Image

from bot.media.codecs import DEMUXERS
from bot.media.fit import FORMATS, fit
from bot.media.magic import HEAD_BYTES, sniff
from bot.media.unfit import Unfit
from tests.films import make_film

Kind = Literal["video", "image"]
Seed = tuple[str, Kind, bytes]


def seeds(folder: Path) -> list[Seed]:
    """Make the files that are damaged afterwards."""
    small = {"size": (256, 240), "seconds": 2.2, "fps": 5}
    films = [
        make_film(folder / "a.mp4", codec="libx265", **small),  # type: ignore[arg-type] # its own parameters
        make_film(folder / "b.mp4", pixels="yuv420p10le", sound="aac", **small),  # type: ignore[arg-type] # as above
        make_film(folder / "c.mov", movflags="frag_keyframe+empty_moov", sound="aac", **small),  # type: ignore[arg-type] # as above
        make_film(folder / "d.webm", codec="libvpx", sound="libopus", **small),  # type: ignore[arg-type] # as above
        make_film(folder / "e.avi", codec="mpeg4", sound="mp3", **small),  # type: ignore[arg-type] # as above
        make_film(folder / "f.gif", codec="gif", pixels="rgb8", **small),  # type: ignore[arg-type] # as above
    ]
    drawn = Image.linear_gradient("L").resize((300, 250)).convert("RGB")
    photos = [folder / name for name in ("g.jpg", "h.png", "i.webp", "j.tiff", "k.avif")]
    for path in photos:
        drawn.save(path)
    pillow_heif.from_pillow(drawn).save(folder / "l.heic")
    photos.append(folder / "l.heic")
    kinds: tuple[tuple[list[Path], Kind], ...] = ((films, "video"), (photos, "image"))
    return [(path.suffix, kind, path.read_bytes()) for paths, kind in kinds for path in paths]


def mutate(originals: list[Seed], number: int, folder: Path) -> tuple[Path, Kind]:
    """Write the damaged file of a number into a folder of its own."""
    chance = random.Random(number)
    suffix, kind, original = originals[number % len(originals)]
    data = bytearray(original)
    for _ in range(chance.randint(1, 6)):
        reach = min(len(data), 4096) if chance.random() < 0.6 else len(data)  # headers decide the most
        at = chance.randrange(max(1, reach))
        match chance.randrange(8):
            case 0:
                del data[at + 1 :]
            case 1:
                data[at:at] = data[at : at + chance.randint(1, 400)]
            case 2:
                data[at : at + 4] = chance.choice([b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff", b"\0\0\0\1"])
            case _:
                data[at : at + chance.randint(1, 4)] = chance.randbytes(chance.randint(1, 4))
    folder.mkdir(exist_ok=True)
    path = folder / f"mutant{suffix}"
    path.write_bytes(data)
    return path, kind


def order(path: Path, kind: Kind) -> dict[str, object] | None:
    """Return what the child would be told to do with a file; None where its first bytes keep it from the child."""
    with path.open("rb") as file:
        found = sniff(file.read(HEAD_BYTES))
    details: dict[str, object] = {"source": str(path), "out": f"{path}.out"}
    limits: dict[str, object] = {"min_side_px": 240, "max_side_px": 4096, "max_ratio": 8.0}
    if kind == "image":
        if found not in FORMATS:
            return None
        details |= {"format": FORMATS[found], "takes": False, "limits": limits | {"longest_px": 2048}}
    else:
        if found not in DEMUXERS:
            return None
        details |= {"demuxer": DEMUXERS[found], "limits": limits | {"longest_px": 1920}, "min_s": 2}
        details |= {"start_s": 0.0, "length_s": 9.9, "is_cut": False, "may_copy": True}
    return {"task": kind, "details": details}


INSIDE = """
import json, sys
from bot.media import jail, worker
jail.enter([], sys.argv[1], cpu_s=120)
for line in sys.stdin:
    order = json.loads(line)
    answer = worker.answer(order, lambda share: None)
    print(json.dumps([order["details"]["source"], *answer]), flush=True)
"""


async def _main(count: int, first: int) -> int:
    bad = fits = 0
    with TemporaryDirectory() as root:
        originals = seeds(Path(root))
        for number in range(first, first + count):
            with TemporaryDirectory(dir=root) as folder:
                path, kind = mutate(originals, number, Path(folder))
                try:
                    await fit(path, kind, path.parent)
                    fits += 1
                except Unfit:
                    pass
                except Exception as exc:  # noqa: BLE001 - this is what we look for
                    bad += 1
                    print(f"{number}: {type(exc).__name__} {exc}"[-900:])
    print(f"{count} mutants: {fits} made fit, {count - fits - bad} refused, {bad} did more than that")
    return 1 if bad else 0


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]] or [1000]
    sys.exit(asyncio.run(_main(numbers[0], numbers[1] if len(numbers) > 1 else 0)))
