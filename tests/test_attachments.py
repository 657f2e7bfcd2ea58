"""What a message brings: which files are what, which counts are possible, and which messages are for the bot."""

from typing import Any

import pytest

from bot.attachments import Attachments, addressed, check_attachments, classify_files, kind_of
from bot.command import UsageError
from bot.edit import SlackFile
from bot.text import Typed

STUB = {"id": "F0", "mode": "file_access", "file_access": "check_file_info"}


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ({"mimetype": "video/mp4", "name": "clip.mp4"}, "video"),
        ({"mimetype": "video/quicktime", "name": "IMG_1"}, "video"),
        ({"mimetype": "image/png", "name": "coat.png"}, "image"),
        ({"mimetype": "", "name": "clip.MOV"}, "video"),
        ({"mimetype": "", "name": "coat.jpeg"}, "image"),
        ({"mimetype": "", "filetype": "mp4", "name": "clip"}, "video"),
        ({"mimetype": "application/octet-stream", "name": "clip.mp4"}, "video"),
        ({"mimetype": "text/plain", "name": "really-text.mp4"}, "video"),  # its bytes are looked at later
        ({"mimetype": "text/plain", "name": "notes.txt"}, "other"),
        ({"mimetype": "audio/mpeg", "name": "song.mp3"}, "other"),
        ({"mimetype": "application/pdf", "name": "plan.pdf"}, "other"),
        ({"mimetype": "", "name": "upload"}, "unknown"),
        (STUB, "unknown"),
        ({"id": "F0", "mode": "tombstone"}, "unknown"),
    ],
)
def test_slacks_hints_sort_the_files(file: dict[str, Any], kind: str) -> None:
    assert kind_of(file) == kind


def files(**counts: int) -> Attachments:
    made = {
        kind: tuple(SlackFile(file_id=f"{kind}{n}", name=f"{kind}{n}") for n in range(counts.get(kind, 0)))
        for kind in ("videos", "images", "unknown", "others")
    }
    return Attachments(made["videos"], made["images"], made["unknown"], made["others"])


def test_files_keep_their_order_and_names() -> None:
    found = classify_files([
        {"id": "F1", "name": "a.png", "mimetype": "image/png"}, {"id": "F2", "name": "c.mp4", "mimetype": "video/mp4"},
        {"id": "F3", "name": "b.png", "mimetype": "image/png"},
    ])  # fmt: skip
    assert [file.name for file in found.images] == ["a.png", "b.png"]
    assert check_attachments(found) == (found.videos[0], found.images)


def test_pictures_keep_their_order_also_where_slack_does_not_know_yet_what_they_are() -> None:
    found = classify_files([
        {"id": "F1", "name": "first"}, {"id": "F2", "name": "c.mp4", "mimetype": "video/mp4"},
        {"id": "F3", "name": "second.png", "mimetype": "image/png"}, {"id": "F4", "name": "third"},
    ])  # fmt: skip
    assert [file.name for file in check_attachments(found)[1]] == ["first", "second.png", "third"]


def test_a_gif_is_the_video_where_there_is_no_other() -> None:
    coat = {"id": "F1", "name": "coat.png", "mimetype": "image/png"}
    gif = {"id": "F2", "name": "Cat.GIF", "mimetype": "image/gif"}
    video, images = check_attachments(classify_files([coat, gif]))
    assert (video and video.name, [file.name for file in images]) == ("Cat.GIF", ["coat.png"])
    assert len(check_attachments(classify_files([gif]), needs_video=False)[1]) == 1


def test_a_file_of_unknown_kind_stands_in_for_the_missing_video() -> None:
    found = files(images=1, unknown=2)
    assert check_attachments(found) == (found.unknown[0], (found.images[0], found.unknown[1]))


def test_a_reply_needs_no_video() -> None:
    found = files(images=4)
    assert check_attachments(found, needs_video=False) == (None, found.images)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (files(), "no video here"),
        (files(images=2), "no video here"),
        (files(videos=2), "2 videos"),
        (files(videos=1, images=5), "5 pictures, and at most 4"),
        (files(videos=1, unknown=5), "5 pictures, and at most 4"),
        (files(videos=1, others=1), "others0"),
    ],
)
def test_wrong_counts_and_kinds_are_named(found: Attachments, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        check_attachments(found)


def test_a_hostile_file_name_is_harmless_in_the_answer() -> None:
    with pytest.raises(UsageError) as caught:
        check_attachments(Attachments(others=(SlackFile(file_id="F1", name="<!channel>.txt"),)))
    assert "<" not in str(caught.value)


SAYS, MENTIONS, SILENT = Typed("nice!"), Typed("nice!", mentions_bot=True), Typed(" ")


@pytest.mark.parametrize(
    ("typed", "found", "direct", "in_thread_of_edit", "answer"),
    [
        # direct messages: everything is for the bot
        (SAYS, files(), True, False, True),
        (SAYS, files(), True, True, True),
        (SILENT, files(videos=1), True, False, True),
        # channels, top level and foreign threads: only with a mention
        (SAYS, files(), False, False, False),
        (SAYS, files(videos=1), False, False, False),
        (MENTIONS, files(), False, False, True),
        (MENTIONS, files(videos=1), False, False, True),
        # channels, thread of an edit: with a mention, or with a picture or a video together with text
        (SAYS, files(), False, True, False),
        (SILENT, files(images=1), False, True, False),
        (SAYS, files(others=1), False, True, False),
        (SAYS, files(images=1), False, True, True),
        (SAYS, files(videos=1), False, True, True),
        (SAYS, files(unknown=1), False, True, True),
        (MENTIONS, files(), False, True, True),
    ],
)
def test_a_message_is_for_the_bot_only_where_that_is_meant(
    typed: Typed, found: Attachments, direct: bool, in_thread_of_edit: bool, answer: bool
) -> None:
    assert addressed(typed, found, direct=direct, in_thread_of_edit=in_thread_of_edit) is answer
