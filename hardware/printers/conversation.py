# SPDX-License-Identifier: Apache-2.0
"""What is said to a printer and what its answers mean, as generators without any I/O.

A conversation yields steps and is sent what was heard. Whoever runs it (``run``, over a ``Line``)
knows sockets and clocks; the rules of proof stand here once, for every kind of device and for the
simulated one.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from hardware.printers.printer import Printed, PrintResult, Sent, Uncertain, Why
from hardware.wire.escpos_status import (
    ByteAnswer,
    PrinterStatus,
    ProcessIdAnswer,
    RealTimeAnswer,
    StatusReader,
    learn,
)
from hardware.wire.escpos_writer import ask_in_order, ask_process_id, ask_real_time

QUESTIONS: Final = (1, 4, 2, 3)
"""DLE EOT n in the order asked: whether it is there at all, paper, then covers and faults."""

POLL_S: Final = 0.5
"""Seconds between looks at the status while proof is awaited."""

PATIENCE: Final = 8
"""Silent looks granted to a process id after the job was worked off: printing takes a while."""

_BARRIER: Final = "GS r 1"


class LineBroken(Exception):
    """The connection ended. What was on its way may or may not have arrived."""


@dataclass(frozen=True, slots=True)
class Write:
    """Hand over all of these bytes."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait for bytes, at most so long."""

    wait_s: float


@dataclass(frozen=True, slots=True)
class Drain:
    """Wait until the other side has taken everything that was written."""


Step = Write | Listen | Drain


@dataclass(frozen=True, slots=True)
class Heard:
    """What a step brought. ``over``: the deadline passed before the step was done."""

    data: bytes = b""
    over: bool = False


class Line(Protocol):
    """A connection with a deadline."""

    def do(self, step: Step) -> Heard:
        """Raises ``LineBroken`` when the connection has ended."""
        ...


T = TypeVar("T")


def run(talk: Generator[Step, Heard, T], line: Line) -> T:
    """Have the conversation over the line. ``LineBroken`` is raised inside it, and may come out."""
    try:
        step = next(talk)
        while True:
            try:
                heard = line.do(step)
            except LineBroken as broken:
                step = talk.throw(broken)
            else:
                step = talk.send(heard)
    except StopIteration as stop:
        value: T = stop.value
        return value


def ask_status(
    reader: StatusReader, wait_s: float, status: PrinterStatus | None = None
) -> Generator[Step, Heard, PrinterStatus]:
    """Ask one question after the other; the first that stays unanswered is the last.

    Real-time answers do not say which question they answer, so no two are ever open.
    """
    known = status or PrinterStatus()
    for n in QUESTIONS:
        reader.asked_realtime(n)
        heard = yield Write(ask_real_time(n))
        answered = False
        while not answered:
            for answer in reader.feed(heard.data):
                known = learn(known, answer)
                answered = answered or (isinstance(answer, RealTimeAnswer) and answer.n == n)
            if answered:
                break
            if heard.over:
                reader.forget_realtime()
                return known
            heard = yield Listen(wait_s)
            if not heard.data:
                reader.forget_realtime()
                return known
    return known


def greet(
    reader: StatusReader, mend: bytes, wait_s: float
) -> Generator[Step, Heard, PrinterStatus]:
    """Begin a connection: close what the last one left open, then ask for the status.

    In this order, for a command that is still open would swallow the questions as its data.
    """
    if mend:
        heard = yield Write(mend)
        reader.feed(heard.data)
    return (yield from ask_status(reader, wait_s))


def refusal(status: PrinterStatus, *, allow_silent: bool) -> Why | None:
    """Why nothing may be sent to a printer that says this of itself."""
    if status.stopper is not None:
        return Why(status.stopper)
    return None if status.ready or allow_silent else Why.SILENT


def deliver(
    job: bytes,
    reader: StatusReader,
    *,
    process_id: bytes | None,
    silent: bool,
    status_wait_s: float,
) -> Generator[Step, Heard, PrintResult]:
    """Send the job and wait for proof. Called only when bytes may leave; never ends in ``Failed``.

    ``process_id``: four bytes no other job used, or None where the model does not know GS ( H.
    ``silent``: the printer said nothing before, so nothing is asked of it now.
    """
    try:
        heard = yield Write(job)
        status = _learnt(reader, heard, PrinterStatus())
        if heard.over:
            return Uncertain(_complaint(status) or Why.DEADLINE)
        if silent:
            drained = yield Drain()
            return Uncertain(Why.DEADLINE) if drained.over else Sent()
        return (yield from _await_proof(reader, status, process_id, status_wait_s))
    except LineBroken:
        return Uncertain(Why.LINE_BROKEN)


def _await_proof(
    reader: StatusReader, status: PrinterStatus, process_id: bytes | None, wait_s: float
) -> Generator[Step, Heard, PrintResult]:
    """Ask behind the last byte, and listen until there is proof or the deadline has passed.

    The question in order is asked in any case: a model that was thought to know process ids and
    does not still proves that it worked the job off.
    """
    reader.asked(_BARRIER)
    by_id = b"" if process_id is None else ask_process_id(process_id)
    heard = yield Write(by_id + ask_in_order(1))
    patience = PATIENCE if process_id is not None else 0
    worked_off = False
    while True:
        for answer in reader.feed(heard.data):
            status = learn(status, answer)
            if process_id is not None and answer == ProcessIdAnswer(process_id):
                return Printed("process-id")
            worked_off = worked_off or _is_barrier(answer)
        if worked_off and (patience == 0 or heard.over):
            # Where paper ended on the way, the printer says so now.
            status = status if heard.over else (yield from ask_status(reader, wait_s, status))
            complaint = _complaint(status)
            return Uncertain(complaint) if complaint else Printed("status")
        if heard.over:
            return (yield from _unproved(status))
        heard = yield Listen(POLL_S)
        if not heard.data and not heard.over:
            patience -= worked_off
            heard = yield from _poll(reader)


def _poll(reader: StatusReader) -> Generator[Step, Heard, Heard]:
    """Ask for the paper and the rest in real time; the answers come with the next bytes heard."""
    reader.forget_realtime()
    asked = b""
    for n in (1, 4, 2):
        reader.asked_realtime(n)
        asked += ask_real_time(n)
    return (yield Write(asked))


def _unproved(status: PrinterStatus) -> Generator[Step, Heard, PrintResult]:
    """The deadline passed without proof: what can still be said."""
    complaint = _complaint(status)
    if complaint:
        return Uncertain(complaint)
    drained = yield Drain()
    return Uncertain(Why.DEADLINE) if drained.over else Sent()


def _is_barrier(answer: object) -> bool:
    return isinstance(answer, ByteAnswer) and answer.question == _BARRIER


def _learnt(reader: StatusReader, heard: Heard, status: PrinterStatus) -> PrinterStatus:
    for answer in reader.feed(heard.data):
        status = learn(status, answer)
    return status


def _complaint(status: PrinterStatus) -> Why | None:
    return Why(status.stopper) if status.stopper is not None else None
