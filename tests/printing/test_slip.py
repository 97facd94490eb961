# SPDX-License-Identifier: Apache-2.0
"""The pending slip: not money, from its head to its symbol."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.credit import Instrument
from agent.domain.record import CreditRecord, PaperKind
from agent.domain.voucher import VoucherToken
from agent.printing.document import Banner
from agent.printing.slip import slip
from hardware.profiles import load
from tests.printing.samples import (
    CODE,
    KEY,
    OPTIONS,
    PROFILES,
    a_press,
    a_record,
    drawn,
    symbols_on,
)
from tests.printing.test_render import assert_on_paper, assert_only_ours


def a_refund() -> CreditRecord:
    record = a_record()
    request = replace(record.request, instrument=Instrument.TENDER)
    return replace(record, request=request, paper_kind=PaperKind.SLIP, expires_on=None)


@pytest.mark.parametrize("name", PROFILES)
def test_a_slips_symbol_is_a_look_up_handle_and_nothing_more(name: str) -> None:
    composed = a_press(name).compose(a_refund(), PaperKind.SLIP, 1, None)
    (read,) = symbols_on(drawn(composed.escpos, load(name)))
    assert read == f"CMP:{KEY}"
    with pytest.raises(ValueError, match="not a voucher"):
        VoucherToken.from_text(read)
    assert_only_ours(composed.escpos)
    assert_on_paper(composed.escpos, name)


@pytest.mark.parametrize("name", PROFILES)
def test_a_slip_carries_no_code_and_no_token(name: str) -> None:
    printed = a_press(name).compose(a_record(), PaperKind.VOUCHER, 1, None)
    assert printed.token is not None
    composed = a_press(name).compose(a_record(), PaperKind.SLIP, 1, printed.token)
    assert composed.token is None
    for form in (" ".join(composed.lines), composed.svg, composed.escpos.decode("latin-1")):
        assert CODE.reveal() not in form
        assert CODE.grouped() not in form
        assert CODE.last_four not in form
        assert printed.token not in form


def test_a_slip_says_at_its_head_that_it_is_not_money() -> None:
    first = slip(a_refund(), 1, OPTIONS["hosted"]).blocks[0]
    assert first == Banner("NOT MONEY")
    lines = a_press("generic-58").compose(a_refund(), PaperKind.SLIP, 1, None).lines
    assert lines[0].strip() == "NOT MONEY"
    assert "no value" in " ".join(lines)


def test_a_slip_shows_the_key_as_text() -> None:
    lines = a_press("generic-58").compose(a_refund(), PaperKind.SLIP, 1, None).lines
    assert KEY.text in "".join(line.strip() for line in lines)
