# SPDX-License-Identifier: Apache-2.0
"""The one road to every platform: HTTP over TLS, no second try, and the truth about failures.

It alone tells *not sent* from *no answer*. Not sent: the request failed before it held an open
connection (name, proxy and a refused CONNECT, connect, TLS, our deadline while still connecting),
so no byte of it can have left. Everything later is *no answer*, a reset on a kept connection
included, because the platform may have read the request.

It retries nothing, follows no redirect, keeps no cookie, reads no proxy or netrc from the
environment, and adds the credentials itself, so that they are never stored or logged. What a
401 means is the conversation's to say; the transport only tells the credentials of it.
"""

from __future__ import annotations

import asyncio
import email.utils
import ipaddress
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Final, Self

import aiohttp
from yarl import URL

from agent.platforms.credentials import Credentials, Prove, Static, Unproved
from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent

IDLE_S: Final = 10.0
"""A kept connection is dropped after so many idle seconds: middleboxes forget them silently."""
BODY_MAX: Final = 1024 * 1024
CONNECTIONS_MAX: Final = 32


@dataclass(frozen=True, slots=True)
class TransportOptions:
    """Where and how. Raises ValueError for an address that would send money in the clear.

    `ca_file`: a PEM bundle trusted instead of the system's. `proxy`: used for every host but
    loopback. `tls_1_2`: let TLS 1.2 pass, which `Transport.warnings` then says. `beside`: further
    hosts of the same vendor by the beginning of a path, such as ("/checkout", "https://..."): what
    follows is asked there, with the same credentials.
    """

    url: str
    ca_file: Path | None = None
    proxy: str | None = None
    tls_1_2: bool = False
    idle_s: float = IDLE_S
    beside: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        safe_address("platform.url", self.url)
        here = _is_loopback(URL(self.url).host or "")
        for first, url in self.beside:
            if _is_loopback(safe_address(f"platform.url of {first}", url).host or "") != here:
                raise ValueError("platform.url: all of a vendor's hosts are on loopback, or none")
        if self.proxy is not None:
            _address("platform.proxy", self.proxy)
        if not 0 < self.idle_s <= 60:
            raise ValueError("platform.idle_s: above 0 and at most 60 seconds")

    def address(self, path: str) -> str:
        """Where a request of this path goes."""
        for first, url in self.beside:
            if path.startswith(f"{first}/"):
                return url.rstrip("/") + path[len(first) :]
        return self.url.rstrip("/") + path


def safe_address(field: str, text: str) -> URL:
    """An address that a secret may be sent to. Raises ValueError, which names the `field`."""
    address = _address(field, text)
    if address.scheme == "http" and not _is_loopback(address.host or ""):
        raise ValueError(f"{field}: plain http is for loopback only; use https")
    if address.query_string or address.fragment:
        raise ValueError(f"{field}: an address without ? and #")
    return address


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
    `send` may be called by many tasks at once. `roads`: TCP, unless a simulation gives its own.
    """

    def __init__(
        self,
        options: TransportOptions,
        credentials: Credentials | Prove,
        proxy_credentials: Prove | None = None,
        roads: Roads = over_tcp,
    ) -> None:
        self._options = options
        self._credentials = Static(credentials) if callable(credentials) else credentials
        self._roads = roads
        near = _is_loopback(URL(options.url).host or "")
        self._proxy = None if options.proxy is None or near else URL(options.proxy)
        self._prove_to_proxy = proxy_credentials
        self._session: aiohttp.ClientSession | None = None

    def towards(self, url: str, credentials: Credentials | Prove) -> Transport:
        """Another address, by the same roads and rules and past the same proxy; not open yet."""
        options = replace(self._options, url=url, beside=())
        return Transport(options, credentials, self._prove_to_proxy, self._roads)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Stable codes of what is weaker than it should be, for `check` and `doctor`."""
        return ("tls-1-2-allowed",) if self._options.tls_1_2 else ()

    @property
    def token_trouble(self) -> str:
        """Why no token could be fetched when it was last tried, in a short code: a `why` of
        NotSent or NoAnswer, "portal", an OAuth error, or the status. Empty where all is well."""
        return self._credentials.trouble

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
        try:
            await self._credentials.opened(self)
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self._credentials.closed()
        finally:
            await self._close()

    async def _close(self) -> None:
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
            proof = await self._credentials.headers(deadline)
            headers = {**dict(request.headers), **_checked(proof)}
            past_proxy = self._past_proxy()
        except Unproved as fault:
            return NotSent(fault.why)
        except (OSError, ValueError):
            return NotSent("credential")
        reply = await self._once(self._session, request, headers, past_proxy, deadline)
        if isinstance(reply, HttpReply) and reply.status == 401:
            self._credentials.refused(proof)
        return reply

    def _past_proxy(self) -> Mapping[str, str] | None:
        """Raises Unproved where the proxy's credential cannot be read or used."""
        if self._proxy is None or self._prove_to_proxy is None:
            return None
        try:
            return _checked(self._prove_to_proxy())
        except (OSError, ValueError) as fault:
            raise Unproved("proxy") from fault

    async def _once(
        self,
        session: aiohttp.ClientSession,
        request: HttpRequest,
        headers: Mapping[str, str],
        past_proxy: Mapping[str, str] | None,
        deadline: float,
    ) -> HttpReply | NotSent | NoAnswer:
        phase = _Phase()
        try:
            async with asyncio.timeout_at(deadline):
                return await self._exchange(session, request, headers, past_proxy, phase)
        except TimeoutError:
            return NoAnswer("deadline") if phase.held else NotSent("deadline")
        except (_Broken, aiohttp.ClientError, OSError, ValueError) as fault:
            cause = fault.__cause__ if isinstance(fault, _Broken) and fault.__cause__ else fault
            if phase.held:
                return NoAnswer(_after(cause))
            return NotSent(_before(cause, self._proxy))

    async def _exchange(
        self,
        session: aiohttp.ClientSession,
        request: HttpRequest,
        headers: Mapping[str, str],
        past_proxy: Mapping[str, str] | None,
        phase: _Phase,
    ) -> HttpReply | NoAnswer:
        async with session.request(
            request.method,
            URL(self._options.address(request.path), encoded=True),
            data=request.body or None,
            headers=headers,
            allow_redirects=False,
            proxy=self._proxy,
            proxy_headers=past_proxy,
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
            return HttpReply(response.status, kept, bytes(body), date_ms, response.url.host or "")


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


def _checked(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers of a provider. Raises ValueError for one that could split a request."""
    for value in headers.values():
        if not (value.isascii() and value.isprintable()):
            raise ValueError("a credential is not printable ASCII")
    return headers


def _before(cause: BaseException, proxy: URL | None) -> str:
    """A short code of what failed while no connection was held."""
    if proxy is not None and _is_of_proxy(cause, proxy):
        return "proxy"
    match cause:
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


def _is_of_proxy(cause: BaseException, proxy: URL) -> bool:
    """Whether it failed on the way to the proxy, or while asking it for the tunnel. Behind the
    tunnel only TLS is spoken before a connection is held."""
    match cause:
        case aiohttp.ClientProxyConnectionError():
            return True
        case aiohttp.ClientConnectorError() | aiohttp.ClientConnectorCertificateError():
            return (cause.host, cause.port) == (proxy.host, proxy.port)
        case aiohttp.ClientResponseError() | aiohttp.ServerConnectionError() | OSError():
            return True
        case _:
            return False


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
