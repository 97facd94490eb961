# SPDX-License-Identifier: Apache-2.0
"""What failed is told apart, behind a proxy too; and nothing that aiohttp would send again is.

The differential tests put a plain aiohttp session into the same moments, to see that they bite.
"""

from __future__ import annotations

import asyncio
import itertools
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent
from agent.platforms.transport import Transport, TransportOptions
from tests.platforms.raw_client import GET, LONG, POST, SHORT, prove, send
from tests.platforms.raw_server import (
    OK,
    Behaviour,
    Line,
    RawServer,
    answering,
    closed_port,
    make_certificates,
    never_speaks,
    raw_server,
)

FAR = "https://credit.example"


@asynccontextmanager
async def tunnel(port: int, *, before: bytes = b"") -> AsyncIterator[RawServer]:
    """A proxy that leads every CONNECT to one port. `before`: said instead of the tunnel."""

    async def behave(line: Line, served: RawServer) -> None:
        served.requests.append(await line.request())
        if before:
            await line.say(before)
            return
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await line.say(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await asyncio.gather(_pump(line.reader, writer), _pump(reader, line.writer))
        finally:
            writer.close()

    async with raw_server(behave) as proxy:
        yield proxy


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65_536):
        sink.write(data)
        await sink.drain()
    sink.close()


# ---- what failed, without a proxy


async def _hangs_up(line: Line, served: RawServer) -> None:
    """A portal that lets nobody through drops the line where TLS should begin."""
    await line.reader.read(1)


async def _speaks_http(line: Line, served: RawServer) -> None:
    await line.reader.read(1)
    await line.say(b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n")


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [(_hangs_up, "connect"), (_speaks_http, "tls"), (never_speaks, "deadline")],
)
async def test_a_portal_in_the_way_of_tls_is_not_sent(behaviour: Behaviour, why: str) -> None:
    async with raw_server(behaviour) as portal:
        seconds = SHORT if why == "deadline" else LONG
        assert await send(TransportOptions(portal.https), POST, seconds) == NotSent(why)


async def test_a_portal_with_a_certificate_of_its_own_is_not_sent(tmp_path: Path) -> None:
    shops, portals = make_certificates(tmp_path / "shop"), make_certificates(tmp_path / "portal")
    async with raw_server(answering(OK), portals.server()) as portal:
        options = TransportOptions(portal.https, ca_file=shops.authority)
        assert await send(options, POST) == NotSent("certificate")
        assert portal.requests == []


# ---- what failed, behind a proxy


@pytest.mark.parametrize(
    "proxy",
    [f"http://127.0.0.1:{closed_port()}", "http://proxy.invalid:3128", "https://proxy.invalid"],
    ids=["nobody-listens", "no-such-name", "no-such-name-over-tls"],
)
async def test_a_proxy_that_cannot_be_reached_is_told_as_the_proxy(proxy: str) -> None:
    assert await send(TransportOptions(FAR, proxy=proxy), POST) == NotSent("proxy")


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Len",
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    ],
    ids=["refuses", "redirects", "half", "not-http"],
)
async def test_a_proxy_that_gives_no_tunnel_is_told_as_the_proxy(said: bytes) -> None:
    async with tunnel(0, before=said) as proxy:
        assert await send(TransportOptions(FAR, proxy=proxy.url), POST) == NotSent("proxy")
    assert len(proxy.requests) == 1


async def test_a_proxy_that_drops_or_resets_the_line_is_told_as_the_proxy() -> None:
    async def drop(line: Line, served: RawServer) -> None:
        served.requests.append(await line.request())

    async def reset(line: Line, served: RawServer) -> None:
        served.requests.append(await line.request())
        line.reset()

    for behaviour in (drop, reset):
        async with raw_server(behaviour) as proxy:
            assert await send(TransportOptions(FAR, proxy=proxy.url), GET) == NotSent("proxy")
        assert len(proxy.requests) == 1


async def test_an_encrypted_proxy_with_a_foreign_certificate_is_told_as_the_proxy(
    tmp_path: Path,
) -> None:
    async with raw_server(answering(OK), make_certificates(tmp_path).server()) as proxy:
        options = TransportOptions(FAR, proxy=proxy.https)
        assert await send(options, POST) == NotSent("proxy")
        assert proxy.requests == []


async def test_behind_a_tunnel_the_platforms_own_certificate_is_told_as_such(
    tmp_path: Path,
) -> None:
    certificates = make_certificates(tmp_path, "other.example")
    async with (
        raw_server(answering(OK), certificates.server()) as platform,
        tunnel(platform.port) as proxy,
    ):
        for ca_file in (None, certificates.authority):
            options = TransportOptions(FAR, ca_file=ca_file, proxy=proxy.url)
            assert await send(options, POST) == NotSent("certificate")
        assert platform.requests == []


async def test_behind_a_tunnel_plain_text_and_silence_are_not_the_proxys_fault() -> None:
    for behaviour, why in ((_speaks_http, "tls"), (never_speaks, "deadline")):
        async with raw_server(behaviour) as platform, tunnel(platform.port) as proxy:
            options = TransportOptions(FAR, proxy=proxy.url)
            seconds = SHORT if why == "deadline" else LONG
            assert await send(options, POST, seconds) == NotSent(why)


async def test_a_proxy_credential_that_cannot_be_used_is_not_sent() -> None:
    async with tunnel(0, before=OK) as proxy:
        options = TransportOptions(FAR, proxy=proxy.url)

        def missing() -> dict[str, str]:
            raise FileNotFoundError("proxy-credential")

        for broken in (missing, lambda: {"Proxy-Authorization": "Basic a\r\nX: y"}):
            async with Transport(options, prove, broken) as transport:
                until = asyncio.get_running_loop().time() + LONG
                assert await transport.send(POST, until) == NotSent("proxy")
    assert proxy.connections == 0


async def test_without_a_credential_the_proxy_is_told_none() -> None:
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    async with tunnel(0, before=refusal) as proxy:
        assert await send(TransportOptions(FAR, proxy=proxy.url), POST) == NotSent("proxy")
    assert b"authorization" not in proxy.requests[0].lower()


# ---- nothing is sent again


METHODS = ("GET", "PUT", "DELETE", "POST", "PATCH")


def _breaks(moment: str, kept: bool) -> Behaviour:
    """Answers one request first where the connection is to be a kept one, then breaks."""

    async def behave(line: Line, served: RawServer) -> None:
        if kept:
            served.requests.append(await line.request())
            await line.say(OK)
        request = await line.request()
        if not request:
            return
        served.requests.append(request)
        if moment == "reset":
            line.reset()
        elif moment == "half-head":
            await line.say(b"HTTP/1.1 200 OK\r\nContent-")
        elif moment == "half-body":
            await line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")

    return behave


@pytest.mark.parametrize(
    ("method", "moment", "kept"),
    list(itertools.product(METHODS, ("drop", "reset", "half-head", "half-body"), (False, True))),
)
async def test_a_request_that_breaks_anywhere_arrives_once_and_is_no_answer(
    method: str, moment: str, kept: bool
) -> None:
    request = HttpRequest(method, "/v1/x", b"" if method in ("GET", "DELETE") else b"{}")
    async with raw_server(_breaks(moment, kept)) as server:
        async with Transport(TransportOptions(server.url), prove) as transport:
            until = asyncio.get_running_loop().time() + LONG
            if kept:
                assert isinstance(await transport.send(request, until), HttpReply)
            said = await transport.send(request, until)
        assert said == NoAnswer("half-a-body" if moment == "half-body" else "reset")
        assert len(server.requests) == 1 + kept
        assert server.connections == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_a_plain_session_in_the_same_moment_does_send_again(method: str) -> None:
    """Else the tests above prove nothing: this is what the transport keeps aiohttp from."""
    async with raw_server(_breaks("drop", kept=True)) as server:
        async with aiohttp.ClientSession() as session:
            async with session.request(method, server.url) as response:
                await response.read()
            async with session.request(method, server.url) as response:
                assert response.status == 200
        assert len(server.requests) == 3
        assert server.connections == 2


async def test_a_kept_tls_connection_behind_a_proxy_that_breaks_is_not_sent_again(
    tmp_path: Path,
) -> None:
    certificates = make_certificates(tmp_path, "credit.example")
    behaviour = _breaks("drop", kept=True)
    context: ssl.SSLContext = certificates.server()
    async with raw_server(behaviour, context) as platform, tunnel(platform.port) as proxy:
        options = TransportOptions(FAR, ca_file=certificates.authority, proxy=proxy.url)
        async with Transport(options, prove) as transport:
            until = asyncio.get_running_loop().time() + LONG
            assert isinstance(await transport.send(GET, until), HttpReply)
            assert await transport.send(GET, until) == NoAnswer("reset")
        assert len(platform.requests) == 2
        assert len(proxy.requests) == 1


async def test_a_401_is_the_conversations_and_nobody_elses() -> None:
    refused = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"
    async with raw_server(answering(refused, OK)) as server:
        reply = await send(TransportOptions(server.url), POST, SHORT * 20)
    assert isinstance(reply, HttpReply)
    assert reply.status == 401
    assert len(server.requests) == 1
