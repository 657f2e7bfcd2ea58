"""Everybody is spoken to in their own language, at the same time: in threads, privately, in forms and on Home."""

import asyncio
from pathlib import Path
from typing import Any

from bot.messages.modal import INSTRUCTION
from bot.sandbox.person import Person
from bot.sandbox.state import LIN
from tests.bots import EDIT_S, VIDEO_CHANNEL, Stage, result_in, settled_edit, small_clip, stage, whispered
from tests.stores import until

LIN_DM = "D0LIN0001"


async def edited(on: Stage, person: Person, instruction: str, clip: Path) -> list[dict[str, Any]]:
    ts = await person.post(VIDEO_CHANNEL, f"@video-editor {instruction}", files=[clip])
    await result_in(on, VIDEO_CHANNEL, ts)
    await settled_edit(on, ts)
    return await person.thread(VIDEO_CHANNEL, ts)


async def test_two_edits_at_once_speak_the_languages_of_their_requesters(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        lin, clip = Person(on.slack.origin, LIN), small_clip(tmp_path)
        chinese, english = await asyncio.gather(
            edited(on, lin, "把视频变成 8 位像素风格", clip), edited(on, on.alice, "8-bit pixel style", clip)
        )
        assert (chinese[1]["text"][:3], english[1]["text"][:4]) == ("已完成", "Done")
        assert "重试" in str(chinese[2]["blocks"])
        assert "Retry" in str(english[2]["blocks"])
        await lin.react(VIDEO_CHANNEL, chinese[0]["ts"], "x")
        assert "该任务已结束" in await whispered(on, VIDEO_CHANNEL, "没有可取消的内容", to=lin)


async def test_failures_private_answers_dialogs_and_home_are_chinese_for_a_chinese_person(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        lin = Person(on.slack.origin, LIN)
        await lin.open_home()
        await lin.command(VIDEO_CHANNEL)
        view = await lin.wait_for_view()
        assert (view["title"]["text"], view["submit"]["text"]) == ("编辑视频", "编辑")
        answer = await lin.submit(view["id"], {INSTRUCTION: {INSTRUCTION: "下雪"}})
        assert any("请提供视频" in error for error in answer["errors"].values())
        refused = await lin.command(VIDEO_CHANNEL, "--sed 3") or {}
        assert "链接" in refused["text"]
        ts = await lin.post(LIN_DM, "下雪", files=[small_clip(tmp_path, seconds=1.0)])
        failed = await lin.wait_for_reply(LIN_DM, ts, lambda message: "没有成功" in message["text"], EDIT_S)
        assert "秒" in failed["text"]
        await until(lambda: "最近的任务" in str(on.slack.team.views.home(LIN)), EDIT_S)
