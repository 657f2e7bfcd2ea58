"""The settings as the README shows them: their names, defaults and meanings."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic.fields import FieldInfo

from bot.settings import Settings


@dataclass(frozen=True)
class SettingRow:
    """One row of the settings table in the README."""

    name: str
    default: str
    meaning: str


def table() -> tuple[SettingRow, ...]:
    """Return the settings as the README shows them."""
    return tuple(
        SettingRow(str(info.validation_alias), _default(info), info.description or "")
        for info in Settings.model_fields.values()
    )


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    return "" if info.default in (None, "", frozenset(), ()) else str(info.default)
