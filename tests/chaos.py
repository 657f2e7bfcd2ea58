"""Chaos: kill -9 of the bot at every call it makes and at any time in between, with faults of Wan and Slack on.

`uv run python -m tests.chaos --kills 200` prints the counts and exits with 1 if a promise was broken: for each request
at most one task is paid, its thread ends with exactly one video, or with none and a stated failure, and what counts
against budgets is what the records say.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.budget import changes
from bot.embedded import open_store_url
from bot.jobs import Jobs
from bot.manifest import load
from bot.sandbox.person import Person
from bot.sandbox.state import ALICE, BOB
from bot.sandbox.workspace import LocalSlack
from bot.store import Store
from client.sandbox.faults import Call
from client.sandbox.limits import Limits
from client.sandbox.server import LocalWan
from tests.bots import VIDEO_CHANNEL, small_clip
from tests.processes import redis_server, start_bot, stop_bot
from tests.stores import until

LIMITS = Limits(pending_s=0.2, min_run_s=0.5, queries_per_s=100)
SETTINGS = {
    "BOT_ADOPT_AFTER_S": "6",
    "BOT_RECONCILE_EVERY_S": "0.25",
    "BOT_LOG_LEVEL": "ERROR",
    "BOT_POSTERS": "true",
}
OPEN_AT_ONCE = 4
SETTLED_WITHIN_S = 150.0
OVER = {"white_check_mark", "warning"}

# What the bot calls on its way: a kill that is set on one of them comes the moment the call has arrived. The longest
# wait for it is longer than a create without an answer keeps all others waiting, and than a busy machine needs.
CALL_WITHIN_S = 15.0
WAN_CALLS: tuple[Call, ...] = ("policy", "upload", "create", "get", "result")
SLACK_CALLS = (
    "reactions.add", "chat.postMessage", "chat.update", "files.info", "files.getUploadURLExternal",
    "files.completeUploadExternal",
)  # fmt: skip


@dataclass
class Tally:
    """What happened."""

    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    extra: list[str] = field(default_factory=list)  # costs nobody anything
    broken: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Return the report."""
        lines = [
            f"{self.kills.total()} kills: {_listed(self.kills)}",
            f"{self.faults.total()} faults: {_listed(self.faults)}",
            f"{self.outcomes.total()} requests: {_listed(self.outcomes)}",
        ]
        return "\n".join([*lines, *self.extra, *(f"BROKEN: {promise}" for promise in self.broken)])


def _listed(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counter.items())) or "none"


class Chaos:
    """One run against one local Slack and one local Wan."""

    def __init__(self, slack: LocalSlack, wan: LocalWan, folder: Path, seed: int, open_at_once: int) -> None:
        self.tally = Tally()
        self._slack, self._wan = slack, wan
        self._random = random.Random(seed)
        self._open_at_once = open_at_once
        self._clip = small_clip(folder)
        self._people = [Person(slack.origin, ALICE), Person(slack.origin, BOB)]
        self._requests: dict[int, str] = {}  # the seed of each edit, which tells its task → the ts of its message

    async def run(self, url: str, *, replicas: int, kills: int) -> Tally:
        """Kill replicas so often while people post; let the last ones finish in peace; then check every promise."""
        processes = [await self._start(url) for _ in range(replicas)]
        try:
            for number in range(kills):
                await until(lambda: self._slack.sockets.socket_count >= replicas, 90)  # a busy machine starts slowly
                await self._post_some()
                self._spoil()
                await self._wait_for_a_moment()
                victim = number % replicas
                processes[victim].kill()
                await processes[victim].wait()
                processes[victim] = await self._start(url)
            await self._settle()
        finally:
            for process in processes:
                await stop_bot(process)
        await self._check()
        await self._check_sums(url)
        return self.tally

    async def _start(self, url: str) -> asyncio.subprocess.Process:
        return await start_bot(self._slack, self._wan, url, **SETTINGS)

    async def _post_some(self) -> None:
        for _ in range(self._open_at_once - len(await self._open())):
            seed = len(self._requests) + 1
            words = f"@video-editor 8-bit pixel style --seed {seed}"
            person = self._random.choice(self._people)
            self._requests[seed] = await person.post(VIDEO_CHANNEL, words, files=[self._clip])

    def _spoil(self) -> None:
        """Order a fault, sometimes."""
        fault = self._random.choice(
            ["none", "none", "create answer dropped", "create dropped", "429", "503", "result cut", "share answer lost",
             "post answer lost", "upload 408"]
        )  # fmt: skip
        match fault:
            case "none":
                return
            case "create answer dropped":
                self._wan.faults.add("create", drop="after")
            case "create dropped":
                self._wan.faults.add("create", drop="before")
            case "429":
                self._wan.faults.add("create", status=429)
            case "503":
                self._wan.faults.add("list", status=503, times=3)
            case "result cut":
                self._wan.faults.add("result", cut_after_bytes=2000)
            case "share answer lost":
                self._slack.faults.lost_answers["files.completeUploadExternal"] = 1
            case "post answer lost":
                self._slack.faults.lost_answers["chat.postMessage"] = 1
            case "upload 408":
                self._slack.faults.uploads_answered_408 = 1
        self.tally.faults[fault] += 1

    async def _wait_for_a_moment(self) -> None:
        """Wait for a chosen call of the bots, or for a random time."""
        moment = self._random.choice(["any time", *WAN_CALLS, *SLACK_CALLS])
        until_s = time.monotonic() + CALL_WITHIN_S
        if moment == "any time":
            until_s = time.monotonic() + self._random.uniform(0.5, 3.0)
        before = self._count(moment)
        while time.monotonic() < until_s and self._count(moment) == before:  # noqa: ASYNC110 - counters have no event
            await asyncio.sleep(0.002)
        self.tally.kills[moment if self._count(moment) != before else "any time"] += 1

    def _count(self, moment: str) -> int:
        return self._wan.calls[moment] + sum(method == moment for method, _ in self._slack.calls)

    async def _open(self) -> list[str]:
        messages = {message["ts"]: message for message in await self._people[0].history(VIDEO_CHANNEL)}
        return [ts for ts in self._requests.values() if not _marks(messages[ts]) & OVER]

    async def _settle(self) -> None:
        until_s = time.monotonic() + SETTLED_WITHIN_S
        while await self._open() and time.monotonic() < until_s:  # noqa: ASYNC110 - other processes have no event
            await asyncio.sleep(0.2)

    async def _check(self) -> None:
        """Look at what was paid and at what people see."""
        created = Counter(task.order.seed for task in self._wan.tasks.values())
        for seed, ts in self._requests.items():
            request, *replies = await self._people[0].thread(VIDEO_CHANNEL, ts)
            videos = [reply for reply in replies if reply.get("files")]
            said = " / ".join(str(reply["text"]) for reply in replies if not reply.get("files"))
            marks = _marks(request) & OVER
            if created[seed] > 1:
                self.tally.broken.append(f"request {seed} was paid {created[seed]} times: {said}")
            if len(videos) > 1:
                self.tally.broken.append(f"request {seed} got {len(videos)} videos: {said}")
            elif videos:
                self.tally.outcomes["delivered"] += 1
            elif "warning" in marks and said:
                self.tally.outcomes[f"failed, and said so ({said[:60]}…)"] += 1
            else:
                self.tally.broken.append(f"request {seed} got neither a video nor a stated failure: {said}")
            if len(replies) - len(videos) > 1:
                self.tally.extra.append(f"request {seed} was told more than one thing: {said}")
        lost = sum(created.values()) - sum(created[seed] for seed in self._requests)
        if lost:
            self.tally.broken.append(f"{lost} tasks belong to no request")

    async def _check_sums(self, url: str) -> None:
        """See that what counts against budgets is what the records say, whatever was killed in between."""
        async with open_store_url(url) as opened, Jobs.open(opened) as jobs:
            store = Store(jobs)
            edits = await store.of_team(self._slack.team_id)
            expected = changes([], edits)
            for period in {account.period for account in expected}:
                wanted = {one.field: amount for one, amount in expected.items() if one.period == period}
                kept = await store.ledger.spent(self._slack.team_id, period)
                if kept != wanted:
                    self.tally.broken.append(f"the sums of {period} are {kept}, and the records say {wanted}")


def _marks(message: dict[str, Any]) -> set[str]:
    return {str(reaction["name"]) for reaction in message.get("reactions", ())}


async def run_chaos(kind: str, folder: Path, *, kills: int, seed: int, open_at_once: int = OPEN_AT_ONCE) -> Tally:
    """Run chaos on two replicas with Redis, or on one bot with the embedded server."""
    async with LocalSlack(manifest=load()) as slack, LocalWan(limits=LIMITS) as wan:
        chaos = Chaos(slack, wan, folder, seed, open_at_once)
        if kind == "embedded":
            return await chaos.run(f"embedded://{folder / 'data'}", replicas=1, kills=kills)
        async with redis_server(folder) as url:
            return await chaos.run(url, replicas=2, kills=kills)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="in all; half with two replicas on Redis, half embedded")
    parser.add_argument("--kind", choices=("redis", "embedded"), action="append", help="only this one of the two")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    good = True
    kinds = options.kind or ("redis", "embedded")
    for kind in kinds:
        began_s = time.monotonic()
        with TemporaryDirectory(prefix="chaos-") as folder:
            tally = asyncio.run(run_chaos(kind, Path(folder), kills=options.kills // len(kinds), seed=options.seed))
        print(f"{kind}, {time.monotonic() - began_s:.0f} s\n{tally}\n", flush=True)
        good &= not tally.broken
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
