"""Bad input: one clear private answer that says what to do, no task, and a bot that goes on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from client.sandbox.clip import make_picture
from tests.bots import GENERAL_CHANNEL, VIDEO_CHANNEL, origin_of, result_in, serving, small_clip, stage, whispered


def fake_video(folder: Path) -> Path:
    path = folder / "holiday.mp4"
    path.write_text("Dear diary, this is not a video.\n")
    return path


def pictures(folder: Path, count: int) -> list[Path]:
    return [make_picture(folder / f"coat{number}.png") for number in range(count)]


@dataclass(frozen=True)
class Case:
    """What somebody posts, and words of the answer."""

    text: str
    files: Callable[[Path], list[Path]]
    answer: str


CASES = {
    "no video": Case("@video-editor make it snow", lambda _: [], "There is no video here"),
    "two videos": Case(
        "@video-editor make it snow",
        lambda folder: [small_clip(folder, "a.mp4"), small_clip(folder, "b.mp4")],
        "2 videos",
    ),
    "five pictures": Case(
        "@video-editor make it snow", lambda folder: [small_clip(folder), *pictures(folder, 5)], "5 pictures"
    ),
    "a text file called mp4": Case("@video-editor make it snow", lambda folder: [fake_video(folder)], "is a text file"),
    "a document": Case(
        "@video-editor make it snow", lambda folder: [small_clip(folder), _document(folder)], "but not: notes.txt"
    ),
    "no instruction": Case("@video-editor", lambda folder: [small_clip(folder)], "Say what should change"),
    "6,000 characters": Case(
        f"@video-editor {'snow ' * 1200}", lambda folder: [small_clip(folder)], "5000 are possible"
    ),
    "an unknown option": Case(
        "@video-editor make it snow --sepia", lambda folder: [small_clip(folder)], "do not know the option"
    ),
    "more seconds than the clip has": Case(
        "@video-editor make it snow --seconds 9", lambda folder: [small_clip(folder)], "2.0 s long"
    ),
    "a clip of one second": Case(
        "@video-editor make it snow", lambda folder: [small_clip(folder, seconds=1.0)], "2"
    ),
}


def _document(folder: Path) -> Path:
    path = folder / "notes.txt"
    path.write_text("notes")
    return path


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_bad_input_gets_one_private_answer_and_makes_no_task(case: Case, tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        await on.alice.post(VIDEO_CHANNEL, case.text, files=case.files(tmp_path))
        assert await whispered(on, VIDEO_CHANNEL, case.answer)
        private = [message for message in await on.alice.history(VIDEO_CHANNEL) if message.get("ephemeral")]
        assert len(private) == 1
        assert not [message for message in await on.bob.history(VIDEO_CHANNEL) if message.get("ephemeral")]
        assert on.wan.creates == 0


async def test_after_all_of_it_the_bot_goes_on(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        for case in CASES.values():
            await on.alice.post(VIDEO_CHANNEL, case.text, files=case.files(tmp_path))
            assert await whispered(on, VIDEO_CHANNEL, case.answer)
        good = small_clip(tmp_path, "good.mp4")
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[good])
        assert await result_in(on, VIDEO_CHANNEL, ts)
        assert on.wan.creates == 1


async def test_a_link_that_cannot_be_reached_is_explained(tmp_path: Path) -> None:
    async with serving(small_clip(tmp_path)) as url:
        gone = f"{origin_of(url)}/other.mp4"
        async with stage("memory", tmp_path, trusted_origins=frozenset({origin_of(url)})) as on:
            await on.alice.command(GENERAL_CHANNEL, f"{gone} make it snow")
            assert await whispered(on, GENERAL_CHANNEL, "no file at that link")
            assert on.wan.creates == 0


async def test_a_link_into_the_private_network_is_never_fetched(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        await on.alice.command(GENERAL_CHANNEL, "https://127.0.0.1/clip.mp4 make it snow")
        assert await whispered(on, GENERAL_CHANNEL, "link")
        assert on.wan.creates == 0


async def test_a_file_that_was_deleted_meanwhile_is_explained(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        on.slack.faults.errors["files.info"] = "file_deleted"
        await on.alice.post(VIDEO_CHANNEL, "@video-editor make it snow", files=[small_clip(tmp_path)])
        assert await whispered(on, VIDEO_CHANNEL, "not there any more")
        assert on.wan.creates == 0


async def test_a_file_of_another_channel_is_not_for_everybody(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        ts = await on.alice.post("C0SECRET1", "for us only", files=[small_clip(tmp_path)])
        (secret,) = await on.alice.thread("C0SECRET1", ts)
        link = f"{on.slack.origin}/files/{on.alice.user_id}/{secret['files'][0]['id']}/clip.mp4"
        await on.bob.command(GENERAL_CHANNEL, f"{link} make it snow")
        assert await whispered(on, GENERAL_CHANNEL, "shared in this conversation", to=on.bob)
        assert on.wan.creates == 0


@pytest.mark.parametrize("login_page", ["html", "redirect"])
async def test_a_login_page_instead_of_the_file_names_the_missing_scope(login_page: str, tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        on.slack.faults.login_page = login_page  # type: ignore[assignment] # the parameters are its literals
        await on.alice.post(VIDEO_CHANNEL, "@video-editor make it snow", files=[small_clip(tmp_path)])
        assert await whispered(on, VIDEO_CHANNEL, "files:read")
        assert on.wan.creates == 0
