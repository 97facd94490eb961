# SPDX-License-Identifier: Apache-2.0
"""What a vendor's adapter is: conversations and abilities. And how one runs as a platform.

`DrivenPlatform` joins any adapter with the driver and a transport, and so is every vendor's
`agent.ports.Platform`. What a fallen conversation means for each question is decided here, once:
*unsent* only when no `Do` of it can have been read.
"""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from agent.domain.code import Code
from agent.domain.credit import Credit
from agent.domain.customer import CustomerReference
from agent.domain.faults import PlatformUnavailable
from agent.domain.money import Money
from agent.domain.outcome import (
    Burn,
    BurnUnknown,
    Card,
    Finding,
    LinkResult,
    Outcome,
    Resolution,
    Unanswered,
    Unknown,
    Unsent,
)
from agent.domain.sale import Refund, RefundFinding, RefundOutcome, SaleFinding
from agent.platforms.credentials import Credentials, Static
from agent.platforms.exchange import (
    ADAPTER_FAULTS,
    Do,
    Exchange,
    Fallen,
    Wire,
    drive,
    frozen,
)
from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent
from agent.platforms.orders import OrdersAdapter
from agent.platforms.probe import Probed, ProbeResult
from agent.platforms.transport import Transport, TransportOptions
from agent.ports import Abilities, Done, Effect, EffectLog

if TYPE_CHECKING:
    from agent.platforms.oauth import OAuthOptions


@dataclass(frozen=True, slots=True)
class Page:
    """Some cards of a list; `cursor` leads to the next ones, None at the end."""

    cards: tuple[Card, ...]
    cursor: str | None


class Adapter(Protocol):
    """One vendor. Every method is a conversation but the first two, which are pure."""

    @property
    def abilities(self) -> Abilities: ...

    def opening(self, credit: Credit) -> Do | None:
        """The first `Do` of an issue where nothing is looked up before it, else None."""
        ...

    def issue(self, credit: Credit, customer_id: str | None) -> Exchange[Outcome]: ...

    def find(self, credit: Credit) -> Exchange[Finding]: ...

    def burn(self, credit: Credit) -> Exchange[Burn]: ...

    def link(self, credit: Credit, customer_id: str) -> Exchange[LinkResult]: ...

    def annotate(self, credit: Credit, fields: Mapping[str, str]) -> Exchange[bool]: ...

    def resolve(self, customer: CustomerReference) -> Exchange[Resolution]: ...

    def balance(self, code: Code) -> Exchange[Money | Unknown | None]: ...

    def list_page(self, since_ms: int, cursor: str | None) -> Exchange[Page | Unknown]: ...

    def probe(self, now_ms: int) -> Exchange[tuple[Probed, ...]]:
        """Only looks: whether the credential, its scopes and the limits would let credits be
        issued. `now_ms`: UTC milliseconds."""
        ...


def no_pause(reply: HttpReply) -> float:
    """Of a platform whose replies say nothing about its limits."""
    return 0.0


@dataclass(frozen=True, slots=True)
class Plugin:
    """What an entry point's factory makes of its table of settings.

    `prove` turns the secret of the credential file into the headers that carry it; `pause_s`
    reads from any reply how long the backlog should leave the platform alone (its rate headers,
    the state of its bucket), 0 where it may go on. With `oauth` the secret only fetches tokens,
    and `prove` is given the token.
    """

    adapter: Adapter
    transport: TransportOptions
    prove: Callable[[str], Mapping[str, str]]
    pause_s: Callable[[HttpReply], float] = no_pause
    oauth: OAuthOptions | None = None

    def credentials(
        self, read_secret: Callable[[], str], now_s: Callable[[], float] = time.monotonic
    ) -> Credentials:
        """Reads the secret anew every second, or for each new token, so that it may be changed
        while we run. For one transport."""
        if self.oauth is not None:
            from agent.platforms.oauth import TokenSource  # for a few platforms only

            return TokenSource(self.oauth, self.prove, read_secret, now_s)
        headers: Mapping[str, str] = {}
        until_s = -math.inf

        def proved() -> Mapping[str, str]:
            nonlocal headers, until_s
            if now_s() >= until_s:
                headers = self.prove(read_secret())
                until_s = now_s() + SECRET_FOR_S
            return headers

        return Static(proved)


T = TypeVar("T")

PAUSE_MAX_S: Final = 300.0
"""A vendor's word about its limits is believed for so long at a time."""
SECRET_FOR_S: Final = 1.0
"""How long a credential is taken for unchanged: a busy counter would read its file each time."""


class DrivenPlatform:
    """An adapter at work: `agent.ports.Platform`. Deadlines are moments of the monotonic clock.

    `date_ms`: the platform's own clock as last heard (UTC milliseconds), for judging ours.
    """

    def __init__(
        self,
        adapter: Adapter,
        wire: Wire,
        pause_s: Callable[[HttpReply], float] = no_pause,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._adapter = adapter
        self._wire = wire
        self._reads_pause_s = pause_s
        self._now_s = now_s
        self._pause_until_s = -math.inf
        self.date_ms: int | None = None

    @property
    def abilities(self) -> Abilities:
        return self._adapter.abilities

    @property
    def warnings(self) -> tuple[str, ...]:
        """Stable codes of what is weaker than it should be."""
        return self._wire.warnings if isinstance(self._wire, Transport) else ()

    @property
    def token_trouble(self) -> str:
        """Why no OAuth token could be fetched when it was last tried: see `Transport`."""
        return self._wire.token_trouble if isinstance(self._wire, Transport) else ""

    def opening(self, credit: Credit) -> Effect | None:
        first = self._adapter.opening(credit)
        if first is None:
            return None
        return frozen(first, None, credit.epoch)

    async def issue(
        self,
        credit: Credit,
        customer_id: str | None,
        done: Done,
        effects: EffectLog,
        deadline_s: float,
    ) -> Outcome:
        exchange = self._adapter.issue(credit, customer_id)
        return await self._change(exchange, credit, done, effects, deadline_s, _no_outcome)

    async def find(self, credit: Credit, deadline_s: float) -> Finding:
        return await self._look(self._adapter.find(credit), deadline_s, _nothing_learnt)

    async def burn(self, credit: Credit, done: Done, effects: EffectLog, deadline_s: float) -> Burn:
        exchange = self._adapter.burn(credit)
        return await self._change(exchange, credit, done, effects, deadline_s, _not_burnt)

    async def link(
        self,
        credit: Credit,
        customer_id: str,
        done: Done,
        effects: EffectLog,
        deadline_s: float,
    ) -> LinkResult:
        exchange = self._adapter.link(credit, customer_id)
        return await self._change(exchange, credit, done, effects, deadline_s, _not_linked)

    async def annotate(
        self,
        credit: Credit,
        fields: Mapping[str, str],
        done: Done,
        effects: EffectLog,
        deadline_s: float,
    ) -> bool:
        exchange = self._adapter.annotate(credit, fields)
        return await self._change(exchange, credit, done, effects, deadline_s, _not_noted)

    async def resolve(self, customer: CustomerReference, deadline_s: float) -> Resolution:
        return await self._look(self._adapter.resolve(customer), deadline_s, _nothing_learnt)

    async def balance(self, code: Code, deadline_s: float) -> Money | Unknown | None:
        return await self._look(self._adapter.balance(code), deadline_s, _nothing_learnt)

    async def list_since(self, since_ms: int, deadline_s: float) -> AsyncIterator[Card]:
        """Every card since then, oldest first. Raises PlatformUnavailable in the middle too:
        a list that ended early must not look whole."""
        cursor: str | None = None
        while True:
            exchange = self._adapter.list_page(since_ms, cursor)
            page = await self._look(exchange, deadline_s, _nothing_learnt)
            if isinstance(page, Unknown):
                raise PlatformUnavailable(why=page.why)
            for card in page.cards:
                yield card
            if page.cursor is None:
                return
            if page.cursor == cursor:
                raise PlatformUnavailable(why="cursor-stuck")
            cursor = page.cursor

    async def _look(
        self, exchange: Exchange[T], deadline_s: float, fallen: Callable[[Fallen], T]
    ) -> T:
        return await drive(exchange, self, deadline_s, fallen)

    async def _change(
        self,
        exchange: Exchange[T],
        credit: Credit,
        done: Done,
        effects: EffectLog,
        deadline_s: float,
        fallen: Callable[[Fallen], T],
    ) -> T:
        return await drive(
            exchange,
            self,
            deadline_s,
            fallen,
            effects=effects,
            done=done,
            epoch=credit.epoch,
        )

    async def send(self, request: HttpRequest, deadline: float) -> HttpReply | NotSent | NoAnswer:
        """Send one request, and note the platform's clock and its limits."""
        reply = await self._wire.send(request, deadline)
        if isinstance(reply, HttpReply):
            if reply.date_ms is not None:
                self.date_ms = reply.date_ms
            self._note_pause(reply)
        return reply

    def _note_pause(self, reply: HttpReply) -> None:
        """A reading that breaks must not take the reply with it: its request is sent."""
        try:
            pause_s = min(max(self._reads_pause_s(reply), 0.0), PAUSE_MAX_S)
        except ADAPTER_FAULTS:
            return
        if pause_s > 0:
            self._pause_until_s = max(self._pause_until_s, self._now_s() + pause_s)

    @property
    def pause_s(self) -> float:
        """For how many seconds the backlog should leave the platform alone, by its own word."""
        return max(self._pause_until_s - self._now_s(), 0.0)

    async def probe(self, now_ms: int, deadline_s: float) -> tuple[Probed, ...]:
        """What stands in the way of issuing here; looks only."""
        return await self._look(self._adapter.probe(now_ms), deadline_s, _not_probed)

    @property
    def orders(self) -> OrdersAdapter | None:
        """The adapter's orders, where its platform has them."""
        return self._adapter if isinstance(self._adapter, OrdersAdapter) else None

    async def sale(self, receipt: str, deadline_s: float) -> SaleFinding:
        """Raises LookupError where the platform has no orders."""
        return await self._look(self._with_orders().sale(receipt), deadline_s, _nothing_learnt)

    async def find_refund(self, refund: Refund, deadline_s: float) -> RefundFinding:
        """Raises LookupError where the platform has no orders."""
        exchange = self._with_orders().find_refund(refund)
        return await self._look(exchange, deadline_s, _nothing_learnt)

    async def refund(
        self, refund: Refund, done: Done, effects: EffectLog, deadline_s: float
    ) -> RefundOutcome:
        """Raises LookupError where the platform has no orders."""
        exchange = self._with_orders().refund(refund)
        return await self._change(
            exchange, refund.credit, done, effects, deadline_s, _no_refund_outcome
        )

    def _with_orders(self) -> OrdersAdapter:
        orders = self.orders
        if orders is None:
            raise LookupError(f"{self.abilities.name} has no orders")
        return orders


def _no_outcome(fallen: Fallen) -> Outcome:
    return Unanswered(fallen.why) if fallen.perhaps_sent else Unsent(fallen.why)


def _no_refund_outcome(fallen: Fallen) -> RefundOutcome:
    return Unanswered(fallen.why) if fallen.perhaps_sent else Unsent(fallen.why)


def _not_probed(fallen: Fallen) -> tuple[Probed, ...]:
    return (Probed("reach", ProbeResult.WRONG, fallen.why),)


def _nothing_learnt(fallen: Fallen) -> Unknown:
    return Unknown(fallen.why)


def _not_burnt(fallen: Fallen) -> Burn:
    return BurnUnknown(fallen.why, perhaps_sent=fallen.perhaps_sent)


def _not_linked(fallen: Fallen) -> LinkResult:
    return LinkResult.UNKNOWN


def _not_noted(fallen: Fallen) -> bool:
    return False
