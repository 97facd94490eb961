# SPDX-License-Identifier: Apache-2.0
"""Who is calling: a paired till by its bearer token, or a process of our own user.

A process of our uid or root on the Unix socket is the administrator of this host, unless it shows
a bearer token: a POS that runs as root is a till all the same. On TCP there is only the token.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from agent.domain.approval import Pairing
from agent.domain.faults import CannotJournal, ScopeMissing, Unauthorised
from agent.domain.place import Place
from agent.flows.pairing import SCOPES, Pairings
from agent.flows.register import Register

ANSWER_RESERVE_S: Final = 0.5
"""Taken off the POS's own time-out: what the answer needs to travel."""
TOKEN_MAX: Final = 200
_PEER: Final = struct.Struct("3i")


@dataclass(frozen=True, slots=True)
class Caller:
    """`registers` it may speak for, None for all; `tested`: it takes 202 for what it is."""

    id: str
    name: str
    scopes: frozenset[str]
    registers: frozenset[str] | None = None
    timeout_ms: int | None = None
    tested: bool = False
    printing: str = "agent"

    @property
    def pos_prints(self) -> bool:
        return self.printing == "pos"

    def need(self, scope: str) -> None:
        """Raises `ScopeMissing`."""
        if scope not in self.scopes:
            raise ScopeMissing(scope=f"the scope {scope}")

    def need_register(self, place: Place) -> None:
        """Raises `ScopeMissing` where it may not speak for this register."""
        if not self.may_see(place):
            raise ScopeMissing(scope=f"the register {place.register}")

    def may_see(self, place: Place) -> bool:
        return self.registers is None or place.register in self.registers

    def budget_s(self, register: Register) -> float:
        """How long an answer may take: the register's budget, or less where the POS gives up."""
        if not self.timeout_ms:
            return register.budget_s
        return min(register.budget_s, self.timeout_ms / 1000 - ANSWER_RESERVE_S)


LOCAL: Final = Caller("local", "local", frozenset(SCOPES), tested=True)
NOBODY: Final = Caller("", "", frozenset())


def from_pairing(pairing: Pairing) -> Caller:
    return Caller(
        id=pairing.id,
        name=pairing.name,
        scopes=pairing.scopes,
        registers=pairing.registers,
        timeout_ms=pairing.timeout_ms,
        tested=pairing.tested,
        printing=pairing.printing,
    )


async def identify(request: web.Request, pairings: Pairings, look_up_s: float) -> Caller:
    """The caller; raises `Unauthorised`, and `CannotJournal` where nobody can say in time."""
    header = request.headers.get("Authorization")
    if header is None:
        if on_unix(request) and _peer_uid(request) in (0, os.geteuid()):
            return LOCAL
        raise Unauthorised
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not 1 <= len(token) <= TOKEN_MAX or not token.isascii():
        raise Unauthorised
    try:
        async with asyncio.timeout(look_up_s):
            pairing = await pairings.by_token(token)
    except TimeoutError:
        raise CannotJournal(why="slow") from None
    if pairing is None:
        raise Unauthorised
    return from_pairing(pairing)


def on_unix(request: web.Request) -> bool:
    """Whether the request came over the Unix socket."""
    found = _socket(request)
    return found is not None and found.family == socket.AF_UNIX


def _peer_uid(request: web.Request) -> int | None:
    """The user of the process at the other end, as the kernel says (unix(7), SO_PEERCRED)."""
    found = _socket(request)
    if found is None:
        return None
    raw = found.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    return int(_PEER.unpack(raw)[1])


def _socket(request: web.Request) -> socket.socket | None:
    transport = request.transport
    found = None if transport is None else transport.get_extra_info("socket")
    return found if found is not None and hasattr(found, "getsockopt") else None
