"""A real browser for the tests of the page: how it is found and started, and what a person does in it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium, chromium-browser or google-chrome on PATH")


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Run the system's Chromium with an empty profile until the block ends."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


async def open_page(browser: Browser, url: str, problems: list[str], *, timeout_ms: float) -> Page:
    """Open a page; whatever the console then says against it is added to the problems."""
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(timeout_ms)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type in ("error", "warning") else None)
    await page.goto(url)
    return page


async def send(page: Page, text: str, composer: str = "#composer", *, files: Sequence[Path] = ()) -> None:
    """Write a message, with files, and send it; wait until it went."""
    if files:
        await page.set_input_files("#attach" if composer == "#composer" else "#thread-attach", list(files))
    await page.fill(composer, text)
    await page.press(composer, "Enter")
    await expect(page.locator(composer)).to_have_value("")


async def react(page: Page, message: Locator, emoji: str) -> None:
    """Add a reaction to a message."""
    await message.hover()
    await message.locator('[data-tool="react"]').click()
    await page.click(f'[data-emoji="{emoji}"]')


def messages(page: Page, pane: str = "#channel-messages") -> Locator:
    """Find the messages of a pane."""
    return page.locator(f"{pane} [data-ts]")
