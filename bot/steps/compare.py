"""Compare: put source and result beside each other, and post that clip with a still of it into the thread, once.

Nothing is paid at the provider. The source is fetched anew and made fit in the same way as for the edit, so that both
begin at the same moment; where it is not there any more, whoever asked is told so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.edit import Edit
from bot.events import Sharing
from bot.files import FileError
from bot.language import say
from bot.links import LinkError
from bot.media import extras
from bot.media.unfit import Unfit
from bot.messages.comparison import clip_name, comparison, not_compared, still_name, titles
from bot.messages.failure import file_failure
from bot.steps.deliver import in_thread
from bot.steps.errand import Doing, HopelessError
from bot.steps.fetch import fetch
from bot.steps.parts import Parts
from bot.steps.prepare import film_of

LOOK_EVERY_S = 2.0
LOOKS = 30  # a minute; Slack knows late what it has shared


async def compare(parts: Parts, edit: Edit) -> None:
    """Make the comparison and share it, or find that it is shared already."""
    before = edit.comparison.file_ids if edit.comparison else ()
    if before and await _shared(parts, edit, before):
        return
    for file_id in before:
        await parts.files.delete(file_id)  # so that a share that Slack carries out even later shows nothing
    made = await _make(parts, edit)
    edit = await parts.move(edit, Sharing(errand="comparison", file_ids=made))
    await parts.files.share_all(
        dict(zip(made, titles(), strict=True)), comparison(edit), channel=edit.channel, thread_ts=edit.thread_ts
    )


async def _make(parts: Parts, edit: Edit) -> tuple[str, str]:
    """Fetch both videos, make the clip and its still, and upload them; nobody sees them before they are shared."""
    result, asker = edit.result_file, edit.comparison.by if edit.comparison else edit.user
    # The source may come from where the one who asks cannot look, and everybody in the thread will see it.
    for_asker = edit.model_copy(update={"user": asker})
    if result is None:
        raise HopelessError(say("The edited video is not there any more."))
    with ExitStack() as kept, TemporaryDirectory(prefix="compare-", dir=parts.settings.temp_dir) as folder:
        source_path, result_path = Path(folder) / "source", Path(folder) / "result"
        try:
            await fetch(parts, for_asker, [edit.video, result], [source_path, result_path], kept)
            source = await film_of(source_path, Path(folder), edit)
            clip = await extras.before_after(source.path, result_path, Path(folder))
            still = await extras.poster(clip, Path(folder))
        except FileError as exc:
            raise HopelessError(file_failure(exc.problem, exc.detail).message) from exc
        except (LinkError, Unfit) as exc:
            raise HopelessError(str(exc)) from exc
        return await parts.files.put(clip, clip_name(edit)), await parts.files.put(still, still_name(edit))


async def _shared(parts: Parts, edit: Edit, file_ids: Sequence[str]) -> bool:
    """Say whether an earlier try was shared after all, although its answer was lost."""
    for _look in range(LOOKS):
        if await parts.files.shared_ts(file_ids[0], edit.channel) or await in_thread(parts, edit, file_ids[0]):
            return True
        await asyncio.sleep(LOOK_EVERY_S)
    return False


DOING = Doing("comparison", compare, not_compared)
