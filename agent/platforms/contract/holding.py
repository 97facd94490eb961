# SPDX-License-Identifier: Apache-2.0
"""Holds a conversation with replies that are made up, and keeps what was asked. No network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from agent.platforms.exchange import (
    ADAPTER_FAULTS,
    EXCHANGES_MAX,
    Do,
    Exchange,
    Interrupted,
    Look,
)
from agent.platforms.messages import HttpReply, NoAnswer, NotSent

Answer = HttpReply | NotSent | NoAnswer
Feed = Callable[[int, Look | Do], Answer]
"""What comes back for the so-and-so-manieth wish, from 0 on."""
_FAULTS: Final = (*ADAPTER_FAULTS, OSError, RuntimeError)


class How(StrEnum):
    """How a conversation went out. FELL: by the interruption that it was told."""

    ENDED = "ended"
    FELL = "fell"
    BROKE = "broke"
    ENDLESS = "endless"


@dataclass(frozen=True, slots=True)
class Held:
    """What was asked, and what came of it; `fault` is what an adapter raised by mistake."""

    asks: tuple[Look | Do, ...]
    how: How
    value: object = None
    fault: str = ""

    @property
    def does(self) -> list[Do]:
        return [ask for ask in self.asks if isinstance(ask, Do)]


def hold(exchange: Exchange[Any], feed: Feed) -> Held:
    """To its end, or to one wish more than a conversation may have."""
    asks: list[Look | Do] = []
    try:
        ask = next(exchange)
        while True:
            asks.append(ask)
            if len(asks) > EXCHANGES_MAX:
                exchange.close()
                return Held(tuple(asks), How.ENDLESS)
            reply = feed(len(asks) - 1, ask)
            if isinstance(reply, HttpReply):
                ask = exchange.send(reply)
            else:
                ask = exchange.throw(Interrupted(reply))
    except StopIteration as end:
        return Held(tuple(asks), How.ENDED, end.value)
    except Interrupted:
        return Held(tuple(asks), How.FELL)
    except _FAULTS as fault:
        return Held(tuple(asks), How.BROKE, fault=f"{type(fault).__name__}: {fault}"[:200])


def script(replies: Sequence[HttpReply], rest: Feed) -> Feed:
    """These replies in order, and then `rest`."""

    def feed(at: int, ask: Look | Do) -> Answer:
        return replies[at] if at < len(replies) else rest(at, ask)

    return feed


def cut_off(at: int, ask: Look | Do) -> Answer:
    """No answer, for ever."""
    del at, ask
    return NoAnswer("reset")
