# SPDX-License-Identifier: Apache-2.0
"""A real server on a free port and a Unix socket, and tills that speak to it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from agent.domain.faults import VoucherInvalid
from agent.domain.voucher import VoucherToken
from agent.flows.pairing import Offer, Pairings
from agent.flows.register import Register
from agent.intake import ApiOptions, ApiServer, Doors
from agent.telemetry import Health, Log, Metrics
from tests.fakes.counter import Counter
from tests.intake.records import body


@dataclass(frozen=True)
class Answer:
    """What came back: `json` is {} where the body is no JSON object."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> dict[str, Any]:
        try:
            found = json.loads(self.text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def __getitem__(self, name: str) -> Any:
        return self.json[name]


@dataclass
class Till:
    """A client with a bearer token; each request can be given other headers."""

    session: aiohttp.ClientSession
    url: str
    token: str | None

    async def ask(
        self,
        method: str,
        path: str,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Answer:
        sent = dict(headers or {})
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        payload = raw if raw is not None else (None if data is None else json.dumps(data).encode())
        if payload is not None:
            sent.setdefault("Content-Type", "application/json")
        async with self.session.request(
            method, self.url + path, data=payload, headers=sent
        ) as reply:
            return Answer(reply.status, dict(reply.headers), await reply.text())

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return await self.ask("GET", path, headers=headers)

    async def post(self, path: str, data: Any, headers: Mapping[str, str] | None = None) -> Answer:
        return await self.ask("POST", path, data, headers=headers)

    async def delete(self, path: str) -> Answer:
        return await self.ask("DELETE", path)

    async def credit(self, key: str = "k1", **changes: Any) -> Answer:
        """POST /v1/credits with the usual body, changed."""
        return await self.post("/v1/credits", body(**changes), {"Idempotency-Key": key})


@dataclass
class House:
    """A server with its counter, an administrator on the socket, and tills as they are paired."""

    counter: Counter
    server: ApiServer
    admin: Till
    lines: list[str]
    session: aiohttp.ClientSession
    _paired: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def stranger(self, token: str | None = None) -> Till:
        return Till(self.session, self.url, token)

    async def till(
        self,
        scopes: Iterable[str] = ("issue", "read", "void", "approve"),
        registers: Iterable[str] = ("03",),
        tested: bool = True,
        timeout_ms: int = 30_000,
        printing: str = "agent",
    ) -> Till:
        """A paired till."""
        offer = Offer(
            f"till {len(self._paired)}",
            frozenset(scopes),
            frozenset(registers),
            timeout_ms,
            printing,
        )
        code = self.server.pairings.offer(offer)
        token, pairing = await self.server.pairings.redeem(code.digits)
        self._paired.append(pairing.id)
        if tested:
            await self.server.pairings.set_tested(pairing.id, True)
        return Till(self.session, self.url, token)


def no_vouchers(text: str) -> VoucherToken:
    """A verifier that trusts nobody."""
    del text
    raise VoucherInvalid(why="unknown-key")


@asynccontextmanager
async def house(
    folder: Path,
    registers: Iterable[Register] = (),
    running_clock: bool = False,
    lift: bool = True,
    verify: Any = no_vouchers,
    balance: Any = None,
    **options: Any,
) -> AsyncIterator[House]:
    """Everything up; closed in reverse order."""
    lines: list[str] = []
    given: dict[str, Any] = {
        "port": 0,
        "socket": folder / "api.sock",
        "origins": frozenset({"https://pos.example"}),
        "drain_s": 0.5,
        **options,
    }
    async with Counter(registers, running_clock, lift) as counter:
        doors = Doors(
            issue=counter.issue,
            claims=counter.claims,
            closing=counter.closing,
            papers=counter.papers,
            approvals=counter.approvals,
            forwarder=counter.forwarder,
            steps=counter.steps,
            access=counter.journal,
            pairings=Pairings(counter.journal, counter.clock, counter.chance),
            spawn=counter.spawn,
            verify=verify,
            balance=balance or counter.platform.balance,
            metrics=Metrics(),
            health=Health(lambda: counter.journal.note("probe", {})),
            log=Log(lines.append, lambda: counter.clock.now().wall_ms),
            options=ApiOptions(store="0421", version="0.1.0", **given),
        )
        async with (
            ApiServer(doors) as server,
            aiohttp.ClientSession() as session,
            aiohttp.ClientSession(
                connector=aiohttp.UnixConnector(str(folder / "api.sock"))
            ) as inside,
        ):
            admin = Till(inside, "http://localhost", None)
            yield House(counter, server, admin, lines, session)
