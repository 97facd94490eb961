# SPDX-License-Identifier: Apache-2.0
"""A POS integration by hand, as good as one should be, with a switch for each way of being bad."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from agent.commands.conformance.play import Result

Json = dict[str, Any]
TRIES_MAX = 6


@dataclass(frozen=True)
class Habits:
    """What a till does; all off is a good one. `screen`: what its cashier would say of it."""

    new_key_after_503: bool = False
    comes_back_too_early: bool = False
    new_key_after_hang_up: bool = False
    new_body_after_hang_up: bool = False
    gives_up_after_hang_up: bool = False
    takes_as_issued: int = 200
    new_key_after_conflict: bool = False
    always_distinct: bool = False
    gives_up_after_looks_like: bool = False
    another_key_for_distinct: bool = False
    knows_no_manager: bool = False
    forgets_the_approval: bool = False
    other_body_after_approval: bool = False
    never_reports_paper: bool = False
    reports_another_job: bool = False
    screen: dict[str, bool] = field(default_factory=dict)


class ModelTill:
    """Does what a step tells it to do, in a task of its own, against `address`."""

    def __init__(self, habits: Habits, manager: tuple[str, str] = ("Test Manager", "2468")) -> None:
        self._habits = habits
        self._manager = manager
        self._numbers = itertools.count(1)
        self._address = ""
        self._token: str | None = None
        self._paired = asyncio.Event()
        self._session = aiohttp.ClientSession()
        self._tasks: set[asyncio.Task[None]] = set()
        self.results: list[Result] = []

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    # The teller's side: what a person would read.

    def step(self, name: str, text: str, **values: Any) -> None:
        assert text
        if name == "pair":
            self._start(self._pair(values["address"], values["code"]))
        elif name == "looks-like":
            self._start(self._twice(values["minor"]))
        else:
            self._start(self._issue(values["minor"]))

    def result(self, result: Result) -> None:
        self.results.append(result)

    def saw(self, exchange: object) -> None:
        del exchange

    async def ask(self, name: str) -> bool:
        return self._habits.screen.get(name, True)

    # The till.

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pair(self, address: str, code: str) -> None:
        self._address = address
        _, told = await self._ask("POST", "/v1/pairings", {"code": code, "timeout_ms": 9000})
        self._token = told["token"]
        self._paired.set()

    async def _twice(self, minor: int) -> None:
        await self._issue(minor)
        await self._issue(minor)

    async def _issue(self, minor: int) -> None:
        await self._paired.wait()
        number = next(self._numbers)
        key = f"pos-{number}"
        body: Json = {
            "register": "03",
            "amount": {"minor": minor, "currency": "USD"},
            "customer": {"skipped": True},
            "reason": "return",
            "operator": "ann",
            "pos": {"business_date": "2026-11-21", "transaction": f"T{number:06d}"},
        }
        if self._habits.always_distinct:
            body["distinct"] = True
        for _ in range(TRIES_MAX):
            try:
                status, told = await self._post(body, key)
            except (aiohttp.ClientError, OSError):
                if self._habits.gives_up_after_hang_up:
                    return
                key, body = self._after_hang_up(key, body)
                continue
            again = await self._after(status, told, key, body)
            if again is None:
                return
            key, body = again

    def _after_hang_up(self, key: str, body: Json) -> tuple[str, Json]:
        if self._habits.new_key_after_hang_up:
            return key + "-again", body
        if self._habits.new_body_after_hang_up:
            number = next(self._numbers)
            return key, {**body, "pos": {**body["pos"], "transaction": f"T{number:06d}"}}
        return key, body

    async def _after(
        self, status: int, told: Json, key: str, body: Json
    ) -> tuple[str, Json] | None:
        """The next request, or None where there is none."""
        habits = self._habits
        match status, told.get("code"):
            case 503, _:
                await _pause(0.0 if habits.comes_back_too_early else told["retry_after"])
                return (key + "-again" if habits.new_key_after_503 else key), body
            case 409, "alias-conflict":
                return (key + "-again", body) if habits.new_key_after_conflict else None
            case 409, "looks-like":
                if habits.gives_up_after_looks_like:
                    return None
                key = key + "-other" if habits.another_key_for_distinct else key
                return key, {**body, "distinct": True}
            case 403, "approval-required":
                return await self._approved(key, body)
            case ((200 | 202 | 504), _):
                await self._finish(status, told)
        return None

    async def _approved(self, key: str, body: Json) -> tuple[str, Json] | None:
        if self._habits.knows_no_manager:
            return None
        name, pin = self._manager
        made = {"manager": name, "pin": pin, "body": body}
        _, told = await self._ask("POST", "/v1/approvals", made)
        if self._habits.forgets_the_approval:
            return None
        body = {**body, "approval": told["id"]}
        if self._habits.other_body_after_approval:
            body["pos"] = {**body["pos"], "line": "2"}
        return key, body

    async def _finish(self, status: int, told: Json) -> None:
        """The paper, and the word of an open credit."""
        job = told.get("print")
        if job and not self._habits.never_reports_paper:
            number = job["job"] + (1 if self._habits.reports_another_job else 0)
            report = {"job": number, "result": "printed", "operator": "ann"}
            await self._ask("POST", told["links"]["prints"], report)
        if status in (200, self._habits.takes_as_issued):
            return
        for _ in range(TRIES_MAX):
            headers = {"Prefer": "wait=5"}
            _, told = await self._ask("GET", told["links"]["self"], None, headers)
            if told["answer"] is not None:
                return

    async def _post(self, body: Json, key: str) -> tuple[int, Json]:
        return await self._ask("POST", "/v1/credits", body, {"Idempotency-Key": f'"{key}"'})

    async def _ask(
        self, method: str, path: str, body: Json | None = None, more: Json | None = None
    ) -> tuple[int, Json]:
        headers = dict(more or {})
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        async with self._session.request(
            method, self._address + path, json=body, headers=headers
        ) as reply:
            told: Json = await reply.json(content_type=None)
            if "Retry-After" in reply.headers:
                told["retry_after"] = float(reply.headers["Retry-After"])
            return reply.status, told


async def _pause(seconds: float) -> None:
    """As long as the agent told the till to wait."""
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    loop.call_later(seconds, over.set_result, None)
    await over
