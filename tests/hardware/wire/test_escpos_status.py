# SPDX-License-Identifier: Apache-2.0
"""Answers of printers, told apart by their fixed bits, and what they say of the printer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.wire.escpos_status import (
    Answer,
    Asb,
    Block,
    ByteAnswer,
    FlowControl,
    Noise,
    PaperState,
    PrinterError,
    PrinterStatus,
    ProcessIdAnswer,
    RealTimeAnswer,
    StatusReader,
    learn,
)

HEALTHY = (0x12, 0x12, 0x12, 0x12)
PAPER_OUT = (0x1A, 0x32, 0x12, 0x7E)


def after(values: tuple[int, ...]) -> PrinterStatus:
    """What is known when DLE EOT 1 to 4 were answered so."""
    status = PrinterStatus()
    for n, value in enumerate(values, start=1):
        status = learn(status, RealTimeAnswer(n, value))
    return status


def test_silence_is_unknown_and_never_ready() -> None:
    silent = PrinterStatus()
    assert silent.silent
    assert not silent.ready
    assert silent.stopper is None
    assert silent.paper is PaperState.UNKNOWN
    assert silent.error is PrinterError.UNKNOWN


def test_a_healthy_printer_is_ready() -> None:
    status = after(HEALTHY)
    assert status.ready
    assert status.stopper is None
    assert status == PrinterStatus(True, False, PaperState.OK, PrinterError.NONE, False)
    assert after((0x16, *HEALTHY[1:])).drawer_high is True


@pytest.mark.parametrize(
    ("values", "stopper"),
    [
        (PAPER_OUT, "paper-out"),
        ((0x1A, 0x16, 0x12, 0x12), "cover-open"),
        ((0x1A, 0x52, 0x1A, 0x12), "printer-error"),
        ((0x1A, 0x52, 0x12 | 0x20, 0x12), "printer-error"),
        ((0x1A, 0x12, 0x12, 0x12), "offline"),
        ((0x12, 0x32, 0x12, 0x12 | 0x60), "paper-out"),
    ],
)
def test_each_complaint_has_its_code_and_stops_printing(
    values: tuple[int, ...], stopper: str
) -> None:
    status = after(values)
    assert status.stopper == stopper
    assert not status.ready


def test_near_end_is_a_hint_and_prints_still() -> None:
    status = after((0x12, 0x12, 0x12, 0x1E))
    assert status.paper is PaperState.NEAR_END
    assert status.ready


def test_an_answer_to_one_question_alone_is_not_enough() -> None:
    assert not learn(PrinterStatus(), RealTimeAnswer(1, 0x12)).ready
    assert not learn(PrinterStatus(), RealTimeAnswer(4, 0x12)).ready
    assert learn(PrinterStatus(), RealTimeAnswer(0, 0x12)) == PrinterStatus()


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (0x12, PrinterError.NONE),
        (0x16, PrinterError.RECOVERABLE),
        (0x1A, PrinterError.CUTTER),
        (0x32, PrinterError.UNRECOVERABLE),
        (0x52, PrinterError.RECOVERS_ALONE),
    ],
)
def test_error_bits_name_the_worst_fault(value: int, error: PrinterError) -> None:
    assert learn(PrinterStatus(), RealTimeAnswer(3, value)).error is error


def test_a_known_fault_is_not_weakened_by_the_offline_cause() -> None:
    cutter = learn(PrinterStatus(), RealTimeAnswer(3, 0x1A))
    assert learn(cutter, RealTimeAnswer(2, 0x52)).error is PrinterError.CUTTER
    assert learn(cutter, RealTimeAnswer(2, 0x12)).error is PrinterError.NONE
    fresh = learn(PrinterStatus(), RealTimeAnswer(2, 0x52))
    assert fresh.error is PrinterError.RECOVERABLE


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (b"\x14\x00\x00\x00", PrinterStatus(True, False, PaperState.OK, PrinterError.NONE, True)),
        (
            b"\x14\x00\x03\x00",
            PrinterStatus(True, False, PaperState.NEAR_END, PrinterError.NONE, True),
        ),
        (b"\x1c\x00\x0f\x00", PrinterStatus(False, False, PaperState.OUT, PrinterError.NONE, True)),
        (b"\x38\x00\x00\x00", PrinterStatus(False, True, PaperState.OK, PrinterError.NONE, False)),
        (
            b"\x18\x08\x00\x00",
            PrinterStatus(False, False, PaperState.OK, PrinterError.CUTTER, False),
        ),
    ],
)
def test_an_automatic_status_frame_tells_everything(frame: bytes, expected: PrinterStatus) -> None:
    assert StatusReader().feed(frame) == [Asb(frame)]
    assert learn(PrinterStatus(), Asb(frame)) == expected


def test_the_third_byte_of_a_frame_is_not_taken_for_an_answer_in_order() -> None:
    reader = StatusReader()
    reader.asked("GS r 1")
    assert reader.feed(b"\x14\x00\x03\x00\x00") == [
        Asb(b"\x14\x00\x03\x00"),
        ByteAnswer("GS r 1", 0x00),
    ]


def test_flow_control_may_stand_between_any_two_bytes() -> None:
    reader = StatusReader()
    answers = reader.feed(b"\x14\x13\x00\x00\x11\x00\x37\x22\x13AB\x11CD\x00")
    assert answers == [
        FlowControl(False),
        FlowControl(True),
        Asb(b"\x14\x00\x00\x00"),
        FlowControl(False),
        FlowControl(True),
        ProcessIdAnswer(b"ABCD"),
    ]


def test_answers_go_to_the_questions_in_the_order_asked() -> None:
    reader = StatusReader()
    reader.asked_realtime(1)
    reader.asked_realtime(4)
    reader.asked("GS I 1")
    reader.asked("GS r 1")
    assert reader.feed(b"\x12\x20\x7e\x0c") == [
        RealTimeAnswer(1, 0x12),
        ByteAnswer("GS I 1", 0x20),
        RealTimeAnswer(4, 0x7E),
        ByteAnswer("GS r 1", 0x0C),
    ]
    assert reader.feed(b"\x12\x00") == [RealTimeAnswer(0, 0x12), ByteAnswer("", 0)]


def test_questions_given_up_are_not_answered_late() -> None:
    reader = StatusReader()
    reader.asked_realtime(1)
    reader.forget_realtime()
    reader.asked_realtime(4)
    assert reader.feed(b"\x1e") == [RealTimeAnswer(4, 0x1E)]


def test_an_answer_in_order_tells_of_paper_or_drawer() -> None:
    status = PrinterStatus()
    assert learn(status, ByteAnswer("GS r 1", 0x00)).paper is PaperState.OK
    assert learn(status, ByteAnswer("GS r 1", 0x0F)).paper is PaperState.OUT
    assert learn(status, ByteAnswer("GS r 2", 0x01)).drawer_high is True
    assert learn(status, ByteAnswer("", 0x0F)) == status


def test_blocks_end_at_their_nul_and_never_grow_without_bound() -> None:
    reader = StatusReader()
    assert reader.feed(b"\x5fEPSON\x00") == [Block(b"\x5fEPSON\x00")]
    assert reader.feed(b"\x37\x25\x00") == [Block(b"\x37\x25\x00")]
    noise = reader.feed(b"\x5f" + b"A" * 300)
    assert noise[0] == Noise(b"\x5f" + b"A" * 255)


def test_a_broken_frame_is_noise_and_the_next_byte_is_read_anew() -> None:
    reader = StatusReader()
    reader.asked_realtime(1)
    assert reader.feed(b"\x14\x00\x12") == [Noise(b"\x14\x00"), RealTimeAnswer(1, 0x12)]
    assert reader.feed(b"\xff") == [Noise(b"\xff")]


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=6))
def test_how_answers_were_cut_makes_no_difference_and_nothing_raises(
    data: bytes, cuts: list[int]
) -> None:
    whole, cut_up = StatusReader(), StatusReader()
    pieces: list[Answer] = []
    start = 0
    for end in [*sorted(min(cut, len(data)) for cut in cuts), len(data)]:
        pieces += cut_up.feed(data[start:end])
        start = end
    answers = whole.feed(data)
    assert pieces == answers
    status = PrinterStatus()
    for answer in answers:
        status = learn(status, answer)
    assert isinstance(status.ready, bool)
