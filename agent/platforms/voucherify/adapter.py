# SPDX-License-Identifier: Apache-2.0
"""Conversations with Voucherify. Each reads from top to bottom. No I/O, no state, no log.

Voucherify has no idempotency keys. What guards a credit is the unique code of its voucher: a
second one is refused as a duplicate, and what stands there is read back and compared. A code
becomes free again only when somebody deletes its voucher, which we never do. Reads by code are
documented without an index or a delay; `settling_ms` allows for one all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from agent.domain.code import Code
from agent.domain.credit import Credit, Instrument
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Ambiguous,
    Burn,
    BurnRefused,
    Burnt,
    BurnUnknown,
    Confirmed,
    Finding,
    Found,
    FoundDifferent,
    FoundVoid,
    LinkResult,
    Matched,
    Outcome,
    RefusalReason,
    Refused,
    Resolution,
    SpentInPart,
    Unanswered,
    Unknown,
    Unmatched,
)
from agent.platforms.adapter import Page
from agent.platforms.comparing import Match, compare, difference, is_ours
from agent.platforms.exchange import Do, Exchange, Interrupted, Look
from agent.platforms.probe import Probed
from agent.platforms.reading import (
    Negative,
    No,
    Odd,
    Seen,
    as_not_burnt,
    as_outcome,
    as_unknown,
    shown,
)
from agent.platforms.voucherify import listing, probing, wire
from agent.platforms.voucherify.errors import NO_CUSTOMER, NO_VOUCHER, PUBLISHED, TAKEN
from agent.platforms.voucherify.options import VoucherifyOptions
from agent.ports import Abilities


class VoucherifyAdapter:
    """One project, in one currency."""

    def __init__(self, options: VoucherifyOptions) -> None:
        self._currency = options.currency
        self._smallest = Money(1, options.currency)
        self._abilities = Abilities(
            name="voucherify",
            unique_codes=True,
            key_window_s=0,
            compares_body=False,
            exact_lookup=True,
            settling_ms=options.settling_ms,
            voids=False,
            links=True,
            resolves=True,
            lists=True,
            instruments=frozenset({Instrument.CARD}),
            currencies=frozenset({options.currency}),
        )

    @property
    def abilities(self) -> Abilities:
        return self._abilities

    def opening(self, credit: Credit) -> Do | None:
        """None for a currency that is not the project's: that one is refused unsent."""
        if credit.amount.currency != self._currency:
            return None
        request = wire.create(credit, credit.amount, active=True)
        return Do("create", request, wire.ids(credit.code))

    def issue(self, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        """Create, and link where a customer is known. Only this very credit is Confirmed."""
        opening = self.opening(credit)
        if opening is None:
            return Refused(RefusalReason.CURRENCY, wire.unsaid("another-currency"))
        reply = yield opening
        match wire.read_voucher(reply, credit.code, self._currency):
            case Seen() as seen:
                return (yield from self._settled(seen, credit, customer_id))
            case No(code, saying) if code == TAKEN:
                match (yield from self._look(credit)):
                    case Seen() as seen:
                        return (yield from self._settled(seen, credit, customer_id))
                    case _:  # somebody was first, and cannot be read: ask again later
                        return Unanswered(code, saying)
            case other:
                return as_outcome(other)

    def _settled(self, seen: Seen, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        if compare(seen, credit) is not Match.EQUAL:
            return Unanswered("differs", difference(seen, credit), differs=True)
        if customer_id is None:
            return Confirmed(seen.card, saying=seen.saying)
        try:
            result = yield from self._held(seen, credit, customer_id)
        except Interrupted:  # the credit stands; the link is a step of its own, done again later
            result = LinkResult.UNKNOWN
        linked = result is LinkResult.LINKED
        card = replace(seen.card, customer_id=customer_id) if linked else seen.card
        return Confirmed(card, linked, seen.saying)

    def find(self, credit: Credit) -> Exchange[Finding]:
        """By code, exactly. `Found.linked` is left to the link step, which alone knows for whom."""
        match (yield from self._look(credit)):
            case Seen() as seen:
                match compare(seen, credit, self._smallest):
                    case Match.EQUAL:
                        return Found(seen.card)
                    case Match.VOID:
                        return FoundVoid(seen.card)
                    case Match.DIFFERENT:
                        return FoundDifferent(seen.card, difference(seen, credit))
            case No(code, _) if code == NO_VOUCHER:
                return Absent()
            case other:
                return as_unknown(other)

    def _look(self, credit: Credit) -> Exchange[Seen | Negative]:
        reply = yield Look(wire.get(credit.code))
        return wire.read_voucher(reply, credit.code, self._currency)

    def burn(self, credit: Credit) -> Exchange[Burn]:
        """Make the code dead: disable what is there, else create it disabled at the smallest
        amount. Whoever may enable vouchers in the project can undo it; we never do. A currency
        that is not the project's was never issued here, and a person must say what it was."""
        match (yield from self._look(credit)):
            case Seen() as seen:
                return (yield from self._burnt(seen, credit))
            case No(code, _) if code == NO_VOUCHER:
                pass
            case other:
                return as_not_burnt(other, perhaps_sent=False)
        if credit.amount.currency != self._currency:
            return BurnRefused(wire.unsaid("another-currency"))
        smallest = wire.create(credit, self._smallest, active=False)
        reply = yield Do("burn", smallest, wire.ids(credit.code))
        match wire.read_voucher(reply, credit.code, self._currency):
            case Seen() as seen:
                return (yield from self._burnt(seen, credit))
            case No(code, saying) if code == TAKEN:
                match (yield from self._look(credit)):
                    case Seen() as seen:
                        return (yield from self._burnt(seen, credit))
                    case _:
                        return BurnUnknown(code, saying)
            case No(_, saying):
                return BurnRefused(saying)
            case other:
                return as_not_burnt(other, perhaps_sent=isinstance(other, Odd))

    def _burnt(self, seen: Seen, credit: Credit) -> Exchange[Burn]:
        if not is_ours(seen, credit):
            return BurnRefused(difference(seen, credit))
        if seen.card.enabled:
            request = wire.disable(seen.card.reference)
            reply = yield Do("burn-disable", request, wire.ids(credit.code))
            match wire.read_voucher(reply, credit.code, self._currency):
                case Seen() as after if is_ours(after, credit) and not after.card.enabled:
                    seen = after
                case Seen() as after:
                    return BurnUnknown("not-disabled", after.saying)
                case No(_, saying):
                    return BurnRefused(saying)
                case other:
                    return as_not_burnt(other, perhaps_sent=True)
        spent = seen.card.initial - seen.card.balance
        return SpentInPart(seen.card, spent) if spent.positive else Burnt(seen.card)

    def link(self, credit: Credit, customer_id: str) -> Exchange[LinkResult]:
        """Looks first: a publication may send the shopper a message, and one is enough."""
        match (yield from self._look(credit)):
            case Seen() as seen if is_ours(seen, credit):
                return (yield from self._held(seen, credit, customer_id))
            case _:
                return LinkResult.UNKNOWN

    def _held(self, seen: Seen, credit: Credit, customer_id: str) -> Exchange[LinkResult]:
        """A voucher that has a holder is never given to another."""
        if seen.card.customer_id is not None:
            return _holder(seen, customer_id)
        request = wire.publish(credit, customer_id)
        reply = yield Do(wire.step_of("link", request), request, wire.ids(credit.code))
        match wire.read(reply, wire.PublicationReply, credit.code):
            case wire.PublicationReply() as made:
                told = (made.result, made.customer_id, made.voucher.code)
                same = told == ("SUCCESS", customer_id, credit.code.reveal())
                return LinkResult.LINKED if same else LinkResult.UNKNOWN
            case No(code, _) if code in PUBLISHED:  # by us before, or by somebody
                match (yield from self._look(credit)):
                    case Seen() as now if is_ours(now, credit):
                        return _holder(now, customer_id)
                    case _:
                        return LinkResult.UNKNOWN
            case No(code, _) if code in (NO_VOUCHER, TAKEN):  # it lags: the voucher was seen
                return LinkResult.UNKNOWN
            case No():
                return LinkResult.REFUSED
            case _:
                return LinkResult.UNKNOWN

    def annotate(self, credit: Credit, fields: Mapping[str, str]) -> Exchange[bool]:
        """Looks first, or another's voucher would be given our key."""
        match (yield from self._look(credit)):
            case Seen() as seen if is_ours(seen, credit):
                pass
            case _:
                return False
        request = wire.annotate(credit, fields)
        reply = yield Do(wire.step_of("annotate", request), request, wire.ids(credit.code))
        return wire.shows_notes(reply, credit, fields)

    def resolve(self, customer: CustomerReference) -> Exchange[Resolution]:
        """By e-mail; else by `source_id`, which is where retailers keep their own number.
        Voucherify documents no search by telephone."""
        if customer.kind is CustomerKind.EMAIL:
            reply = yield Look(wire.customers_by_email(customer.value))
            match wire.read(reply, wire.CustomersReply):
                case wire.CustomersReply(customers=found):
                    alike = [each for each in found if _is_email(each, customer.value)]
                    return _resolved({each.id: each for each in alike})
                case other:
                    return as_unknown(other)
        reply = yield Look(wire.customer_by_source_id(customer.value))
        match wire.read(reply, wire.CustomerReply):
            case wire.CustomerReply() as one:
                same = one.source_id == customer.value
                return _resolved({one.id: one} if same else {})
            case No(code, _) if code == NO_CUSTOMER:
                return Unmatched()
            case other:
                return as_unknown(other)

    def balance(self, code: Code) -> Exchange[Money | Unknown | None]:
        reply = yield Look(wire.get(code))
        match wire.read_voucher(reply, code, self._currency):
            case Seen(card, saying, named):
                if named != code.reveal():
                    return Unknown("another-code", saying)
                return card.balance if card.enabled else Money(0, card.balance.currency)
            case No(why, _) if why == NO_VOUCHER:
                return None
            case other:
                return as_unknown(other)

    def list_page(self, since_ms: int, cursor: str | None) -> Exchange[Page | Unknown]:
        """Raises ValueError (which the driver turns into *unknown*) for a time out of range."""
        return (yield from listing.page(since_ms, cursor, self._currency))

    def probe(self, now_ms: int) -> Exchange[tuple[Probed, ...]]:
        return (yield from probing.probe(now_ms))


def _holder(seen: Seen, customer_id: str) -> LinkResult:
    match seen.card.customer_id:
        case None:
            return LinkResult.UNKNOWN
        case holder:
            return LinkResult.LINKED if holder == customer_id else LinkResult.ELSEWHERE


def _is_email(one: wire.CustomerReply, email: str) -> bool:
    return one.email is not None and one.email.casefold() == email.casefold()


def _resolved(found: Mapping[str, wire.CustomerReply]) -> Resolution:
    match [*found.values()]:
        case []:
            return Unmatched()
        case [one]:
            return Matched(one.id, _masked(one.name or ""))
        case several:
            return Ambiguous(len(several))


def _masked(name: str) -> str:
    """Initials: enough to recognise one's own, too little to learn another's."""
    return " ".join(f"{part[0]}***" for part in shown(name).split()[:3])
