# SPDX-License-Identifier: Apache-2.0
"""An event loop of its own time: no thread, no socket, no waiting, and one seed for its order.

When nothing is ready, time jumps to the next timer, so a week costs what is done in it. What is
ready in one turn runs in an order that the seed draws; everything ready has its turn before
anything that it makes ready, so nothing starves. Plain callbacks that one callback asked for keep
their order, as asyncio promises; tasks may overtake one another, as real links make them do.

`trace` is a running hash over the virtual time and what ran. It depends on neither addresses nor
hash seeds: two processes with the same seed have the same trace, or something took its order from
elsewhere. Garbage is collected at the end and after every so many steps, so that no finaliser
runs at a moment of its own.
"""

from __future__ import annotations

import asyncio
import gc
import heapq
import random
import zlib
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from typing import Any, Final, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

START_S: Final = 1_000.0
"""Where virtual time begins: not at zero, which code may take for "never"."""
TURNS_MAX: Final = 20_000
"""More turns than this without a step of time is a loop that waits for time by spinning."""
COLLECT_STEPS: Final = 500_000
UNWIND_S: Final = 86_400.0
"""How long a cancelled task may take to end, in virtual time."""


class Stuck(Exception):
    """Everybody waits and nothing is scheduled, or somebody spins and time stands still."""


class Unheard(ExceptionGroup[Exception]):
    """Exceptions that nobody took: of tasks, callbacks and finalisers."""


class NumberedTask(asyncio.Task[T]):
    """A task with a number of its own, by which sets of tasks are ordered: an address would
    give each process another order of cancelling."""

    def __init__(
        self,
        coro: Generator[Any, None, T] | Coroutine[Any, Any, T],
        number: int,
        **options: Any,
    ) -> None:
        self.number = number
        super().__init__(coro, **options)

    def __hash__(self) -> int:
        return self.number

    def __eq__(self, other: object) -> bool:
        return self is other


class VirtualLoop(asyncio.BaseEventLoop):
    """Run it by `run`. `faults`: what was raised and heard by nobody."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._dice = random.Random(f"order of {seed}")
        self._now_s = START_S
        self._soon: list[tuple[int, asyncio.Handle]] = []
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._count = 0
        self._running_now = 0
        self._closed_for_good = False
        self._tasks_made = 0
        self._turns = 0
        self._names: dict[str, int] = {}
        self._collect_at = COLLECT_STEPS
        self.trace = 0
        self.steps = 0
        self.faults: list[Exception] = []
        self.set_debug(False)
        self.set_exception_handler(_collect)
        self.set_task_factory(_numbered)

    def time(self) -> float:
        return self._now_s

    def note(self, what: bytes) -> None:
        """Take bytes into the trace: what was sent, written, printed."""
        self.trace = hash((self.trace, zlib.crc32(what)))

    def task_number(self) -> int:
        self._tasks_made += 1
        return self._tasks_made

    def rest(self) -> None:
        """A new count of turns: whoever spun has been stopped."""
        self._turns = 0

    def call_soon(
        self,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        if self._closed_for_good:
            raise RuntimeError("Event loop is closed")
        handle = asyncio.Handle(callback, args, self, context)
        owner = getattr(callback, "__self__", None)
        # A task's own steps stay in order, whoever asked for them: its number is their label.
        label = -owner.number if isinstance(owner, NumberedTask) else self._running_now
        self._soon.append((label, handle))
        return handle

    def call_soon_threadsafe(
        self,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """The same: there are no other threads here."""
        return self.call_soon(callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        if self._closed_for_good:
            raise RuntimeError("Event loop is closed")
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        self._count += 1
        heapq.heappush(self._timers, (when, self._count, timer))
        return timer

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now_s + delay, callback, *args, context=context)

    def run_in_executor(
        self, executor: object, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Runs it in this thread, as a task of its own."""
        return self.create_task(_called(func, *args))

    def close(self) -> None:
        self._closed_for_good = True
        self._soon.clear()
        self._timers.clear()
        super().close()

    def _run_once(self) -> None:
        """One turn: all that is ready. asyncio calls this until it is told to stop."""
        if not self._soon:
            self._jump()
        self._ring()
        self._turns += 1
        if self._turns > TURNS_MAX:
            raise Stuck(f"time stands still at {self._now_s} s after {TURNS_MAX} turns")
        turn, self._soon = self._soon, []
        if len(turn) > 1:
            turn = self._drawn(turn)
        for label, handle in turn:
            if handle.cancelled():
                continue
            self._count += 1
            self._running_now = self._count
            what = -label if label < 0 else self._name_of(handle)
            self.trace = hash((self.trace, self._now_s, what))
            handle._run()
        self.steps += len(turn)
        self._running_now = 0
        if self.steps >= self._collect_at:
            self._collect_at = self.steps + COLLECT_STEPS
            gc.collect()

    def _jump(self) -> None:
        """Go on to the next timer."""
        timers = self._timers
        while timers and timers[0][2].cancelled():
            heapq.heappop(timers)
        if not timers:
            raise Stuck(f"at {self._now_s} s everybody waits and nothing is scheduled")
        if timers[0][0] > self._now_s:
            self._now_s = timers[0][0]
            self._turns = 0

    def _ring(self) -> None:
        """Everything that is due becomes ready."""
        timers = self._timers
        while timers and timers[0][0] <= self._now_s:
            _, origin, timer = heapq.heappop(timers)
            if not timer.cancelled():
                self._soon.append((origin, timer))

    def _drawn(self, turn: list[tuple[int, asyncio.Handle]]) -> list[tuple[int, asyncio.Handle]]:
        """The turn in an order that the seed draws. Plain callbacks of one origin keep theirs."""
        labels = [label for label, _ in turn]
        chains: dict[int, list[tuple[int, asyncio.Handle]]] = {}
        for each in reversed(turn):
            chains.setdefault(each[0], []).append(each)
        if len(chains) == 1:
            return turn
        self._dice.shuffle(labels)
        return [chains[label].pop() for label in labels]

    def _name_of(self, handle: asyncio.Handle) -> int:
        """A number of the callback's name, the same in every process."""
        name = getattr(handle._callback, "__qualname__", "")  # type: ignore[attr-defined]
        number = self._names.get(name)
        if number is None:
            number = self._names[name] = zlib.crc32(name.encode())
        return number


def _numbered(
    loop: asyncio.AbstractEventLoop,
    coro: Generator[Any, None, T] | Coroutine[Any, Any, T],
    **options: Any,
) -> asyncio.Task[T]:
    assert isinstance(loop, VirtualLoop)
    return NumberedTask(coro, loop.task_number(), loop=loop, **options)


def _collect(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    assert isinstance(loop, VirtualLoop)
    fault = context.get("exception")
    if not isinstance(fault, Exception):
        fault = RuntimeError(str(context.get("message")))
    else:
        fault.add_note(str(context.get("message")))
    loop.faults.append(fault)


def _settle(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


async def _called(func: Callable[[*Ts], T], *args: *Ts) -> T:
    return func(*args)


def running() -> VirtualLoop:
    """The loop that runs. Raises TypeError under any other kind."""
    loop = asyncio.get_running_loop()
    if not isinstance(loop, VirtualLoop):
        raise TypeError("this runs in virtual time only")
    return loop


async def passes(seconds: float) -> None:
    """Wait so long in virtual time."""
    loop = running()
    await moment(loop.time() + seconds)


async def moment(at_s: float) -> None:
    """Wait until that moment of virtual time; one turn at least."""
    loop = running()
    future: asyncio.Future[None] = loop.create_future()
    timer = loop.call_at(at_s, _settle, future, None)
    try:
        await future
    finally:
        timer.cancel()


def run(seed: int, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `main` to its end in virtual time, cancel what is left, and give its result.

    Raises what `main` raises, `Stuck`, and `Unheard` with every exception that nobody took.
    """
    loop = VirtualLoop(seed)
    collecting = gc.isenabled()
    gc.disable()
    gc.freeze()  # what was there before is not walked again for each seed
    try:
        try:
            result = loop.run_until_complete(main())
        finally:
            _unwind(loop)
            loop.close()
            gc.collect()
    finally:
        gc.unfreeze()
        if collecting:
            gc.enable()
    if loop.faults:
        raise Unheard("raised, and taken by nobody", loop.faults)
    return result


def _unwind(loop: VirtualLoop) -> None:
    """Cancel what is left, and let it end. A task that will not end is `Stuck`."""
    loop.rest()
    left = sorted(asyncio.all_tasks(loop), key=lambda task: getattr(task, "number", 0))
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(_ended(left))
    loop.run_until_complete(loop.shutdown_asyncgens())


async def _ended(tasks: list[asyncio.Task[Any]]) -> None:
    try:
        async with asyncio.timeout(UNWIND_S):
            results = await asyncio.gather(*tasks, return_exceptions=True)
    except TimeoutError as late:
        raise Stuck("a cancelled task does not end") from late
    running().faults.extend(each for each in results if isinstance(each, Exception))
