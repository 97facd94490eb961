# SPDX-License-Identifier: Apache-2.0
"""Conversations with BigCommerce: gift certificates (V2), and customers (V3).

Each reads from top to bottom. No I/O, no state, no log. Nothing is issued blind: every issue and
every burn looks for the code first, since BigCommerce documents neither a native key nor an answer
to a second certificate under one code. An active certificate is never written to: a PUT names the
balance, and one that arrives late would give spent money back. So a customer is linked by one of
the customer's metafields, and nothing is annotated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from agent.domain.code import Code
from agent.domain.credit import Credit, Instrument
from agent.domain.currency import EXPONENTS, exponent
from agent.domain.customer import CustomerReference
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
    Saying,
    SpentInPart,
    Throttled,
    Unanswered,
    Unknown,
    Unmatched,
    Unsent,
)
from agent.platforms.adapter import Page
from agent.platforms.bigcommerce import answers, wire
from agent.platforms.bigcommerce.options import BigcommerceOptions
from agent.platforms.bigcommerce.orders import OrderConversations
from agent.platforms.bigcommerce.probing import probed
from agent.platforms.bigcommerce.wire import Certificate, Several
from agent.platforms.comparing import Match, burn_amount, compare, difference, is_ours
from agent.platforms.exchange import Do, Exchange, Interrupted, Look
from agent.platforms.probe import Probed
from agent.platforms.reading import (
    Negative,
    No,
    Odd,
    Wait,
    as_not_burnt,
    as_outcome,
    as_unknown,
)
from agent.ports import Abilities

CENTS_MAX: Final = 2**31 - 1
"""BigCommerce keeps a certificate's balance up to 21474836.47."""


class BigcommerceAdapter(OrderConversations):
    """One store at BigCommerce."""

    def __init__(self, options: BigcommerceOptions) -> None:
        super().__init__(options)
        self._options = options
        self._abilities = Abilities(
            name="bigcommerce",
            unique_codes=options.unique_codes,
            key_window_s=0,
            compares_body=False,
            exact_lookup=True,
            settling_ms=options.settling_ms,
            voids=False,
            links=True,
            resolves=True,
            lists=True,
            instruments=frozenset({Instrument.CARD}),
            currencies=frozenset(each for each, digits in EXPONENTS.items() if digits < 3),
        )

    @property
    def abilities(self) -> Abilities:
        return self._abilities

    def opening(self, credit: Credit) -> Do | None:
        """None: the code is looked for before anything is created."""
        return None

    def issue(self, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        """Look, create, and link where a customer is known. Only this very credit is Confirmed."""
        reason = _too_fine(credit.amount)
        if reason is not None:
            return Refused(reason, Saying(code="amount-not-representable"))
        match wire.read_found((yield Look(wire.find(credit.code))), credit.code):
            case Certificate() | Several() as found:
                return (yield from self._settled(found, credit, customer_id, fresh=False))
            case No(wire.ABSENT, _):
                pass
            case other:  # nothing was sent but the question
                return _not_begun(other)
        created = yield self._creation("create", credit, credit.amount, wire.ACTIVE)
        match wire.read_one(created, credit.code):
            case Certificate() as found:
                return (yield from self._settled(found, credit, customer_id, fresh=True))
            case No(answers.INVALID | answers.CONFLICT, _) as refusal:
                return (yield from self._refused(refusal, credit, customer_id))
            case No(answers.NO_SUCH, saying):
                return Unsent("no-such-path", saying)
            case other:
                return as_outcome(other)

    def _creation(self, step: str, credit: Credit, amount: Money, status: str) -> Do:
        request = wire.create(credit, amount, status, self._options)
        return Do(step, request, wire.ids(credit.code))

    def _refused(self, refusal: No, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        """It may mean that somebody was first: what an answer to a taken code looks like is not
        documented. So every refusal is looked behind."""
        try:
            reply = yield Look(wire.find(credit.code))
        except Interrupted:
            return Unanswered(refusal.code, refusal.saying)
        match wire.read_found(reply, credit.code):
            case Certificate() | Several() as found:
                return (yield from self._settled(found, credit, customer_id, fresh=False))
            case No(wire.ABSENT, _) if refusal.code != answers.CONFLICT:
                return as_outcome(refusal)
            case _:  # unread, or in conflict with one that look-ups do not show yet
                return Unanswered(refusal.code, refusal.saying)

    def _settled(
        self, found: Certificate | Several, credit: Credit, customer_id: str | None, *, fresh: bool
    ) -> Exchange[Outcome]:
        """`fresh`: created in this conversation, so nobody can have linked it yet."""
        if isinstance(found, Several) or _match(found, credit) is not Match.EQUAL:
            return Unanswered("differs", _difference(found, credit), differs=True)
        seen = found.seen
        if customer_id is None:
            return Confirmed(seen.card, saying=seen.saying)
        try:
            result = yield from self._linked(credit, customer_id, fresh)
        except Interrupted:  # the credit stands; the link is a step of its own, done again later
            result = LinkResult.UNKNOWN
        linked = result is LinkResult.LINKED
        card = replace(seen.card, customer_id=customer_id) if linked else seen.card
        return Confirmed(card, linked, seen.saying)

    def find(self, credit: Credit) -> Exchange[Finding]:
        """By code, which is exact; our key is read from what was found."""
        match wire.read_found((yield Look(wire.find(credit.code))), credit.code):
            case Several(first) as found:
                return FoundDifferent(first.seen.card, _difference(found, credit))
            case Certificate() as found:
                match _match(found, credit):
                    case Match.EQUAL:
                        return Found(found.seen.card)
                    case Match.VOID:
                        return FoundVoid(found.seen.card)
                    case Match.DIFFERENT:
                        return FoundDifferent(found.seen.card, _difference(found, credit))
            case No(wire.ABSENT, _):
                return Absent()
            case other:
                return as_unknown(other)

    def burn(self, credit: Credit) -> Exchange[Burn]:
        """Disable what is there, else create the code disabled, at the smallest amount. Nothing
        of the API brings a disabled certificate back; a person in the control panel can."""
        if _too_fine(credit.amount) is not None:
            return BurnRefused(Saying(code="amount-not-representable"))
        match wire.read_found((yield Look(wire.find(credit.code))), credit.code):
            case Certificate() | Several() as found:
                return (yield from self._burnt(found, credit))
            case No(wire.ABSENT, _):
                pass
            case other:
                return as_not_burnt(other, perhaps_sent=False)
        created = yield self._creation("burn", credit, burn_amount(credit), wire.DISABLED)
        match wire.read_one(created, credit.code):
            case Certificate() as found:
                return (yield from self._burnt(found, credit))
            case No(answers.INVALID | answers.CONFLICT as code, saying):
                match wire.read_found((yield Look(wire.find(credit.code))), credit.code):
                    case Certificate() | Several() as found:
                        return (yield from self._burnt(found, credit))
                    case No(wire.ABSENT, _) if code != answers.CONFLICT:
                        return BurnRefused(saying)
                    case _:
                        return BurnUnknown(code, saying)
            case No(_, saying):
                return BurnRefused(saying)
            case other:
                return as_not_burnt(other, perhaps_sent=isinstance(other, Odd))

    def _burnt(self, found: Certificate | Several, credit: Credit) -> Exchange[Burn]:
        if isinstance(found, Several) or not is_ours(found.seen, credit):
            return BurnRefused(_difference(found, credit))
        before = found.seen.card.balance
        if found.status != wire.DISABLED:
            request = wire.disable(found, credit, self._options)
            step = wire.step_of("burn-disable", request)
            reply = yield Do(step, request, wire.ids(credit.code))
            match wire.read_one(reply, credit.code):
                case Certificate(seen, wire.DISABLED) as after if is_ours(seen, credit):
                    found = after
                case Certificate(seen, _):
                    return BurnUnknown("not-disabled", seen.saying)
                case No(_, saying):
                    return BurnRefused(saying)
                case other:
                    return as_not_burnt(other, perhaps_sent=True)
        card = found.seen.card
        spent = card.initial - min(before, card.balance)
        return SpentInPart(card, spent) if spent.positive else Burnt(card)

    def link(self, credit: Credit, customer_id: str) -> Exchange[LinkResult]:
        return (yield from self._linked(credit, customer_id, fresh=False))

    def _linked(self, credit: Credit, customer_id: str, fresh: bool) -> Exchange[LinkResult]:
        """A credit that another customer carries is never linked again."""
        if not wire.is_id(customer_id):
            return LinkResult.REFUSED
        if not fresh:
            known = yield from self._carried(credit, customer_id)
            if known is not None:
                return known
        request = wire.link(credit, customer_id)
        reply = yield Do(wire.step_of("link", request), request)
        match wire.read_linked(reply, credit):
            case str() as carrier:
                return LinkResult.LINKED if carrier == customer_id else LinkResult.UNKNOWN
            case No(answers.CONFLICT, _):
                known = yield from self._carried(credit, customer_id)
                return LinkResult.UNKNOWN if known is None else known
            case No():
                return LinkResult.REFUSED
            case _:
                return LinkResult.UNKNOWN

    def _carried(self, credit: Credit, customer_id: str) -> Exchange[LinkResult | None]:
        """None where no customer carries it."""
        match wire.read_links((yield Look(wire.links(credit))), credit):
            case frozenset() as carriers if not carriers:
                return None
            case frozenset() as carriers:
                same = carriers == {customer_id}
                return LinkResult.LINKED if same else LinkResult.ELSEWHERE
            case _:
                return LinkResult.UNKNOWN

    def annotate(self, credit: Credit, fields: Mapping[str, str]) -> Exchange[bool]:
        """Never: what is written to a certificate names its balance, and a shopper may be
        spending it. Asks nothing."""
        yield from ()
        return False

    def resolve(self, customer: CustomerReference) -> Exchange[Resolution]:
        request = wire.customers(customer, self._options.loyalty_is_customer_id)
        if request is None:
            return Unmatched()
        match wire.read_customers((yield Look(request))):
            case wire.CustomersReply(data=listed):
                found = {str(each.id) for each in listed if each.answers_to(customer)}
                match sorted(found):
                    case [one]:
                        return Matched(one, customer.masked())
                    case []:
                        return Unmatched()
                    case several:
                        return Ambiguous(len(several))
            case other:
                return as_unknown(other)

    def balance(self, code: Code) -> Exchange[Money | Unknown | None]:
        match wire.read_found((yield Look(wire.find(code))), code):
            case Certificate(seen, wire.ACTIVE):
                return seen.card.balance
            case Certificate(seen, _):
                return Money(0, seen.card.balance.currency)
            case Several(first):
                return Unknown("several", first.seen.saying)
            case No(wire.ABSENT, _):
                return None
            case other:
                return as_unknown(other)

    def list_page(self, since_ms: int, cursor: str | None) -> Exchange[Page | Unknown]:
        """By rising id from the very first: the vendor filters by no date. Certificates which
        nobody of us made and which cannot be read are left out; ours never are."""
        after = int(cursor or "0")
        reply = yield Look(wire.page(after + 1))
        listed = wire.read_page(reply)
        if not isinstance(listed, list):
            return as_unknown(listed)
        cards = []
        for each in listed:
            if each.id <= after:
                return Unknown("not-in-order", answers.saying(reply))
            after = each.id
            try:
                cards += [each.card()] if each.since(since_ms) else []
            except ValueError:
                if each.key is not None:
                    return Unknown("not-the-contract", answers.saying(reply))
        return Page(tuple(cards), str(after) if len(listed) >= wire.PAGE else None)

    def probe(self, now_ms: int) -> Exchange[tuple[Probed, ...]]:
        """Three questions, one for each scope."""
        return (yield from probed(now_ms))


def _too_fine(amount: Money) -> RefusalReason | None:
    """BigCommerce charges and refunds two digits behind the point, up to 21474836.47."""
    digits = exponent(amount.currency)
    if digits > 2:
        return RefusalReason.CURRENCY
    return RefusalReason.LIMIT if amount.minor * 10 ** (2 - digits) > CENTS_MAX else None


def _not_begun(negative: Negative) -> Outcome:
    """A look-up before anything was sent failed: nothing left for this credit."""
    match negative:
        case Wait(retry_after_s, saying):
            return Throttled(retry_after_s, saying)
        case other:
            unknown = as_unknown(other)
            return Unsent(unknown.why, unknown.saying)


def _match(found: Certificate, credit: Credit) -> Match:
    """`pending` and `expired` are not ours to judge: neither live nor dead."""
    known = found.status in (wire.ACTIVE, wire.DISABLED)
    return compare(found.seen, credit) if known else Match.DIFFERENT


def _difference(found: Certificate | Several, credit: Credit) -> Saying:
    if isinstance(found, Several):
        return replace(found.first.seen.saying, code="several", message="")
    said = difference(found.seen, credit)
    if found.status in (wire.ACTIVE, wire.DISABLED):
        return said
    return replace(said, message=f"status {found.status}")
