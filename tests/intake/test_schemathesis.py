# SPDX-License-Identifier: Apache-2.0
"""The whole local API under requests made from its own document: none ends in a 500.

A real server on loopback, asked by a till with every scope. Half of the requests fit the document
and half break it; of those that fit, half are turned towards what is really there (this register,
this currency, a credit that exists), so that they get past the first check.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import load_all_checks
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from agent.intake.routes import PROBLEM, ROUTES
from tests.intake.till import house

EXAMPLES: Final = 14
ENDLESS: Final = "GET /v1/events"
DOCUMENTED: Final = frozenset({503, 504})
SCOPES: Final = ("issue", "read", "void", "approve", "admin")
CHECKS: Final = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def _operations() -> dict[str, Any]:
    from agent.intake.openapi import document

    load_all_checks()
    schema = schemathesis.openapi.from_dict(document(ROUTES, PROBLEM))
    found = [each.ok() for each in schema.get_all_operations() if isinstance(each, Ok)]
    return {each.label: each for each in found if each.label != ENDLESS}


OPERATIONS: Final = _operations()


class Bearer(requests.auth.AuthBase):
    """The till's own token on every request, whatever else was made up for the header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: Any) -> Any:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@dataclass
class Server:
    """Where it listens, a till's session, and a credit that exists."""

    url: str
    session: requests.Session
    key: str
    code: str
    lines: list[str]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The API in a thread with a loop of its own, since the requests are made by plain calls."""
    folder = tmp_path_factory.mktemp("api")
    up, done = threading.Event(), asyncio.Event()
    told: dict[str, Any] = {}
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        async with house(folder, running_clock=True) as here:
            till = await here.till(scopes=SCOPES, printing="pos")
            here.counter.platform.down = True
            credit = await till.credit(distinct=True)
            here.counter.platform.down = False
            told.update(
                url=here.url,
                token=till.token,
                key=credit["key"],
                code=(await here.counter.only()).code.grouped(),
                lines=here.lines,
            )
            loops.append(asyncio.get_running_loop())
            up.set()
            await done.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    assert up.wait(20)
    with requests.Session() as session:
        session.trust_env = False
        session.auth = Bearer(told.pop("token"))
        yield Server(session=session, **told)
    loops[0].call_soon_threadsafe(done.set)
    thread.join(20)
    assert not thread.is_alive()


def towards_what_is_there(case: Any, server: Server, number: int) -> None:
    """This register, this currency, a day that exists, the credit that exists and its code."""
    if "key" in case.path_parameters:
        case.path_parameters["key"] = server.key
    if "Countermark-Code" in case.headers:
        case.headers["Countermark-Code"] = server.code
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = f"key-{number}"
    if not isinstance(case.body, dict):
        return
    if "registers" in case.body:
        case.body["registers"] = ["03"]
    body = case.body.get("body", case.body)
    if not isinstance(body, dict) or not isinstance(body.get("amount"), dict):
        return
    if isinstance(body.get("pos"), dict):
        body["pos"]["business_date"] = "2026-11-21"
    body["register"] = "03"
    body["amount"] = {"minor": number, "currency": "USD"}
    body["operator"], body["reason"] = "Ana", "return"
    if number % 2:
        body.pop("customer", None)
    for name in ("store", "occurred_at", "approval"):
        body.pop(name, None)


@pytest.mark.slow
@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_no_request_ends_in_a_500_and_every_answer_fits_the_document(
    server: Server, label: str
) -> None:
    operation = OPERATIONS[label]
    cases = [operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode]

    @seed(20261121)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(cases), number=st.none() | st.integers(1, 20_000))
    def check(case: Any, number: int | None) -> None:
        if number is not None:
            towards_what_is_there(case, server, number)
        if "Prefer" in case.headers:
            case.headers["Prefer"] = "wait=0"
        reply = case.call(server.url, server.session, timeout=10)
        assert reply.status_code < 500 or reply.status_code in DOCUMENTED, reply.text
        case.validate_response(reply, checks=CHECKS)

    check()
    assert not [line for line in server.lines if '"event":"internal"' in line]


def test_every_operation_but_the_endless_one_is_asked() -> None:
    asked = {f"{route.method} {route.path}" for route in ROUTES}
    assert set(OPERATIONS) == asked - {ENDLESS}
