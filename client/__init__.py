'''An async client for Model Studio's video editing (`wan2.7-videoedit`, `happyhorse-1.0-video-edit`), usable alone.

An edit, from a file to a file. `prepare` names everything that is wrong before anything is sent, and uploads what is no
link; `create` is the one call that costs money, is sent once, and its task id is worth keeping:

>>> import asyncio
>>> from pathlib import Path
>>> from client.client import Client
>>> from client.models import Parameters
>>> from client.sources import prepare
>>>
>>> async def edit(api_key: str, base_url: str, clip: Path, out: Path) -> str:
...     async with Client(api_key, base_url) as client:
...         request = await prepare(client, "Make it black and white", clip, parameters=Parameters(seed=7))
...         task = await client.create(request)
...         end = await client.wait(task.task_id)  # SUCCEEDED, FAILED, CANCELED or UNKNOWN; WaitTimeout keeps the id
...         await client.load(end, out)
...         return end.status.value
>>>
>>> asyncio.run(edit(API_KEY, BASE_URL, CLIP, OUT))
'SUCCEEDED'

What it will cost, before, and what it did, after (`task.usage`):

>>> from client.models import EditRequest, Usage
>>> from client.prices import cost, estimate
>>> request = EditRequest(prompt="claymation", video="https://example.com/clip.mp4")
>>> print(estimate(request, "cn-beijing", source_s=5.0))
¥6.00
>>> print(cost(Usage(billed_s=10.04, resolution=1080), "ap-southeast-1"))
$1.51

Many tasks of an account, followed together at the price of two list calls and one query for each:

>>> from client.watcher import Watcher
>>>
>>> async def many(api_key: str, base_url: str, prompts: list[str]) -> list[str]:
...     async with Client(api_key, base_url) as client, Watcher(client) as watcher:
...         video = (await client.upload([CLIP]))[0]
...         tasks = [await client.create(EditRequest(prompt=prompt, video=video)) for prompt in prompts]
...         ends = await asyncio.gather(*(watcher.wait(task.task_id) for task in tasks))
...         return [end.status.value for end in ends]
>>>
>>> asyncio.run(many(API_KEY, BASE_URL, ["sepia", "Mirror the video"]))
['SUCCEEDED', 'SUCCEEDED']

A create without an answer may have made a task, and may be billed. It is never sent again; the list tells:

>>> from datetime import UTC, datetime
>>> from client.errors import UnknownOutcome
>>>
>>> async def careful(api_key: str, base_url: str) -> str:
...     async with Client(api_key, base_url) as client:
...         since = datetime.now(UTC)
...         try:
...             return (await client.create(request)).task_id
...         except UnknownOutcome:
...             (row,) = await client.find_created(since)
...             return row.task_id
>>>
>>> asyncio.run(careful(API_KEY, LOSES_ANSWERS)) in KNOWN_TASKS()
True

Every error is a `client.errors.WanError`; the tree there says who can do what about it. Presets for the usual kinds of
edits are in `client.presets`, models and their limits in `client.catalogue`. The same from a shell:
`python -m client --help`.
'''
