# SPDX-License-Identifier: Apache-2.0
"""Conversations with Square about gift cards. Each reads from top to bottom.

A credit is two steps: an empty card under our code, and its activation with the money. Square
activates a card once and refuses a second card under one code for ever; so codes guard a credit,
whatever became of an idempotency key (Square publishes no time for which it keeps one). A key
that is still known is answered with what was answered first, though the card was deactivated
since: nothing is confirmed before the card itself was looked at.

How replies are read: `replies`; what Square's codes mean: `errors`; orders: `orders`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from agent.domain.code import Code
from agent.domain.credit import Credit, Instrument
from agent.domain.customer import CustomerReference
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Ambiguous,
    Burn,
    BurnRefused,
    Burnt,
    BurnUnknown,
    Card,
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
    NotExecuted,
    Odd,
    Seen,
    Wait,
    as_not_burnt,
    as_outcome,
    as_unknown,
)
from agent.platforms.square import probing, replies, wire
from agent.platforms.square.currencies import CURRENCIES
from agent.platforms.square.options import SquareOptions
from agent.platforms.square.orders import SquareOrders
from agent.platforms.square.replies import Activity, Held
from agent.ports import Abilities

_CUSTOMERS_MAX: Final = 10


class SquareAdapter(SquareOrders):
    """Square's gift cards, with the seller's orders and refunds."""

    def __init__(self, options: SquareOptions) -> None:
        super().__init__(options.location_id)
        self._location = options.location_id
        self._abilities = Abilities(
            name="square",
            unique_codes=True,
            key_window_s=0,  # it has keys, and promises nothing about them
            compares_body=False,
            exact_lookup=True,
            settling_ms=options.settling_ms,
            voids=False,
            links=True,
            resolves=True,
            lists=True,
            instruments=frozenset({Instrument.CARD}),
            currencies=CURRENCIES,
        )

    @property
    def abilities(self) -> Abilities:
        return self._abilities

    def opening(self, credit: Credit) -> Do | None:
        """None for a currency that Square does not know: nothing is sent then."""
        if credit.amount.currency not in CURRENCIES:
            return None
        request = wire.create(credit, self._location, "create")
        return Do("create", request, replies.ids(credit.code))

    # ---- issuing

    def issue(self, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        """Create empty, activate, look, and link where a customer is known."""
        opening = self.opening(credit)
        if opening is None:
            saying = Saying(code="unsupported-currency", message=credit.amount.currency)
            return Refused(RefusalReason.CURRENCY, saying)
        reply = yield opening
        match replies.read_card(reply, credit.code, replies.WRITE):
            case Held() as held if held.code != credit.code.reveal():
                return Unanswered("foreign", held.saying, differs=True)
            case Held() as held if held.empty:
                return (yield from self._activated(credit, customer_id))
            case NotExecuted() | Wait() as not_executed:
                return as_outcome(not_executed)
            case other:
                return (yield from self._standing(other, credit, customer_id))

    def _standing(
        self, said: Held | No | Odd, credit: Credit, customer_id: str | None
    ) -> Exchange[Outcome]:
        """Somebody was first, or nobody knows what became of the creation: what stands under the
        code decides. Square documents no code of its own for a number that is taken."""
        match (yield from self._look(credit.code)):
            case Seen() as seen:
                return (yield from self._settled(seen, credit, customer_id))
            case Held():
                return (yield from self._activated(credit, customer_id))
            case No("not-found", _) if isinstance(said, No) and said.code != "key-reused":
                return as_outcome(said)
            case _:  # ask again later
                why = said.code if isinstance(said, No) else "not-seen"
                return Unanswered(said.why if isinstance(said, Odd) else why, said.saying)

    def _activated(self, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        request = wire.activate(credit, credit.amount, self._location, "activate")
        reply = yield Do("activate", request, replies.ids(credit.code))
        match replies.read_activity(reply, credit.code):
            case Activity() as done if _is_of("ACTIVATE", done, credit):
                reply = yield Look(wire.card(done.reference))
                match replies.read_card(reply, credit.code):
                    case Held() as held if not held.empty:
                        seen = replies.seen(held, done)
                        return (yield from self._settled(seen, credit, customer_id))
                    case Held() as held:
                        return Unanswered("still-pending", held.saying)
                    case other:
                        return _unanswered(other)
            case Activity() as foreign:
                return Unanswered("foreign", foreign.saying, differs=True)
            case No() as no:
                return (yield from self._not_activated(no, credit, customer_id))
            case other:
                return as_outcome(other)

    def _not_activated(self, no: No, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        """A no, or an activation that came before: the card itself says which."""
        match (yield from self._look(credit.code)):
            case Seen() as seen:
                return (yield from self._settled(seen, credit, customer_id))
            case Held() if no.code != "key-reused":
                return as_outcome(no)
            case _:
                return Unanswered(no.code, no.saying)

    def _settled(
        self, seen: Seen | Odd, credit: Credit, customer_id: str | None
    ) -> Exchange[Outcome]:
        if isinstance(seen, Odd):
            return Unanswered(seen.why, seen.saying)
        if compare(seen, credit) is not Match.EQUAL:
            return Unanswered("differs", difference(seen, credit), differs=True)
        card = seen.card
        if customer_id is None:
            return Confirmed(card, saying=seen.saying)
        linked = card.customer_id == customer_id
        if card.customer_id is None:
            try:
                result = yield from self._link(card.reference, credit.code, customer_id)
            except Interrupted:  # the credit stands; the link is done again later
                result = LinkResult.UNKNOWN
            linked = result is LinkResult.LINKED
            card = replace(card, customer_id=customer_id) if linked else card
        return Confirmed(card, linked, seen.saying)

    # ---- looking

    def find(self, credit: Credit) -> Exchange[Finding]:
        """By code: Square has no search by reference. A card that was never activated holds no
        money and no key; the credit is then as absent as without it."""
        match (yield from self._look(credit.code)):
            case Seen() as seen:
                match compare(seen, credit):
                    case Match.EQUAL:
                        return Found(seen.card)
                    case Match.VOID:
                        return FoundVoid(seen.card)
                    case Match.DIFFERENT:
                        return FoundDifferent(seen.card, difference(seen, credit))
            case Held() | No("not-found", _):
                return Absent()
            case other:
                return as_unknown(other)

    def _look(self, code: Code) -> Exchange[Seen | Held | Negative]:
        """`Held` for an empty card alone."""
        reply = yield Look(wire.from_gan(code))
        held = replies.read_from_gan(reply, code)
        if not isinstance(held, Held) or held.empty:
            return held
        if held.code != code.reveal():
            return Odd("foreign", held.saying)
        reply = yield Look(wire.activities(held.reference))
        match replies.read_activities(reply, code):
            case (done, cursor):
                return replies.beside(held, done, cursor is not None)
            case other:
                return other

    def balance(self, code: Code) -> Exchange[Money | Unknown | None]:
        reply = yield Look(wire.from_gan(code))
        match replies.read_from_gan(reply, code):
            case Held() as held if held.code != code.reveal():
                return Unknown("foreign", held.saying)
            case Held() as held:
                dead = held.state == "DEACTIVATED"
                return Money(0, held.balance.currency) if dead else held.balance
            case No("not-found", _):
                return None
            case other:
                return as_unknown(other)

    # ---- burning

    def burn(self, credit: Credit) -> Exchange[Burn]:
        """Deactivate what is there. What is not is created and activated at the smallest amount
        first: a card is documented to leave PENDING by its activation alone."""
        match (yield from self._look(credit.code)):
            case Seen() as seen:
                return (yield from self._burnt(seen, credit))
            case Held():
                return (yield from self._burn_activated(credit))
            case No("not-found", _):
                pass
            case other:
                return as_not_burnt(other, perhaps_sent=False)
        if credit.amount.currency not in CURRENCIES:
            return BurnRefused(Saying(code="unsupported-currency", message=credit.amount.currency))
        request = wire.create(credit, self._location, "burn-create")
        reply = yield Do("burn-create", request, replies.ids(credit.code))
        match replies.read_card(reply, credit.code, replies.WRITE):
            case Held() as held if held.empty and held.code == credit.code.reveal():
                return (yield from self._burn_activated(credit))
            case NotExecuted() | Wait() as not_executed:
                return as_not_burnt(not_executed, perhaps_sent=False)
            case other:
                return (yield from self._burn_standing(other, credit))

    def _burn_standing(self, said: Held | No | Odd, credit: Credit) -> Exchange[Burn]:
        match (yield from self._look(credit.code)):
            case Seen() as seen:
                return (yield from self._burnt(seen, credit))
            case Held():
                return (yield from self._burn_activated(credit))
            case No("not-found", _) if isinstance(said, No) and said.code != "key-reused":
                return BurnRefused(said.saying)
            case _:
                return BurnUnknown("not-seen", said.saying)

    def _burn_activated(self, credit: Credit) -> Exchange[Burn]:
        smallest = burn_amount(credit)
        request = wire.activate(credit, smallest, self._location, "burn-activate")
        reply = yield Do("burn-activate", request, replies.ids(credit.code))
        said = replies.read_activity(reply, credit.code)
        if isinstance(said, Wait | NotExecuted | Odd):
            return as_not_burnt(said, perhaps_sent=True)
        match (yield from self._look(credit.code)):
            case Seen() as seen:
                return (yield from self._burnt(seen, credit))
            case Held() if isinstance(said, No) and said.reason is not RefusalReason.PLATFORM:
                return BurnRefused(said.saying)  # the smallest amount is none of Square's
            case _:
                return BurnUnknown("not-activated", said.saying)

    def _burnt(self, seen: Seen, credit: Credit) -> Exchange[Burn]:
        dead = seen.code == credit.code.reveal() and not seen.card.enabled
        never = dead and seen.card.key is None and not seen.card.initial.minor
        if not (is_ours(seen, credit) or never):
            return BurnRefused(difference(seen, credit))
        if seen.card.enabled:
            step, card_id = "burn-deactivate", seen.card.reference
            request = wire.deactivate(credit, card_id, self._location, step)
            reply = yield Do(step, request, replies.ids(credit.code))
            said = replies.read_activity(reply, credit.code)
            if isinstance(said, Wait | NotExecuted | Odd):
                return as_not_burnt(said, perhaps_sent=True)
            match (yield from self._look(credit.code)):  # proof, and what was spent by then
                case Seen() as after if not after.card.enabled:
                    seen = after
                case Seen() if isinstance(said, No) and said.code != "key-reused":
                    return BurnRefused(said.saying)
                case _:
                    return BurnUnknown("not-deactivated", said.saying)
        spent = seen.card.initial - seen.card.balance
        return SpentInPart(seen.card, spent) if spent.positive else Burnt(seen.card)

    # ---- customers, notes, lists

    def link(self, credit: Credit, customer_id: str) -> Exchange[LinkResult]:
        """A card that is linked already is never linked to another, though Square lets up to ten
        customers have one card."""
        reply = yield Look(wire.from_gan(credit.code))
        match replies.read_from_gan(reply, credit.code):
            case Held() as held if held.code != credit.code.reveal():
                return LinkResult.UNKNOWN
            case Held(customer_ids=linked) if linked:
                return LinkResult.LINKED if customer_id in linked else LinkResult.ELSEWHERE
            case Held() as held:
                return (yield from self._link(held.reference, credit.code, customer_id))
            case _:  # a look-up that lags: the card was seen
                return LinkResult.UNKNOWN

    def _link(self, card_id: str, code: Code, customer_id: str) -> Exchange[LinkResult]:
        request = wire.link(card_id, customer_id)
        reply = yield Do(wire.step_of("link", request), request, replies.ids(code))
        match replies.read_card(reply, code, replies.WRITE):
            case Held() as held if held.reference == card_id and customer_id in held.customer_ids:
                return LinkResult.LINKED
            case No():
                return LinkResult.REFUSED
            case _:
                return LinkResult.UNKNOWN

    def annotate(self, credit: Credit, fields: Mapping[str, str]) -> Exchange[bool]:
        """Square's gift cards have no field for notes: nothing is asked."""
        yield from ()
        return False

    def resolve(self, customer: CustomerReference) -> Exchange[Resolution]:
        reply = yield Look(wire.search_customers(customer))
        match replies.read(reply, replies.CustomersReply, scope=replies.CUSTOMERS):
            case replies.CustomersReply(customers=found) if not all(
                each.answers_to(customer) for each in found
            ):
                return Unknown("not-asked-for", Saying(status=reply.status))
            case replies.CustomersReply(customers=[], cursor=None | ""):
                return Unmatched()
            case replies.CustomersReply(customers=[one], cursor=None | ""):
                return Matched(one.id, one.masked())
            case replies.CustomersReply(customers=several):
                return Ambiguous(max(len({each.id for each in several}), 2))
            case other:
                return as_unknown(other)

    def list_page(self, since_ms: int, cursor: str | None) -> Exchange[Page | Unknown]:
        """Activations of this location since then, each with its card as it stands now. Raises
        OverflowError (which the driver turns into *unknown*) for a time out of range."""
        reply = yield Look(wire.activations(since_ms, self._location, cursor))
        match replies.read_activities(reply):
            case (done, following):
                pass
            case other:
                return as_unknown(other)
        cards: list[Card] = []
        for activation in done[: wire.PAGE]:
            reply = yield Look(wire.card(activation.reference))
            match replies.read(reply, replies.CardReply):
                case replies.CardReply() as body:
                    whole = replies.seen(replies.held(body, reply), activation)
                case other:
                    return as_unknown(other)
            if isinstance(whole, Odd):
                return as_unknown(whole)
            cards.append(whole.card)
        return Page(tuple(cards), following)

    def probe(self, now_ms: int) -> Exchange[tuple[Probed, ...]]:
        """The token's scopes and end, and the location. Issues nothing."""
        return (yield from probing.probe(self._location, now_ms))


def _is_of(kind: str, done: Activity, credit: Credit) -> bool:
    return done.type == kind and done.amount is not None and done.code == credit.code.reveal()


def _unanswered(negative: Negative) -> Outcome:
    """The activation was answered, and the look after it was not."""
    unknown = as_unknown(negative)
    return Unanswered(unknown.why, unknown.saying)
