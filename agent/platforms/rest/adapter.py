# SPDX-License-Identifier: Apache-2.0
"""Conversations with a retailer's middleware that speaks Countermark's platform contract.

Each reads from top to bottom. No I/O, no state, no log. The contract:
`contract.openapi.json` beside this file; how replies are read: `wire`.
"""

from __future__ import annotations

import datetime
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
    Confirmed,
    Finding,
    Found,
    FoundDifferent,
    FoundVoid,
    LinkResult,
    Matched,
    Outcome,
    Resolution,
    SpentInPart,
    Unanswered,
    Unknown,
    Unmatched,
)
from agent.platforms.adapter import Page
from agent.platforms.comparing import Match, burn_amount, compare, difference, is_ours
from agent.platforms.exchange import Do, Exchange, Interrupted, Look
from agent.platforms.probe import Probed, ProbeResult
from agent.platforms.reading import (
    AUTH,
    Negative,
    No,
    Odd,
    Seen,
    as_not_burnt,
    as_outcome,
    as_unknown,
    shown,
)
from agent.platforms.rest import wire
from agent.platforms.rest.options import RestOptions
from agent.ports import Abilities

_PROBED: Final = {
    AUTH: "the platform refuses the token: put a valid one into the credential file",
    "no-such-path": "there is no such path: platform.url must end before /v1",
    "throttled": "the platform takes no more requests just now: try again later",
}
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
                return as_not_burnt(other, perhaps_sent=False)
        smallest = wire.create(credit, burn_amount(credit), "burn")
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
                return as_not_burnt(other, perhaps_sent=isinstance(other, Odd))

    def _burnt(self, seen: Seen, credit: Credit) -> Exchange[Burn]:
        if not is_ours(seen, credit):
            return BurnRefused(difference(seen, credit))
        if seen.card.enabled:
            reply = yield Do("burn-disable", wire.disable(credit.code), wire.ids(credit.code))
            match wire.read_credit(reply, credit.code):
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
                return Matched(one.customer_id, shown(one.masked))
            case wire.MatchesReply(matches=several):
                return Ambiguous(len({each.customer_id for each in several}))
            case other:
                return as_unknown(other)

    def balance(self, code: Code) -> Exchange[Money | Unknown | None]:
        reply = yield Look(wire.balance(code))
        match wire.read(reply, wire.BalanceReply, code):
            case wire.BalanceReply() as read:
                left = read.balance.money()
                return left if read.enabled else Money(0, left.currency)
            case No("not-found", _):
                return None
            case other:
                return as_unknown(other)

    def probe(self, now_ms: int) -> Exchange[tuple[Probed, ...]]:
        """Asks for the list from now on: an empty page proves address and credential."""
        match (yield from self.list_page(now_ms, None)):
            case Page():
                return (Probed("credentials", ProbeResult.OK, "the token may read credits"),)
            case Unknown(why, saying):
                detail = _PROBED.get(why, "the answer is not one of the platform contract")
                return (Probed("credentials", ProbeResult.WRONG, detail, saying),)

    def list_page(self, since_ms: int, cursor: str | None) -> Exchange[Page | Unknown]:
        """Raises ValueError (which the driver turns into *unknown*) for a time out of range."""
        epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
        since = (epoch + datetime.timedelta(milliseconds=since_ms)).isoformat()
        reply = yield Look(wire.list_since(since, cursor))
        match wire.read(reply, wire.PageReply):
            case wire.PageReply() as page:
                return Page(tuple(each.card() for each in page.credits), page.next_cursor)
            case other:
                return as_unknown(other)
