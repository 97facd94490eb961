# SPDX-License-Identifier: Apache-2.0
"""Thousands of registers come back together, behind one rate limit of the platform.

Every register has its own flows, journal (in memory), line and printer, all of them real; after a
day without the platform each holds vouchers, and then every line comes up in the same minute.
Held: all is drained, nothing is doubled, a cashier who asks meanwhile has a word within the
budget, and no register waits much longer than its share.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from agent.decisions.answer import answer
from agent.domain.credit import CreditRequest
from agent.domain.idempotency import CallerAlias, PosAlias
from agent.domain.money import Money
from agent.domain.place import Place
from agent.domain.record import Answer, CreditRecord, State
from agent.flows.issue import Order
from agent.flows.register import Register, Ring
from agent.platforms.adapter import DrivenPlatform
from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent
from agent.platforms.transport import Transport
from agent.printing.options import PaperOptions
from tests.simulation.chance import SimChance
from tests.simulation.clock import START_MS, Quiet, SimClock
from tests.simulation.host import Machine
from tests.simulation.loop import VirtualLoop, passes, run, running
from tests.simulation.mortal import HeardRoad
from tests.simulation.network import Network
from tests.simulation.paper import SimPrinter
from tests.simulation.plan import ROOMY, pos_of
from tests.simulation.platform import SimPlatform
from tests.simulation.profiles import HOST, REST

VOUCHERS: Final = 2
"""What each register holds when the lines come up."""
PER_S: Final = 0.04
"""Requests a second that the platform takes, for each register of the chain."""
REQUESTS_A_CREDIT: Final = 3
"""A voucher's credit is looked up by key and by code, and then sent."""
BUDGET_S: Final = 4.0
LATER_S: Final = 0.2
"""By how much a word may come after the budget: the caller's own way through the loop."""
SHARE: Final = 8.0
"""How many times its even share the last register may take; the rate is fought for, not given
out."""
BETWEEN_S: Final = 0.01
"""One register starts after the other: thousands at one instant look like a loop that spins."""
WAIT_S: Final = 60.0
AMOUNT: Final = 2_000


@dataclass(slots=True)
class Returned:
    """How it went. `figures` for the proof's sums."""

    figures: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)


class Bystander:
    """`host.Witness` that hears and says nothing but what breaks."""

    def __init__(self, returned: Returned) -> None:
        self._returned = returned

    def opened(self, machine: Machine, restored: bool) -> None:
        del machine, restored

    def changed(self, machine: Machine, record: CreditRecord, word: Answer | None) -> None:
        del machine, record, word

    def token(self, code: str, token: str) -> None:
        del code, token

    def recovered(self, machine: Machine, unfinished: Sequence[CreditRecord]) -> None:
        del machine, unfinished

    def leaving(self, request: HttpRequest) -> None:
        del request

    def arrived(self, request: HttpRequest, reply: HttpReply | NotSent | NoAnswer) -> None:
        del request
        if isinstance(reply, HttpReply) and reply.status == 429:
            self._returned.figures["throttled"] += 1

    def broke(self, what: str) -> None:
        self._returned.violations.append(what)

    def bites(self, fault: str) -> None:
        self._returned.figures[fault] += 1


class Chain:
    """All of its registers, over one network and one platform."""

    def __init__(self, seed: int, registers: int) -> None:
        self.loop: VirtualLoop = running()
        self.dice = random.Random(f"chain of {seed}")
        self.returned = Returned()
        self.quiet = Quiet()
        self.network = Network(random.Random(f"network of {seed}"))
        rate = max(PER_S * registers, 2.0)
        self.even_s = registers * VOUCHERS * REQUESTS_A_CREDIT / rate
        self.profile = replace(REST, rate=(rate, 2 * rate))
        clock = SimClock("platform", self.loop.time, self.quiet)
        self.platform = SimPlatform(
            self.profile, random.Random(f"platform of {seed}"), clock.wall_ms
        )
        self.network.serve(HOST, self.platform.handle)
        self.machines = [self._machine(seed, number) for number in range(registers)]
        self.asked: dict[str, None] = {}

    def _machine(self, seed: int, number: int) -> Machine:
        name = f"r{number:05d}"
        place = Place(f"{number // 50:04d}", f"{number % 50:02d}")
        register = Register(
            place, "USD", ring=Ring.ISSUE, limits=ROOMY, budget_s=BUDGET_S, printer="front"
        )
        return Machine(
            name,
            None,
            (register,),
            SimClock(name, self.loop.time, self.quiet),
            SimChance(seed, name),
            self._connect,
            lambda machine: Bystander(self.returned),
            {place.register: SimPrinter(name, lambda raw: None)},
            PaperOptions(),
        )

    async def _connect(self, name: str) -> tuple[Transport, Callable[[Any], DrivenPlatform]]:
        plugin = self.profile.plugin()
        credentials = plugin.credentials(lambda: self.platform.token, self.loop.time)
        transport = Transport(plugin.transport, credentials, roads=self.network.roads(name))
        await transport.__aenter__()

        def driven(road: HeardRoad) -> DrivenPlatform:
            return DrivenPlatform(plugin.adapter, road)

        return transport, driven

    async def sale(self, machine: Machine, number: int) -> None:
        """A cashier asks, and has a word within the budget."""
        place = machine.registers[0].place
        pos = pos_of(number)
        request = CreditRequest(
            place=place,
            amount=Money(AMOUNT, "USD"),
            operator="ann",
            reason="return",
            pos=pos,
            occurred_at_ms=START_MS,
            distinct=True,
        )
        order = Order(
            request,
            (
                CallerAlias("till", str(place), f"key-{number}"),
                PosAlias(place, pos.business_date, pos.number, pos.line),
            ),
            "till",
            BUDGET_S,
        )
        began_s = self.loop.time()
        record, _ = await machine.ask(lambda house: house.issue.issue(order))
        took_s = self.loop.time() - began_s
        word = answer(record)
        self.asked.setdefault(record.key.text)
        self.returned.figures[f"word_{word}"] += 1
        if word not in (Answer.CONFIRMED, Answer.VOUCHER) or took_s > BUDGET_S + LATER_S:
            self.returned.violations.append(
                f"{machine.name} had {word} after {took_s:.1f} s, while others drained"
            )

    def open_records(self, machine: Machine) -> int:
        """How many of a register's credits are not confirmed yet."""
        assert machine.life is not None
        connection = machine.life.journal.core.store.connection
        found: int = connection.execute(
            "SELECT count(*) FROM credits WHERE state <> ?", (State.CONFIRMED.value,)
        ).fetchone()[0]
        return found


async def _come_back(chain: Chain) -> None:
    for machine in chain.machines:
        chain.network.line(machine.name).up = False
        await machine.start()
        await passes(BETWEEN_S)
    for number in range(VOUCHERS):
        for machine in chain.machines:
            await chain.sale(machine, number)
    chain.quiet.since_s, chain.quiet.until_s = chain.loop.time(), chain.loop.time() + 86_400
    await passes(86_400 + WAIT_S)
    for machine in chain.machines:
        chain.network.line(machine.name).up = True
    await _drained(chain)
    _judged(chain)


async def _drained(chain: Chain) -> None:
    """Until nobody has anything open; meanwhile a cashier asks somewhere every ten seconds."""
    began_s, open_ = chain.loop.time(), list(chain.machines)
    limit_s = WAIT_S + SHARE * chain.even_s
    number = VOUCHERS
    while open_ and chain.loop.time() - began_s < limit_s:
        await passes(10.0)
        if chain.loop.time() - began_s < chain.even_s:
            await chain.sale(chain.dice.choice(chain.machines), number)
            number += 1
        open_ = [each for each in open_ if chain.open_records(each)]
    took_s = int(chain.loop.time() - began_s)
    chain.returned.figures["drained_s_max"] = took_s
    chain.returned.figures["even_share_s_max"] = int(chain.even_s)
    if open_:
        chain.returned.violations.append(
            f"{len(open_)} registers still wait after {took_s} s; all could have in {chain.even_s}"
        )


def _judged(chain: Chain) -> None:
    """Every credit once, and nothing else, on the platform."""
    returned, cards = chain.returned, Counter(card.key for card in chain.platform.cards)
    returned.figures["credits"] = len(chain.asked)
    returned.figures["registers"] = len(chain.machines)
    returned.figures["requests"] = chain.network.requests
    doubled = [key for key, count in cards.items() if count > 1]
    lost = [key for key in chain.asked if key not in cards]
    foreign = [key for key in cards if key not in chain.asked]
    for name, keys in (("doubled", doubled), ("lost", lost), ("of nobody", foreign)):
        if keys:
            returned.violations.append(f"{len(keys)} {name}: {keys[:3]}")
    if any(card.minor != AMOUNT or not card.enabled for card in chain.platform.cards):
        returned.violations.append("a card is of another amount, or dead")


def reconnect(seed: int, registers: int) -> Returned:
    """All of it. Deterministic by the seed."""
    chains: list[Chain] = []

    async def main() -> None:
        chain = Chain(seed, registers)
        chains.append(chain)
        await _come_back(chain)
        for machine in chain.machines:
            machine.kill()
            await machine.buried()

    run(seed, main)
    return chains[0].returned
