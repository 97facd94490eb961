# SPDX-License-Identifier: Apache-2.0
"""The transport and an explicit proxy: a refused CONNECT is *not sent*, and secrets stay apart."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agent.platforms.messages import HttpReply, HttpRequest, NotSent
from agent.platforms.transport import Transport, TransportOptions
from tests.platforms.raw_client import GET, LONG, POST, SHORT, prove, send
from tests.platforms.raw_server import (
    OK,
    Line,
    RawServer,
    answering,
    closed_port,
    make_certificates,
    never_speaks,
    raw_server,
)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
    ],
)
async def test_a_refused_connect_is_not_sent(answer: bytes) -> None:
    async with raw_server(answering(answer)) as proxy:
        options = TransportOptions("https://credit.invalid", proxy=proxy.url)
        assert await send(options, POST) == NotSent("proxy")
    assert len(proxy.requests) == 1
    assert proxy.requests[0].startswith(b"CONNECT credit.invalid:443 HTTP/1.1\r\n")
    assert b"t0ken" not in proxy.requests[0]


@pytest.mark.parametrize("request_", [GET, POST], ids=["get", "post"])
async def test_a_proxy_that_hangs_up_is_not_sent(request_: HttpRequest) -> None:
    async def hang_up(line: Line, served: RawServer) -> None:
        served.requests.append(await line.request())

    async with raw_server(hang_up) as proxy:
        options = TransportOptions("https://credit.invalid", proxy=proxy.url)
        reply = await send(options, request_)
    assert isinstance(reply, NotSent)
    assert len(proxy.requests) == 1


async def test_a_proxy_that_is_away_or_mute_is_not_sent() -> None:
    away = TransportOptions("https://credit.invalid", proxy=f"http://127.0.0.1:{closed_port()}")
    assert await send(away, POST) == NotSent("proxy")
    async with raw_server(never_speaks) as proxy:
        mute = TransportOptions("https://credit.invalid", proxy=proxy.url)
        assert await send(mute, POST, SHORT) == NotSent("deadline")


async def test_the_proxy_gets_its_own_credential_and_the_tunnel_carries_the_request(
    tmp_path: Path,
) -> None:
    certificates = make_certificates(tmp_path, "credit.example")

    async with raw_server(answering(OK), certificates.server()) as platform:

        async def tunnel(line: Line, served: RawServer) -> None:
            served.requests.append(await line.request())
            reader, writer = await asyncio.open_connection("127.0.0.1", platform.port)
            await line.say(b"HTTP/1.1 200 Connection established\r\n\r\n")

            async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
                while data := await source.read(65_536):
                    sink.write(data)
                    await sink.drain()
                sink.close()

            await asyncio.gather(pump(line.reader, writer), pump(reader, line.writer))

        async with raw_server(tunnel) as proxy:
            options = TransportOptions(
                "https://credit.example", ca_file=certificates.authority, proxy=proxy.url
            )
            transport = Transport(options, prove, lambda: {"Proxy-Authorization": "Basic cHc="})
            async with transport:
                deadline = asyncio.get_running_loop().time() + LONG
                reply = await transport.send(POST, deadline)
    assert isinstance(reply, HttpReply)
    assert b"proxy-authorization: basic cHc=".lower() in proxy.requests[0].lower()
    assert b"t0ken" not in proxy.requests[0]
    assert b"t0ken" in platform.requests[0]
    assert b"proxy-authorization" not in platform.requests[0].lower()


async def test_loopback_and_the_environment_never_go_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dead = f"http://127.0.0.1:{closed_port()}"
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, dead)
    async with raw_server(answering(OK)) as server:
        assert isinstance(await send(TransportOptions(server.url), POST), HttpReply)
        options = TransportOptions(server.url, proxy=dead)
        assert isinstance(await send(options, POST), HttpReply)
