"""What goes to the engine's process and what comes back: plain values, written as JSON. Pure."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Job:
    """What to do: the checked request, with its media as files in the job's own folder."""

    video: str
    images: tuple[str, ...]
    prompt: str
    resolution: str
    ratio: str | None
    duration_s: int  # 0 = all of it
    watermark: bool
    seed: int
    out: str

    def write(self) -> str:
        """Write a job file."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> "Job":
        """Read a job file."""
        data = json.loads(text)
        return cls(**{**data, "images": tuple(data["images"])})


@dataclass(frozen=True)
class Done:
    """The video was made: the lengths that `usage` counts, and the effects that were used."""

    input_s: float
    output_s: float
    effects: tuple[str, ...]


@dataclass(frozen=True)
class Failed:
    """The job could not be done: what the FAILED task shows."""

    code: str
    message: str


def write_answer(answer: Done | Failed) -> str:
    """Write the engine's last word as one line of JSON."""
    return json.dumps({type(answer).__name__: asdict(answer)})


def read_answer(text: str) -> Done | Failed:
    """Read what `write_answer` wrote."""
    match json.loads(text):
        case {"Done": done}:
            return Done(done["input_s"], done["output_s"], tuple(done["effects"]))
        case {"Failed": failed}:
            return Failed(failed["code"], failed["message"])
        case other:
            raise ValueError(f"not an answer of the engine: {other!r}")
