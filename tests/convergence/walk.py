# SPDX-License-Identifier: Apache-2.0
"""Every order of a set of events, walked by merging worlds that have one future.

    a node is (which events are done, world in normal form), with the number of orders into it

What an event does to a world is asked of the real flows once for each world, and remembered;
the orders are then counted as paths. n events have n! orders, and the sum over the ends must
say so: nothing is left out, nothing is counted twice.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from agent.domain.idempotency import IdempotencyKey
from tests.convergence.drain import Rest, at_rest
from tests.convergence.events import Event, Happened, Scene, happen
from tests.convergence.oracle import wrong_after
from tests.convergence.register import START_MS, empty_journal, open_bytes
from tests.convergence.shelf import Shelf
from tests.convergence.world import Form, Read, World, form, read_of

SAMPLE: Final = 0.02
"""Which part of the merged worlds has its futures held against each other."""
FOUND_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class Breach:
    """What was found, and the shortest order that leads there."""

    what: str
    order: tuple[Event, ...]


@dataclass(slots=True)
class Walked:
    """What a walk came to. `cut`: orders that were not followed past a breach."""

    orders: int = 0
    states: int = 0
    worlds: int = 0
    merged: int = 0
    compared: int = 0
    cut: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    found: list[Breach] = field(default_factory=list)


@dataclass(slots=True)
class _Known:
    """A world of a normal form, and the shortest order into it."""

    world: World
    form: Form
    order: tuple[Event, ...]
    after: dict[Event, int | None] = field(default_factory=dict)
    rest: Rest | None = None


class Walk:
    """One scene, one set of events."""

    def __init__(
        self,
        scene: Scene,
        events: Sequence[Event],
        said: Callable[[str], None] | None = None,
        sample: float = SAMPLE,
    ) -> None:
        """`said` hears how far it is; `sample`: the part of merged worlds that is compared."""
        self._sample = sample
        self._scene = scene
        self._events = tuple(events)
        self._said = said
        self._known: list[_Known] = []
        self._number: dict[Form, int] = {}
        self._dice = random.Random(scene.name)
        self._reader = Reader()
        self._seen: set[str] = set()
        self.walked = Walked()

    async def run(self) -> Walked:
        """All orders, to their ends."""
        layer = {(0, await self._numbered(start(), ())): 1}
        for depth in range(len(self._events)):
            layer = await self._next(layer)
            if self._said is not None:
                self._said(f"{depth + 1} events: {len(layer)} states, {len(self._known)} worlds")
        for (_, number), orders in layer.items():
            await self._end(number, orders)
        self.walked.worlds = len(self._known)
        return self.walked

    async def _next(self, layer: dict[tuple[int, int], int]) -> dict[tuple[int, int], int]:
        onward: dict[tuple[int, int], int] = {}
        left = len(self._events) - next(iter(layer), (0, 0))[0].bit_count() - 1
        for (done, number), orders in layer.items():
            self.walked.states += 1
            for at, event in enumerate(self._events):
                if done >> at & 1:
                    continue
                to = await self._after(number, event)
                if to is None:
                    self.walked.cut += orders * _factorial(left)
                    continue
                node = (done | 1 << at, to)
                onward[node] = onward.get(node, 0) + orders
        return onward

    async def _after(self, number: int, event: Event) -> int | None:
        """Which world an event leads to; None where it breaks something."""
        here = self._known[number]
        if event not in here.after:
            order = (*here.order, event)
            happened = await happen(here.world, event, self._scene)
            wrong = await self._wrong(here, happened)
            for what in wrong:
                self._breach(what, order)
            here.after[event] = None if wrong else await self._numbered(happened.world, order)
        return here.after[event]

    async def _wrong(self, here: _Known, happened: Happened) -> list[str]:
        after = happened.world
        read = await self._reader.read(after.a, after.key)
        wrong = wrong_after(here.world, after, read.record)
        if happened.lie is not None:
            wrong.append(happened.lie)
        if happened.refused is not None:
            older = (here.world.shelf, here.world.told)
            if (after.shelf, after.told) != older:
                wrong.append(f"refused ({happened.refused}), and something changed all the same")
        return wrong

    async def _numbered(self, world: World, order: tuple[Event, ...]) -> int:
        found = await self._reader.form(world, self._scene)
        number = self._number.get(found)
        if number is None:
            number = self._number[found] = len(self._known)
            self._known.append(_Known(world, found, order))
            return number
        self.walked.merged += 1
        if self._dice.random() < self._sample:
            await self._compare(self._known[number], world, order)
        return number

    async def _compare(self, known: _Known, twin: World, order: tuple[Event, ...]) -> None:
        """Two worlds of one form: each event must lead both to one form again."""
        self.walked.compared += 1
        for event in self._events:
            if event in known.order or event in order:
                continue
            one = await happen(known.world, event, self._scene)
            other = await happen(twin, event, self._scene)
            forms = [await self._reader.form(each.world, self._scene) for each in (one, other)]
            if forms[0] != forms[1] or one.refused != other.refused:
                self._breach(f"the walk merges what differs after {event}", order)

    async def _end(self, number: int, orders: int) -> None:
        self.walked.states += 1
        self.walked.orders += orders
        here = self._known[number]
        if here.rest is None:
            here.rest = await at_rest(here.world, self._scene)
            for what in here.rest.wrong:
                self._breach(what, here.order)
        self.walked.ends[here.rest.end] += orders

    def _breach(self, what: str, order: tuple[Event, ...]) -> None:
        if what in self._seen or len(self.walked.found) >= FOUND_MAX:
            return
        self._seen.add(what)
        self.walked.found.append(Breach(what, order))


class Reader:
    """Reads journals that lie in bytes, each once."""

    def __init__(self) -> None:
        self._read: dict[bytes, Read] = {}

    async def read(self, blob: bytes, key: IdempotencyKey | None) -> Read:
        if key is None:
            return Read()
        digest = hashlib.blake2b(blob, digest_size=16).digest()
        found = self._read.get(digest)
        if found is None:
            journal = open_bytes(blob, START_MS, 1)
            try:
                found = self._read[digest] = await read_of(journal, key)
            finally:
                journal.crash()
        return found

    async def form(self, world: World, scene: Scene) -> Form:
        """The normal form of a world."""
        read = [await self.read(blob, world.key) for blob in (world.a, world.b, world.backup)]
        return form(world, read, scene.kind)


def start() -> World:
    """Two registers with new journals, an empty shelf, and nobody was told anything."""
    empty = empty_journal()
    return World(empty, empty, empty, Shelf(), START_MS)


def _factorial(number: int) -> int:
    result = 1
    for each in range(2, number + 1):
        result *= each
    return result
