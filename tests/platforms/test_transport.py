# SPDX-License-Identifier: Apache-2.0
"""The transport against raw sockets: what is *not sent*, what is *no answer*, and what never
happens (second tries, redirects, cookies, proxies from the environment)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from pathlib import Path

import pytest

from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent
from agent.platforms.transport import BODY_MAX, Transport, TransportOptions
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


async def test_a_request_leaves_with_its_bytes_and_the_credentials() -> None:
    async with raw_server(answering(OK)) as server:
        reply = await send(TransportOptions(server.url), POST)
    assert isinstance(reply, HttpReply)
    assert (reply.status, reply.body) == (200, b"{}")
    assert reply.header("content-type") == "application/json"
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/credits HTTP/1.1\r\n")
    assert b"authorization: bearer t0ken" in head.lower()
    assert b"accept-encoding: identity" in head.lower()
    assert body == POST.body


async def test_an_address_with_a_path_is_kept_and_encoding_is_left_alone() -> None:
    async with raw_server(answering(OK)) as server:
        await send(TransportOptions(f"{server.url}/gift/"), HttpRequest("GET", "/v1/x?a=%2F%3A"))
    assert server.requests[0].startswith(b"GET /gift/v1/x?a=%2F%3A HTTP/1.1\r\n")


async def test_the_platforms_own_clock_is_noted() -> None:
    dated = OK.replace(b"\r\n\r\n", b"\r\nDate: Thu, 20 Nov 2025 00:53:20 GMT\r\n\r\n")
    wrong = OK.replace(b"\r\n\r\n", b"\r\nDate: yesterday\r\n\r\n")
    for answer, date_ms in ((dated, 1_763_600_000_000), (wrong, None), (OK, None)):
        async with raw_server(answering(answer)) as server:
            reply = await send(TransportOptions(server.url), GET)
        assert isinstance(reply, HttpReply)
        assert reply.date_ms == date_ms


async def test_another_host_of_the_vendor_is_asked_by_the_beginning_of_a_path() -> None:
    async with raw_server(answering(OK)) as server, raw_server(answering(OK)) as other:
        beside = (("/checkout", other.url.replace("127.0.0.1", "localhost") + "/v71/"),)
        options = TransportOptions(server.url, beside=beside)
        for path in ("/checkout/refunds?a=1", "/checkouts/x"):
            reply = await send(options, HttpRequest("GET", path))
            assert isinstance(reply, HttpReply)
            assert reply.host == ("localhost" if path.startswith("/checkout/") else "127.0.0.1")
        token = Transport(options, prove).towards(server.url, prove)
        assert token._options.address("/checkout/token") == f"{server.url}/checkout/token"
    assert other.requests[0].startswith(b"GET /v71/refunds?a=1 HTTP/1.1\r\n")
    assert server.requests[0].startswith(b"GET /checkouts/x HTTP/1.1\r\n")


# ---- not sent: before a connection was held


async def test_a_refused_connection_is_not_sent() -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    assert await send(TransportOptions(url), POST) == NotSent("connect")


async def test_a_name_that_nobody_knows_is_not_sent() -> None:
    reply = await send(TransportOptions("https://credit.invalid"), POST)
    assert reply == NotSent("name")


async def test_a_deadline_that_ends_during_the_handshake_is_not_sent(tmp_path: Path) -> None:
    async with raw_server(never_speaks) as server:
        options = TransportOptions(server.https)
        assert await send(options, POST, SHORT) == NotSent("deadline")
    assert server.connections == 1


async def test_a_deadline_that_has_passed_is_not_sent() -> None:
    async with raw_server(answering(OK)) as server:
        assert await send(TransportOptions(server.url), POST, -1.0) == NotSent("deadline")
    assert server.requests == []


async def test_a_certificate_of_an_unknown_authority_is_not_sent(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)
    async with raw_server(answering(OK), certificates.server()) as server:
        assert await send(TransportOptions(server.https), POST) == NotSent("certificate")
    assert server.requests == []


async def test_a_certificate_of_another_host_is_not_sent(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path, "other.example")
    async with raw_server(answering(OK), certificates.server()) as server:
        options = TransportOptions(server.https, ca_file=certificates.authority)
        assert await send(options, POST) == NotSent("certificate")
    assert server.requests == []


async def test_a_private_authority_is_trusted_by_its_file_and_tls_1_3_spoken(
    tmp_path: Path,
) -> None:
    certificates = make_certificates(tmp_path)
    spoken: list[str | None] = []

    async def note(line: Line, served: RawServer) -> None:
        spoken.append(line.writer.get_extra_info("ssl_object").version())
        await answering(OK)(line, served)

    async with raw_server(note, certificates.server()) as server:
        reply = await send(TransportOptions(server.https, ca_file=certificates.authority), POST)
    assert isinstance(reply, HttpReply)
    assert spoken == ["TLSv1.3"]


async def test_tls_1_2_passes_only_by_the_setting_which_warns(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)
    old = certificates.server(newest=ssl.TLSVersion.TLSv1_2)
    async with raw_server(answering(OK), old) as server:
        strict = TransportOptions(server.https, ca_file=certificates.authority)
        # asyncio's server drops the line instead of sending its alert, hence not always "tls"
        assert isinstance(await send(strict, POST), NotSent)
        assert server.requests == []
        lax = TransportOptions(server.https, ca_file=certificates.authority, tls_1_2=True)
        assert isinstance(await send(lax, POST), HttpReply)
    assert Transport(strict, prove).warnings == ()
    assert Transport(lax, prove).warnings == ("tls-1-2-allowed",)


async def test_plain_text_where_tls_should_be_is_not_sent() -> None:
    async with raw_server(answering(OK)) as server:

        async def hello(line: Line, served: RawServer) -> None:
            await line.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        async with raw_server(hello) as wrong:
            assert await send(TransportOptions(wrong.https), POST) == NotSent("tls")
    assert server.requests == []


async def test_a_credential_that_cannot_be_read_is_not_sent() -> None:
    def missing() -> Mapping[str, str]:
        raise FileNotFoundError("platform-token")

    def split() -> Mapping[str, str]:
        return {"Authorization": "Bearer a\r\nX: y"}

    async with raw_server(answering(OK)) as server:
        for broken in (missing, split):
            options = TransportOptions(server.url)
            assert await send(options, POST, credentials=broken) == NotSent("credential")
    assert server.connections == 0


# ---- no answer: a connection was held


async def _reads_and_drops(line: Line, served: RawServer) -> None:
    served.requests.append(await line.request())


async def _reads_and_resets(line: Line, served: RawServer) -> None:
    served.requests.append(await line.request())
    line.reset()


async def _reads_and_hangs(line: Line, served: RawServer) -> None:
    served.requests.append(await line.request())
    await asyncio.Event().wait()


def _resets_the_second(line: Line, served: RawServer) -> asyncio.Future[None]:
    async def behave() -> None:
        served.requests.append(await line.request())
        await line.say(OK)
        served.requests.append(await line.request())
        line.reset()

    return asyncio.ensure_future(behave())


@pytest.mark.parametrize("request_", [GET, POST], ids=["get", "post"])
@pytest.mark.parametrize("behaviour", [_reads_and_drops, _reads_and_resets])
async def test_a_connection_that_breaks_after_the_request_is_no_answer_and_is_not_tried_again(
    behaviour: Behaviour, request_: HttpRequest
) -> None:
    async with raw_server(behaviour) as server:
        assert await send(TransportOptions(server.url), request_) == NoAnswer("reset")
    assert len(server.requests) == 1
    assert server.connections == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
async def test_a_reset_on_a_kept_connection_is_no_answer_and_is_not_tried_again(
    method: str,
) -> None:
    request = HttpRequest(method, "/v1/x", b"" if method == "GET" else b"{}")
    async with raw_server(_resets_the_second) as server:
        async with Transport(TransportOptions(server.url), prove) as transport:
            deadline = asyncio.get_running_loop().time() + LONG
            assert isinstance(await transport.send(request, deadline), HttpReply)
            assert await transport.send(request, deadline) == NoAnswer("reset")
        assert server.connections == 1
        assert len(server.requests) == 2


async def test_a_deadline_after_the_request_is_no_answer() -> None:
    async with raw_server(_reads_and_hangs) as server:
        assert await send(TransportOptions(server.url), POST, SHORT) == NoAnswer("deadline")
    assert len(server.requests) == 1


HALF = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (BODY_MAX + 1) + b"x" * (BODY_MAX + 1)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (HALF, "half-a-body"),
        (CHUNKED, "half-a-body"),
        (ENDLESS, "too-long"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "not-http"),
        (b"HTTP/1.1 200 OK\r\nContent-Len", "reset"),
    ],
    ids=["half", "half-chunk", "too-long", "not-http", "half-head"],
)
async def test_a_reply_that_is_not_whole_is_no_answer(answer: bytes, why: str) -> None:
    async with raw_server(answering(answer)) as server:
        assert await send(TransportOptions(server.url), GET) == NoAnswer(why)
    assert len(server.requests) == 1


# ---- what never happens


@pytest.mark.parametrize("status", [b"301", b"302", b"303", b"307", b"308"])
async def test_a_redirect_is_a_reply_like_any_other(status: bytes) -> None:
    moved = b"HTTP/1.1 %s Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n" % status
    async with raw_server(answering(moved, OK)) as server:
        reply = await send(TransportOptions(server.url), POST)
    assert isinstance(reply, HttpReply)
    assert reply.status == int(status)
    assert len(server.requests) == 1


async def test_cookies_are_not_kept() -> None:
    baked = OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: session=1; Path=/\r\n\r\n")
    async with raw_server(answering(baked, OK)) as server:
        async with Transport(TransportOptions(server.url), prove) as transport:
            deadline = asyncio.get_running_loop().time() + LONG
            for _ in range(2):
                await transport.send(GET, deadline)
        assert len(server.requests) == 2
        assert b"cookie" not in server.requests[1].lower()


async def test_an_idle_connection_is_dropped_early() -> None:
    async with raw_server(answering(OK, OK)) as server:
        idle = 0.01
        async with Transport(TransportOptions(server.url, idle_s=idle), prove) as transport:
            loop = asyncio.get_running_loop()
            await transport.send(GET, loop.time() + LONG)
            passed = asyncio.Event()
            loop.call_later(idle * 3, passed.set)
            await passed.wait()
            await transport.send(GET, loop.time() + LONG)
        assert server.connections == 2
    assert TransportOptions("https://credit.example").idle_s == 10.0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": "http://credit.example"}, "platform.url"),
        ({"url": "http://10.0.0.1:8742"}, "platform.url"),
        ({"url": "ftp://credit.example"}, "platform.url"),
        ({"url": "credit.example"}, "platform.url"),
        ({"url": "https://"}, "platform.url"),
        ({"url": "https://user:pw@credit.example"}, "platform.url"),
        ({"url": "https://credit.example/?a=1"}, "platform.url"),
        ({"url": "https://credit.example/#a"}, "platform.url"),
        ({"url": "https://[::1"}, "platform.url"),
        ({"url": "https://credit.example", "proxy": "socks5://p"}, "platform.proxy"),
        ({"url": "https://credit.example", "proxy": "http://u:p@proxy"}, "platform.proxy"),
        ({"url": "https://credit.example", "idle_s": 0}, "platform.idle_s"),
        (
            {"url": "https://credit.example", "beside": (("/a", "http://b.example"),)},
            "platform.url of /a",
        ),
        (
            {"url": "https://credit.example", "beside": (("/a", "https://localhost"),)},
            "platform.url",
        ),
    ],
    ids=str,
)
def test_an_address_that_is_unsafe_is_refused_by_name(
    changes: dict[str, object], field: str
) -> None:
    with pytest.raises(ValueError, match=field.replace(".", r"\.")) as refused:
        TransportOptions(**changes)  # type: ignore[arg-type]
    assert "pw" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1"])
def test_plain_http_is_for_loopback(url: str) -> None:
    assert TransportOptions(url).url == url


@pytest.mark.parametrize("content", [None, b"", b"not a certificate"])
async def test_a_bundle_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_bytes(content)
    options = TransportOptions("https://credit.example", ca_file=bundle)
    with pytest.raises(ValueError, match="ca_file"):
        await Transport(options, prove).__aenter__()


async def test_a_transport_that_is_not_open_sends_nothing() -> None:
    with pytest.raises(RuntimeError):
        await Transport(TransportOptions("https://credit.example"), prove).send(GET, 1.0)
