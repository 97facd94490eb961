# SPDX-License-Identifier: Apache-2.0
"""OAuth 2.0 client credentials (RFC 6749, section 4.4): a token that stands in for the secret.

The token lives in memory only. It is renewed before it expires, while requests still go with the
old one, and after a request that carried it was answered 401. There is one renewal at a time,
however many requests wait for it. Where none succeeds, requests are *not sent*.

The request that was answered 401 is never sent again here: only the forwarder sends again.
"""

from __future__ import annotations

import asyncio
import base64
import json
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import quote_plus, urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.platforms.credentials import Unproved
from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent
from agent.platforms.portal import PORTAL, is_portal
from agent.platforms.reading import media_type, retry_after
from agent.platforms.transport import safe_address

if TYPE_CHECKING:
    from agent.platforms.transport import Transport

TOKEN_S: Final = 10.0
"""How long the token address has for its answer. Requests wait no longer than they may."""
LIFE_S: Final = 300.0
"""How long a token is used whose answer does not say for how long it may be."""
LIFE_MAX_S: Final = 86_400.0
RENEW_S: Final = 60.0
"""So long before its end a token is renewed (half of its life, where that is less)."""
END_S: Final = 5.0
"""So long before its end a token is no longer used: it must still be good on arrival."""
BACK_OFF_MAX_S: Final = 60.0
"""Failed renewals are tried again after 1, 2, 4 seconds, and so on to this."""
WAIT_MAX_S: Final = 300.0
"""How far the token address is believed that asks for patience (Retry-After)."""
REFUSED_EVERY_S: Final = 10.0
"""A 401 brings a new token at most so often: a platform may refuse every one."""

_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*")
_CLIENT_ID: Final = re.compile(r"[\x20-\x7e]{1,200}")
_ERRORS: Final = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    }
)
_CLIENT_REFUSED: Final = frozenset({"invalid_client", "unauthorized_client"})


@dataclass(frozen=True, slots=True)
class OAuthOptions:
    """Where tokens come from, and for whom; the secret is in the credential file. Raises
    ValueError for an address that would send it in the clear.

    `in_body`: the client's id and secret go as form fields, for vendors without the Basic
    scheme that RFC 6749 (2.3.1) asks for.
    """

    token_url: str
    client_id: str
    scope: str = ""
    in_body: bool = False

    def __post_init__(self) -> None:
        safe_address("platform.token_url", self.token_url)
        if _CLIENT_ID.fullmatch(self.client_id) is None:
            raise ValueError("platform.client_id: 1 to 200 characters of ASCII")
        if self.scope and _SCOPE.fullmatch(self.scope) is None:
            raise ValueError("platform.scope: words of ASCII with one space between them")


# ---- what the token address answers


class Grant(BaseModel):
    """A yes. `token_type` is required by the standard, and left out by some vendors."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    access_token: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,8192}$", repr=False)]
    token_type: Annotated[str, Field(pattern=r"^[Bb][Ee][Aa][Rr][Ee][Rr]$")] = "bearer"
    expires_in: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None

    @property
    def life_s(self) -> float:
        return LIFE_S if self.expires_in is None else min(self.expires_in, LIFE_MAX_S)


@dataclass(frozen=True, slots=True)
class Denied:
    """No token. `why` is that of the `NotSent`s that follow: token, token-refused, credential;
    `detail` is a short code of what happened."""

    why: str
    detail: str
    retry_after_s: float = 0.0


def read_grant(reply: HttpReply) -> Grant | Denied:
    """A yes only where it is the standard's whole answer. Pure."""
    wait_s = min(float(retry_after(reply, 0)), WAIT_MAX_S)
    if is_portal(reply):
        return Denied("token", PORTAL, wait_s)
    if media_type(reply) != "application/json":
        return Denied("token", "not-json" if reply.status == 200 else _status(reply), wait_s)
    if reply.status != 200:
        return _denied(reply, wait_s)
    try:
        return Grant.model_validate_json(reply.body)
    except ValidationError:
        return Denied("token", "not-a-token", wait_s)


def _denied(reply: HttpReply, wait_s: float) -> Denied:
    """RFC 6749, section 5.2; errors that it does not know are told by the status."""
    try:
        body = json.loads(reply.body)
    except (ValueError, RecursionError):
        body = None
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, str) or error not in _ERRORS or not 400 <= reply.status < 500:
        return Denied("token", _status(reply), wait_s)
    return Denied("token-refused" if error in _CLIENT_REFUSED else "token", error, wait_s)


def _status(reply: HttpReply) -> str:
    return f"status-{reply.status}"


# ---- the token


@dataclass(frozen=True, slots=True)
class _Token:
    """`headers` is this very object in every request that carries the token."""

    headers: Mapping[str, str] = field(repr=False)
    renew_s: float
    end_s: float


async def _ended(renewal: asyncio.Task[None], deadline: float) -> bool:
    """Waits for what others wait for too: whoever leaves does not end it. Raises what nobody
    expected of it."""
    left_s = deadline - asyncio.get_running_loop().time()
    await asyncio.wait({renewal}, timeout=max(left_s, 0.0))
    if not renewal.done() or renewal.cancelled():
        return False
    renewal.result()
    return True


class TokenSource:
    """`Credentials` that are fetched. `prove` makes headers of a token; `now_s` is monotonic."""

    def __init__(
        self,
        options: OAuthOptions,
        prove: Callable[[str], Mapping[str, str]],
        read_secret: Callable[[], str],
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options = options
        self._prove = prove
        self._read_secret = read_secret
        self._now_s = now_s
        self._wire: Transport | None = None
        self._token: _Token | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._last: Denied | None = None
        self._failures = 0
        self._again_s = -math.inf
        self._refused_s = -math.inf

    @property
    def trouble(self) -> str:
        """Why the last renewal failed; empty after one that did not."""
        return "" if self._last is None else self._last.detail

    async def opened(self, beside: Transport) -> None:
        """Raises ValueError for a CA bundle that cannot be read. Fetches nothing yet."""
        origin = str(safe_address("platform.token_url", self._options.token_url).origin())
        wire = beside.towards(origin, self._basic)
        await wire.__aenter__()
        self._wire = wire

    async def closed(self) -> None:
        renewing, wire = self._renewing, self._wire
        self._wire = self._token = None
        if renewing is not None:
            renewing.cancel()
            await asyncio.wait({renewing})
        if wire is not None:
            await wire.__aexit__(None, None, None)

    async def headers(self, deadline: float) -> Mapping[str, str]:
        """Without a wait while a token is good. Raises Unproved where none comes in time."""
        token = self._good()
        if token is not None:
            if self._now_s() >= token.renew_s:
                self._renewal()
            return token.headers
        renewal = self._renewal()
        if renewal is not None and not await _ended(renewal, deadline):
            raise Unproved("token")
        token = self._good()
        if token is None:
            raise Unproved("token" if self._last is None else self._last.why)
        return token.headers

    def refused(self, headers: Mapping[str, str]) -> None:
        """A new token is fetched now, unless these are not the newest headers: of a burst of
        requests that were answered 401 only the first one counts."""
        token, now_s = self._token, self._now_s()
        if token is None or headers is not token.headers:
            return
        if now_s - self._refused_s < REFUSED_EVERY_S:
            return
        self._refused_s = now_s
        self._token = None
        self._renewal()

    def _good(self) -> _Token | None:
        token = self._token
        return token if token is not None and self._now_s() < token.end_s else None

    def _renewal(self) -> asyncio.Task[None] | None:
        """The one that runs, else a new one; None while the last failure is too near."""
        if self._renewing is None and self._wire is not None and self._now_s() >= self._again_s:
            self._renewing = asyncio.create_task(self._renew(self._wire))
        return self._renewing

    async def _renew(self, wire: Transport) -> None:
        asked_s = self._now_s()
        try:
            answer = await self._asked(wire)
            match answer:
                case Denied():
                    self._failed(answer)
                case Grant():
                    self._granted(answer, asked_s)
        finally:
            self._renewing = None

    def _granted(self, grant: Grant, asked_s: float) -> None:
        try:
            headers = dict(self._prove(grant.access_token))
        except ValueError:
            self._failed(Denied("token", "not-a-token"))
            return
        ends_s, life_s = asked_s + grant.life_s, grant.life_s
        self._token = _Token(
            headers, ends_s - min(RENEW_S, life_s / 2), ends_s - min(END_S, life_s / 4)
        )
        self._last, self._failures, self._again_s = None, 0, -math.inf

    def _failed(self, denied: Denied) -> None:
        self._last = denied
        if denied.why == "credential":  # a file is looked at again by the next request
            return
        self._failures += 1
        wait_s = min(2.0 ** min(self._failures - 1, 10), BACK_OFF_MAX_S)
        self._again_s = self._now_s() + max(wait_s, denied.retry_after_s)

    async def _asked(self, wire: Transport) -> Grant | Denied:
        try:
            request = self._request()
        except (OSError, ValueError):
            return Denied("credential", "credential")
        reply = await wire.send(request, asyncio.get_running_loop().time() + TOKEN_S)
        match reply:
            case NotSent("credential"):
                return Denied("credential", "credential")
            case NotSent(why) | NoAnswer(why):
                return Denied("token", why)
            case HttpReply():
                return read_grant(reply)

    def _request(self) -> HttpRequest:
        fields = {"grant_type": "client_credentials"}
        if self._options.scope:
            fields["scope"] = self._options.scope
        if self._options.in_body:
            fields |= {"client_id": self._options.client_id, "client_secret": self._secret()}
        path = safe_address("platform.token_url", self._options.token_url).raw_path
        headers = (
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Accept", "application/json"),
        )
        return HttpRequest("POST", path, urlencode(fields).encode(), headers)

    def _basic(self) -> Mapping[str, str]:
        if self._options.in_body:
            return {}
        pair = f"{quote_plus(self._options.client_id)}:{quote_plus(self._secret())}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    def _secret(self) -> str:
        secret = self._read_secret().strip()
        if not secret:
            raise ValueError("the credential is empty")
        return secret
