# SPDX-License-Identifier: Apache-2.0
"""Who may drive the demo: its own page, and no other page of the same browser."""

from __future__ import annotations

import pytest

from agent.commands.demo.guard import HEADERS, Guard

GUARD = Guard(40123, "t0ken")
OWN = {
    "Host": "127.0.0.1:40123",
    "Origin": "http://127.0.0.1:40123",
    "Sec-Fetch-Site": "same-origin",
    "X-Stage-Token": "t0ken",
}


def posted(content_type: str = "application/json", **more: str | None) -> int | None:
    headers = {**OWN, **{name.replace("_", "-"): value for name, value in more.items()}}
    given = {name: value for name, value in headers.items() if value is not None}
    return GUARD.refusal("POST", given, content_type)


def test_our_own_page_may_press_its_buttons() -> None:
    assert posted() is None
    assert posted(Host="localhost:40123", Origin="http://localhost:40123") is None
    assert posted(Sec_Fetch_Site=None) is None


@pytest.mark.parametrize(
    "host", [None, "", "evil.example", "127.0.0.1", "127.0.0.1:80", "localhost.evil.example:40123"]
)
def test_another_host_is_refused_before_anything(host: str | None) -> None:
    assert posted(Host=host) == 421
    headers = {} if host is None else {"Host": host}
    assert GUARD.refusal("GET", headers, "") == 421


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "http://127.0.0.1:9", "http://localhost:40123"]
)
def test_another_page_is_refused(origin: str | None) -> None:
    assert posted(Origin=origin) == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_request_that_the_browser_calls_foreign_is_refused(site: str) -> None:
    assert posted(Sec_Fetch_Site=site) == 403
    assert GUARD.refusal("GET", {**OWN, "Sec-Fetch-Site": site}, "") == 403


def test_a_link_from_elsewhere_may_open_the_page() -> None:
    link = {"Host": "127.0.0.1:40123", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert GUARD.refusal("GET", link, "") is None
    assert GUARD.refusal("POST", link, "application/json") == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_form_of_another_page_is_refused(kind: str) -> None:
    assert posted(content_type=kind) == 415


@pytest.mark.parametrize("token", [None, "", "t0ke", "t0ken2", "\u00e9"])
def test_without_the_token_of_this_start_nothing_is_done(token: str | None) -> None:
    assert posted(X_Stage_Token=token) == 403


def test_the_page_lets_nothing_in_from_elsewhere() -> None:
    policy = HEADERS["Content-Security-Policy"]
    for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"):
        assert part in policy
    assert "unsafe" not in policy
