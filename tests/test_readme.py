"""What the README says is what the code does: settings, states, commands."""

import re
from pathlib import Path

from pydantic import ValidationError

import client
from bot.__main__ import app
from bot.missing import missing
from bot.moves import MOVES
from bot.settings import Settings
from bot.settings_table import table

README = Path(__file__).parent.parent.joinpath("README.md").read_text(encoding="utf-8")


def block(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", README, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_settings_table_is_that_of_the_code() -> None:
    rows = "".join(f"| `{row.name}` | {row.default and f'`{row.default}`'} | {row.meaning} |\n" for row in table())
    assert block("settings") == f"| setting | default | meaning |\n|---|---|---|\n{rows}"


def test_the_example_of_the_client_is_the_one_that_the_tests_run() -> None:
    example = block("client-example").removeprefix("```python\n").removesuffix("```\n")
    run = [line[4:] for line in (client.__doc__ or "").splitlines() if line.startswith((">>> ", "... "))]
    assert example in "\n".join([*run, ""])


def test_the_state_diagram_shows_every_move_and_no_other() -> None:
    shown = set(re.findall(r"^    ([A-Z]+) --> ([A-Z]+)$", README, re.MULTILINE))
    made = {(a.value, b.value) for moves in MOVES.values() for a, b in moves.items() if a is not b}
    assert shown == made


def test_every_command_is_in_the_readme() -> None:
    names = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert {name for name in names if f"`bot {name}" not in README} == set()


def test_missing_settings_are_listed_all_at_once_with_where_to_get_them() -> None:
    try:
        Settings(_env_file=None)
    except ValidationError as exc:
        lines = missing(exc)
    assert [line.split()[0] for line in lines] == ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "DASHSCOPE_API_KEY"]
    assert all("is not set." in line and len(line) > 50 for line in lines)
