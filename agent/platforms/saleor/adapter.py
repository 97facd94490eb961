# SPDX-License-Identifier: Apache-2.0
"""Conversations with Saleor about gift cards. Each reads from top to bottom.

What Saleor gives: a code that we choose, unique in its database. There is no native key: our key
stands in the card's metadata and is read back. *Already there* comes in three shapes and may mean
a voucher's code. Everything but the creation names the card by its id, so it is looked up first.

A look-up is a query of the table itself, by code: exact. Where Saleor runs on read replicas,
queries are answered by one (saleor issue 11547), which lags for moments: `settling_ms` covers it.
A deactivated card stays so until somebody activates it; nobody but staff does.
"""

from __future__ import annotations

from collections.abc import Mapping

from agent.domain.code import Code
from agent.domain.credit import Credit, Instrument
from agent.domain.customer import CustomerReference
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
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
    Outcome,
    RefusalReason,
    Refused,
    Resolution,
    SpentInPart,
    Unanswered,
    Unknown,
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
)
from agent.platforms.saleor import audit, people, wire
from agent.platforms.saleor.errors import TAKEN
from agent.platforms.saleor.options import SaleorOptions
from agent.platforms.saleor.orders import SaleorOrders
from agent.platforms.saleor.replies import BalanceReply, IdReply, LinkedReply
from agent.ports import Abilities


class SaleorAdapter(SaleorOrders):
    """A Saleor shop."""

    def __init__(self, options: SaleorOptions) -> None:
        self._loyalty_metadata = options.loyalty_metadata
        self._abilities = Abilities(
            name="saleor",
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
        )

    @property
    def abilities(self) -> Abilities:
        return self._abilities

    # ---- issuing

    def opening(self, credit: Credit) -> Do | None:
        if wire.refusal(credit.amount) is not None:
            return None
        return Do("create", wire.create(credit, credit.amount), wire.ids(credit.code))

    def issue(self, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        """Create, and restrict to the customer where one is known. Only this very credit is
        Confirmed."""
        opening = self.opening(credit)
        if opening is None:
            return wire.refusal(credit.amount) or Unanswered("adapter")
        reply = yield opening
        match wire.read_created(reply, credit.code):
            case Seen() as seen:
                return (yield from self._settled(seen, credit, customer_id))
            case No(code, saying) if code == TAKEN:
                match (yield from self._look(credit)):
                    case Seen() as seen:
                        return (yield from self._settled(seen, credit, customer_id))
                    case No() if (yield from self._owned_by_a_voucher(credit.code)):
                        return Refused(RefusalReason.PLATFORM, saying)
                    case _:  # somebody was first, and cannot be read: ask again later
                        return Unanswered(TAKEN, saying)
            case other:
                return as_outcome(other)

    def _settled(self, seen: Seen, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        if compare(seen, credit, wire.burn_amount(credit)) is not Match.EQUAL:
            return Unanswered("differs", difference(seen, credit), differs=True)
        if customer_id is None:
            return Confirmed(seen.card, saying=seen.saying)
        try:
            result = yield from self.link(credit, customer_id)
        except Interrupted:  # the credit stands; the link is a step of its own, done again later
            result = LinkResult.UNKNOWN
        return Confirmed(seen.card, result is LinkResult.LINKED, seen.saying)

    def _owned_by_a_voucher(self, code: Code) -> Exchange[bool]:
        """Codes of cards and vouchers exclude each other (saleor/core/utils/promo_code.py). Only
        a voucher that is seen proves it: a card may be hidden by a replica that lags."""
        reply = yield Look(wire.find_voucher(code))
        return wire.is_voucher(reply, code)

    # ---- looking

    def find(self, credit: Credit) -> Exchange[Finding]:
        """By code and by key in one question. `Found.linked` is left to the link step."""
        match (yield from self._look(credit)):
            case Seen() as seen:
                match compare(seen, credit, wire.burn_amount(credit)):
                    case Match.EQUAL:
                        return Found(seen.card)
                    case Match.VOID:
                        return FoundVoid(seen.card)
                    case Match.DIFFERENT:
                        return FoundDifferent(seen.card, difference(seen, credit))
            case No("not-found", _):
                return Absent()
            case other:
                return as_unknown(other)

    def _look(self, credit: Credit) -> Exchange[Seen | Negative]:
        reply = yield Look(wire.find(credit))
        return wire.read_found(reply, credit.code)

    def balance(self, code: Code) -> Exchange[Money | Unknown | None]:
        reply = yield Look(wire.balance(code))
        match wire.read_one(reply, BalanceReply, code):
            case BalanceReply() as read if read.code == code.reveal():
                left = read.current_balance.money()
                return left if read.is_active else Money(0, left.currency)
            case BalanceReply():
                return Unknown("another-card")
            case No("not-found", _):
                return None
            case other:
                return as_unknown(other)

    # ---- burning

    def burn(self, credit: Credit) -> Exchange[Burn]:
        """Make the code worthless for ever: deactivate what is there, or take it at the smallest
        amount and deactivate that."""
        match (yield from self._look(credit)):
            case Seen() as seen:
                return (yield from self._burnt(seen, credit))
            case No("not-found", _):
                return (yield from self._burn_absent(credit))
            case other:
                return as_not_burnt(other, perhaps_sent=False)

    def _burn_absent(self, credit: Credit) -> Exchange[Burn]:
        request = wire.create(credit, wire.burn_amount(credit))
        reply = yield Do("burn", request, wire.ids(credit.code))
        match wire.read_created(reply, credit.code):
            case Seen() as seen:
                return (yield from self._burnt(seen, credit))
            case No(code, saying) if code == TAKEN:
                match (yield from self._look(credit)):
                    case Seen() as seen:
                        return (yield from self._burnt(seen, credit))
                    case No() if (yield from self._owned_by_a_voucher(credit.code)):
                        return BurnRefused(saying)
                    case _:
                        return BurnUnknown(TAKEN, saying)
            case No(_, saying):
                return BurnRefused(saying)
            case other:
                return as_not_burnt(other, perhaps_sent=isinstance(other, Odd))

    def _burnt(self, seen: Seen, credit: Credit) -> Exchange[Burn]:
        if not is_ours(seen, credit):
            return BurnRefused(difference(seen, credit))
        if seen.card.enabled:
            request = wire.deactivate(seen.card.reference)
            reply = yield Do(wire.step_of("burn-deactivate", request), request)
            match wire.read_deactivated(reply, credit.code):
                case Seen() as after if is_ours(after, credit) and not after.card.enabled:
                    seen = after
                case Seen() as after:
                    return BurnUnknown("not-deactivated", after.saying)
                case No("not-found", saying):  # deleted since we saw it, and the code is free
                    return BurnUnknown("not-found", saying)
                case No(_, saying):
                    return BurnRefused(saying)
                case other:
                    return as_not_burnt(other, perhaps_sent=True)
        spent = seen.card.initial - seen.card.balance
        return SpentInPart(seen.card, spent) if spent.positive else Burnt(seen.card)

    # ---- steps that come later

    def link(self, credit: Credit, customer_id: str) -> Exchange[LinkResult]:
        """Saleor hands a card on to another customer without a word: look first, always."""
        code = credit.code
        reply = yield Look(wire.find_linked(code))
        match wire.read_one(reply, LinkedReply, code):
            case LinkedReply() as read if read.code == code.reveal():
                if read.assigned_to is not None:
                    same = read.assigned_to.id == customer_id
                    return LinkResult.LINKED if same else LinkResult.ELSEWHERE
                return (yield from self._assigned(read.id, code, customer_id))
            case _:
                return LinkResult.UNKNOWN

    def _assigned(self, card_id: str, code: Code, customer_id: str) -> Exchange[LinkResult]:
        request = wire.assign(card_id, customer_id)
        reply = yield Do(wire.step_of("link", request), request)
        match wire.read_payload(reply, "giftCardAssignUser", "giftCard", LinkedReply, code):
            case LinkedReply(assigned_to=to) as read if to is not None:
                same = (read.id, read.code, to.id) == (card_id, code.reveal(), customer_id)
                return LinkResult.LINKED if same else LinkResult.UNKNOWN
            case No("not-found", _):  # the card: a look-up saw it a moment ago
                return LinkResult.UNKNOWN
            case No():  # used already, in a checkout that is being paid, or no such customer
                return LinkResult.REFUSED
            case _:
                return LinkResult.UNKNOWN

    def annotate(self, credit: Credit, fields: Mapping[str, str]) -> Exchange[bool]:
        code = credit.code
        reply = yield Look(wire.find(credit))
        match wire.read_found(reply, code):
            case Seen() as seen if is_ours(seen, credit):
                card_id = seen.card.reference
            case _:
                return False
        request = wire.annotate(card_id, fields)
        reply = yield Do(wire.step_of("annotate", request), request)
        read = wire.read_payload(reply, "updatePrivateMetadata", "item", IdReply, code)
        return isinstance(read, IdReply) and (read.id, read.code) == (card_id, code.reveal())

    # ---- people and lists

    def resolve(self, customer: CustomerReference) -> Exchange[Resolution]:
        reply = yield Look(wire.resolve(customer, self._loyalty_metadata))
        return people.read(reply)

    def list_page(self, since_ms: int, cursor: str | None) -> Exchange[Page | Unknown]:
        """Newest first: Saleor has no filter by date, so a page ends the list at the first card
        that is older."""
        reply = yield Look(wire.list_cards(cursor))
        return audit.read_page(reply, since_ms)

    def probe(self, now_ms: int) -> Exchange[tuple[Probed, ...]]:
        reply = yield Look(wire.probe())
        return audit.read_probe(reply)
