# SPDX-License-Identifier: Apache-2.0
"""Pages for people in the place of answers: what is one, and what is told by its status."""

from __future__ import annotations

import pytest

from agent.platforms.messages import HttpReply
from agent.platforms.portal import is_portal
from agent.platforms.transport import TransportOptions
from tests.platforms.raw_client import GET, send
from tests.platforms.raw_server import OK, answering, raw_server
from tests.platforms.token_server import answer

PAGE = b"<!doctype html><title>Sign in</title>"


def said(status: int, body: bytes = b"", host: str = "credit.example", **headers: str) -> HttpReply:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return HttpReply(status, named, body, None, host)


@pytest.mark.parametrize(
    "reply",
    [
        said(302, location="http://portal.example/login?to=credit.example"),
        said(301, location="https://PORTAL.example/"),
        said(303, location="//portal.example/login"),
        said(307, location="https://credit.example.portal.example/"),
        said(308, location="http://10.0.0.1:8080/"),
        said(302, host="", location="https://credit.example/"),
        said(200, PAGE, content_type="text/html; charset=utf-8"),
        said(201, PAGE, content_type="TEXT/HTML"),
        said(200, b"", content_type="text/html"),
        said(200, PAGE, content_type="application/xhtml+xml"),
        said(200, b" \r\n" + PAGE),
        said(511, PAGE, content_type="text/html"),
        said(511, b'{"code":"x"}', content_type="application/json"),
    ],
    ids=lambda reply: f"{reply.status} {reply.headers}",
)
def test_a_page_in_the_place_of_an_answer_is_a_portal(reply: HttpReply) -> None:
    assert is_portal(reply)


@pytest.mark.parametrize(
    "reply",
    [
        said(302, location="/v2/credits"),
        said(302, location="https://credit.example/v2/credits"),
        said(308, location="https://Credit.Example:8443/v2"),
        said(302, location="http://[::1"),
        said(302),
        said(304, location="http://portal.example/"),
        said(200, b"{}", content_type="application/json"),
        said(200, PAGE, content_type="application/json"),
        said(200, b"{}"),
        said(204),
        said(404, PAGE, content_type="text/html"),
        said(403, PAGE, content_type="text/html"),
        said(502, PAGE, content_type="text/html"),
        said(503, PAGE, content_type="text/html"),
    ],
    ids=lambda reply: f"{reply.status} {reply.headers}",
)
def test_what_the_platform_or_its_gateway_may_say_itself_is_none(reply: HttpReply) -> None:
    assert not is_portal(reply)


@pytest.mark.parametrize(
    ("raw", "is_one"),
    [
        (OK, False),
        (answer(302, b"", "text/html", "Location: http://127.0.0.1:9/other"), False),
        (answer(302, b"", "text/html", "Location: http://portal.example/"), True),
        (answer(200, PAGE, "text/html"), True),
    ],
    ids=str,
)
async def test_the_transport_says_who_was_asked(raw: bytes, is_one: bool) -> None:
    async with raw_server(answering(raw)) as server:
        reply = await send(TransportOptions(server.url), GET)
    assert isinstance(reply, HttpReply)
    assert reply.host == "127.0.0.1"
    assert is_portal(reply) is is_one
