"""The child process: `python -I -m bot.media.worker` reads one order from stdin, does it and answers on stdout.

One JSON object a line: `{"ready": […]}` once the fetters hold, `{"progress": 0.4}`, and at the end `{"done": {…}}`,
`{"unfit": "text", "values": {…}}` or, where the disk is, `{"full": true}`. Ends with 1 and a traceback on stderr where
the mistake is ours. Never imported by the bot.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from bot.media import jail
from bot.media.disk import is_full
from bot.media.unfit import Unfit

TASKS = {
    "video": ("bot.media.mend", "mend_video"),
    "image": ("bot.media.photo", "mend_picture"),
    "poster": ("bot.media.views", "poster"),
    "sheet": ("bot.media.views", "contact_sheet"),
    "compare": ("bot.media.compare", "beside_each_other"),
    "sample": ("bot.media.sample", "sample_film"),
}
UNDECODABLE = Unfit("The video cannot be decoded; please export it again as an ordinary MP4 with H.264.")
TOO_HEAVY = Unfit("The file needs too much memory to be opened; please export it again in a smaller size.")


def main() -> None:
    """Do the one order."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever a library prints must not look like an answer

    def tell(**fact: Any) -> None:
        answers.write(json.dumps(fact) + "\n")

    order = json.loads(sys.stdin.buffer.readline())
    held = jail.enter(order["reads"], order["folder"], cpu_s=order["cpu_s"])
    os.chdir(order["folder"])
    tell(ready=held)
    tell(**answer(order, lambda share: tell(progress=round(float(share), 3))))


def answer(order: dict[str, Any], progress: Callable[[float], None]) -> dict[str, Any]:
    """Do what is ordered, and return the last line that the bot reads; raises what is a mistake of ours."""
    try:
        return {"done": _act(order, progress)}
    except Unfit as exc:
        return {"unfit": exc.text, "values": exc.values}
    except MemoryError:
        return {"unfit": TOO_HEAVY.text, "values": {}}
    except Exception as exc:
        if is_full(exc):
            return {"full": True}
        if type(exc).__module__ != "av.error":  # by name, because photos need no PyAV
            raise
        return {"unfit": UNDECODABLE.text, "values": {}}


def _act(order: dict[str, Any], progress: Callable[[float], None]) -> dict[str, Any]:
    module, name = TASKS[order["task"]]
    act = getattr(import_module(module), name)
    result: dict[str, Any] = act(order["details"], progress)
    return result


if __name__ == "__main__":
    main()
