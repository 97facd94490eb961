# SPDX-License-Identifier: Apache-2.0
"""Conversations with Shopify's Admin GraphQL API about gift cards and customers.

Each reads from top to bottom. No I/O, no state, no log. How answers are read: `answers` and
`wire`; orders and refunds: `orders`.

Gift cards have no idempotency key of the vendor's: the code that we choose is unique in a shop,
and `TAKEN` means that somebody was first. Cards are found again by a search. Searches run over an
index, and nowhere does Shopify say how far it lags behind; so an *absent* is never exact, and
nothing but the code guards a credit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from agent.domain.code import Code
from agent.domain.credit import Credit, Instrument
from agent.domain.currency import EXPONENTS
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
    Matched,
    Outcome,
    RefusalReason,
    Refused,
    Resolution,
    Saying,
    SpentInPart,
    Unanswered,
    Unknown,
    Unmatched,
)
from agent.platforms.adapter import Page
from agent.platforms.comparing import Match, burn_amount, compare, difference, is_ours
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
from agent.platforms.shopify import probing, wire
from agent.platforms.shopify.answers import ids
from agent.platforms.shopify.options import ShopifyOptions
from agent.platforms.shopify.orders import ShopifyOrders
from agent.ports import Abilities


class ShopifyAdapter(ShopifyOrders):
    """One shop."""

    def __init__(self, options: ShopifyOptions) -> None:
        super().__init__(options)
        self._options = options
        self._abilities = Abilities(
            name="shopify",
            unique_codes=True,
            key_window_s=0,
            compares_body=False,
            exact_lookup=False,
            settling_ms=options.settling_ms,
            voids=False,
            links=True,
            resolves=True,
            lists=True,
            instruments=frozenset({Instrument.CARD}),
            code_length_max=20,
            currencies=frozenset(filter(wire.taken, EXPONENTS)),
        )

    @property
    def abilities(self) -> Abilities:
        return self._abilities

    def opening(self, credit: Credit) -> Do | None:
        """None for a currency that is not exact at Shopify: it is refused unsent."""
        if not wire.taken(credit.amount.currency):
            return None
        return Do("create", wire.create(credit, credit.amount), ids(credit.code))

    def issue(self, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        """Create, and link where a customer is known. Only this very credit is Confirmed."""
        opening = self.opening(credit)
        if opening is None:
            said = Saying(code="currency", message=credit.amount.currency)
            return Refused(RefusalReason.CURRENCY, said)
        reply = yield opening
        match wire.read_created(reply, credit.code):
            case Seen() as seen:
                return (yield from self._settled(seen, credit, customer_id))
            case No("TAKEN" as code, saying):
                match (yield from self._look(credit.code)):
                    case Seen() as seen:
                        return (yield from self._settled(seen, credit, customer_id))
                    case _:  # somebody was first, and the search does not show it yet
                        return Unanswered(code, saying)
            case other:
                return as_outcome(other)

    def _settled(self, seen: Seen, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        if compare(seen, credit) is not Match.EQUAL:
            return Unanswered("differs", difference(seen, credit), differs=True)
        if customer_id is None:
            return Confirmed(seen.card, saying=seen.saying)
        try:
            result = yield from self._linked(seen, credit, customer_id)
        except Interrupted:  # the credit stands; the link is a step of its own, done again later
            result = LinkResult.UNKNOWN
        linked = result is LinkResult.LINKED
        card = replace(seen.card, customer_id=customer_id) if linked else seen.card
        return Confirmed(card, linked, seen.saying)

    def find(self, credit: Credit) -> Exchange[Finding]:
        """By code alone: there is no search for our key, which stands in the note. `Found.linked`
        is left to the link step, which alone knows for whom."""
        match (yield from self._look(credit.code)):
            case Seen() as seen:
                match compare(seen, credit):
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

    def _look(self, code: Code) -> Exchange[wire.Noted | Negative]:
        reply = yield Look(wire.find(code))
        return wire.read_found(reply, code)

    def burn(self, credit: Credit) -> Exchange[Burn]:
        """Make the code dead for ever: deactivate what is there (Shopify never enables a card
        again, and keeps its code), else create it at the smallest amount and deactivate that."""
        match (yield from self._look(credit.code)):
            case Seen() as seen:
                return (yield from self._burnt(seen, credit))
            case No("not-found", _):
                pass
            case other:
                return as_not_burnt(other, perhaps_sent=False)
        if not wire.taken(credit.amount.currency):
            return BurnRefused(Saying(code="currency", message=credit.amount.currency))
        smallest = wire.create(credit, burn_amount(credit))
        reply = yield Do("burn", smallest, ids(credit.code))
        match wire.read_created(reply, credit.code):
            case Seen() as seen:
                return (yield from self._burnt(seen, credit))
            case No("TAKEN" as code, saying):
                match (yield from self._look(credit.code)):
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
            request = wire.deactivate(seen.card.reference)
            step = wire.step_of("burn-deactivate", request)
            reply = yield Do(step, request, ids(credit.code))
            match wire.read_changed(reply, "giftCardDeactivate", credit.code):
                case Seen() as after if is_ours(after, credit) and not after.card.enabled:
                    seen = after
                case Seen() as after:
                    return BurnUnknown("not-deactivated", after.saying)
                case No(_, saying):
                    return BurnRefused(saying)
                case other:
                    return as_not_burnt(other, perhaps_sent=True)
        spent = seen.card.initial - seen.card.balance
        return SpentInPart(seen.card, spent) if spent.positive else Burnt(seen.card)

    def link(self, credit: Credit, customer_id: str) -> Exchange[LinkResult]:
        """The card must be found first: Shopify changes cards by their id."""
        match (yield from self._look(credit.code)):
            case Seen() as seen if is_ours(seen, credit):
                return (yield from self._linked(seen, credit, customer_id))
            case _:  # a search that lags, or a foreign card: the link is done again later
                return LinkResult.UNKNOWN

    def _linked(self, seen: Seen, credit: Credit, customer_id: str) -> Exchange[LinkResult]:
        """A card that is linked already is never linked again; Shopify would not do it either,
        and says so without a code, so a refusal is read back."""
        if seen.card.customer_id is not None:
            return _whose(seen, customer_id, LinkResult.UNKNOWN)
        request = wire.link(seen.card.reference, customer_id)
        reply = yield Do(wire.step_of("link", request), request, ids(credit.code))
        match wire.read_changed(reply, "giftCardUpdate", credit.code):
            case Seen() as after if is_ours(after, credit):
                return _whose(after, customer_id, LinkResult.UNKNOWN)
            case No():
                reply = yield Look(wire.read(seen.card.reference))
                match wire.read_card(reply, credit.code):
                    case Seen() as after if is_ours(after, credit):
                        return _whose(after, customer_id, LinkResult.REFUSED)
                    case _:
                        return LinkResult.UNKNOWN
            case _:
                return LinkResult.UNKNOWN

    def annotate(self, credit: Credit, fields: Mapping[str, str]) -> Exchange[bool]:
        """Lines below our key in the note; what else stands there is kept."""
        match (yield from self._look(credit.code)):
            case wire.Noted() as seen if is_ours(seen, credit):
                note = wire.noted(seen.note, credit.key, fields)
            case _:
                return False
        if note == seen.note:
            return True
        request = wire.annotate(seen.card.reference, note)
        reply = yield Do(wire.step_of("annotate", request), request, ids(credit.code))
        after = wire.read_changed(reply, "giftCardUpdate", credit.code)
        return isinstance(after, Seen) and is_ours(after, credit)

    def resolve(self, customer: CustomerReference) -> Exchange[Resolution]:
        """E-mail, phone and the metafield of loyalty numbers are unique in a shop: it is one
        customer or none."""
        request = wire.resolve(customer, self._options)
        if request is None:
            return Unmatched()
        reply = yield Look(request)
        match wire.read_as(reply, "customerByIdentifier", wire.CustomerReply):
            case None:
                return Unmatched()
            case wire.CustomerReply() as one:
                return Matched(one.id, one.masked())
            case other:
                return as_unknown(other)

    def balance(self, code: Code) -> Exchange[Money | Unknown | None]:
        match (yield from self._look(code)):
            case Seen(card=card):
                return card.balance if card.enabled else Money(0, card.balance.currency)
            case No("not-found", _):
                return None
            case other:
                return as_unknown(other)

    def probe(self, now_ms: int) -> Exchange[tuple[Probed, ...]]:
        """Two looks: the installation with its scopes, then the limit of one card."""
        return (yield from probing.probe(self._options))

    def list_page(self, since_ms: int, cursor: str | None) -> Exchange[Page | Unknown]:
        """Raises OverflowError (which the driver turns into *unknown*) for a time out of range."""
        reply = yield Look(wire.list_since(since_ms, cursor))
        match wire.read_as(reply, "giftCards", wire.PageReply):
            case None:
                return Unknown("null")
            case wire.PageReply(nodes=nodes, page_info=info):
                after = info.end_cursor if info.has_next_page else None
                if info.has_next_page and after is None:
                    return Unknown("no-cursor")
                return Page(tuple(each.card() for each in nodes), after)
            case other:
                return as_unknown(other)


def _whose(seen: Seen, customer_id: str, nobodys: LinkResult) -> LinkResult:
    if seen.card.customer_id is None:
        return nobodys
    same = seen.card.customer_id == customer_id
    return LinkResult.LINKED if same else LinkResult.ELSEWHERE
