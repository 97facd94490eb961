# SPDX-License-Identifier: Apache-2.0
"""A gift-card platform in memory: the platform contract as a state machine, with faults by name.

`handle` takes a request and gives an answer; nothing else happens, and nothing waits. What the
platform is able to do is its `Profile`. It reads its own clock, which may run apart from ours.
`cards` and `log` are what is true: the oracle's other book.
"""

from __future__ import annotations

import email.utils
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, unquote, urlsplit

from agent.platforms.messages import HttpReply, HttpRequest
from tests.simulation import platform_bodies as bodies
from tests.simulation.customers import Customers, SimCustomer
from tests.simulation.platform_bodies import Problem
from tests.simulation.platform_cards import Cards, SimCard, as_reply, json_reply
from tests.simulation.platform_faults import MEANINGS, REFUSERS, SPOILERS, FaultBoard
from tests.simulation.platform_gate import (
    BY_KEY,
    Bucket,
    Sent,
    Throttled,
    looked_for,
    operation_of,
    sent_by,
    vendor_key_of,
)
from tests.simulation.profiles import Lookup, Profile
from tests.simulation.wire import Afterwards, Answer, Later, Reply, Request, Silence

_PAGE = b"<!doctype html><title>Sign in</title><h1>Welcome to the free WiFi</h1>"


@dataclass(slots=True)
class _Remembered:
    """What an Idempotency-Key was answered with; no card for a saved 500."""

    body: tuple[str, str, int, str]
    card: SimCard | None
    at_ms: int


class SimPlatform:
    """`dice`: of its own. `now_ms`: its clock, UTC. `token` may be changed at any moment."""

    def __init__(
        self,
        profile: Profile,
        dice: random.Random,
        now_ms: Callable[[], int],
        token: str = "secret",
    ) -> None:
        self.profile = profile
        self.token = token
        self.customers = Customers()
        self.cards = Cards(profile.unique_codes, profile.unique_keys)
        self.board = FaultBoard(dice, late_s=profile.late_s)
        self.bucket = None if profile.rate is None else Bucket(*profile.rate)
        self.asked: Counter[str] = Counter()
        self._dice = dice
        self._now_ms = now_ms
        self._keys: dict[str, _Remembered] = {}
        self._number = 0
        self._date = (-1, "")

    # ---- what a vendor's own wire does otherwise

    def operation_of(self, request: Request) -> str:
        """One of the names that `platform_faults` knows, or what `_admit` turns away."""
        return operation_of(request)

    def operations(self) -> Mapping[str, Callable[[Request], Answer]]:
        """What carries each operation out. They raise Problem for a documented no."""
        return {
            "create": self._create,
            "by_key": self._find_by_key,
            "find": self._find_by_code,
            "disable": self._disable,
            "link": self._link,
            "annotate": self._annotate,
            "balance": self._balance,
            "resolve": self._resolve,
            "list": self._list,
        }

    def proves(self, request: Request) -> bool:
        """Whether the request carries the token that counts now."""
        return request.headers.get("authorization") == f"Bearer {self.token}"

    def told(self, problem: Problem) -> Reply:
        """A documented no as the vendor says it."""
        return problem.reply()

    def promised(self) -> Reply:
        """An answer that is neither a yes nor a no."""
        return json_reply({"status": "PENDING"}, 202)

    def sent(self, request: HttpRequest) -> Sent | None:
        """What this request would issue; None for one that issues nothing."""
        return sent_by(request)

    def looked_for(self, request: HttpRequest) -> str | None:
        """The key or the code that a look-up asks about."""
        return looked_for(request)

    def not_executed(self, reply: HttpReply) -> bool:
        """Whether the vendor documents that a create answered so was not carried out."""
        return reply.status in (401, 403, 404, 405, 422, 429) or (
            reply.status == 503 and b"not-executed" in reply.body
        )

    # ---- everybody's

    @property
    def bitten(self) -> Counter[str]:
        return self.board.bitten

    def spend(self, code: str, minor: int) -> bool:
        """A shopper pays with the code. False where the card does not cover it."""
        return self.cards.spend(code, minor, self._now_ms())

    def foreign(self, code: str, minor: int, currency: str) -> SimCard:
        """Another system makes a card of its own, with no key of ours."""
        return self.cards.create(None, code, minor, currency, self._now_ms(), by="other")

    def disable_elsewhere(self, code: str) -> bool:
        """Another system, or a person, disables a card. False where there is none."""
        card = self.cards.by_code(code)
        if card is None:
            return False
        self.cards.disable(card, self._now_ms(), by="other")
        return True

    def handle(self, request: Request) -> Answer:
        """What `Network.serve` takes."""
        operation = self.operation_of(request)
        self.asked[operation] += 1
        board = self.board
        spoiler = board.drawn(operation, SPOILERS, self._now_ms())
        if not spoiler:
            return self._carried_out(operation, request)
        return self._spoilt(spoiler, operation, request)

    def _spoilt(self, spoiler: str, operation: str, request: Request) -> Answer:
        def carry_out() -> Reply:
            return _reply_of(self._carried_out(operation, request))

        if spoiler == "late":
            return Afterwards(Silence(), self._dice.uniform(*self.board.late_s), carry_out)
        carried = spoiler not in {"redirect", "html_200"}
        if spoiler in {"hang", "empty_200", "accepted_202", "outage_503"}:
            carried = self.board.either()
        answer = self._carried_out(operation, request) if carried else None
        real = None if answer is None else _reply_of(answer)
        match spoiler:
            case "slow":
                assert real is not None
                return Later(self._dice.uniform(*self.board.slow_s), lambda: real)
            case "duplicate_inside":
                assert real is not None
                if real.status >= 400 or real.no:
                    return real  # a documented no is not tried again by itself
                return Afterwards(real, self._dice.uniform(0, self.board.late_s[1]), carry_out)
            case "half_body":
                assert real is not None
                return replace(real, half=True)
            case "empty_200":
                return Reply(200, (("Content-Type", "application/json"), self._dated()))
            case "accepted_202":
                return self.promised()
            case "redirect":
                return Reply(302, (("Location", "https://portal.example/login"),))
            case "html_200":
                return Reply(200, (("Content-Type", "text/html"),), _PAGE)
            case "outage_503":
                return Reply(503, (("Content-Type", "text/plain"),), b"upstream connect error")
            case _:
                return Silence()

    def _carried_out(self, operation: str, request: Request) -> Answer:
        """The contract's answer, with its number and the platform's time."""
        self._number += 1
        try:
            self._admit(operation, request)
            answer = self.operations()[operation](request)
        except Problem as problem:
            answer = self.told(problem)
        headers = (("Request-Id", f"sim_{self._number:08d}"), self._dated())
        match answer:
            case Reply():
                return replace(answer, headers=(*answer.headers, *headers))
            case Afterwards(Reply() as now):
                return replace(answer, answer=replace(now, headers=(*now.headers, *headers)))
            case _:
                return answer

    def _dated(self) -> tuple[str, str]:
        second = self._now_ms() // 1000
        if second != self._date[0]:
            self._date = (second, email.utils.formatdate(second, usegmt=True))
        return ("Date", self._date[1])

    def _admit(self, operation: str, request: Request) -> None:
        """Raises Problem for what is turned away before it is read."""
        now_ms = self._now_ms()
        fault = self.board.drawn(operation, REFUSERS, now_ms)
        if fault == "token_revoked" or not self.proves(request):
            raise Problem(401, "unauthorised")
        if self.bucket is not None and (wait_s := self.bucket.wait_s(now_ms)):
            self.board.bite("throttled")
            raise Throttled(wait_s)
        match fault:
            case "throttled":
                raise Throttled(self._dice.randrange(1, 30))
            case "not_executed_503":
                raise Problem(503, "not-executed")
            case "refused_422":
                raise Problem(422, "refused", vendor_code="simulated")
        if operation == "no-such-path" or (
            operation in {"by_key", "find"} and self.profile.lookup is Lookup.NONE
        ):
            raise Problem(404, "no-such-path")
        if operation == "method-not-allowed":
            raise Problem(405, "method-not-allowed")

    # ---- creating

    def _create(self, request: Request) -> Answer:
        vendor_key = vendor_key_of(request)
        body = bodies.issue_body(request.body)
        now_ms = self._now_ms()
        known = self._remembered(vendor_key, now_ms)
        if known is not None:
            return self._replayed(known, body)
        meaning = self.board.drawn("create", MEANINGS, now_ms)
        if meaning == "conflict_409":
            conflict = self.told(Problem(409, "in-progress"))
            if self.board.either():
                return conflict
            delay_s = self._dice.uniform(*self.board.late_s)
            return Afterwards(conflict, delay_s, lambda: self._in_the_end(vendor_key, body))
        if meaning == "saved_500":
            card = self._made(body, now_ms, "") if self.board.either() else None
            del card  # it stands, and its key remembers the 500 alone
            self._keys[vendor_key] = _Remembered(body, None, now_ms)
            raise Problem(500, "unknown")
        card = self._made(body, now_ms, meaning)
        self._keys[vendor_key] = _Remembered(body, card, now_ms)
        said_minor = card.minor + 100 if meaning == "wrong_amount_said" else None
        return as_reply(card, 201, said_minor)

    def _in_the_end(self, vendor_key: str, body: tuple[str, str, int, str]) -> None:
        """A request that was in progress is carried out, whoever waits for it."""
        now_ms = self._now_ms()
        if self._remembered(vendor_key, now_ms, forgets=False) is not None:
            return
        try:
            card = self._made(body, now_ms, "")
        except Problem:
            return
        self._keys[vendor_key] = _Remembered(body, card, now_ms)

    def _made(self, body: tuple[str, str, int, str], now_ms: int, meaning: str) -> SimCard:
        key, code, minor, currency = body
        card = self.cards.create(
            key,
            code,
            minor + 100 if meaning == "wrong_amount" else minor,
            currency,
            now_ms,
        )
        lag = self.profile.lag_ms
        if meaning == "lookup_lag":
            lag = (0, self.profile.settling_ms * 3 // 4)
        card.visible_ms = now_ms + (self._dice.randint(*lag) if lag[1] else 0)
        return card

    def _remembered(
        self, vendor_key: str, now_ms: int, *, forgets: bool = True
    ) -> _Remembered | None:
        known, window_ms = self._keys.get(vendor_key), self.profile.key_window_ms
        if known is None or window_ms == 0:
            return None
        if window_ms is not None and now_ms - known.at_ms >= window_ms:
            return None
        if forgets and self.board.bites("key_forgotten", "create", now_ms):
            return None
        return known

    def _replayed(self, known: _Remembered, body: tuple[str, str, int, str]) -> Reply:
        if known.body != body and self.profile.compares_body:
            raise Problem(409, "key-reused")
        if known.card is None:
            raise Problem(500, "unknown")
        reply = as_reply(known.card)
        return replace(reply, headers=(*reply.headers, ("Idempotent-Replayed", "true")))

    # ---- looking

    def _find_by_key(self, request: Request) -> Reply:
        key = bodies.checked_key(unquote(request.path[len(BY_KEY) :]))
        return as_reply(self._seen(self.cards.by_key(key)))

    def _find_by_code(self, request: Request) -> Reply:
        return as_reply(self._seen(self.cards.by_code(bodies.code_body(request.body))))

    def _seen(self, card: SimCard | None) -> SimCard:
        if card is None or self._now_ms() < card.visible_ms:
            raise Problem(404, "not-found")
        return card

    def _balance(self, request: Request) -> Reply:
        card = self._present(bodies.code_body(request.body))
        balance = {"minor": card.balance, "currency": card.currency}
        return json_reply({"balance": balance, "enabled": card.enabled})

    def _list(self, request: Request) -> Reply:
        query = parse_qs(urlsplit(request.path).query, keep_blank_values=True)
        since_ms = bodies.read_moment("since", query.get("since", [""])[0])
        limit = bodies.whole("limit", query.get("limit", ["100"])[0], 1, 500)
        after = bodies.whole("cursor", query.get("cursor", ["0"])[0], 0, 2**53)
        found = self.cards.since(since_ms, after, limit + 1)
        shown = [card for card in found[:limit] if self._now_ms() >= card.visible_ms]
        cursor = str(found[limit - 1].number) if len(found) > limit else None
        return json_reply({"credits": [card.as_json() for card in shown], "next_cursor": cursor})

    # ---- changing

    def _present(self, code: str) -> SimCard:
        card = self.cards.by_code(code)
        if card is None:
            raise Problem(404, "not-found")
        return card

    def _disable(self, request: Request) -> Reply:
        card = self._present(bodies.code_body(request.body))
        self.cards.disable(card, self._now_ms())
        return as_reply(card)

    def _link(self, request: Request) -> Reply:
        code, customer_id = bodies.link_body(request.body)
        gone = self.board.bites("customer_unknown", "link", self._now_ms())
        if gone:
            raise Problem(422, "unknown-customer")
        card = self._present(code)
        if not self.customers.known(customer_id):
            raise Problem(422, "unknown-customer")
        if card.customer_id not in (None, customer_id):
            raise Problem(409, "linked-elsewhere")
        if card.customer_id is None and not card.enabled:
            raise Problem(409, "disabled")
        self.cards.link(card, customer_id, self._now_ms())
        return as_reply(card)

    def _annotate(self, request: Request) -> Reply:
        code, fields = bodies.annotate_body(request.body)
        card = self._present(code)
        self.cards.annotate(card, fields, self._now_ms())
        return as_reply(card)

    def _resolve(self, request: Request) -> Reply:
        kind, value = bodies.resolve_body(request.body)
        found = self.customers.resolve(kind, value)
        fault = self.board.drawn("resolve", MEANINGS, self._now_ms())
        if fault == "customer_unknown":
            found = []
        elif fault == "customer_double":
            found = (found + [SimCustomer(f"cus_twin_{n}", f"T*** {n}") for n in (1, 2)])[:2]
        matches = [{"customer_id": one.customer_id, "masked": one.masked} for one in found]
        return json_reply({"matches": matches})


def _reply_of(answer: Answer) -> Reply:
    """The words of an answer that a spoiler is about to spoil."""
    match answer:
        case Reply():
            return answer
        case Afterwards(Reply() as now):
            return now
        case _:
            raise TypeError("a spoilt answer has words")
