"""How much memory fitting takes, measured in a process of its own: the kernel remembers the largest child of each."""

import asyncio
import sys
from pathlib import Path

_MEASURE = """
import asyncio, resource, sys
from pathlib import Path
from bot.media.fit import fit
from bot.media.unfit import Unfit
try:
    asyncio.run(fit(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
except Unfit:
    pass
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


async def memory_mb(path: Path, kind: str, folder: Path) -> float:
    """Fit a file, and return the largest memory of the child that did it, in megabytes."""
    measured = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _MEASURE, str(path), kind, str(folder), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await measured.communicate()
    return int(said) * 1024 / 1e6
