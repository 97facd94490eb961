# SPDX-License-Identifier: Apache-2.0
"""Conversations with a retailer's middleware that speaks Countermark's platform contract.

Each reads from top to bottom. No I/O, no state, no log. The contract:
`contract.openapi.json` beside this file; how replies are read: `wire`.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum, auto
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
from agent.platforms.exchange import Do, Exchange, Interrupted, Look
from agent.platforms.rest import wire
from agent.platforms.rest.options import RestOptions
from agent.platforms.rest.wire import Negative, No, NotExecuted, Odd, Seen, Wait
from agent.ports import Abilities

_REASONS: Final = {"currency": RefusalReason.CURRENCY, "limit": RefusalReason.LIMIT}
_TAKEN: Final = frozenset({"code-taken", "key-reused"})


class RestAdapter:
    """Countermark's own contract."""

    def __init__(self, options: RestOptions) -> None:
        self._abilities = Abilities(
            name="rest",
            unique_codes=True,
            key_window_s=options.key_window_s,
            compares_body=True,
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

    def opening(self, credit: Credit) -> Do:
        return Do("create", wire.create(credit, credit.amount, "create"), wire.ids(credit.code))

    def issue(self, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        """Create, and link where a customer is known. Only this very credit is Confirmed."""
        reply = yield self.opening(credit)
        match wire.read_credit(reply, credit.code, created=True):
            case Seen() as seen:
                return (yield from self._settled(seen, credit, customer_id))
            case No(code, saying) if code in _TAKEN:
                match (yield from self._look(credit)):
                    case Seen() as seen:
                        return (yield from self._settled(seen, credit, customer_id))
                    case _:  # somebody was first, and cannot be read: ask again later
                        return Unanswered(code, saying)
            case No(code, saying):
                return Refused(_REASONS.get(code, RefusalReason.PLATFORM), saying)
            case NotExecuted(why, saying):
                return Unsent(why, saying)
            case Wait(retry_after_s, saying):
                return Throttled(retry_after_s, saying)
            case Odd(why, saying):
                return Unanswered(why, saying)

    def _settled(self, seen: Seen, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        if _compare(seen, credit) is not _Match.EQUAL:
            return Unanswered("differs", _difference(seen, credit), differs=True)
        if customer_id is None:
            return Confirmed(seen.card, saying=seen.saying)
        try:
            result = yield from self._linked(seen, credit, customer_id)
        except Interrupted:  # the credit stands; the link is a step of its own, done again later
            result = LinkResult.UNKNOWN
        linked = result is LinkResult.LINKED
        card = replace(seen.card, customer_id=customer_id) if linked else seen.card
        return Confirmed(card, linked, seen.saying)

    def _linked(self, seen: Seen, credit: Credit, customer_id: str) -> Exchange[LinkResult]:
        """A card that is linked already is never linked again."""
        if seen.card.customer_id is not None:
            same = seen.card.customer_id == customer_id
            return LinkResult.LINKED if same else LinkResult.ELSEWHERE
        return (yield from self.link(credit, customer_id))

    def find(self, credit: Credit) -> Exchange[Finding]:
        """By key, then by code; both are exact. `Found.linked` is left to the link step, which
        alone knows for whom."""
        match (yield from self._look(credit)):
            case Seen() as seen:
                match _compare(seen, credit):
                    case _Match.EQUAL:
                        return Found(seen.card)
                    case _Match.VOID:
                        return FoundVoid(seen.card)
                    case _Match.DIFFERENT:
                        return FoundDifferent(seen.card, _difference(seen, credit))
            case No("not-found", _):
                return Absent()
            case other:
                return _unknown(other)

    def _look(self, credit: Credit) -> Exchange[Seen | Negative]:
        reply = yield Look(wire.find_by_key(credit))
        match wire.read_credit(reply, credit.code):
            case No("not-found", _):
                reply = yield Look(wire.find_by_code(credit.code))
                return wire.read_credit(reply, credit.code)
            case other:
                return other

    def burn(self, credit: Credit) -> Exchange[Burn]:
        """Make the code dead for ever: disable what is there, else create it at the smallest
        amount and disable that."""
        match (yield from self._look(credit)):
            case Seen() as seen:
                return (yield from self._burnt(seen, credit))
            case No("not-found", _):
                pass
            case other:
                return _not_burnt(other, perhaps_sent=False)
        smallest = wire.create(credit, wire.burn_amount(credit), "burn")
        reply = yield Do("burn", smallest, wire.ids(credit.code))
        match wire.read_credit(reply, credit.code, created=True):
            case Seen() as seen:
                return (yield from self._burnt(seen, credit))
            case No(code, saying) if code in _TAKEN:
                match (yield from self._look(credit)):
                    case Seen() as seen:
                        return (yield from self._burnt(seen, credit))
                    case _:
                        return BurnUnknown(code, saying)
            case No(_, saying):
                return BurnRefused(saying)
            case other:
                return _not_burnt(other, perhaps_sent=isinstance(other, Odd))

    def _burnt(self, seen: Seen, credit: Credit) -> Exchange[Burn]:
        if not _is_ours(seen, credit):
            return BurnRefused(_difference(seen, credit))
        if seen.card.enabled:
            reply = yield Do("burn-disable", wire.disable(credit.code), wire.ids(credit.code))
            match wire.read_credit(reply, credit.code):
                case Seen() as after if _is_ours(after, credit) and not after.card.enabled:
                    seen = after
                case Seen() as after:
                    return BurnUnknown("not-disabled", after.saying)
                case No(_, saying):
                    return BurnRefused(saying)
                case other:
                    return _not_burnt(other, perhaps_sent=True)
        spent = seen.card.initial - seen.card.balance
        return SpentInPart(seen.card, spent) if spent.positive else Burnt(seen.card)

    def link(self, credit: Credit, customer_id: str) -> Exchange[LinkResult]:
        request = wire.link(credit.code, customer_id)
        reply = yield Do(wire.step_of("link", request), request, wire.ids(credit.code))
        match wire.read_credit(reply, credit.code):
            case Seen() as seen if seen.code == credit.code.reveal():
                if seen.card.customer_id == customer_id:
                    return LinkResult.LINKED
                return LinkResult.UNKNOWN
            case No("linked-elsewhere", _):
                return LinkResult.ELSEWHERE
            case No("not-found", _):  # a look-up that lags: the card was seen
                return LinkResult.UNKNOWN
            case No():
                return LinkResult.REFUSED
            case _:
                return LinkResult.UNKNOWN

    def annotate(self, credit: Credit, fields: Mapping[str, str]) -> Exchange[bool]:
        request = wire.annotate(credit.code, fields)
        reply = yield Do(wire.step_of("annotate", request), request, wire.ids(credit.code))
        read = wire.read_credit(reply, credit.code)
        return isinstance(read, Seen) and read.code == credit.code.reveal()

    def resolve(self, customer: CustomerReference) -> Exchange[Resolution]:
        reply = yield Look(wire.resolve(customer))
        match wire.read(reply, wire.MatchesReply):
            case wire.MatchesReply(matches=[]):
                return Unmatched()
            case wire.MatchesReply(matches=[one]):
                return Matched(one.customer_id, _shown(one.masked))
            case wire.MatchesReply(matches=several):
                return Ambiguous(len({each.customer_id for each in several}))
            case other:
                return _unknown(other)

    def balance(self, code: Code) -> Exchange[Money | Unknown | None]:
        reply = yield Look(wire.balance(code))
        match wire.read(reply, wire.BalanceReply, code):
            case wire.BalanceReply() as read:
                left = read.balance.money()
                return left if read.enabled else Money(0, left.currency)
            case No("not-found", _):
                return None
            case other:
                return _unknown(other)

    def list_page(self, since_ms: int, cursor: str | None) -> Exchange[Page | Unknown]:
        """Raises ValueError (which the driver turns into *unknown*) for a time out of range."""
        epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
        since = (epoch + datetime.timedelta(milliseconds=since_ms)).isoformat()
        reply = yield Look(wire.list_since(since, cursor))
        match wire.read(reply, wire.PageReply):
            case wire.PageReply() as page:
                return Page(tuple(each.card() for each in page.credits), page.next_cursor)
            case other:
                return _unknown(other)


class _Match(Enum):
    EQUAL = auto()
    VOID = auto()
    DIFFERENT = auto()


def _is_ours(seen: Seen, credit: Credit) -> bool:
    return seen.code == credit.code.reveal() and seen.card.key == credit.key.text


def _compare(seen: Seen, credit: Credit) -> _Match:
    """By the initial amount, never the balance: a confirmed card may be spent."""
    card = seen.card
    if card.enabled:
        equal = _is_ours(seen, credit) and card.initial == credit.amount
        return _Match.EQUAL if equal else _Match.DIFFERENT
    dead = seen.code == credit.code.reveal() and (
        card.key == credit.key.text or card.initial == wire.burn_amount(credit)
    )
    return _Match.VOID if dead else _Match.DIFFERENT


def _difference(seen: Seen, credit: Credit) -> Saying:
    """In what a card differs, by name and never by value."""
    card = seen.card
    parts = {
        "code": seen.code != credit.code.reveal(),
        "key": card.key != credit.key.text,
        "amount": card.initial.minor != credit.amount.minor,
        "currency": card.initial.currency != credit.amount.currency,
        "disabled": not card.enabled,
    }
    names = ", ".join(name for name, differs in parts.items() if differs)
    return replace(seen.saying, code="differs", message=names)


def _unknown(negative: Negative) -> Unknown:
    match negative:
        case Wait(retry_after_s, saying):
            return Unknown("throttled", saying, retry_after_s)
        case No(code, saying):
            return Unknown(code, saying)
        case NotExecuted(why, saying) | Odd(why, saying):
            return Unknown(why, saying)


def _not_burnt(negative: Negative, *, perhaps_sent: bool) -> BurnUnknown:
    unknown = _unknown(negative)
    return BurnUnknown(unknown.why, unknown.saying, perhaps_sent)


def _shown(text: str) -> str:
    return "".join(each for each in text if each.isprintable())
