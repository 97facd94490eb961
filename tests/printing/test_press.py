# SPDX-License-Identifier: Apache-2.0
"""The press: the same paper each time, none that would be untrue, and what a printer said."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from agent.domain.credit import Instrument
from agent.domain.faults import CannotJournal, PaperRefused
from agent.domain.record import CreditRecord, Paper, PaperKind, State
from agent.domain.voucher import VoucherToken
from agent.ports import Composed, PrintEnd
from agent.printing.press import Route, end_of
from agent.printing.spool import NO_PRINTER
from hardware.printers.printer import Failed, Printed, PrintResult, Sent, Uncertain, Why
from hardware.printers.simulated import SimulatedPrinter
from hardware.profiles import load
from tests.printing.samples import (
    OPTIONS,
    OTHER_SIGNER,
    PROFILES,
    a_confirmed,
    a_press,
    a_record,
    drawn,
    symbols_on,
)

ROUTE: Final = "03"
KINDS: Final = {
    PaperKind.VOUCHER: a_record(),
    PaperKind.IDENTITY: a_record(State.REVIEW),
    PaperKind.SLIP: a_record(),
    PaperKind.RECEIPT: a_confirmed(linked=True),
}


class Commit:
    """A `before_first_byte` that counts, or fails."""

    def __init__(self, fails: bool = False) -> None:
        self.calls = 0
        self.fails = fails

    async def __call__(self) -> None:
        self.calls += 1
        if self.fails:
            raise CannotJournal


def composed_for(kind: PaperKind = PaperKind.VOUCHER) -> Composed:
    return a_press("epson-tm-t20iii").compose(KINDS[kind], kind, 1, None)


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("mode", OPTIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_record_kind_and_copy_give_the_same_paper(
    name: str, mode: str, kind: PaperKind
) -> None:
    first = a_press(name, OPTIONS[mode]).compose(KINDS[kind], kind, 2, None)
    again = a_press(name, OPTIONS[mode]).compose(KINDS[kind], kind, 2, None)
    assert (first.escpos, first.svg, first.lines, first.token) == (
        again.escpos,
        again.svg,
        again.lines,
        again.token,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_only_money_paper_has_a_token(kind: PaperKind) -> None:
    assert (composed_for(kind).token is not None) is kind.is_money


def test_a_token_that_was_printed_is_used_again_whatever_key_signs_now() -> None:
    first = a_press().compose(a_record(), PaperKind.VOUCHER, 1, None)
    later = a_press(signer=OTHER_SIGNER).compose(a_record(), PaperKind.VOUCHER, 2, first.token)
    fresh = a_press(signer=OTHER_SIGNER).compose(a_record(), PaperKind.VOUCHER, 2, None)
    assert later.token == first.token
    assert fresh.token != first.token
    profile = load("generic-80")
    assert symbols_on(drawn(later.escpos, profile)) == symbols_on(drawn(first.escpos, profile))


def test_another_credits_token_is_never_printed() -> None:
    from agent.domain.money import Money

    other = a_record(amount=Money(9999, "USD"))
    token = a_press().compose(other, PaperKind.VOUCHER, 1, None).token
    with pytest.raises(ValueError, match="not this credit's"):
        a_press().compose(a_record(), PaperKind.VOUCHER, 2, token)
    with pytest.raises(ValueError, match="not a voucher"):
        a_press().compose(a_record(), PaperKind.VOUCHER, 2, "CM1:AAAA")


UNTRUE: Final = [(PaperKind.RECEIPT, state) for state in State if state is not State.CONFIRMED] + [
    (kind, state)
    for kind in (PaperKind.VOUCHER, PaperKind.IDENTITY, PaperKind.SLIP)
    for state in (
        State.RECEIVED,
        State.REFUSED,
        State.WITHDRAWN,
        State.VOIDING,
        State.VOIDED,
    )
]


@pytest.mark.parametrize(("kind", "state"), UNTRUE)
def test_a_paper_that_would_be_untrue_is_refused(kind: PaperKind, state: State) -> None:
    with pytest.raises(PaperRefused) as refused:
        a_press().compose(replace(a_record(), state=state), kind, 1, None)
    assert refused.value.values == {"state": state.value, "paper": "queued"}


@pytest.mark.parametrize("instrument", [Instrument.ACCOUNT, Instrument.TENDER])
@pytest.mark.parametrize("kind", [PaperKind.VOUCHER, PaperKind.IDENTITY])
def test_what_cannot_be_on_paper_is_not_put_there(instrument: Instrument, kind: PaperKind) -> None:
    record: CreditRecord = a_record(State.REVIEW)
    record = replace(record, request=replace(record.request, instrument=instrument))
    with pytest.raises(PaperRefused):
        a_press().compose(record, kind, 1, None)
    assert a_press().compose(record, PaperKind.SLIP, 1, None).token is None


def test_nothing_of_a_paper_shows_in_a_repr() -> None:
    composed = composed_for()
    assert composed.token is not None
    assert composed.token not in repr(composed)
    assert repr(composed) == "Composed()"
    assert VoucherToken.from_text(composed.token).code.reveal() not in repr(composed)


@pytest.mark.parametrize(
    ("result", "end"),
    [
        (Printed("process-id"), PrintEnd(Paper.PRINTED, "process-id")),
        (Printed("status"), PrintEnd(Paper.PRINTED, "status")),
        (Sent(), PrintEnd(Paper.SENT, "")),
        (Uncertain(Why.LINE_BROKEN), PrintEnd(Paper.UNCERTAIN, "line-broken")),
        (Failed(Why.PAPER_OUT), PrintEnd(Paper.FAILED, "paper-out")),
    ],
)
def test_a_printers_ending_is_told_in_the_journals_words(
    result: PrintResult, end: PrintEnd
) -> None:
    assert end_of(result) == end


def test_a_till_that_owns_its_printer_gets_the_paper_for_any_printer() -> None:
    route = Route(SimulatedPrinter(), load("epson-tm-t20iii"))
    press = a_press("generic-58", routes={ROUTE: route})
    ours = press.compose(a_record(), PaperKind.VOUCHER, 1, None)
    theirs = press.compose(replace(a_record(), pos_prints=True), PaperKind.VOUCHER, 1, None)
    assert max(len(line) for line in ours.lines) > 32
    assert max(len(line) for line in theirs.lines) <= 32
    assert theirs.token == ours.token


async def test_a_paper_goes_to_the_registers_own_printer_and_is_proved() -> None:
    printer, commit = SimulatedPrinter(), Commit()
    press = a_press(routes={ROUTE: Route(printer, load("epson-tm-t20iii"))})
    composed = press.compose(a_record(), PaperKind.VOUCHER, 1, None)
    end = await press.out(ROUTE, composed, commit)
    assert end == PrintEnd(Paper.PRINTED, "process-id")
    assert commit.calls == 1
    assert printer.jobs == [composed.escpos]
    assert press.profile(ROUTE).name == "epson-tm-t20iii"


async def test_a_register_without_a_printer_prints_nothing_and_says_so() -> None:
    commit = Commit()
    end = await a_press().out("99", composed_for(), commit)
    assert end == PrintEnd(Paper.FAILED, NO_PRINTER)
    assert commit.calls == 0
    assert a_press("generic-58").profile("99").name == "generic-58"


async def test_a_printer_that_cannot_print_is_sent_nothing_and_nothing_is_committed() -> None:
    printer, commit = SimulatedPrinter(), Commit()
    printer.set_switch("paper_out", True)
    press = a_press(routes={ROUTE: Route(printer, load("epson-tm-t20iii"))})
    end = await press.out(ROUTE, composed_for(), commit)
    assert end == PrintEnd(Paper.FAILED, "paper-out")
    assert commit.calls == 0
    assert printer.jobs == []


async def test_a_commit_that_fails_lets_no_byte_out() -> None:
    printer = SimulatedPrinter()
    press = a_press(routes={ROUTE: Route(printer, load("epson-tm-t20iii"))})
    with pytest.raises(CannotJournal):
        await press.out(ROUTE, composed_for(), Commit(fails=True))
    assert printer.jobs == []


async def test_a_line_that_breaks_in_the_middle_is_uncertain() -> None:
    printer, commit = SimulatedPrinter(), Commit()
    printer.set_switch("drop_after", 200)
    press = a_press(routes={ROUTE: Route(printer, load("epson-tm-t20iii"))})
    end = await press.out(ROUTE, composed_for(), commit)
    assert end.paper is Paper.UNCERTAIN
    assert commit.calls == 1
