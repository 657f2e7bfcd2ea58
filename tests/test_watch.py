"""Following tasks through the list: who runs, and who is asked for by one GET."""

from client.watch import ASK_EVERY_S, look


def test_a_task_on_neither_list_is_asked_for() -> None:
    seen = look({"a": 0.0, "b": 0.0}, pending={"b"}, running=set(), now_s=1.0)
    assert seen.ask == ("a",)


def test_a_running_task_of_ours_is_seen_and_strangers_are_not() -> None:
    seen = look({"a": 0.0}, pending=set(), running={"a", "stranger"}, now_s=1.0)
    assert seen.running == {"a"}
    assert seen.ask == ()


def test_a_listed_task_is_asked_for_once_a_minute_all_the_same() -> None:
    assert look({"a": 0.0}, pending=set(), running={"a"}, now_s=ASK_EVERY_S - 0.1).ask == ()
    assert look({"a": 0.0}, pending=set(), running={"a"}, now_s=ASK_EVERY_S).ask == ("a",)
