# SPDX-License-Identifier: Apache-2.0
"""Conversations with Adyen's Stored Value API about scanned gift cards. No I/O, no state, no log.

Adyen is a switch before the cards' own providers. It lists nothing, finds nothing by our
reference, and a card's balance alone never proves whose money lies on it. What guards a credit is
the Idempotency-Key: kept for at least seven days, and answered with the first answer
(docs.adyen.com, development-resources/api-idempotency). So a credit is put on an *empty* card
only, a lost answer is learnt by sending the same bytes under the same key, and a look-up never
says more than *absent*, which this platform's abilities call inexact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

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
    Card,
    Confirmed,
    Finding,
    FoundDifferent,
    LinkResult,
    Outcome,
    RefusalReason,
    Refused,
    Resolution,
    Saying,
    SpentInPart,
    Unanswered,
    Unknown,
    Unsent,
)
from agent.domain.plastic import Plastic
from agent.platforms.adapter import Page
from agent.platforms.adyen import wire
from agent.platforms.adyen.errors import UNSURE
from agent.platforms.adyen.options import AdyenOptions, Put
from agent.platforms.exchange import Do, Exchange, Look
from agent.platforms.probe import Probed, ProbeResult
from agent.platforms.reading import (
    AUTH,
    Negative,
    No,
    Odd,
    as_not_burnt,
    as_outcome,
    as_unknown,
)
from agent.ports import Abilities

KEY_WINDOW_S: Final = 7 * 86_400
"""Adyen keeps a key for at least so long; an older copy of the same page says 31 days."""
SETTLING_MS: Final = 5_000
VOID_MAX_MS: Final = 24 * 3_600_000
"""Adyen undoes what is at most a day old (docs.adyen.com, stored-value-api/void)."""
CLOCK_SLACK_MS: Final = 300_000
_BEFORE: Final = "before"
_AT_BURN: Final = "burn-balance"
_NO_CARD: Final = Saying(code="no-plastic", message="no gift card was scanned")
_NOT_EMPTY: Final = "not-empty"
_NOBODY: Final = Plastic("0" * 16)
"""No card of anybody: what a probe asks about."""
_PROBED: Final = {
    AUTH: "Adyen refuses the API key or the merchant account: the credential needs the role for"
    " the Stored Value API, and access to platform.merchant_account",
    UNSURE: "Adyen takes the API key, but does not reach the cards' provider just now",
}


@dataclass(frozen=True, slots=True)
class _FirstLook:
    """`against`: why nothing may be put on the card; `date_ms`: Adyen's clock when it was asked."""

    against: Negative | None
    date_ms: int | None


class AdyenAdapter:
    """Stored Value v46."""

    def __init__(self, options: AdyenOptions) -> None:
        self._options = options
        self._abilities = Abilities(
            name="adyen",
            unique_codes=False,
            key_window_s=KEY_WINDOW_S,
            compares_body=False,
            exact_lookup=False,
            settling_ms=SETTLING_MS,
            voids=True,
            links=False,
            resolves=False,
            lists=False,
            instruments=frozenset({Instrument.PLASTIC}),
        )

    @property
    def abilities(self) -> Abilities:
        return self._abilities

    def opening(self, credit: Credit) -> None:
        """The card is looked at first."""

    # ---- issuing

    def issue(self, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        """Look whether the card is empty, and put the credit on it. Only a Success that leaves
        exactly the credit on the card is Confirmed."""
        plastic = credit.plastic
        if plastic is None:
            return Refused(RefusalReason.PLATFORM, _NO_CARD)
        if wire.vendor_minor(credit.amount) is None:
            return Refused(RefusalReason.CURRENCY, Saying(code="digits"))
        first = yield from self._first_look(credit, plastic)
        match first.against:
            case None:
                pass
            case Odd(why, saying):  # so far it was only asked
                return Unsent(why, saying)
            case other:
                return as_outcome(other)
        ask = self._put_on(credit, plastic)
        match wire.read((yield ask), ask.request, plastic):
            case wire.Did() as did if did.balance == credit.amount:
                return Confirmed(_card(credit, did), saying=did.saying)
            case wire.Did() as did:
                return Unanswered("differs", did.saying, differs=True)
            case other:
                return as_outcome(other)

    def _put_on(self, credit: Credit, plastic: Plastic) -> Do:
        request = wire.put_on(self._options, credit, plastic)
        return Do(self._options.put.value, request, wire.ids(request, plastic))

    def _first_look(self, credit: Credit, plastic: Plastic) -> Exchange[_FirstLook]:
        """Whether the card is empty, by the first answer that was ever given to this question:
        after a send it still says what was there before. A provider's *Error* may be kept as
        well, and is asked past."""
        request = wire.first_balance(self._options, credit, plastic, _BEFORE)
        reply = yield Look(request)
        read = wire.read(reply, request, plastic)
        if isinstance(read, Odd) and read.why == UNSURE:
            request = wire.balance(self._options, credit.key.text, plastic)
            reply = yield Look(request)
            read = wire.read(reply, request, plastic)
        return _FirstLook(self._against(read, credit), reply.date_ms)

    def _against(self, read: wire.Did | Negative, credit: Credit) -> Negative | None:
        match read:
            case wire.Did(_, None, _, saying):
                return No("no-balance", replace(saying, code="no-balance"))
            case wire.Did(_, Money() as balance, _, saying) if balance.positive:
                return No(_NOT_EMPTY, replace(saying, code=_NOT_EMPTY))
            case wire.Did(_, balance, _, saying) if balance != _nothing(credit):
                said = replace(saying, code="card-currency")
                return No("card-currency", said, RefusalReason.CURRENCY)
            case wire.Did():
                return None
            case No("refused") if self._options.put is Put.ACTIVATE:
                return None  # a card that was never activated may have no balance to tell
            case other:
                return other

    # ---- looking

    def find(self, credit: Credit) -> Exchange[Finding]:
        """Never Found: two credits for one card look alike. More on the card than the credit is
        for a person; anything else is learnt under the key."""
        plastic = credit.plastic
        if plastic is None:
            return Unknown("no-plastic", _NO_CARD)
        request = wire.balance(self._options, credit.key.text, plastic)
        match wire.read((yield Look(request)), request, plastic):
            case wire.Did(_, Money() as balance, _, saying) if _more(balance, credit.amount):
                card = Card(f"card-{plastic.last_four}", balance, balance, True, None)
                return FoundDifferent(card, saying)
            case wire.Did(_, Money(), _, _) | No():
                return Absent()
            case wire.Did(_, _, _, saying):
                return Unknown("no-balance", saying)
            case other:
                return as_unknown(other)

    def balance_of(self, plastic: Plastic) -> Exchange[Money | Unknown | None]:
        """What is on a scanned card; None where the provider refuses it."""
        request = wire.balance(self._options, "balance", plastic)
        match wire.read((yield Look(request)), request, plastic):
            case wire.Did(_, Money() as balance, _, _):
                return balance
            case wire.Did(_, _, _, saying):
                return Unknown("no-balance", saying)
            case No():
                return None
            case other:
                return as_unknown(other)

    # ---- undoing

    def burn(self, credit: Credit) -> Exchange[Burn]:
        """Learn under the key what was done (a credit that was never sent is put on the card now),
        and undo exactly that: Givex cards are deactivated for ever, others get a void.

        All of it lies within Adyen's day for voids, by its own clock: later the key might be
        forgotten, and the first step would put the money on once more. Then a person must look.
        """
        plastic = credit.plastic
        if plastic is None or wire.vendor_minor(credit.amount) is None:
            return BurnRefused(_NO_CARD)
        against = yield from self._unburnable(credit, plastic)
        if against is not None:
            return against
        ask = self._put_on(credit, plastic)
        match wire.read((yield ask), ask.request, plastic):
            case wire.Did() as did if did.balance == credit.amount:
                return (yield from self._undone(credit, plastic, did))
            case wire.Did() as did:
                return BurnRefused(replace(did.saying, code=_NOT_EMPTY))
            case No(_, saying):
                return BurnRefused(saying)
            case other:
                return as_not_burnt(other, perhaps_sent=isinstance(other, Odd))

    def _unburnable(self, credit: Credit, plastic: Plastic) -> Exchange[Burn | None]:
        first = yield from self._first_look(credit, plastic)
        match first.against:
            case No(_, saying):
                return BurnRefused(saying)
            case None:
                if first.date_ms is None:
                    return BurnUnknown("no-date", perhaps_sent=False)
                age_ms = first.date_ms - credit.key.timestamp_ms
                fits = -CLOCK_SLACK_MS <= age_ms <= VOID_MAX_MS
                return None if fits else BurnRefused(Saying(code="too-late-to-void"))
            case other:
                return as_not_burnt(other, perhaps_sent=False)

    def _undone(self, credit: Credit, plastic: Plastic, did: wire.Did) -> Exchange[Burn]:
        request = wire.first_balance(self._options, credit, plastic, _AT_BURN)
        match wire.read((yield Look(request)), request, plastic):
            case wire.Did(_, Money() as left, _, saying):
                pass
            case wire.Did(_, _, _, saying) | No(_, saying):
                return BurnRefused(saying)
            case other:
                return as_not_burnt(other, perhaps_sent=True)
        spent = credit.amount - left if left.currency == credit.amount.currency else None
        if spent is None or spent.minor < 0:
            return BurnRefused(replace(saying, code=_NOT_EMPTY))
        card = Card(did.reference, credit.amount, left, False, credit.key.text)
        ask = self._kill(credit, plastic, did.reference)
        match wire.read((yield ask), ask.request, plastic):
            case wire.Did() as done if self._is_dead(done, credit):
                return SpentInPart(card, spent) if spent.positive else Burnt(card)
            case wire.Did() as done:
                return BurnRefused(replace(done.saying, code=_NOT_EMPTY))
            case No(_, saying):
                return BurnRefused(saying)
            case other:
                return as_not_burnt(other, perhaps_sent=True)

    def _kill(self, credit: Credit, plastic: Plastic, original: str) -> Do:
        if self._options.deactivates:
            step = "burn-deactivate"
            request = wire.deactivate(self._options, credit, plastic, step)
        else:
            step = "burn-void"
            request = wire.void(self._options, credit, original, step)
        return Do(step, request, wire.ids(request, plastic))

    def _is_dead(self, done: wire.Did, credit: Credit) -> bool:
        """A deactivated card is dead whatever it held; a void must leave it empty."""
        return self._options.deactivates or done.balance == _nothing(credit)

    # ---- what Adyen does not have

    def link(self, credit: Credit, customer_id: str) -> Exchange[LinkResult]:
        """Adyen knows no customers of gift cards."""
        yield from ()
        return LinkResult.REFUSED

    def annotate(self, credit: Credit, fields: Mapping[str, str]) -> Exchange[bool]:
        """Nothing can be noted on a card later."""
        yield from ()
        return False

    def resolve(self, customer: CustomerReference) -> Exchange[Resolution]:
        yield from ()
        return Unknown("no-customers")

    def balance(self, code: Code) -> Exchange[Money | Unknown | None]:
        """No card at Adyen has a code of ours; a scanned card is asked for by `balance_of`."""
        yield from ()
        return None

    def list_page(self, since_ms: int, cursor: str | None) -> Exchange[Page | Unknown]:
        """There is no list: the Customer Area's reports are the audit."""
        yield from ()
        return Unknown("no-list")

    def probe(self, now_ms: int) -> Exchange[tuple[Probed, ...]]:
        """Asks for the balance of a card that nobody has: being refused proves the credential."""
        request = wire.balance(self._options, "probe", _NOBODY)
        match wire.read((yield Look(request)), request, _NOBODY):
            case wire.Did() | No():
                detail = "the API key may use the Stored Value API of the merchant account"
                return (Probed("credentials", ProbeResult.OK, detail),)
            case other:
                unknown = as_unknown(other)
                detail = _PROBED.get(unknown.why, "the answer is not one of Adyen's")
                weak = ProbeResult.WEAK if unknown.why == UNSURE else ProbeResult.WRONG
                return (Probed("credentials", weak, detail, unknown.saying),)


def _nothing(credit: Credit) -> Money:
    return Money(0, credit.amount.currency)


def _more(balance: Money, amount: Money) -> bool:
    """Whether the card holds what this credit alone cannot have brought."""
    return balance.positive and (balance.currency != amount.currency or amount < balance)


def _card(credit: Credit, did: wire.Did) -> Card:
    """What a Success has put there. The key only where it came back."""
    key = credit.key.text if did.keyed else None
    return Card(did.reference, credit.amount, credit.amount, True, key)
