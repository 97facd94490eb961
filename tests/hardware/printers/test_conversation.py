# SPDX-License-Identifier: Apache-2.0
"""The rules of proof, told step by step to a conversation that has no device."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hardware.printers.conversation import (
    QUESTIONS,
    Drain,
    Heard,
    LineBroken,
    Listen,
    Step,
    Write,
    ask_status,
    deliver,
    greet,
    refusal,
    run,
)
from hardware.printers.printer import Printed, PrintResult, Sent, Uncertain, Why
from hardware.wire.escpos_status import PaperState, PrinterStatus, StatusReader, learn

ID = b"AB12"


class ScriptedLine:
    """Answers writes by a rule; ``over`` after so many steps; remembers what was written."""

    def __init__(
        self, answer: Callable[[bytes], bytes], *, steps: int = 100, undrained: bool = False
    ) -> None:
        self.written: list[bytes] = []
        self._answer, self._left, self._undrained = answer, steps, undrained
        self._inbox = b""

    def do(self, step: Step) -> Heard:
        self._left -= 1
        over = self._left <= 0
        match step:
            case Write(data):
                self.written.append(data)
                self._inbox += self._answer(data)
                return Heard()
            case Listen():
                heard, self._inbox = self._inbox, b""
                return Heard(heard, over)
            case Drain():
                return Heard(over=self._undrained)


def delivered(line: ScriptedLine, *, process_id: bytes | None, silent: bool = False) -> PrintResult:
    talk = deliver(
        b"the job", StatusReader(), process_id=process_id, silent=silent, status_wait_s=0.1
    )
    return run(talk, line)


def nothing(_: bytes) -> bytes:
    return b""


def broken(_: bytes) -> bytes:
    raise LineBroken


def test_no_two_real_time_questions_are_open_at_once() -> None:
    line = ScriptedLine(lambda data: b"\x12")
    status = run(ask_status(StatusReader(), 0.1), line)
    assert status.ready
    assert line.written == [bytes([0x10, 0x04, n]) for n in QUESTIONS]


def test_a_printer_that_answers_the_first_question_only_is_neither_silent_nor_ready() -> None:
    line = ScriptedLine(lambda data: b"\x12" if data[-1] == 1 else b"")
    status = run(ask_status(StatusReader(), 0.1), line)
    assert not status.silent
    assert not status.ready
    assert len(line.written) == 2
    assert refusal(status, allow_silent=False) is Why.SILENT
    assert refusal(status, allow_silent=True) is None


def test_what_the_last_connection_broke_is_mended_before_any_question() -> None:
    line = ScriptedLine(lambda data: b"\x12" if data[:1] == b"\x10" else b"")
    assert run(greet(StatusReader(), b"\0\0\x1b@", 0.1), line).ready
    assert line.written[0] == b"\0\0\x1b@"


def test_only_our_own_process_id_is_proof() -> None:
    other = ScriptedLine(lambda data: b"\x37\x22ZZZZ\x00" if b"(H" in data else b"", steps=8)
    assert delivered(other, process_id=ID) == Sent()
    ours = ScriptedLine(lambda data: b"\x37\x22AB12\x00" if b"(H" in data else b"")
    assert delivered(ours, process_id=ID) == Printed("process-id")
    assert ours.written[0] == b"the job"
    assert len(ours.written) == 2


def test_an_answer_in_order_is_proof_only_while_the_printer_does_not_complain() -> None:
    def fine(data: bytes) -> bytes:
        return b"\x00" if data.endswith(b"\x1dr\x01") else b"\x12"

    def no_paper(data: bytes) -> bytes:
        if data.startswith(b"\x10\x04"):
            return {1: b"\x1a", 2: b"\x32", 3: b"\x12", 4: b"\x7e"}[data[2]]
        return b"\x00" if data.endswith(b"\x1dr\x01") else b""

    assert delivered(ScriptedLine(fine), process_id=None) == Printed("status")
    assert delivered(ScriptedLine(no_paper), process_id=None) == Uncertain(Why.PAPER_OUT)


def test_a_frame_that_reports_the_end_of_paper_decides_when_no_proof_comes() -> None:
    line = ScriptedLine(lambda data: b"\x1c\x00\x0f\x00" if data == b"the job" else b"", steps=8)
    assert delivered(line, process_id=ID) == Uncertain(Why.PAPER_OUT)


def test_a_printer_that_chatters_without_end_does_not_outlast_the_deadline() -> None:
    line = ScriptedLine(lambda data: b"\x11" * 3, steps=50)
    assert delivered(line, process_id=ID) == Sent()


@pytest.mark.parametrize("silent", [True, False])
def test_bytes_that_the_other_side_never_took_are_not_called_sent(silent: bool) -> None:
    line = ScriptedLine(nothing, steps=6, undrained=True)
    assert delivered(line, process_id=None, silent=silent) == Uncertain(Why.DEADLINE)


def test_a_silent_printer_is_asked_nothing_behind_the_job() -> None:
    line = ScriptedLine(nothing)
    assert delivered(line, process_id=ID, silent=True) == Sent()
    assert line.written == [b"the job"]


def test_a_line_that_breaks_during_the_job_is_uncertain() -> None:
    assert delivered(ScriptedLine(broken), process_id=ID) == Uncertain(Why.LINE_BROKEN)


def test_a_line_that_breaks_during_the_greeting_is_told_to_the_caller() -> None:
    with pytest.raises(LineBroken):
        run(greet(StatusReader(), b"", 0.1), ScriptedLine(broken))


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (PrinterStatus(online=True, paper=PaperState.OK), None),
        (PrinterStatus(online=True, paper=PaperState.NEAR_END), None),
        (PrinterStatus(online=True, paper=PaperState.OUT), Why.PAPER_OUT),
        (PrinterStatus(online=False, paper=PaperState.OK), Why.OFFLINE),
        (PrinterStatus(online=True, paper=PaperState.OK, cover_open=True), Why.COVER_OPEN),
        (PrinterStatus(), Why.SILENT),
    ],
)
def test_what_a_printer_says_decides_whether_anything_is_sent(
    status: PrinterStatus, why: Why | None
) -> None:
    assert refusal(status, allow_silent=False) is why
    assert refusal(status, allow_silent=True) is (None if why is Why.SILENT else why)


def test_every_complaint_of_a_printer_is_a_reason_that_a_result_can_carry() -> None:
    reader = StatusReader()
    for frame in (b"\x18\x00\x0f\x00", b"\x38\x00\x00\x00", b"\x18\x08\x00\x00", b"\x18\0\0\0"):
        (answer,) = reader.feed(frame)
        stopper = learn(PrinterStatus(), answer).stopper
        assert stopper is not None
        assert Why(stopper) in Why


def test_what_is_printed_shows_in_no_representation() -> None:
    assert "the job" not in repr(Write(b"the job"))
