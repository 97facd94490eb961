# SPDX-License-Identifier: Apache-2.0
"""What a token address answers, and what may come of it: a token only from the standard's whole
answer, *token-refused* only where the client itself is, and *token* for everything else."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from agent.platforms.messages import HttpReply, NoAnswer, NotSent
from agent.platforms.oauth import (
    LIFE_MAX_S,
    LIFE_S,
    TOKEN_S,
    Denied,
    Grant,
    OAuthOptions,
    read_grant,
)
from agent.platforms.transport import Transport, TransportOptions
from tests.platforms.raw_client import GET, LONG
from tests.platforms.raw_server import (
    answering,
    closed_port,
    make_certificates,
    raw_server,
)
from tests.platforms.talking import reply
from tests.platforms.token_server import SECRET, Tokens, answer, shop
from tests.simulation.loop import run, running
from tests.simulation.network import Network
from tests.simulation.wire import Reply

YES = {"access_token": "abc", "token_type": "Bearer", "expires_in": 600}


@pytest.mark.parametrize(
    ("body", "life_s"),
    [
        (YES, 600),
        ({**YES, "token_type": "bearer", "refresh_token": "x", "scope": "a b"}, 600),
        ({**YES, "expires_in": "3600"}, 3600),
        ({**YES, "expires_in": 10**12}, LIFE_MAX_S),
        ({"access_token": "abc", "scope": "a"}, LIFE_S),
        ({**YES, "expires_in": None}, LIFE_S),
    ],
    ids=str,
)
def test_a_whole_answer_is_a_token(body: dict[str, object], life_s: float) -> None:
    grant = read_grant(reply(200, body))
    assert isinstance(grant, Grant)
    assert (grant.access_token, grant.life_s) == ("abc", life_s)
    assert "abc" not in repr(grant)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [YES],
        b"{",
        {"token_type": "bearer"},
        {**YES, "access_token": ""},
        {**YES, "access_token": "a b"},
        {**YES, "access_token": "a\r\nX: y"},
        {**YES, "access_token": "a\n"},
        {**YES, "access_token": "é"},
        {**YES, "access_token": 7},
        {**YES, "access_token": "a" * 8193},
        {**YES, "token_type": "mac"},
        {**YES, "token_type": None},
        {**YES, "expires_in": 0},
        {**YES, "expires_in": -1},
        {**YES, "expires_in": "soon"},
        b'{"access_token":"abc","expires_in":Infinity}',
        {"error": "invalid_client"},
    ],
    ids=str,
)
def test_anything_less_with_a_200_is_none(body: object) -> None:
    assert read_grant(reply(200, body)) == Denied("token", "not-a-token")


@pytest.mark.parametrize(
    ("said", "why", "detail"),
    [
        (reply(400, {"error": "invalid_client"}), "token-refused", "invalid_client"),
        (reply(401, {"error": "invalid_client"}), "token-refused", "invalid_client"),
        (reply(400, {"error": "unauthorized_client"}), "token-refused", "unauthorized_client"),
        (reply(400, {"error": "invalid_scope"}), "token", "invalid_scope"),
        (reply(400, {"error": "invalid_request"}), "token", "invalid_request"),
        (reply(400, {"error": "unsupported_grant_type"}), "token", "unsupported_grant_type"),
        (reply(400, {"error": "something <new>"}), "token", "status-400"),
        (reply(400, {"error": ["invalid_client"]}), "token", "status-400"),
        (reply(400, {"error": {"invalid_client": 1}}), "token", "status-400"),
        (reply(400, b"invalid_client"), "token", "status-400"),
        (reply(400, ["invalid_client"]), "token", "status-400"),
        (reply(401, b"", content_type=""), "token", "status-401"),
        (
            reply(401, {"error": "invalid_client"}, content_type="text/html"),
            "token",
            "status-401",
        ),
        (reply(500, {"error": "invalid_client"}), "token", "status-500"),
        (reply(503, b"<h1>Busy</h1>", content_type="text/html"), "token", "status-503"),
        (reply(201, YES), "token", "status-201"),
        (reply(202, YES), "token", "status-202"),
        (reply(200, b"abc", content_type="text/plain"), "token", "not-json"),
        (reply(200, b"<h1>Sign in</h1>", content_type="text/html"), "token", "portal"),
        (reply(302, b"", location="http://portal.example/"), "token", "portal"),
        (reply(511, b"<h1>Sign in</h1>", content_type="text/html"), "token", "portal"),
    ],
    ids=str,
)
def test_a_no_is_told_apart_from_everything_else(said: HttpReply, why: str, detail: str) -> None:
    assert read_grant(said) == Denied(why, detail)


# ---- on the line


@pytest.mark.parametrize(
    ("instead", "why", "trouble"),
    [
        (answer(200, b"<h1>Sign in</h1>", "text/html"), "token", "portal"),
        (answer(302, b"", "text/html", "Location: http://portal.example/"), "token", "portal"),
        (answer(503, b""), "token", "status-503"),
        (answer(401, {"error": "invalid_client"}), "token-refused", "invalid_client"),
        (answer(400, {"error": "unauthorized_client"}), "token-refused", "unauthorized_client"),
        (answer(400, {"error": "invalid_scope"}), "token", "invalid_scope"),
        (answer(200, {"access_token": 7}), "token", "not-a-token"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "token", "not-http"),
    ],
    ids=str,
)
async def test_what_fails_at_the_token_address_sends_nothing_to_the_platform(
    instead: bytes, why: str, trouble: str
) -> None:
    async with shop() as here:
        here.tokens.instead.append(instead)
        assert await here.send() == NotSent(why)
        assert here.transport.token_trouble == trouble
        assert here.tokens.platform.connections == 0
        assert len(here.tokens.issuer.requests) == 1


@pytest.mark.parametrize(
    ("url", "trouble"),
    [
        (f"http://127.0.0.1:{closed_port()}/token", "connect"),
        ("https://id.invalid/token", "name"),
    ],
    ids=["nobody-listens", "no-such-name"],
)
async def test_a_token_address_that_cannot_be_reached_is_told_apart(url: str, trouble: str) -> None:
    async with shop(url) as here:
        assert await here.send() == NotSent("token")
        assert here.transport.token_trouble == trouble
        assert here.tokens.platform.connections == 0


@pytest.mark.parametrize(
    ("half", "trouble"),
    [
        (b"", "reset"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "reset"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "half-a-body"),
    ],
)
async def test_a_token_address_that_drops_the_line_is_told_apart(half: bytes, trouble: str) -> None:
    async with raw_server(answering(half)) as broken, shop(f"{broken.url}/token") as here:
        assert await here.send() == NotSent("token")
        assert here.transport.token_trouble == trouble
        assert len(broken.requests) == 1


def test_a_token_address_that_hangs_is_given_up_before_a_patient_request_is() -> None:
    async def main() -> None:
        network = Network(random.Random(1))
        network.serve("id.example", lambda request: Reply(200, (), b""))
        network.line("till").faults["unreachable"] = 1.0
        source = Tokens().source("https://id.example/token")
        options = TransportOptions("https://credit.example")
        async with Transport(options, source, roads=network.roads("till")) as transport:
            began_s = running().time()
            assert await transport.send(GET, began_s + 60) == NotSent("token")
            assert began_s + TOKEN_S <= running().time() < began_s + TOKEN_S + 1
            assert transport.token_trouble == "deadline"

    run(1, main)


async def test_the_private_authority_counts_for_the_token_address_too(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)
    tokens = Tokens()
    async with (
        raw_server(tokens.serve_tokens, certificates.server()) as issuer,
        raw_server(tokens.serve_platform) as platform,
    ):
        tokens.issuer, tokens.platform = issuer, platform
        for ca_file, wanted in ((None, NotSent("token")), (certificates.authority, None)):
            source = tokens.source(f"{issuer.https}/token")
            options = TransportOptions(platform.url, ca_file=ca_file)
            async with Transport(options, source) as transport:
                said = await _send(transport)
                assert said == wanted or (wanted is None and isinstance(said, HttpReply))
                assert transport.token_trouble == ("" if wanted is None else "certificate")
    assert tokens.carried == ["t1"]


async def test_a_bundle_that_cannot_be_read_is_named_by_the_token_address_too(
    tmp_path: Path,
) -> None:
    options = TransportOptions("http://127.0.0.1:1", ca_file=tmp_path / "missing.pem")
    transport = Transport(options, Tokens().source("https://id.example/token"))
    with pytest.raises(ValueError, match="ca_file"):
        await transport.__aenter__()
    with pytest.raises(RuntimeError):
        await _send(transport)


async def test_the_token_address_is_asked_past_the_same_proxy_with_its_own_credential() -> None:
    refusing = answering(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    async with raw_server(refusing) as proxy:
        options = TransportOptions("https://credit.invalid", proxy=proxy.url)
        source = Tokens().source("https://id.invalid/token")
        prove = {"Proxy-Authorization": "Basic cHc="}
        async with Transport(options, source, lambda: prove) as transport:
            assert await _send(transport) == NotSent("token")
            assert transport.token_trouble == "proxy"
    (asked,) = proxy.requests
    assert asked.startswith(b"CONNECT id.invalid:443 HTTP/1.1\r\n")
    assert b"proxy-authorization: basic chc=" in asked.lower()
    assert SECRET.encode() not in asked


async def _send(transport: Transport) -> HttpReply | NotSent | NoAnswer:

    return await transport.send(GET, asyncio.get_running_loop().time() + LONG)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"token_url": "http://id.example/token"}, "platform.token_url: plain http"),
        ({"token_url": "https://u:pw@id.example/token"}, "platform.token_url: no user"),
        ({"token_url": "id.example"}, "platform.token_url"),
        ({"token_url": "https://id.example/token?a=b"}, "platform.token_url"),
        ({"client_id": ""}, "platform.client_id"),
        ({"client_id": "a\nb"}, "platform.client_id"),
        ({"scope": "a\nb"}, "platform.scope"),
        ({"scope": ' a"'}, "platform.scope"),
    ],
    ids=str,
)
def test_options_that_are_unsafe_are_refused_by_name(changes: dict[str, str], field: str) -> None:
    whole = {"token_url": "https://id.example/token", "client_id": "till-3", **changes}
    with pytest.raises(ValueError, match=field) as refused:
        OAuthOptions(**whole)  # type: ignore[arg-type]
    assert "pw" not in str(refused.value)
