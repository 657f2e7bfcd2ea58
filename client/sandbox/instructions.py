"""Read an instruction: which effects does it ask for, and is there anything in it that we cannot do?"""

import re
from collections.abc import Sequence

from PIL import Image

from client.sandbox.effects import PIXEL, Effect
from client.sandbox.probe import JobError


def read_instruction(prompt: str, pictures: Sequence[Image.Image]) -> list[Effect]:
    """Find the effects that an instruction asks for. Raises JobError for anything else."""
    if re.search(r"pixel|8.?bit", prompt, re.IGNORECASE):
        return [PIXEL]
    raise JobError("LocalEngine.Unsupported", "The local engine cannot do this. It can do: 8-bit pixel style.")
