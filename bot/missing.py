"""What is missing or wrong in the settings, for whoever starts the bot. The settings themselves: `bot/settings.py`."""

from __future__ import annotations

from pydantic import ValidationError

from bot.settings import Settings
from bot.settings_table import table


def missing(error: ValidationError) -> list[str]:
    """Turn a failed read of the settings into one line for each setting: its name, what is wrong, where to get it."""
    meanings = {row.name: row.meaning for row in table()}
    names = {field: str(info.validation_alias) for field, info in Settings.model_fields.items()}
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        name = str(problem["loc"][0])
        name = names.get(name, name)  # a default that is not good enough is found under the field's own name
        said = problem["msg"].removeprefix("Value error, ")
        what = "is not set" if problem["type"] == "missing" else f"is not right: {said}"
        lines.append(f"{name} {what}. {meanings.get(name, '')}".rstrip())
    return lines
