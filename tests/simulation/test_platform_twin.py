# SPDX-License-Identifier: Apache-2.0
"""Two platforms written apart, the sandbox and the simulated one, are asked the same things and
must say the same. The seed is in the test's name."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest

from agent.domain.money import Money
from agent.sandbox import start_sandbox
from agent.sandbox.ledger import Ledger, LedgerRefusal, SandboxCustomer
from tests.simulation.platform import SimPlatform
from tests.simulation.profiles import REST
from tests.simulation.wire import Reply, Request

TOKEN: Final = "secret"
KEYS: Final = tuple(f"0421-03-176360000000{n}-7K3QF2ZD" for n in range(4))
CODES: Final = tuple(f"A{n}BCDEFGH1234567"[:16] for n in range(4))
VENDOR_KEYS: Final = tuple(f"00000000-0000-4000-8000-00000000000{n}" for n in range(5))
FOREIGN_TEXT: Final[tuple[object, ...]] = (
    "",
    "x",
    "A" * 17,
    "\ud800",
    None,
    7,
    True,
    [],
    {},
    "a" * 300,
)
REQUESTS: Final = 350


class Twins:
    """Both platforms, one clock and one spender."""

    def __init__(self, http: aiohttp.ClientSession, url: str, ledger: Ledger) -> None:
        self.now_ms = 1_763_600_000_000
        self.simulated = SimPlatform(REST, random.Random(1), lambda: self.now_ms, TOKEN)
        self._http = http
        self._url = url
        self._ledger = ledger
        for number, identifiers in (
            (1, ["a@b.example"]),
            (2, ["t@b.example"]),
            (3, ["t@b.example"]),
        ):
            ledger.add_customer(
                SandboxCustomer(f"cus_{number}", f"A*** {number}"),
                [("email", each) for each in identifiers],
            )
            self.simulated.customers.add(
                f"cus_{number}", f"A*** {number}", *[("email", each) for each in identifiers]
            )

    async def ask(self, request: Request) -> tuple[Any, Any]:
        """What each of them says, comparable."""
        async with self._http.request(
            request.method,
            self._url + request.path,
            data=request.body or None,
            headers=request.headers,
            allow_redirects=False,
        ) as response:
            sandbox = (response.status, dict(response.headers), await response.read())
        answer = self.simulated.handle(
            Request(
                request.method,
                request.path,
                {name.lower(): value for name, value in request.headers.items()},
                request.body,
            )
        )
        assert isinstance(answer, Reply)
        ours = (answer.status, dict(answer.headers), answer.body)
        return _comparable(*sandbox), _comparable(*ours)

    def spend(self, code: str, minor: int) -> tuple[bool, bool]:
        card = self.simulated.cards.by_code(code)
        currency = "USD" if card is None else card.currency
        try:
            self._ledger.spend(code, Money(minor, currency))
            spent = True
        except LedgerRefusal:
            spent = False
        return spent, self.simulated.spend(code, minor)


def _comparable(status: int, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    lower = {name.lower(): value for name, value in headers.items()}
    said = json.loads(body)
    for each in said.get("credits", [said]):
        each.pop("id", None)
    for loose in ("title", "detail"):  # words for people, which are each one's own
        said.pop(loose, None)
    kept = {name: lower.get(name) for name in ("idempotent-replayed", "date")}
    media = lower["content-type"].partition(";")[0]
    return {"status": status, "media": media, "body": said, "headers": kept}


class Asker:
    """Draws requests: mostly right ones about few cards, so that they meet; some wrong ones."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    def next(self) -> Request:
        draw = self._dice.choice(
            [self._issue] * 5 + [self._by_key, self._list, self._resolve] + [self._of_a_code] * 5
        )
        request = draw()
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        headers.update(request.headers)
        if self._dice.random() < 0.03:
            headers["Authorization"] = "Bearer other"
        method = request.method if self._dice.random() > 0.02 else "DELETE"
        path = request.path if self._dice.random() > 0.02 else "/v1/nothing"
        body = request.body if self._dice.random() > 0.02 else b"{"
        return Request(method, path, headers, body)

    def _issue(self) -> Request:
        minor = self._dice.choice([4850, 4850, 4850, 1, 0, -1, 10**12, 10**12 + 1, "5", 1.0, True])
        currency = self._dice.choice(["USD", "USD", "USD", "JPY", "XXX", "usd", 3])
        amount: object = {"minor": minor, "currency": currency}
        body = {
            "key": self._dice.choice(KEYS),
            "code": self._dice.choice(CODES),
            "amount": amount,
        }
        vendor_key = self._dice.choice((*VENDOR_KEYS, VENDOR_KEYS[0].upper(), "nonsense"))
        headers = {"Idempotency-Key": vendor_key}
        if self._dice.random() < 0.03:
            headers = {}
        return Request("POST", "/v1/credits", headers, self._spoilt(body))

    def _of_a_code(self) -> Request:
        body: dict[str, object] = {"code": self._dice.choice(CODES)}
        what = self._dice.choice(["find", "balance", "disable", "link", "link", "annotate"])
        if what == "link":
            body["customer_id"] = self._dice.choice(["cus_1", "cus_2", "cus_9"])
        if what == "annotate":
            name = self._dice.choice(["reason", "pos_number", "", "Upper", "a" * 41])
            body["fields"] = {name: self._dice.choice(["x", "y" * 200, "y" * 201, 5])}
        return Request("POST", f"/v1/credits/{what}", {}, self._spoilt(body))

    def _by_key(self) -> Request:
        key = self._dice.choice((*KEYS, "nonsense", "0421-03-17636-7K3QF2ZD"))
        return Request("GET", f"/v1/credits/by-key/{key}", {})

    def _list(self) -> Request:
        since = self._dice.choice(
            ["2025-11-20T00:00:00Z", "2025-11-20T00:55:00Z", "2030-01-01T00:00:00%2B01:00", "x", ""]
        )
        limit = self._dice.choice(
            ["", "&limit=1", "&limit=2", "&limit=0", "&limit=501", "&limit=x"]
        )
        cursor = self._dice.choice(["", "", "&cursor=1", "&cursor=-1", "&cursor=x"])
        return Request("GET", f"/v1/credits?since={since}{limit}{cursor}", {})

    def _resolve(self) -> Request:
        kind = self._dice.choice(["email", "email", "email", "phone", "name", 5])
        value = self._dice.choice(["a@b.example", "t@b.example", "no@b.example", "", "v" * 257])
        return Request(
            "POST", "/v1/customers/resolve", {}, self._spoilt({"kind": kind, "value": value})
        )

    def _spoilt(self, body: dict[str, Any]) -> bytes:
        """The body, at times without a member, with a foreign one, or with a foreign value."""
        roll = self._dice.random()
        if roll < 0.04:
            body.pop(self._dice.choice(sorted(body)))
        elif roll < 0.08:
            body["extra"] = 1
        elif roll < 0.14:
            body[self._dice.choice(sorted(body))] = self._dice.choice(FOREIGN_TEXT)
        elif roll < 0.15:
            return b"[]"
        return json.dumps(body).encode()


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_sandbox_and_the_simulated_platform_say_the_same(
    seed: int, tmp_path: Path
) -> None:
    dice = random.Random(seed)
    path = tmp_path / "sandbox.db"
    twins: list[Twins] = []
    running = await start_sandbox(
        path, "127.0.0.1", 0, TOKEN, clock=lambda: twins[0].now_ms if twins else 0
    )
    ledger = Ledger(path)
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            twins.append(Twins(http, running.url, ledger))
            asker, seen = Asker(dice), set[tuple[int, str]]()
            for number in range(REQUESTS):
                request = asker.next()
                sandbox, ours = await twins[0].ask(request)
                assert ours == sandbox, f"request {number}: {request}"
                seen.add((ours["status"], ours["body"].get("code", "")))
                if dice.random() < 0.1:
                    first, second = twins[0].spend(dice.choice(CODES), dice.choice([1, 850, 4850]))
                    assert first == second
                if dice.random() < 0.2:
                    twins[0].now_ms += dice.choice([1, 60_000, 86_400_000])
    finally:
        ledger.close()
        await running.aclose()
    codes = {code for _, code in seen}
    assert {"code-taken", "key-reused", "not-found", "bad-field", "unauthorised"} <= codes
