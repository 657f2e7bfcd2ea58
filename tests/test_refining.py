"""Which result a reply speaks of: the variation that it names, or the newest one."""

from typing import Any

import pytest

from bot.again import variations_of
from bot.edit import Edit, State
from bot.refining import meant, newest
from bot.text import Typed, read_text
from bot.usage import UsageError
from tests.edits import edit_in


def done(edit: Edit, ts: str) -> Edit:
    return edit.model_copy(update={"state": State.DONE, "upload_id": f"F{edit.edit_id}", "result_ts": ts})


def set_of(count: int, *, edit_id: str = "a", **results: str) -> list[Edit]:
    """Return a set of which these variations (`_2="1.5"`) have results."""
    members = variations_of(edit_in(State.RUNNING, edit_id=edit_id, variations=count), first_seed=7)
    ts_of = {int(name[1:]): ts for name, ts in results.items()}
    return [done(one, ts_of[one.variation]) if one.variation in ts_of else one for one in members]


def single(edit_id: str, ts: str, **fields: Any) -> Edit:
    return done(edit_in(State.DONE, edit_id=edit_id, **fields), ts)


def means(text: str, edits: list[Edit]) -> tuple[str, str | None]:
    """Return the instruction that is left, and the id of the edit whose result is meant."""
    rest, edit = meant(Typed(text), edits)
    return rest.text.strip(), edit.edit_id if edit else None


THREE = set_of(3, _1="1.1", _2="1.2", _3="1.3")


@pytest.mark.parametrize(
    "text",
    [
        "2: make it darker", " 2 :make it darker", "#2 make it darker", "#2: make it darker",
        "Version 2: make it darker", "variation 2 make it darker", "Variation #2, make it darker",
        "variation 2 of 3: make it darker", "2：make it darker", "第2版 make it darker", "第 2 版：make it darker",
        "第二个：make it darker", "第二个版本，make it darker", "版本2 make it darker",
    ],
)  # fmt: skip
def test_a_reply_names_the_variation_that_it_means(text: str) -> None:
    assert means(text, THREE) == ("make it darker", "a-2")


@pytest.mark.parametrize(
    "text",
    [
        "make it darker", "2 cats on the sofa", "9:16 please", "2:1 crop", "variations of blue", "第二个人穿红色",
        "一只猫", "x2 darker", "20: more", "version 2 of the sign",
    ],
)  # fmt: skip
def test_what_may_be_an_instruction_is_one_and_changes_the_newest_result(text: str) -> None:
    assert means(text, THREE) == (text, "a-3")


def test_the_newest_result_is_the_one_that_came_last_into_the_thread() -> None:
    assert means("darker", set_of(3, _1="1.3", _2="1.2"))[1] == "a"
    later = single("b", "1.2")
    assert newest([later, single("a", "1.4")]) == single("a", "1.4")
    assert newest(set_of(2)) is None


def test_where_there_are_no_variations_a_number_belongs_to_the_instruction() -> None:
    assert means("2: make it darker", [single("a", "1.1")]) == ("2: make it darker", "a")
    assert means("2: make it darker", []) == ("2: make it darker", None)


def test_the_newest_set_that_has_so_many_is_meant() -> None:
    newer = set_of(2, edit_id="b", _1="2.1", _2="2.2")
    thread = [single("c", "3.1"), *newer, *THREE]
    assert [means(f"{number}: darker", thread)[1] for number in (1, 2, 3)] == ["b", "b-2", "a-3"]


def test_a_variation_that_failed_and_was_run_again_is_what_came_of_it() -> None:
    again = single("b", "2.1", parent_id="a-2", way="verbatim")
    changed = single("c", "2.2", parent_id="a-2")
    assert means("2: darker", [changed, again, *set_of(2, _1="1.1")])[1] == "b"


@pytest.mark.parametrize("text", ["2: darker", "4: darker"])
def test_a_variation_without_a_video_is_refused_and_never_another_one_taken(text: str) -> None:
    with pytest.raises(UsageError, match="no finished video of variation"):
        means(text, set_of(3, _1="1.1"))


def test_instructions_for_several_variations_at_once_are_refused() -> None:
    with pytest.raises(UsageError, match="one variation at a time"):
        means("1: make it darker\n2: make it lighter", THREE)


def test_links_behind_the_name_keep_their_place() -> None:
    typed = read_text("<@UB> 2: like <https://example.com/a.png>", bot_user_id="UB")
    rest, _ = meant(typed, THREE)
    (link,) = rest.typed_links
    assert rest.text[link.start :] == link.shown == "https://example.com/a.png"
