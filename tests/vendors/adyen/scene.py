# SPDX-License-Identifier: Apache-2.0
"""Scenes with scanned cards: the real machine (journal on disk, flows, forwarder, driver, adapter,
transport) over a network in memory, against Adyen's simulator, with misfortunes and crashes.

The simulation of whole worlds hands out paper cards, which Adyen's plastic can never be; here the
same parts are played with the instrument `plastic`. A scene ends in a calm week, and is judged by
what the simulator really put on cards.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from agent.domain.credit import CreditRequest, Instrument
from agent.domain.faults import Fault
from agent.domain.idempotency import CallerAlias, PosAlias
from agent.domain.money import Money
from agent.domain.place import Place
from agent.domain.plastic import Plastic
from agent.domain.record import Answer, CreditRecord, State, VoidRequest
from agent.flows.issue import Order
from agent.flows.register import Register, Ring
from agent.platforms.adapter import DrivenPlatform
from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent
from agent.platforms.transport import Transport
from agent.printing.options import PaperOptions
from tests.simulation.chance import SimChance
from tests.simulation.clock import Quiet, SimClock
from tests.simulation.host import Gone, Machine
from tests.simulation.loop import VirtualLoop, passes, run, running
from tests.simulation.mortal import Doom, HeardRoad
from tests.simulation.network import Line, Network
from tests.simulation.paper import SimPrinter
from tests.simulation.plan import ROOMY, pos_of
from tests.simulation.profiles import HOST
from tests.vendors.adyen.profile import PROFILE, AdyenProfile

PLACE: Final = Place("0421", "03")
AMOUNT: Final = 2_500
BUDGET_S: Final = 4.0
CALM_S: Final = 10 * 86_400.0
SETTLED: Final = frozenset({State.CONFIRMED, State.REFUSED, State.WITHDRAWN, State.VOIDED})
DONE: Final = SETTLED | {State.REVIEW}


@dataclass(slots=True)
class Judged:
    """How a scene ended: what is wrong (empty when every cent is there once), and what happened."""

    wrong: list[str] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    bitten: Counter[str] = field(default_factory=Counter)


class Listener:
    """`host.Witness`: hears what broke and what was told CONFIRMED."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def opened(self, machine: Machine, restored: bool) -> None:
        del machine, restored

    def changed(self, machine: Machine, record: CreditRecord, word: Answer | None) -> None:
        del machine
        self._scene.heard(record, word)

    def token(self, code: str, token: str) -> None:
        del code, token

    def recovered(self, machine: Machine, unfinished: Sequence[CreditRecord]) -> None:
        del machine, unfinished

    def leaving(self, request: HttpRequest) -> None:
        self._scene.leaving(request)

    def arrived(self, request: HttpRequest, reply: HttpReply | NotSent | NoAnswer) -> None:
        del request, reply

    def broke(self, what: str) -> None:
        self._scene.judged.wrong.append(what)

    def bites(self, fault: str) -> None:
        self._scene.judged.bitten[fault] += 1


class Scene:
    """One register and the platform. Everything follows from the seed."""

    def __init__(self, seed: int, folder: Path, profile: AdyenProfile) -> None:
        self.loop: VirtualLoop = running()
        self.dice = random.Random(f"scene {seed}")
        self.judged = Judged()
        self.profile = profile
        self.network = Network(random.Random(f"network {seed}"))
        clock = SimClock("platform", self.loop.time, Quiet())
        self.platform = profile.platform(random.Random(f"platform {seed}"), clock.wall_ms)
        self.network.serve(HOST, self.platform.handle)
        self.quiet = Quiet()
        self.keys: dict[str, str] = {}
        self._bodies: dict[str, bytes] = {}
        self._numbers = 0
        self._restarting = False
        register = Register(
            PLACE, "USD", ring=Ring.ISSUE, limits=ROOMY, budget_s=BUDGET_S, printer="front"
        )
        self.machine = Machine(
            "till",
            folder,
            (register,),
            SimClock("till", self.loop.time, self.quiet),
            SimChance(seed, "till"),
            self._connect,
            lambda machine: Listener(self),
            {PLACE.register: SimPrinter("till", lambda raw: None)},
            PaperOptions(),
        )

    async def _connect(self, name: str) -> tuple[Transport, Callable[[Any], DrivenPlatform]]:
        plugin = self.profile.plugin()
        credentials = plugin.credentials(lambda: self.platform.token, self.loop.time)
        transport = Transport(plugin.transport, credentials, roads=self.network.roads(name))
        await transport.__aenter__()

        def driven(road: HeardRoad) -> DrivenPlatform:
            return DrivenPlatform(plugin.adapter, road, plugin.pause_s, self.loop.time)

        return transport, driven

    @property
    def line(self) -> Line:
        return self.network.line("till")

    def faults(self, **chances: float) -> None:
        """Of the platform and of the line, by their names."""
        board = self.platform.board
        board.late_s, board.slow_s = (20.0, 900.0), (1.0, 30.0)
        for name, chance in chances.items():
            where = self.line.faults if name in LINE else board.chances
            where[name] = chance

    def calm(self) -> None:
        self.platform.board.calm()
        self.line.faults.clear()
        self.line.up = True

    # ---- what people do

    async def issue(self, plastic: Plastic, minor: int = AMOUNT) -> str | None:
        """A cashier asks for a credit on a scanned card; the key, where anybody heard it."""
        number = self._numbers = self._numbers + 1
        pos = pos_of(number)
        request = CreditRequest(
            place=PLACE,
            amount=Money(minor, "USD"),
            operator="ann",
            reason="return",
            pos=pos,
            occurred_at_ms=self.machine.clock.wall_ms(),
            instrument=Instrument.PLASTIC,
            plastic=plastic,
            distinct=True,
        )
        aliases = (
            CallerAlias("pos", PLACE.register, f"key-{number}"),
            PosAlias(PLACE, pos.business_date, pos.number, pos.line),
        )
        order = Order(request, aliases, "pos", BUDGET_S)
        try:
            record, _ = await self.machine.ask(lambda house: house.issue.issue(order))
        except (Fault, Gone):
            return None
        return record.key.text

    async def void(self, key: str) -> None:
        asked = VoidRequest("mia", "brought back")

        async def work(house: Any) -> None:
            found = await house.steps.journal.get(_key(key))
            await house.closing.void(found.key, asked)

        try:
            await self.machine.ask(work)
        except (Fault, Gone):
            return

    def doom(self, point: str, count: int) -> None:
        """The machine dies there, and is started again half a minute later."""
        self.machine.doom = Doom(point, count)
        self.machine.happens = lambda machine, what: self._again()

    def _again(self) -> None:
        if not self._restarting:
            self._restarting = True
            self.loop.create_task(self._restart())

    async def _restart(self) -> None:
        await passes(30.0)
        await self.machine.buried()
        await self.machine.start()
        self._restarting = False

    async def restart(self) -> None:
        self.machine.kill()
        await self.machine.buried()
        await self.machine.start()

    # ---- what is seen

    def leaving(self, request: HttpRequest) -> None:
        """One key, one body (I3), and nothing twice on one card without its key."""
        sent = self.platform.sent(request)
        if sent is None:
            return
        if self._bodies.setdefault(sent.step, request.body) != request.body:
            self.judged.wrong.append(f"{sent.key}: other bytes under one key")

    def heard(self, record: CreditRecord, word: Answer | None) -> None:
        """Whoever hears CONFIRMED may take the card home: the money must be on it (I6)."""
        key = record.key.text
        self.keys.setdefault(key, record.state.value)
        if word is Answer.CONFIRMED and record.state is State.CONFIRMED:
            made = [card for card in self.platform.cards if card.key == key]
            if [card.minor for card in made] != [record.request.amount.minor]:
                self.judged.wrong.append(f"{key}: confirmed, and {len(made)} are on cards")

    async def records(self) -> list[CreditRecord]:
        life = self.machine.life
        assert life is not None
        rows = life.journal.core.store.connection.execute("SELECT key FROM credits").fetchall()
        found = [await life.journal.get(_key(row["key"])) for row in rows]
        return [each for each in found if each is not None]

    async def drained(self) -> list[CreditRecord]:
        """After the misfortune: until nothing is open but what waits for a person."""
        self.machine.doom = None
        self.calm()
        began_s = self.loop.time()
        while self.loop.time() < began_s + CALM_S:
            await passes(self._step_s(began_s))
            if self.machine.life is None and not self._restarting:
                await self.restart()
            if self.machine.life is None:
                continue
            records = await self.records()
            if all(record.state in DONE for record in records):
                await passes(1_800.0)  # what is still on its way arrives
                return await self.records()
        return await self.records()

    def _step_s(self, began_s: float) -> float:
        """Two minutes at first; after an hour nobody acts, and the machine may doze."""
        now_s = self.loop.time()
        if now_s < began_s + 3_600:
            return 120.0
        self.quiet.since_s, self.quiet.until_s = now_s, now_s + 7_200.0
        return 7_200.0

    def judge(self, records: Sequence[CreditRecord]) -> None:
        """Every cent once, by what the simulator put on cards."""
        wrong = self.judged.wrong
        for record in records:
            key, state = record.key.text, record.state
            self.judged.states[state.value] += 1
            made = [card for card in self.platform.cards if card.key == key]
            live = self.platform.live(key)
            if len(made) > 1:
                wrong.append(f"{key}: put on cards {len(made)} times")
            if state is State.CONFIRMED and len(live) != 1:
                wrong.append(f"{key}: confirmed, and {len(live)} live")
            if state in SETTLED - {State.CONFIRMED} and live:
                wrong.append(f"{key}: {state.value}, and the money is on a card")
            if state not in DONE:
                wrong.append(f"{key}: still {state.value} after a calm week")
        known = {record.key.text for record in records}
        wrong += [f"{c.key}: of nobody" for c in self.platform.cards if c.key not in known]
        self.judged.bitten += self.platform.bitten + self.network.bitten


LINE: Final = frozenset(
    {
        "name",
        "refused",
        "unreachable",
        "certificate",
        "tls",
        "reset_before_read",
        "reset_after_read",
        "reset_in_answer",
        "kept_reset",
        "kept_reset_read",
        "duplicate",
        "line_answer_lost",
        "stall",
    }
)
Script = Callable[[Scene], Any]


def play(script: Script, folder: Path, seed: int = 1, profile: AdyenProfile = PROFILE) -> Judged:
    """The script, a calm end, and the judgement."""
    judged: list[Judged] = []

    async def main() -> None:
        scene = Scene(seed, folder, profile)
        judged.append(scene.judged)
        await scene.machine.start()
        await script(scene)
        scene.judge(await scene.drained())
        scene.machine.kill()
        await scene.machine.buried()

    run(seed, main)
    return judged[0]


def plastic(number: int) -> Plastic:
    """A card of the stock."""
    return Plastic(f"6036{number:012d}", f"{number:04d}")


def _key(text: str) -> Any:
    from agent.domain.idempotency import IdempotencyKey

    return IdempotencyKey(text)
