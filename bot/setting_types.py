"""The kinds of values that settings have, each with its check; what a setting means stands in `bot/settings.py`."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from client.bucket import Bucket


def _split(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return frozenset(word.strip().rstrip("/") for word in value.split(",") if word.strip())


def _store(value: str) -> str:
    if value and not re.match(r"(memory|embedded|unix|rediss?(\+(sentinel|cluster))?)://", value):
        raise PydanticCustomError("store", "it begins with embedded://, redis://, rediss:// or memory://")
    return value


def _web(value: str) -> str:
    if not re.match(r"https?://[^/?#\s]+[^?#\s]*$", value):
        raise PydanticCustomError("web", "it is an address that begins with https://")
    return value


def _bucket(value: str) -> str:
    if value:
        try:
            Bucket(value)
        except ValueError as exc:  # no such URL, or the extra is missing
            raise PydanticCustomError("bucket", "{why}", {"why": str(exc)}) from exc
    return value


def _number_or_nothing(value: Any) -> Any:
    return None if value == "" else value


def plain_secret(value: SecretStr) -> SecretStr:
    """Return a secret that can go into a header as it is; raise PydanticCustomError for any other."""
    if not re.fullmatch(r"[!-~]+", value.get_secret_value()):
        raise PydanticCustomError("secret", "it is plain text without spaces")
    return value


def _level(value: str) -> str:
    if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise PydanticCustomError("level", "it is DEBUG, INFO, WARNING or ERROR")
    return value.upper()


Words = Annotated[frozenset[str], NoDecode, BeforeValidator(_split)]  # separated by commas
StoreUrl = Annotated[str, AfterValidator(_store)]
WebUrl = Annotated[str, AfterValidator(_web)]
BucketUrl = Annotated[str, AfterValidator(_bucket)]
Port = Annotated[int | None, BeforeValidator(_number_or_nothing)]
PlainSecret = Annotated[SecretStr, AfterValidator(plain_secret)]
LogLevel = Annotated[str, AfterValidator(_level)]
