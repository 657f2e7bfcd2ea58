"""How the tests are loaded. What they share stands in modules of its own, imported by name."""

import gc
import os
from collections.abc import Generator
from pathlib import Path
from tempfile import NamedTemporaryFile

import certifi
import pytest
from hypothesis import settings

# Nothing here leaves this machine, and each HTTP client takes 18 ms to read all authorities: one of them will do.
_ONE = NamedTemporaryFile("w", suffix=".pem")  # noqa: SIM115 - open, so that it is there, to the end of the process
_FIRST, _END, _ = Path(certifi.where()).read_text(encoding="utf-8").partition("-----END CERTIFICATE-----\n")
_ONE.write(_FIRST + _END)
_ONE.flush()
os.environ["SSL_CERT_FILE"] = _ONE.name

# A busy machine may be slow at any example.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the collector away while everything is imported: hardly anything of that is ever garbage."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
