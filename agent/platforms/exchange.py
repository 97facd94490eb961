# SPDX-License-Identifier: Apache-2.0
"""A platform conversation, and the one driver that holds it.

An adapter is a generator: it yields what it wants said (`Look` asks and may be repeated freely,
`Do` changes the world), receives whole replies, and returns a value. It does no I/O, keeps no
state, logs nothing. The driver commits step and exact bytes before each `Do`, keeps the vendor's
ids after it, and tells the conversation by `Interrupted` when no reply came. It never sends
anything twice: only the forwarder does, by holding the conversation again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol, TypeVar

from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent
from agent.ports import Done, DoneStep, Effect, EffectLog

EXCHANGES_MAX: Final = 16
"""No conversation is longer; one that is has a fault of its own."""

Keep = Callable[[HttpReply], Mapping[str, str]]


def keep_nothing(reply: HttpReply) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Look:
    """Ask; changes nothing."""

    request: HttpRequest


@dataclass(frozen=True, slots=True)
class Do:
    """Change the world. `step` names it within its credit: equal steps have equal bytes. Every
    step that may kill a code is named so that it begins with "burn".

    `keep`: which of the vendor's ids in a reply are worth a commit (never a code).
    """

    step: str
    request: HttpRequest
    keep: Keep = field(default=keep_nothing, compare=False)


T = TypeVar("T")
Exchange = Generator[Look | Do, HttpReply, T]


class Interrupted(Exception):
    """Thrown into a conversation at the yield that got no reply. It may catch it, to end with
    what it already knows; else the driver ends the conversation as `Fallen`."""

    def __init__(self, cause: NotSent | NoAnswer) -> None:
        super().__init__(cause.why)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Fallen:
    """A conversation that ended without a value. `perhaps_sent`: one of its `Do`s may have
    been read by the platform. A look-up that found no answer has issued nothing."""

    why: str
    perhaps_sent: bool


class Wire(Protocol):
    """What the driver needs of a transport."""

    async def send(self, request: HttpRequest, deadline: float) -> HttpReply | NotSent | NoAnswer:
        """Sends once. `deadline`: a moment of the monotonic clock, in seconds."""
        ...


ADAPTER_FAULTS: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a conversation raises by mistake. It must not leave a sent effect without an outcome."""


@dataclass(slots=True)
class _Course:
    """How one conversation goes: whether a `Do` may have been read by now."""

    effects: EffectLog | None
    done: Done
    epoch: int
    perhaps_sent: bool = False

    async def say(
        self, ask: Look | Do, wire: Wire, deadline: float
    ) -> HttpReply | NotSent | NoAnswer:
        if isinstance(ask, Look):
            return await wire.send(ask.request, deadline)
        if self.effects is None:
            raise TypeError("a conversation that may only look wanted to change something")
        known = self.done.get(ask.step)
        effect = frozen(ask, known, self.epoch)
        if known is None or effect is not known.effect:  # else it is on disk already
            await self.effects.before(effect)
        request = HttpRequest(effect.method, effect.path, effect.body, effect.headers)
        reply = await wire.send(request, deadline)
        if isinstance(reply, NotSent):
            return reply
        self.perhaps_sent = True
        if isinstance(reply, HttpReply):
            ids = ask.keep(reply)
            if ids:
                await self.effects.after(ask.step, ids)
        return reply


async def drive(
    exchange: Exchange[T],
    wire: Wire,
    deadline: float,
    fallen: Callable[[Fallen], T],
    *,
    effects: EffectLog | None = None,
    done: Done | None = None,
    epoch: int = 0,
) -> T:
    """Hold a conversation to its end, by `deadline` (a moment of the monotonic clock, seconds).

    Without `effects` it may only look. A step that stands in `done` with this epoch is sent with
    its frozen bytes, whatever the conversation says now. Raises what `effects` raises, with
    nothing sent after it.
    """
    course = _Course(effects, done or {}, epoch)
    reply: HttpReply | NotSent | NoAnswer | None = None
    try:
        for _ in range(EXCHANGES_MAX):
            ask = _next(exchange, reply)
            match ask:
                case _Ended(value):
                    return value
                case _Fell(why):
                    return fallen(Fallen(why, course.perhaps_sent))
            reply = await course.say(ask, wire, deadline)
        return fallen(Fallen("adapter-endless", course.perhaps_sent))
    finally:
        exchange.close()


@dataclass(frozen=True, slots=True)
class _Ended(Generic[T]):
    value: T


@dataclass(frozen=True, slots=True)
class _Fell:
    why: str


def _next(
    exchange: Exchange[T], reply: HttpReply | NotSent | NoAnswer | None
) -> Look | Do | _Ended[T] | _Fell:
    """Let the conversation go on to its next wish, its end, or its fall."""
    try:
        match reply:
            case None:
                return next(exchange)
            case HttpReply():
                return exchange.send(reply)
            case _:
                return exchange.throw(Interrupted(reply))
    except StopIteration as end:
        return _Ended(end.value)
    except Interrupted as interrupted:
        return _Fell(interrupted.cause.why)
    except ADAPTER_FAULTS as fault:
        return _Fell(f"adapter-{type(fault).__name__}")


def frozen(ask: Do, known: DoneStep | None, epoch: int) -> Effect:
    """The effect of a `Do`: the bytes that were journalled where this step was, else its own.

    Bytes that the journal has erased (settled, and past the voucher's life) are made anew.
    """
    request = ask.request
    if known is not None and known.effect.epoch == epoch:
        erased = bool(request.body) and not known.effect.body
        if not erased:
            return known.effect
    return Effect(ask.step, epoch, request.method, request.path, request.body, request.headers)
