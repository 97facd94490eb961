# SPDX-License-Identifier: Apache-2.0
"""The one road to every platform: HTTP over TLS, no second try, and the truth about failures.

It alone tells *not sent* from *no answer*. Not sent: the request failed before it held an open
connection (name, proxy and a refused CONNECT, connect, TLS, our deadline while still connecting),
so no byte of it can have left. Everything later is *no answer*, a reset on a kept connection
included, because the platform may have read the request.

It retries nothing, follows no redirect, keeps no cookie, reads no proxy or netrc from the
environment, and adds the credentials itself, so that they are never stored or logged.
"""

from __future__ import annotations

import asyncio
import email.utils
import ipaddress
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Final, Self

import aiohttp
from yarl import URL

from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent

IDLE_S: Final = 10.0
"""A kept connection is dropped after so many idle seconds: middleboxes forget them silently."""
BODY_MAX: Final = 1024 * 1024
CONNECTIONS_MAX: Final = 32

Credentials = Callable[[], Mapping[str, str]]
"""Gives the headers that prove who we are, at each request. Raises OSError when it cannot."""


@dataclass(frozen=True, slots=True)
class TransportOptions:
    """Where and how. Raises ValueError for an address that would send money in the clear.

    `ca_file`: a PEM bundle trusted instead of the system's. `proxy`: used for every host but
    loopback. `tls_1_2`: let TLS 1.2 pass, which `Transport.warnings` then says.
    """

    url: str
    ca_file: Path | None = None
    proxy: str | None = None
    tls_1_2: bool = False
    idle_s: float = IDLE_S

    def __post_init__(self) -> None:
        address = _address("platform.url", self.url)
        if address.scheme == "http" and not _is_loopback(address.host or ""):
            raise ValueError("platform.url: plain http is for loopback only; use https")
        if address.query_string or address.fragment:
            raise ValueError("platform.url: an address without ? and #")
        if self.proxy is not None:
            _address("platform.proxy", self.proxy)
        if not 0 < self.idle_s <= 60:
            raise ValueError("platform.idle_s: above 0 and at most 60 seconds")


def _address(field: str, text: str) -> URL:
    try:
        url = URL(text)
    except ValueError as fault:
        raise ValueError(f"{field}: not an address") from fault
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError(f"{field}: an address begins with https:// and names a host")
    if url.user or url.password:
        raise ValueError(f"{field}: no user or password in an address; use a credential file")
    return url


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Phase:
    """How far one request has come; the connector's traces move it on."""

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held = False


class _Broken(Exception):
    """A connection failed. Foreign to aiohttp, so that its own second try cannot see it."""


async def over_tcp(options: TransportOptions) -> aiohttp.BaseConnector:
    """The machine's own sockets. Raises ValueError for a CA bundle that cannot be read."""
    secure = URL(options.url).scheme == "https"
    return aiohttp.TCPConnector(
        # Reading a system's certificates takes 20 ms (measured), too long for the loop.
        ssl=await asyncio.to_thread(_tls, options) if secure else True,
        keepalive_timeout=options.idle_s,
        limit=CONNECTIONS_MAX,
    )


Roads = Callable[[TransportOptions], Awaitable[aiohttp.BaseConnector]]
"""Makes what a transport opens its connections with."""


class Transport:
    """Use with `async with`, which raises ValueError for a CA bundle that cannot be read.
    `send` may be called by many tasks at once. `roads`: TCP, unless a simulation gives its own."""

    def __init__(
        self,
        options: TransportOptions,
        credentials: Credentials,
        proxy_credentials: Credentials | None = None,
        roads: Roads = over_tcp,
    ) -> None:
        self._options = options
        self._credentials = credentials
        self._proxy_credentials = proxy_credentials
        self._roads = roads
        self._base = URL(options.url)
        self._session: aiohttp.ClientSession | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """Stable codes of what is weaker than it should be, for `check` and `doctor`."""
        return ("tls-1-2-allowed",) if self._options.tls_1_2 else ()

    async def __aenter__(self) -> Self:
        trace = aiohttp.TraceConfig()
        trace.on_connection_create_end.append(_held)
        trace.on_connection_reuseconn.append(_held)
        self._session = aiohttp.ClientSession(
            connector=await self._roads(self._options),
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            trace_configs=[trace],
            middlewares=[_no_second_try],
            headers={"User-Agent": "countermark", "Accept-Encoding": "identity"},
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def send(self, request: HttpRequest, deadline: float) -> HttpReply | NotSent | NoAnswer:
        """Send once and read the whole reply. Never raises for what the network does.

        `deadline`: a moment of the running loop's clock (`loop.time()`), for all of it.
        Raises RuntimeError outside `async with`.
        """
        if self._session is None:
            raise RuntimeError("the transport is not open")
        try:
            headers = {**dict(request.headers), **_checked(self._credentials)}
        except (OSError, ValueError):
            return NotSent("credential")
        phase = _Phase()
        try:
            async with asyncio.timeout_at(deadline):
                return await self._exchange(self._session, request, headers, phase)
        except TimeoutError:
            return NoAnswer("deadline") if phase.held else NotSent("deadline")
        except (_Broken, aiohttp.ClientError, OSError, ValueError) as fault:
            cause = fault.__cause__ if isinstance(fault, _Broken) and fault.__cause__ else fault
            if phase.held:
                return NoAnswer(_after(cause))
            return NotSent(_before(cause))

    async def _exchange(
        self,
        session: aiohttp.ClientSession,
        request: HttpRequest,
        headers: Mapping[str, str],
        phase: _Phase,
    ) -> HttpReply | NoAnswer:
        proxied = self._options.proxy is not None and not _is_loopback(self._base.host or "")
        prove = self._proxy_credentials if proxied else None
        async with session.request(
            request.method,
            URL(self._options.url.rstrip("/") + request.path, encoded=True),
            data=request.body or None,
            headers=headers,
            allow_redirects=False,
            proxy=self._options.proxy if proxied else None,
            proxy_headers=None if prove is None else _checked(prove),
            trace_request_ctx=phase,
        ) as response:
            body = bytearray()
            async for part in response.content.iter_any():
                body += part
                if len(body) > BODY_MAX:
                    response.close()
                    return NoAnswer("too-long")
            kept = tuple((name.lower(), value) for name, value in response.headers.items())
            date_ms = _date_ms(response.headers.get("Date"))
            return HttpReply(response.status, kept, bytes(body), date_ms)


async def _held(session: aiohttp.ClientSession, context: SimpleNamespace, params: object) -> None:
    context.trace_request_ctx.held = True


async def _no_second_try(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """aiohttp sends GET, PUT and DELETE again when a kept connection breaks. We never do: the
    first may have been read, and only the forwarder sends again."""
    try:
        return await handler(request)
    except (aiohttp.ClientConnectionError, OSError) as fault:
        raise _Broken from fault


def _tls(options: TransportOptions) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=options.ca_file)
    except OSError as fault:
        raise ValueError("platform.ca_file: not a readable PEM bundle") from fault
    context.minimum_version = ssl.TLSVersion.TLSv1_2 if options.tls_1_2 else ssl.TLSVersion.TLSv1_3
    return context


def _checked(credentials: Credentials) -> dict[str, str]:
    """The headers of a provider. Raises ValueError for one that could split a request."""
    headers = dict(credentials())
    for value in headers.values():
        if not (value.isascii() and value.isprintable()):
            raise ValueError("a credential is not printable ASCII")
    return headers


def _before(cause: BaseException) -> str:
    """A short code of what failed while no connection was held."""
    match cause:
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return "proxy"
        case aiohttp.ClientConnectorDNSError():
            return "name"
        case aiohttp.ClientConnectorCertificateError() | ssl.SSLCertVerificationError():
            return "certificate"
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return "tls"
        case aiohttp.ClientConnectorError():
            return "connect"
        case ValueError():
            return "request"
        case _:
            return "connection"


def _after(cause: BaseException) -> str:
    """A short code of what failed once a connection was held."""
    match cause:
        case aiohttp.ClientPayloadError():
            return "half-a-body"
        case aiohttp.ClientResponseError():
            return "not-http"
        case _:
            return "reset"


def _date_ms(text: str | None) -> int | None:
    """The platform's own clock: UTC milliseconds, None where it says nothing readable."""
    if text is None:
        return None
    try:
        return int(email.utils.parsedate_to_datetime(text).timestamp()) * 1000
    except (ValueError, OverflowError):
        return None
