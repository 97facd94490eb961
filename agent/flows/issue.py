# SPDX-License-Identifier: Apache-2.0
"""The counter's path: from a request to one of five words within the budget.

The journal first, then the world. The work runs in a task of the agent's own, so a POS that
hangs up cancels nothing; whoever asks again under the same alias joins it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agent.decisions.admission import admit
from agent.decisions.answer import answer
from agent.decisions.approval import check_approval, needs_approval
from agent.decisions.decide import decide
from agent.domain.action import Decision, LookUp, Resolve, Send
from agent.domain.approval import Approval
from agent.domain.code import Code
from agent.domain.credit import CreditRequest
from agent.domain.customer import CustomerReference
from agent.domain.event import Answered, Begun, BudgetEnded, Resolved, Restarted, VoidAsked
from agent.domain.exposure import Exposure
from agent.domain.faults import (
    ApprovalRequired,
    BadField,
    CannotJournal,
    Fault,
    Observing,
    Stopping,
)
from agent.domain.idempotency import Alias, IdempotencyKey
from agent.domain.outcome import Unanswered, Unsent
from agent.domain.record import CreditRecord, Paper, State, VoidRequest
from agent.domain.symbols import digits, from_values
from agent.flows.forward import Forwarder
from agent.flows.register import Register, Ring
from agent.flows.steps import Steps
from agent.flows.talk import Talk
from agent.flows.turns import Turns
from agent.ports import Draft, Effect, Opened

COMMIT_RESERVE_S: Final = 0.15
"""Kept back from the budget for the last commit and the answer itself."""
REPEAT_MIN_S: Final = 0.6
"""The counter repeats once, and only with this much of the budget left."""
TAKE_BACK_S: Final = 1.0
_OPEN_AT_COUNTER: Final = frozenset({State.RECEIVED, State.SENDING, State.PARKED, State.UNSETTLED})

Spawn = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]
"""Runs a coroutine in a task that outlives its caller; the agent ends it when it stops."""


@dataclass(frozen=True, slots=True)
class Order:
    """A request at the door, with its outside names and who asks.

    `budget_s` is already the smaller of the register's and what the POS declared at pairing.
    `ask_alike` is False for tapped slips: the till booked both.
    """

    request: CreditRequest
    aliases: Sequence[Alias]
    caller: str
    budget_s: float
    approval_id: str | None = None
    ask_alike: bool = True
    pos_prints: bool = False


class Issue:
    """Opens records and takes them as far as the counter's time allows."""

    def __init__(
        self, steps: Steps, talk: Talk, forwarder: Forwarder, turns: Turns, spawn: Spawn
    ) -> None:
        self._steps = steps
        self._talk = talk
        self._forwarder = forwarder
        self._turns = turns
        self._spawn = spawn
        self._running: dict[IdempotencyKey, asyncio.Future[None]] = {}
        self._closed = False

    async def issue(self, order: Order) -> tuple[CreditRecord, bool]:
        """The record as it stands when a word is known or the budget ends; True if it is new.

        Raises `Observing`, `ApprovalRequired`, `ApprovalInvalid`, `Conflict`s, `BadField` and
        `CannotJournal`; nothing was left behind then.
        """
        if self._closed:
            raise Stopping
        steps = self._steps
        register = steps.registers.at(order.request.place)
        await self._refuse_early(order, register)
        ends_s = steps.clock.monotonic_s() + order.budget_s
        given_up = asyncio.Event()
        opened = self._start(order, register, ends_s, given_up)
        try:
            async with asyncio.timeout(order.budget_s):
                record, fresh = await asyncio.shield(opened)
        except TimeoutError:
            given_up.set()
            raise CannotJournal(why="slow") from None
        left_s = ends_s - steps.clock.monotonic_s()
        return await steps.board.wait_until(record, _is_enough, left_s), fresh

    async def close(self) -> None:
        """Takes no more orders, and waits for those at the counter."""
        self._closed = True
        while self._running:
            await asyncio.wait(self._running.values())

    async def _refuse_early(self, order: Order, register: Register) -> None:
        request = order.request
        if request.amount.currency != register.currency:
            raise BadField(field="amount.currency", problem=f"this store is in {register.currency}")
        if request.instrument not in self._steps.abilities.instruments:
            raise BadField(
                field="instrument", problem=f"{request.instrument} is not offered by the platform"
            )
        if register.ring is Ring.OBSERVE:
            await self._steps.journal.note(
                "observed",
                {
                    "place": str(request.place),
                    "amount": str(request.amount),
                    "pos": request.pos.number,
                    "would": "issue" if self._steps.link.is_up else "voucher",
                },
            )
            raise Observing(register=str(request.place))

    def _start(
        self, order: Order, register: Register, ends_s: float, given_up: asyncio.Event
    ) -> asyncio.Future[tuple[CreditRecord, bool]]:
        """The work, in a task of the agent's own; the future is what the caller waits for."""
        opened: asyncio.Future[tuple[CreditRecord, bool]] = (
            asyncio.get_running_loop().create_future()
        )
        opened.add_done_callback(_look_at_exception)

        async def run() -> None:
            try:
                found = await self._open(order, register, given_up)
            except Fault as fault:
                if not opened.done():
                    opened.set_exception(fault)
                return
            if given_up.is_set():
                await self._abandon(found)
                return
            if not opened.done():
                opened.set_result((found.decision.record, found.fresh))
            await self._take_up(found, ends_s)

        self._spawn(run())
        return opened

    async def _open(self, order: Order, register: Register, given_up: asyncio.Event) -> Opened:
        steps = self._steps
        draft = self._draft(order, register)
        backlog = not steps.link.is_up and await steps.journal.next_due_ms() is not None
        link_up = steps.link.counter_may_go(backlog)

        def begin(record: CreditRecord, others: Exposure) -> Decision:
            if given_up.is_set():
                raise CannotJournal(why="slow")  # and nothing is left behind
            at = steps.circumstances(record.request.place, others, link_up)
            return decide(record, Begun(), at)

        def admitted(
            known: Sequence[tuple[str, CreditRecord]], alike: Sequence[CreditRecord]
        ) -> CreditRecord | None:
            meant = admit(order.request, known, alike, steps.clock.now(), order.ask_alike)
            if meant is None:
                _need_approval(order, register)
            return meant

        opened = await steps.journal.open(draft, admitted, begin)
        if opened.fresh and not given_up.is_set():
            steps.tell(opened.decision)
        return opened

    def _draft(self, order: Order, register: Register) -> Draft:
        steps, request = self._steps, order.request
        below = steps.chance.below
        symbols = from_values(digits(below(32**8), 8))
        key = IdempotencyKey.make(request.place, request.occurred_at_ms, symbols)
        code = Code.draw(below(22), digits(below(32**14), 14))
        now = steps.clock.now()
        record = CreditRecord(
            key=key,
            code=code,
            request=request,
            caller=order.caller,
            state=State.RECEIVED,
            opened=now,
            changed_ms=now.wall_ms,
            pos_prints=order.pos_prints,
        )
        digest = request.body_digest()

        def approve(approval: Approval | None) -> Approval:
            return check_approval(approval, digest, steps.clock.now())

        return Draft(
            record,
            tuple(alias.text() for alias in order.aliases),
            opening=self._talk.platform.opening(record.credit),
            approval_id=order.approval_id,
            approve=approve if order.approval_id is not None else None,
        )

    async def _take_up(self, opened: Opened, ends_s: float) -> None:
        """Takes the record on, unless somebody does already or its word is known."""
        record = opened.decision.record
        if record.key in self._running:
            return
        if not opened.fresh and (record.state not in _OPEN_AT_COUNTER or _has_answer(record)):
            return
        running: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._running[record.key] = running
        try:
            await self._counter(opened, ends_s)
        finally:
            del self._running[record.key]
            running.set_result(None)

    async def _counter(self, opened: Opened, ends_s: float) -> None:
        steps, decision = self._steps, opened.decision
        async with self._turns.turn(decision.record.key), steps.link.counter():
            if not opened.fresh:
                decision = await self._resume(decision.record)
            decision = await self._talk_through(decision, ends_s, opened.frozen)
            latest = decision.record
            if _unsettled_without_paper(latest):
                await steps.advance(latest.key, BudgetEnded())

    async def _resume(self, record: CreditRecord) -> Decision:
        """A record that an alias leads back to: told to nobody, or left without a word."""
        link_up = self._steps.link.counter_may_go(backlog=False)
        record = await self._steps.journal.get(record.key) or record  # as it is in our turn
        if record.state is State.RECEIVED:
            return await self._steps.advance(record.key, Begun(), link_up)
        if record.state is State.SENDING:  # and nobody talks about it: a crash left it so
            return await self._steps.advance(record.key, Restarted())
        return Decision(record)

    async def _talk_through(
        self, decision: Decision, ends_s: float, frozen: Effect | None
    ) -> Decision:
        """Look-up of the customer, the send, and the counter's one repeat."""
        steps = self._steps
        if any(isinstance(action, Resolve) for action in decision.actions):
            customer = decision.record.request.customer
            if not isinstance(customer, CustomerReference):
                raise ValueError("only a well-formed identifier is looked up")
            resolution = await self._talk.resolve(customer, self._left_s(ends_s))
            decision = await steps.advance(decision.record.key, Resolved(resolution))
        fresh = any(isinstance(action, Send) for action in decision.actions)
        if fresh:
            outcome = await self._talk.issue(decision.record, self._left_s(ends_s), frozen)
            decision = await steps.advance(decision.record.key, Answered(outcome, True))
            unheard = isinstance(outcome, Unanswered)
        else:
            unheard = decision.record.state is State.UNSETTLED
        if unheard and self._left_s(ends_s) >= REPEAT_MIN_S and steps.link.is_up:
            doubtful = any(isinstance(action, LookUp) for action in decision.actions)
            left_s = self._left_s(ends_s)
            return Decision(await self._forwarder.repeat(decision.record, left_s, doubtful))
        return decision

    async def _abandon(self, opened: Opened) -> None:
        """The caller was told 503 while the commit hung: nothing may be issued by itself.

        The turn is held until the journal has taken it back, so that nobody sweeps the record
        up and sends it; only commits are tried again here.
        """
        if not opened.fresh:
            return
        key = opened.decision.record.key
        async with self._turns.turn(key):
            while True:
                try:
                    await self._take_back(key)
                except CannotJournal:
                    await self._steps.clock.sleep(TAKE_BACK_S)
                else:
                    return

    async def _take_back(self, key: IdempotencyKey) -> None:
        record = await self._steps.journal.get(key)
        if record is None:
            raise ValueError("a record that was opened is gone")
        if record.state is State.SENDING:
            await self._steps.advance(key, Answered(Unsent("abandoned")))
        asked = VoidRequest("agent", "the journal answered after the caller's time")
        await self._steps.advance(key, VoidAsked(asked))

    def _left_s(self, ends_s: float) -> float:
        return max(ends_s - COMMIT_RESERVE_S - self._steps.clock.monotonic_s(), 0.05)


def _need_approval(order: Order, register: Register) -> None:
    """Only what would be new: a retry is the record that stands, with or without its approval."""
    amount = order.request.amount
    if needs_approval(amount, register.approval_over) and order.approval_id is None:
        raise ApprovalRequired(amount=str(amount))


def _has_answer(record: CreditRecord) -> bool:
    return answer(record) is not None


def _is_enough(record: CreditRecord) -> bool:
    """A word, or a paper that the caller itself must print and report before there is one."""
    return _has_answer(record) or (record.pos_prints and record.paper is Paper.QUEUED)


def _unsettled_without_paper(record: CreditRecord) -> bool:
    waiting = record.state in (State.RECEIVED, State.SENDING, State.PARKED, State.UNSETTLED)
    return waiting and record.paper is Paper.NONE and record.manager is None


def _look_at_exception(future: asyncio.Future[tuple[CreditRecord, bool]]) -> None:
    if not future.cancelled():
        future.exception()
