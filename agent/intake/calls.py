# SPDX-License-Identifier: Apache-2.0
"""One request on its way through the doors, and how its answer leaves.

An answer about a credit is written here, byte for byte, because only then do we know whether
the caller has it: an answer that nobody took stays *unheard*, and the till can ask for it later.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from aiohttp import web

from agent.decisions.answer import answer
from agent.domain.event import Heard
from agent.domain.faults import BadField, Fault, UnknownCredit
from agent.domain.idempotency import IdempotencyKey
from agent.domain.record import CreditRecord, State
from agent.flows.steps import Steps
from agent.intake.bodies import Body
from agent.intake.callers import Caller
from agent.intake.doors import ApiOptions, Doors
from agent.intake.guesses import Guesses
from agent.intake.problems import PROBLEM_TYPE, MoneyTold
from agent.intake.reading import refuse_card
from agent.intake.resources import CreditTold, Resource, credit_told
from agent.intake.told import RefusedTold
from agent.ports import Composed, PrintJob
from agent.words import Who, problem_title

JSON_TYPE: Final = "application/json"
WAIT_MAX_S: Final = 25
LIMIT_MAX: Final = 200
_WAIT: Final = re.compile(r"\s*wait\s*=\s*\"?([0-9]{1,6})\"?\s*", re.IGNORECASE)
_Wanted = TypeVar("_Wanted", bound=Body)

ISSUED: Final = frozenset({State.CONFIRMED})
UNDONE: Final = frozenset({State.VOIDED, State.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Service:
    """What lives as long as the server: shared by all calls."""

    doors: Doors
    started_ms: int
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    streams: set[object] = field(default_factory=set)
    guesses: Guesses = field(default_factory=Guesses)


@dataclass(frozen=True, slots=True)
class Reply:
    """A small answer, written by whoever runs the handler."""

    body: Resource | bytes
    status: int = 200
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> web.Response:
        data = self.body
        if isinstance(data, Resource):
            data = data.model_dump_json().encode()
        headers = {"Content-Type": self.content_type, **self.headers}
        return web.Response(body=data, status=self.status, headers=headers)


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose caller is known and whose body was read. `arrived_s`: monotonic."""

    service: Service
    request: web.Request
    caller: Caller
    arrived_s: float
    given: Body | None = None

    @property
    def doors(self) -> Doors:
        return self.service.doors

    @property
    def steps(self) -> Steps:
        return self.service.doors.steps

    @property
    def options(self) -> ApiOptions:
        return self.service.doors.options

    def body(self, kind: type[_Wanted]) -> _Wanted:
        """The body as the route table declared it."""
        if not isinstance(self.given, kind):
            raise ValueError(f"this route has no body of {kind.__name__}")
        return self.given

    def by(self, name: str | None) -> str:
        """Who acts: the person named, or the caller itself."""
        return refuse_card("by", name) if name is not None else self.caller.name

    def passed_s(self) -> float:
        """Seconds since the request arrived."""
        return self.steps.clock.monotonic_s() - self.arrived_s

    def key(self) -> IdempotencyKey:
        """The key in the path; raises `UnknownCredit`."""
        text = self.request.match_info["key"]
        try:
            return IdempotencyKey(text)
        except ValueError:
            raise UnknownCredit(key=text[:36]) from None

    async def record(self) -> CreditRecord:
        """The record that the path names, of a register that the caller may speak for."""
        key = self.key()
        record = await self.steps.journal.get(key)
        if record is None:
            raise UnknownCredit(key=key.text)
        self.caller.need_register(record.request.place)
        return record

    def query(self, name: str) -> str | None:
        """One value of the query; raises `BadField` where it stands twice."""
        values = self.request.query.getall(name, [])
        if len(values) > 1:
            raise BadField(field=name, problem="it must stand once")
        return values[0] if values else None

    def number(self, name: str, default: int, largest: int) -> int:
        """A whole number 0 to `largest` from the query."""
        text = self.query(name)
        if text is None:
            return default
        if not text.isascii() or not text.isdecimal() or len(text) > 18 or int(text) > largest:
            raise BadField(field=name, problem=f"it must be a whole number up to {largest}")
        return int(text)

    def wait_s(self) -> int | None:
        """`Prefer: wait=N` (RFC 7240), at most 25 seconds; None where it is not asked for."""
        for preference in ",".join(self.request.headers.getall("Prefer", [])).split(","):
            found = _WAIT.fullmatch(preference.partition(";")[0])
            if found is not None:
                return min(int(found[1]), WAIT_MAX_S)
        return None


def status_of(record: CreditRecord, caller: Caller, goal: frozenset[State] = ISSUED) -> int:
    """200 for the goal alone; 202 only for callers known to take it for what it is, else 504.

    Many clients take any 2xx for "issued": those never see one for what is not confirmed.
    """
    if record.state in goal:
        return 200
    if record.state is State.REFUSED:
        return 422
    return 202 if caller.tested else 504


async def send_credit(
    call: Call,
    record: CreditRecord,
    status: int = 200,
    printed: tuple[PrintJob, Composed] | None = None,
    headers: Mapping[str, str] | None = None,
) -> web.StreamResponse:
    """Writes the resource (or, for 422, the problem) and notes that the caller has heard it."""
    language = call.options.language
    told = credit_told(record, language, printed)
    extra = {"Location": told.links.self_, **(headers or {})}
    if status in (202, 504):
        extra["Retry-After"] = "1"
    kind = JSON_TYPE
    data: bytes
    if status == 422:
        kind, data = PROBLEM_TYPE, _refused(told, language)
    else:
        data = told.model_dump_json().encode()
    response = Reply(data, status, kind, extra).response()
    if await _written(call.request, response, call.options.write_s):
        _note_heard(call, record)
    return response


async def _written(request: web.Request, response: web.Response, write_s: float) -> bool:
    """Whether every byte was taken while the caller still listened."""
    try:
        async with asyncio.timeout(write_s):
            await response.prepare(request)
            await response.write_eof()
    except (ConnectionError, TimeoutError):
        if request.transport is not None:
            request.transport.abort()
        return False
    transport = request.transport
    return transport is not None and not transport.is_closing()


def _note_heard(call: Call, record: CreditRecord) -> None:
    if record.heard or answer(record) is None or record.caller != call.caller.id:
        return

    async def note() -> None:
        try:
            await call.steps.advance(record.key, Heard())
        except Fault as fault:
            call.doors.log.warning("heard-not-kept", key=record.key.text, fault=fault.code)

    call.doors.spawn(note())


def _refused(told: CreditTold, language: str) -> bytes:
    problem = RefusedTold(
        type="urn:countermark:problem:platform-refused",
        title=problem_title("platform-refused", language),
        status=422,
        detail=told.message,
        code="platform-refused",
        hint=told.next,
        who=Who.CASHIER,
        retryable=False,
        money=MoneyTold.NOTHING_ISSUED,
        paper=told.paper.value,
        key=told.key,
        link=told.links.self_,
        credit=told,
    )
    return problem.model_dump_json().encode()
