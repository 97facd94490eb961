# SPDX-License-Identifier: Apache-2.0
"""Adapters with one mistake each, as real authors make them: the suite must find every one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace

from agent.domain.code import Code
from agent.domain.credit import Credit, Instrument
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Burn,
    Card,
    Confirmed,
    Finding,
    LinkResult,
    Outcome,
    RefusalReason,
    Refused,
    Saying,
    Unanswered,
    Unknown,
)
from agent.platforms.adapter import Plugin
from agent.platforms.exchange import Do, Exchange, Interrupted, Look
from agent.platforms.messages import HttpRequest
from agent.platforms.reading import Seen
from agent.platforms.rest import platform, wire
from agent.platforms.rest.adapter import RestAdapter
from agent.platforms.rest.options import RestOptions
from agent.ports import Abilities

URL = "https://credit.example"
_numbers = itertools.count()


def plugin_of(adapter: Callable[[], RestAdapter]) -> Callable[[], Plugin]:
    """A factory that makes this adapter, and is right in everything else."""

    def make() -> Plugin:
        return replace(platform({"url": URL}), adapter=adapter())

    return make


class _Rest(RestAdapter):
    def __init__(self) -> None:
        super().__init__(RestOptions(url=URL))


def _posted(path: str, body: bytes, *headers: tuple[str, str]) -> HttpRequest:
    return HttpRequest("POST", path, body, headers)


class BoastsOfAKeyItLacks(_Rest):
    @property
    def abilities(self) -> Abilities:
        return replace(super().abilities, key_window_s=0, compares_body=True)


class OpensByChance(_Rest):
    """It draws a number for each request."""

    def opening(self, credit: Credit) -> Do:
        right = super().opening(credit)
        nonce = (("X-Nonce", str(next(_numbers))),)
        request = replace(right.request, headers=right.request.headers + nonce)
        return replace(right, request=request)


class ForgetsTheAmount(_Rest):
    def opening(self, credit: Credit) -> Do:
        fixed = replace(credit, amount=Money(1, credit.amount.currency))
        return replace(super().opening(fixed), step="create")


class PutsTheCustomerIn(_Rest):
    """The issuance must not depend on who the customer is."""

    def issue(self, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        right = self.opening(credit)
        body = right.request.body[:-1] + f',"customer":"{customer_id}"}}'.encode()
        reply = yield Do("create", replace(right.request, body=body))
        return Unanswered(f"status-{reply.status}")


class CountsItsSteps(_Rest):
    def link(self, credit: Credit, customer_id: str) -> Exchange[LinkResult]:
        yield Do(f"link-{next(_numbers)}", wire.link(credit.code, customer_id))
        return LinkResult.UNKNOWN


class NamesAStepInSentences(_Rest):
    def link(self, credit: Credit, customer_id: str) -> Exchange[LinkResult]:
        yield Do(f"Link {customer_id}", wire.link(credit.code, customer_id))
        return LinkResult.UNKNOWN


class LinksUnderOneName(_Rest):
    """Another customer is another step."""

    def link(self, credit: Credit, customer_id: str) -> Exchange[LinkResult]:
        yield Do("link", wire.link(credit.code, customer_id))
        return LinkResult.UNKNOWN


class BurnsUnderAnotherName(_Rest):
    def burn(self, credit: Credit) -> Exchange[Burn]:
        reply = yield Do("disable", wire.disable(credit.code))
        return (yield from super().burn(credit)) if reply.status == 200 else _not_burnt()


def _not_burnt() -> Burn:
    from agent.domain.outcome import BurnUnknown

    return BurnUnknown("status")


class LooksByDoing(_Rest):
    def balance(self, code: Code) -> Exchange[Money | Unknown | None]:
        yield Do("ask", wire.balance(code))
        return Unknown("never")


class PutsTheCodeIntoAPath(_Rest):
    def balance(self, code: Code) -> Exchange[Money | Unknown | None]:
        yield Look(HttpRequest("GET", f"/v1/cards/{code.reveal()}"))
        return Unknown("never")


class PutsTheCodeIntoAHeader(_Rest):
    def balance(self, code: Code) -> Exchange[Money | Unknown | None]:
        yield Look(HttpRequest("GET", "/v1/card", b"", (("X-Card", code.grouped()),)))
        return Unknown("never")


class RepeatsWhatItHeard(_Rest):
    def find(self, credit: Credit) -> Exchange[Finding]:
        reply = yield Look(wire.find_by_key(credit))
        return Unknown("odd", Saying(reply.status, message=reply.body.decode(errors="replace")))


class RepeatsTheScannedCard(RepeatsWhatItHeard):
    """It puts credits on scanned cards alone, whose numbers are cash too."""

    @property
    def abilities(self) -> Abilities:
        return replace(super().abilities, instruments=frozenset({Instrument.PLASTIC}))


class KeepsTheCodeAsAnId(_Rest):
    def opening(self, credit: Credit) -> Do:
        right = super().opening(credit)
        return Do(right.step, right.request, lambda r: {"id": r.header("request-id") or ""})


class BelievesA200(_Rest):
    def issue(self, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        reply = yield self.opening(credit)
        if reply.status in (200, 201):
            card = Card("crd_1", credit.amount, credit.amount, True, credit.key.text)
            return Confirmed(card)
        return Unanswered(f"status-{reply.status}")


class BelievesAnyNotFound(_Rest):
    """A proxy's page says 404 too."""

    def find(self, credit: Credit) -> Exchange[Finding]:
        reply = yield Look(wire.find_by_key(credit))
        return Absent() if reply.status == 404 else (yield from super().find(credit))


class RefusesByStatus(_Rest):
    def issue(self, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        reply = yield self.opening(credit)
        if reply.status == 400:
            return Refused(RefusalReason.PLATFORM, Saying(400))
        return (yield from super().issue(credit, customer_id))


class ComparesNothing(_Rest):
    """Any credit will do."""

    def issue(self, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        reply = yield self.opening(credit)
        match wire.read_credit(reply, credit.code, created=True):
            case Seen() as seen:
                return Confirmed(replace(seen.card, initial=credit.amount))
            case _:
                return Unanswered("odd")


class ComparesTheCodeOnly(_Rest):
    def issue(self, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        reply = yield self.opening(credit)
        match wire.read_credit(reply, credit.code, created=True):
            case Seen() as seen if seen.code == credit.code.reveal():
                return Confirmed(seen.card)
            case _:
                return Unanswered("odd")


class RefusesWhatItCouldNotAsk(_Rest):
    def issue(self, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        try:
            return (yield from super().issue(credit, customer_id))
        except Interrupted:
            return Refused(RefusalReason.PLATFORM, Saying())


class FindsNothingWithoutAnAnswer(_Rest):
    def find(self, credit: Credit) -> Exchange[Finding]:
        try:
            return (yield from super().find(credit))
        except Interrupted:
            return Absent()


class AsksForEver(_Rest):
    def balance(self, code: Code) -> Exchange[Money | Unknown | None]:
        while True:
            reply = yield Look(wire.balance(code))
            if reply.status == 599:
                return None


class Stumbles(_Rest):
    def balance(self, code: Code) -> Exchange[Money | Unknown | None]:
        reply = yield Look(wire.balance(code))
        names: Mapping[int, str] = {200: "yes", 404: "no"}
        return Unknown(names[reply.status])


class SendsHundredths(_Rest):
    """Every currency as if it had two decimals."""

    def opening(self, credit: Credit) -> Do:
        right = super().opening(credit)
        minor = credit.amount.minor
        text = f'"{minor // 100}.{minor % 100:02}"'.encode()
        body = right.request.body.replace(str(minor).encode(), text)
        return replace(right, request=replace(right.request, body=body))


class RefusesAfterSending(_Rest):
    """Too late: the platform may have booked it."""

    def issue(self, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        outcome = yield from super().issue(credit, customer_id)
        if credit.amount.currency != "USD":
            return Refused(RefusalReason.CURRENCY, Saying())
        return outcome
