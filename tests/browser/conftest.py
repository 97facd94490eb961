# SPDX-License-Identifier: Apache-2.0
"""A real Chromium for the pages: the system's own, never one that a library downloads.

Without it these tests are skipped with a line that says how to get it; `.ci/run` installs it.
A page that writes an error to its console, or asks anybody but this machine for anything, fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    ViewportSize,
    sync_playwright,
)

from tests.browser.looks import LOOKS, Look
from tests.needs import program

HERE: Final = frozenset({"127.0.0.1", "localhost"})


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each file, in place of the plug-in's one for all: its event loop runs in this
    thread for as long as it lives, and a test of another folder that follows needs its own."""
    chromium = program("chromium", "chromium-browser", package="chromium fonts-dejavu-core")
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium)
        yield started
        started.close()


Opened = Callable[..., AbstractContextManager[Page]]


@pytest.fixture
def opened(browser: Browser) -> Opened:
    """`with opened(look, cookies=...) as page:` a page of a fresh browser profile, watched."""

    @contextmanager
    def open_page(look: Look = LOOKS[0], **more: Any) -> Iterator[Page]:
        cookies = more.pop("cookies", [])
        context = browser.new_context(
            viewport=ViewportSize(width=look.width, height=look.height),
            color_scheme=look.scheme,
            forced_colors=look.forced_colors,
            reduced_motion="reduce",
            **more,
        )
        complaints: list[str] = []
        try:
            context.add_cookies(cookies)
            context.set_default_timeout(10_000)
            page = context.new_page()
            watch(page, complaints)
            yield page
        finally:
            context.close()
        assert complaints == []

    return open_page


def watch(page: Page, complaints: list[str]) -> None:
    """Collects what must not happen on any page of ours."""

    def console(message: ConsoleMessage) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            complaints.append(f"console: {message.text}")

    def request(asked: Request) -> None:
        parts = urlsplit(asked.url)
        if parts.scheme in ("http", "https") and parts.hostname not in HERE:
            complaints.append(f"asks {parts.hostname}")

    page.on("console", console)
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
    page.on("request", request)
