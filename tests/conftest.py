"""How the tests are loaded. What they share stands in modules of its own, imported by name."""

import gc
import os
from collections.abc import Generator

import pytest

# Nothing here leaves this machine; to read the internet's authorities takes each HTTP client 18 ms.
os.environ |= {"SSL_CERT_FILE": "", "SSL_CERT_DIR": os.devnull}


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the collector away while everything is imported: hardly anything of that is ever garbage."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
