# SPDX-License-Identifier: Apache-2.0
"""Claiming a voucher: whoever holds a verified token replays its issuance, once.

    house.claims.claim(ClaimOrder(token, by, place, ...)) -> ClaimResult

The caller has checked the signature (`agent.signing.require_valid`); nothing here does. The same
order may be given any number of times, by any register, at any moment: every path ends in the
one outcome that the platform keeps for the token's key and code.

* The key is in our journal: the record goes on, through `decide`, and the forwarder sends.
* It is not (another register's paper, or its journal is lost): `agent.flows.replay`.

Nothing is tried again by itself for a claim: the paper stays good, and a second scan looks first.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from typing import Final, assert_never

from agent.decisions.claimed import goes_on
from agent.domain.claim import Claim, ClaimNews, Scan
from agent.domain.customer import Customer, CustomerReference, Forgotten, Malformed, Skipped
from agent.domain.event import Claimed
from agent.domain.faults import (
    ApprovalRequired,
    CannotJournal,
    Observing,
    UnknownCredit,
    VoucherDiffers,
)
from agent.domain.idempotency import IdempotencyKey
from agent.domain.moment import Moment
from agent.domain.money import Money
from agent.domain.outcome import Ambiguous, FoundVoid, Matched, Unknown, Unmatched
from agent.domain.place import Place
from agent.domain.record import Answer, CreditRecord, ReviewReason, State
from agent.domain.voucher import VoucherToken
from agent.flows.forward import Forwarder
from agent.flows.register import Register, Ring
from agent.flows.replay import Replay
from agent.flows.steps import Steps
from agent.flows.talk import Talk
from agent.flows.turns import Turns

TURN_S: Final = 6.0
"""How long a scan waits for a conversation about the same credit that runs already."""
LEAST_S: Final = 0.05
_DAY_ZERO: Final = datetime.date(1970, 1, 1)
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class ClaimOrder:
    """A verified token, and who brought it where.

    `customer`: whoever collects, `Skipped` where nobody was named; `approved_by`: the manager
    who said yes to expired paper; `budget_s`: how long the whole of it may take.
    """

    token: VoucherToken
    by: str
    place: Place
    customer: Customer = field(default_factory=Skipped)
    approved_by: str | None = None
    budget_s: float = 4.0


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """How a claimed credit stands. `record`: of our own journal; `claim`: of another's paper.

    `linked`: the card has its customer; `other_customer`: it belongs to somebody else than was
    named now, and stays so.
    """

    key: IdempotencyKey
    amount: Money
    last_four: str
    state: State
    news: ClaimNews
    linked: bool = False
    other_customer: bool = False
    record: CreditRecord | None = None
    claim: Claim | None = None

    @property
    def review(self) -> ReviewReason | None:
        """Why a person must look, where one must."""
        known = self.record or self.claim
        return None if known is None else known.review

    @property
    def expires_on(self) -> datetime.date | None:
        known = self.record or self.claim
        return None if known is None else known.expires_on

    @property
    def claimed_ms(self) -> int | None:
        """When it was first brought back (UTC milliseconds)."""
        if self.record is not None:
            return None if self.record.claimed is None else self.record.claimed.at_ms
        return None if self.claim is None else self.claim.opened_ms

    @property
    def link_wanted(self) -> bool:
        """Confirmed, and its customer is known but not linked yet."""
        known = self.record or self.claim
        return known is not None and known.link_wanted

    @property
    def answer(self) -> Answer:
        """One of the five words: a scanned voucher was printed, so its word may be said."""
        return _answer(self.state, self.news)


class Claims:
    """Takes vouchers back, of this register and of others."""

    def __init__(
        self, steps: Steps, talk: Talk, forwarder: Forwarder, turns: Turns, replay: Replay
    ) -> None:
        self._steps = steps
        self._talk = talk
        self._forwarder = forwarder
        self._turns = turns
        self._replay = replay

    async def claim(self, order: ClaimOrder) -> ClaimResult:
        """One scan, by `order.budget_s`. `order.token` must have been verified by the caller.

        Raises `ApprovalRequired` for expired paper that is not settled yet, `VoucherDiffers`
        where our own memory of the key says otherwise, `Observing`, `BadField` for a place that
        is not served here, `Busy` and `CannotJournal`; nothing was sent then.
        """
        register = self._steps.registers.at(order.place)
        if register.ring is Ring.OBSERVE:
            raise Observing(register=str(order.place))
        ends_s = self._steps.clock.monotonic_s() + order.budget_s
        record = await self._own(order.token)
        standing = None if record is not None else await self._replay.standing(order.token)
        self._refuse_expired(order, record, standing)
        scan, news = await self._scan(order, register, ends_s)
        if record is not None:
            scan = replace(scan, other_customer=_is_other(record, scan.customer_id))
            result = await self._ours(order.token, record, scan, news, ends_s)
        elif news is not None:
            result = await self._replay_only_looks(order, scan, news)
        else:
            claim = await self._replay.replay(order.token, scan, ends_s)
            result = of_claim(claim, scan.customer_id)
        return result

    async def look(self, key: IdempotencyKey) -> ClaimResult:
        """How a credit stands, without a scan; raises `UnknownCredit`."""
        record = await self._steps.journal.get(key)
        if record is not None:
            return of_record(record)
        claim = await self._steps.journal.claim(key)
        if claim is None:
            raise UnknownCredit(key=key.text)
        return of_claim(claim)

    async def remembers(self, token: VoucherToken) -> bool:
        """Whether our own journal knows key, code and amount as one credit whose paper is out.

        It then vouches for paper that was signed by a key which this register has lost.
        """
        record = await self._steps.journal.get(token.key)
        by_code = await self._steps.journal.by_code(token.code)
        if record is None or by_code is None:
            return False
        return record.shared and _is_of(token, record, by_code)

    async def _own(self, token: VoucherToken) -> CreditRecord | None:
        """Our record of the token; raises `VoucherDiffers` where key, code and amount do not
        belong together: a forgery by somebody who holds a key, or a mistake of ours."""
        record = await self._steps.journal.get(token.key)
        by_code = await self._steps.journal.by_code(token.code)
        if record is None and by_code is None:
            return None
        if record is not None and by_code is not None and _is_of(token, record, by_code):
            return record
        known = token.key if by_code is None else by_code.key
        await self._steps.journal.note(
            "claim-differs", {"token": token.key.text, "code": token.code.last_four}
        )
        raise VoucherDiffers(key=known.text)

    def _refuse_expired(
        self, order: ClaimOrder, record: CreditRecord | None, claim: Claim | None
    ) -> None:
        """Expiry closes a claim page, not a debt: a manager opens it. What is settled is told."""
        expires_on = order.token.expires_on if record is None else record.expires_on
        if not is_expired(expires_on, self._steps.clock.now()):
            return
        settled = (record is not None and record.is_settled) or (
            claim is not None and claim.state in (State.CONFIRMED, State.VOIDED)
        )
        approved = order.approved_by is not None or (
            claim is not None and claim.approved_by is not None
        )
        if not settled and not approved:
            raise ApprovalRequired(amount=str(order.token.amount), why="expired")

    async def _scan(
        self, order: ClaimOrder, register: Register, ends_s: float
    ) -> tuple[Scan, ClaimNews | None]:
        """The scan with its customer matched; news where the one who was named is nobody."""
        scan = Scan(
            order.by,
            order.place,
            approved_by=order.approved_by,
            bearer=register.bearer_claims,
        )
        match order.customer:
            case Skipped() | Forgotten():
                return scan, None
            case Malformed():
                return scan, ClaimNews.CUSTOMER_MALFORMED
            case CustomerReference() as named:
                return await self._matched(named, scan, ends_s)
            case _:
                assert_never(order.customer)

    async def _matched(
        self, named: CustomerReference, scan: Scan, ends_s: float
    ) -> tuple[Scan, ClaimNews | None]:
        if not self._steps.link.counter_may_go(backlog=False):
            return scan, ClaimNews.CUSTOMER_UNKNOWN
        match await self._talk.resolve(named, self._left_s(ends_s)):
            case Matched(customer_id):
                return replace(scan, customer_id=customer_id), None
            case Unmatched():
                return scan, ClaimNews.CUSTOMER_UNMATCHED
            case Ambiguous():
                return scan, ClaimNews.CUSTOMER_AMBIGUOUS
            case Unknown():
                return scan, ClaimNews.CUSTOMER_UNKNOWN

    async def _ours(
        self,
        token: VoucherToken,
        record: CreditRecord,
        scan: Scan,
        news: ClaimNews | None,
        ends_s: float,
    ) -> ClaimResult:
        if news is not None:
            return replace(of_record(record), news=news)
        async with self._turns.turn(record.key, min(TURN_S, self._left_s(ends_s))):
            record = await self._known(record.key)
            collected = record.state is not State.REVIEW or goes_on(record, scan)
            if record.code == token.code:  # else it was erased, and can only be told
                record = (await self._steps.advance(record.key, Claimed(scan))).record
        record = await self._forwarded(record, ends_s)
        result = of_record(record, scan.customer_id)
        if record.state is State.CONFIRMED:
            return await self._still_stands(result, record, ends_s)
        if record.state is State.REVIEW and not collected and record.review is not None:
            needed = record.review.is_identity and record.void is None
            return replace(result, news=ClaimNews.CUSTOMER_NEEDED) if needed else result
        return result

    async def _still_stands(
        self, result: ClaimResult, record: CreditRecord, ends_s: float
    ) -> ClaimResult:
        """What we know as confirmed may have been voided since: in a journal that was put back
        from a copy, or by somebody else. The scan says what the platform says now."""
        if not self._steps.link.counter_may_go(backlog=False):
            return result
        finding = await self._talk.find(record, self._left_s(ends_s))
        return replace(result, news=ClaimNews.VOID) if isinstance(finding, FoundVoid) else result

    async def _forwarded(self, record: CreditRecord, ends_s: float) -> CreditRecord:
        """One try now by the forwarder's own function, and one to link what it found."""
        for _ in range(2):
            wanted = record.link_wanted or record.state in _FORWARDED
            if not wanted or not self._steps.link.counter_may_go(backlog=False):
                break
            before = record.state
            try:
                async with self._steps.link.counter():
                    record = await self._forwarder.forward(record.key, self._left_s(ends_s))
            except CannotJournal:  # after a send, perhaps: what is on disk is true
                return await self._known(record.key)
            if record.state is before:
                break
        return record

    async def _replay_only_looks(
        self, order: ClaimOrder, scan: Scan, news: ClaimNews
    ) -> ClaimResult:
        """Whoever was named is nobody here: nothing changes, and what is known is told."""
        claim = await self._replay.standing(order.token)
        if claim is not None:
            return replace(of_claim(claim), news=news)
        token = order.token
        return ClaimResult(token.key, token.amount, token.code.last_four, State.PARKED, news)

    async def _known(self, key: IdempotencyKey) -> CreditRecord:
        record = await self._steps.journal.get(key)
        if record is None:
            raise UnknownCredit(key=key.text)
        return record

    def _left_s(self, ends_s: float) -> float:
        return max(ends_s - self._steps.clock.monotonic_s(), LEAST_S)


_FORWARDED: Final = frozenset({State.PARKED, State.UNSETTLED, State.REVIEW})
_VOID: Final = frozenset({State.VOIDING, State.VOIDED, State.REFUSED, State.WITHDRAWN})


def is_expired(expires_on: datetime.date | None, now: Moment) -> bool:
    """Whether the paper's last day is over (UTC). A clock that cannot be trusted is believed all
    the same: a wrong one costs a manager's yes, and no customer loses anything."""
    if expires_on is None:
        return False
    days = (expires_on - _DAY_ZERO).days + 1
    return now.wall_ms >= days * _DAY_MS


def of_record(record: CreditRecord, customer_id: str | None = None) -> ClaimResult:
    """How one of our own records stands. `customer_id`: of whoever was named now."""
    other = _is_other(record, customer_id) or (
        customer_id is not None and record.state is State.CONFIRMED and record.unlinked_flag
    )
    return ClaimResult(
        record.key,
        record.request.amount,
        record.code.last_four,
        record.state,
        _news(record.state),
        linked=record.linked,
        other_customer=other,
        record=record,
    )


def of_claim(claim: Claim, customer_id: str | None = None) -> ClaimResult:
    """How another register's paper stands."""
    other = customer_id is not None and customer_id != claim.customer_id
    waits = claim.state in (State.PARKED, State.UNSETTLED) and claim.customer_wanted
    return ClaimResult(
        claim.key,
        claim.amount,
        claim.code.last_four,
        claim.state,
        ClaimNews.CUSTOMER_NEEDED if waits else _news(claim.state),
        linked=claim.linked,
        other_customer=other or claim.other_customer,
        claim=claim,
    )


def _is_of(token: VoucherToken, record: CreditRecord, by_code: CreditRecord) -> bool:
    request = record.request
    same = record.key == by_code.key and request.amount == token.amount
    return same and request.instrument.on_paper


def _is_other(record: CreditRecord, customer_id: str | None) -> bool:
    return customer_id is not None and record.customer_id not in (None, customer_id)


def _news(state: State) -> ClaimNews:
    match state:
        case State.CONFIRMED:
            return ClaimNews.CONFIRMED
        case State.REVIEW:
            return ClaimNews.REVIEW
        case state if state in _VOID:
            return ClaimNews.VOID
        case _:
            return ClaimNews.ON_ITS_WAY


def _answer(state: State, news: ClaimNews) -> Answer:
    if news is ClaimNews.VOID or state in _VOID:
        return Answer.REFUSED
    if state is State.CONFIRMED:
        return Answer.CONFIRMED
    if news in (ClaimNews.ON_ITS_WAY, ClaimNews.CUSTOMER_UNKNOWN):
        return Answer.VOUCHER
    return Answer.ASK_A_MANAGER
