"""Chains: edits of edits. Their instructions are joined here, to run all of them on the first video at once.

Each edit decodes and encodes the whole video and changes a little more than it was asked to, so after some of them
quality decays; one run from the original does not. Pure: the edits that one was made from come in as arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.edit import Edit, Medium, Part
from bot.language import counted, say
from bot.usage import UsageError
from client.models import NEGATIVE_MAX_CHARS, PROMPT_MAX_CHARS, Parameters

ENDS = ".!?…。！？"
CHINESE = range(0x4E00, 0xA000)


@dataclass(frozen=True, slots=True)
class Original:
    """What a chain comes to as one edit of its first video."""

    instruction: str
    parameters: Parameters
    negative_prompt: str | None
    video: Medium
    images: tuple[Medium, ...]
    part: Part | None
    slow: bool
    source_s: float | None


def is_chained(video: Medium, parent: Edit | None) -> bool:
    """Say whether the video of a new edit is a result: its parent's, or the one that its parent began with."""
    if parent is None:
        return False
    return video == parent.result_file or (parent.chained and video == parent.video)


def links(edit: Edit, ancestors: Sequence[Edit]) -> list[Edit]:
    """Return the edits whose results lead from the first video to this edit's, the first one first.

    `ancestors` are what the edit was made from, the nearest first. A retry used the same video as its parent, which
    adds nothing to the chain.
    """
    chain = [edit]
    for ancestor in ancestors:
        if chain[0].chained and getattr(chain[0].video, "file_id", None) == ancestor.upload_id:
            chain.insert(0, ancestor)
    return chain


def from_original(edit: Edit, ancestors: Sequence[Edit]) -> Original:
    """Return the whole chain as one edit of its first video; raise UsageError where it cannot be one.

    The last edit's options count, except for what was cut from the video and chosen as its shape on the way.
    """
    chain = links(edit, ancestors)
    first = chain[0]
    if first.chained:
        raise UsageError(say("I do not know any more from which video this chain of edits began, so I cannot redo it."))
    if len(chain) == 1:
        raise UsageError(say("This edit was made from the original video already: use Retry or Vary."))
    with_images = [one.images for one in chain if one.images]
    if len(with_images) > 1:
        raise UsageError(
            say(
                "Several edits of this chain have pictures, so that “image 1” would mean more than one. Post the "
                "original video again with all pictures, and say all at once what should change."
            )
        )
    ratios = [one.parameters.ratio for one in chain if one.parameters.ratio]
    lengths = [one.parameters.duration_s for one in chain if one.parameters.duration_s]
    changes = {"ratio": ratios[-1] if ratios else None, "duration_s": min(lengths, default=0)}
    return Original(
        instruction=_joined(chain),
        parameters=edit.parameters.model_copy(update=changes),
        negative_prompt=_negatives(chain),
        video=first.video,
        images=with_images[0] if with_images else (),
        part=_part(chain),
        slow=first.slow,
        source_s=first.source_s,
    )


def _joined(chain: Sequence[Edit]) -> str:
    """Write the instructions below each other, each as a sentence."""
    joined = "\n".join(_sentence(one.instruction) for one in chain)
    if len(joined) > PROMPT_MAX_CHARS:
        raise UsageError(
            counted(
                "The instruction of {count} edit has {length} characters, and {most} are possible: say it shorter.",
                "Together the instructions of {count} edits have {length} characters, and {most} are possible: "
                "post the original video again and say all in fewer words.",
                len(chain),
                length=len(joined),
                most=PROMPT_MAX_CHARS,
            )
        )
    return joined


def _sentence(text: str) -> str:
    words = text.strip()
    if not words or words[-1] in ENDS:
        return words
    return words + ("。" if ord(words[-1]) in CHINESE else ".")


def _negatives(chain: Sequence[Edit]) -> str | None:
    """Return all that must not appear, or the newest of it where that is too much."""
    said = list(dict.fromkeys(one.negative_prompt for one in chain if one.negative_prompt))
    together = ", ".join(said)
    return (together if len(together) <= NEGATIVE_MAX_CHARS else said[-1]) or None


def _part(chain: Sequence[Edit]) -> Part | None:
    """Return the part of the first video that is left after every edit took its part of the one before."""
    begin, end = 0.0, None
    for part in (one.part for one in chain if one.part):
        ends = [at for at in (end, begin + part.to_s if part.to_s is not None else None) if at is not None]
        begin, end = begin + part.from_s, min(ends, default=None)
    return Part(from_s=begin, to_s=end) if begin or end is not None else None
