"""The examples in the docstring of the package run, against the local Wan."""

import asyncio
import doctest
from pathlib import Path

import client
from client.sandbox.clip import make_clip
from client.sandbox.limits import Limits
from client.sandbox.server import LocalWan

FAST = Limits(pending_s=0, min_run_s=0)


async def test_the_examples_of_the_package_do_what_they_say(tmp_path: Path) -> None:
    clip, out = make_clip(tmp_path / "clip.mp4", seconds=2, size=(320, 240), fps=10), tmp_path / "out.mp4"
    async with LocalWan(limits=FAST) as wan, LocalWan(limits=FAST) as deaf:
        deaf.faults.add("create", drop="after")
        names = {"API_KEY": wan.api_key, "BASE_URL": wan.base_url, "CLIP": clip, "OUT": out}
        names |= {"LOSES_ANSWERS": deaf.base_url, "KNOWN_TASKS": lambda: set(deaf.tasks)}
        examples = doctest.DocTestParser().get_doctest(client.__doc__ or "", names, "client", None, 0)
        said: list[str] = []
        found = await asyncio.to_thread(doctest.DocTestRunner().run, examples, None, said.append)
        assert found.failed == 0, "".join(said)
        assert found.attempted > 15
        assert out.read_bytes()[4:8] == b"ftyp"
        assert (wan.creates, deaf.creates) == (3, 1)
