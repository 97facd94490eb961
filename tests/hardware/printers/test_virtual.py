# SPDX-License-Identifier: Apache-2.0
"""The machine behind the simulated printers does what manuals say printers do."""

from __future__ import annotations

import pytest

from hardware.printers.virtual import FinishedPaper, Switches, VirtualPrinter
from tests.hardware.printers.jobs import job_of

ASK_ALL = b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04"


@pytest.mark.parametrize(
    ("switch", "answers"),
    [
        (None, "12 12 12 12"),
        ("paper_out", "1a 32 12 7e"),
        ("near_end", "12 12 12 1e"),
        ("cover_open", "1a 16 12 12"),
        ("error", "1a 52 1a 12"),
        ("offline", "1a 12 12 12"),
        ("mute", ""),
    ],
)
def test_real_time_questions_are_answered_as_by_a_tm_printer(
    switch: str | None, answers: str
) -> None:
    printer = VirtualPrinter()
    if switch is not None:
        printer.switches.set(switch, True)
    assert printer.feed(ASK_ALL) == bytes.fromhex(answers)


def test_a_question_inside_an_image_or_across_reads_is_answered_once() -> None:
    printer = VirtualPrinter()
    image = b"\x1b*\x21\x10\x00" + bytes(20) + b"\x10\x04\x01" + bytes(25)
    answers = b"".join(printer.feed(image[at : at + 1]) for at in range(len(image)))
    assert answers == b"\x12"
    assert printer.feed(b"\x1dV\x00") == b""
    assert printer.papers[0].raw == image + b"\x1dV\x00"


def test_what_waits_for_its_turn_is_not_answered_without_paper() -> None:
    printer = VirtualPrinter(Switches(paper_out=True))
    assert printer.feed(b"hello\n\x1dV\x00\x1dr\x01\x1d(H\x06\x0000abcd") == b""
    assert printer.papers == []
    assert printer.waiting_bytes == 23
    printer.switches.set("paper_out", False)
    assert printer.touched() == b"\x00\x37\x22abcd\x00"
    assert [paper.raw for paper in printer.papers] == [b"hello\n\x1dV\x00"]
    assert printer.waiting_bytes == 0


def test_automatic_status_is_sent_at_once_and_on_every_change() -> None:
    printer = VirtualPrinter()
    assert printer.feed(b"\x1da\xff") == b"\x10\x00\x00\x00"
    printer.switches.set("cover_open", True)
    assert printer.touched() == b"\x38\x00\x00\x00"
    assert printer.touched() == b""
    printer.switches.set("cover_open", False)
    assert printer.touched() == b"\x10\x00\x00\x00"
    assert printer.feed(b"\x1da\x00") == b""
    printer.switches.set("paper_out", True)
    assert printer.touched() == b""


def test_paper_that_ends_in_the_middle_is_reported_and_the_rest_comes_after_the_reload() -> None:
    printer = VirtualPrinter()
    printer.feed(b"\x1da\xff")
    printer.switches.set("paper_out_after", 10)
    assert printer.feed(b"12345\n1234567\n\x1dV\x00") == b"\x18\x00\x0f\x00"
    assert printer.papers == []
    printer.switches.set("paper_out", False)
    assert printer.touched() == b"\x10\x00\x00\x00"
    assert printer.papers == [FinishedPaper(1, b"12345\n1234567\n\x1dV\x00", True)]


def test_hanging_up_ends_a_paper_without_a_cut_and_blank_ones_do_not_count() -> None:
    printer = VirtualPrinter()
    printer.feed(b"one\n")
    printer.hung_up()
    printer.feed(b"\x1b@\x1dr\x01")
    printer.hung_up()
    assert printer.papers == [FinishedPaper(1, b"one\n", False)]


def test_hanging_up_without_paper_keeps_what_waits() -> None:
    printer = VirtualPrinter(Switches(paper_out=True))
    printer.feed(b"one\n")
    printer.hung_up()
    assert printer.papers == []
    printer.switches.set("paper_out", False)
    printer.touched()
    assert [paper.raw for paper in printer.papers] == [b"one\n"]


def test_switching_off_forgets_what_waits() -> None:
    printer = VirtualPrinter(Switches(paper_out=True))
    printer.feed(job_of())
    printer.switched_off()
    printer.switches.set("paper_out", False)
    printer.touched()
    assert printer.papers == []
    assert printer.waiting_bytes == 0


def test_identity_and_process_id_are_answered_where_they_are_known() -> None:
    printer = VirtualPrinter()
    assert printer.feed(b"\x1dI\x01") == b"\x20"
    assert printer.feed(b"\x1d(H\x06\x0000wxyz") == b"\x37\x22wxyz\x00"
    printer.switches.set("no_process_id", True)
    assert printer.feed(b"\x1d(H\x06\x0000wxyz") == b""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nothing", True),
        ("set", True),
        ("mute", 1),
        ("mute", None),
        ("drop_after", True),
        ("drop_after", "3"),
        ("drop_after", -1),
        ("bytes_per_s", 0),
    ],
)
def test_a_switch_that_does_not_exist_or_fit_is_refused(name: str, value: object) -> None:
    switches = Switches()
    with pytest.raises(ValueError, match=r"switch|is true or false|number of bytes|too small"):
        switches.set(name, value)
    assert switches == Switches()
