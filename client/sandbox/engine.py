"""The local engine: does one editing job for real, in a process of its own.

Run as `python -m client.sandbox.engine JOB.json`. It reads the job, writes the video that the job names and prints one
line of JSON: Done or Failed. It does what classic filters can do honestly and refuses the rest; it never hands back the
input as if it had been edited. Which words mean which effect is in `instructions`; what an effect does is in `effects`.
"""

import os
import sys
from pathlib import Path

from client.sandbox.instructions import read_instruction
from client.sandbox.job import Done, Failed, Job, write_answer
from client.sandbox.probe import JobError, open_picture, probe_video
from client.sandbox.render import Shape, render
from client.sandbox.variation import Variation


def work(job: Job) -> Done:
    """Edit one video. Raises JobError with the code and the sentence for the FAILED task."""
    pictures = [open_picture(Path(path), number) for number, path in enumerate(job.images, 1)]
    source = probe_video(Path(job.video))
    effects = read_instruction(job.prompt, pictures)
    seconds = min(source.seconds, job.duration_s or source.seconds)
    shape = Shape.of(source, job.resolution, job.ratio)
    variation = Variation.of(job.seed)
    made_s = render(source, effects, variation, shape, seconds=seconds, watermark=job.watermark, out=Path(job.out))
    return Done(round(seconds, 2), round(made_s, 2), tuple(effect.name for effect in effects))


def main() -> None:
    """Do the job that the command line names."""
    os.nice(10)  # the local services answer first
    job = Job.read(Path(sys.argv[1]).read_text(encoding="utf-8"))
    answer: Done | Failed
    try:
        answer = work(job)
    except JobError as error:
        answer = Failed(error.code, error.message)
    sys.stdout.write(write_answer(answer) + "\n")


if __name__ == "__main__":
    main()
