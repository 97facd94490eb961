# SPDX-License-Identifier: Apache-2.0
"""Who sits in front of a page: a pairing whose bearer token is the browser's cookie.

The cookie is `__Host-` (this host alone, no script reads it) and bears the port in its name,
because browsers share cookies between the ports of a host. Forms carry a token made from the
cookie, so that both survive a restart of the agent.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from agent.domain.approval import Pairing
from agent.domain.faults import CannotJournal, ScopeMissing
from agent.domain.place import Place
from agent.flows.pairing import Pairings

COOKIE_DAYS: Final = 400
"""The longest that browsers keep one; it is given anew whenever somebody arrives."""
TOKEN_MAX: Final = 200
_FORM_LABEL: Final = b"countermark form\n"


@dataclass(frozen=True, slots=True)
class Session:
    """A paired browser. `form_token` stands in every form of it."""

    pairing: Pairing
    form_token: str

    @property
    def caller(self) -> str:
        """As records name whoever asked for them."""
        return self.pairing.id

    def may(self, scope: str) -> bool:
        return scope in self.pairing.scopes

    def need(self, scope: str) -> None:
        """Raises `ScopeMissing`."""
        if not self.may(scope):
            raise ScopeMissing(scope=f"the scope {scope}")

    def need_register(self, place: Place) -> None:
        """Raises `ScopeMissing` where the pairing may not speak for this register."""
        if place.register not in self.pairing.registers:
            raise ScopeMissing(scope=f"the register {place.register}")

    def fits(self, form_token: str) -> bool:
        """Whether a form was drawn for this browser."""
        return hmac.compare_digest(self.form_token.encode(), form_token.encode())


def cookie_name(request: web.Request) -> str:
    """The cookie's name on the port that was asked."""
    return f"__Host-countermark-{request.url.port or 0}"


def shown_token(request: web.Request) -> str | None:
    """The token that the browser brings, of whatever worth; None where it brings none."""
    token = request.cookies.get(cookie_name(request), "")
    return token if 1 <= len(token) <= TOKEN_MAX and token.isascii() else None


async def identify(request: web.Request, pairings: Pairings, look_up_s: float) -> Session | None:
    """The session; None for nobody's. Raises `CannotJournal` where nobody can say in time."""
    token = shown_token(request)
    if token is None:
        return None
    try:
        async with asyncio.timeout(look_up_s):
            pairing = await pairings.by_token(token)
    except TimeoutError:
        raise CannotJournal(why="slow") from None
    return None if pairing is None else Session(pairing, form_token(token))


def form_token(token: str) -> str:
    """What forms carry: nobody finds the bearer token from it."""
    return hashlib.sha256(_FORM_LABEL + token.encode()).hexdigest()


def keep_cookie(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Gives the browser its token. `Secure` holds on loopback too, where http counts as safe."""
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=COOKIE_DAYS * 86_400,
        path="/",
        secure=True,
        httponly=True,
        samesite="Strict",
    )
