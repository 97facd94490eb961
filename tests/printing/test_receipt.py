# SPDX-License-Identifier: Apache-2.0
"""Receipts of confirmed credits: what a linked card hides and a bearer card must show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.customer import Skipped
from agent.domain.record import PaperKind
from agent.printing.document import Banner, Qr
from agent.printing.receipt import receipt
from hardware.profiles import load
from tests.printing.samples import CODE, OPTIONS, PROFILES, a_confirmed, a_press
from tests.printing.test_render import assert_on_paper, assert_only_ours


@pytest.mark.parametrize("name", PROFILES)
def test_the_receipt_of_a_linked_credit_shows_the_codes_last_four_only(name: str) -> None:
    composed = a_press(name).compose(a_confirmed(linked=True), PaperKind.RECEIPT, 1, None)
    whole = " ".join(composed.lines)
    assert CODE.last_four in whole
    for form in (whole, composed.svg, composed.escpos.decode("latin-1")):
        assert CODE.reveal() not in form
        assert CODE.grouped() not in form
        assert CODE.grouped()[:4] not in form
    assert "added to your account" in " ".join(whole.split())


@pytest.mark.parametrize("name", PROFILES)
def test_the_receipt_of_a_bearer_card_shows_the_code_whole(name: str) -> None:
    record = a_confirmed(linked=False, customer=Skipped())
    composed = a_press(name).compose(record, PaperKind.RECEIPT, 1, None)
    whole = " ".join(" ".join(composed.lines).split())
    assert CODE.grouped() in whole
    assert "account" not in whole.lower()
    assert "CONFIRMED" in whole
    assert "USD 48.50" in whole
    assert_only_ours(composed.escpos)
    assert_on_paper(composed.escpos, name)


def test_until_the_link_is_known_the_code_is_the_only_way_to_the_money() -> None:
    waiting = a_confirmed(linked=False)
    assert waiting.link_wanted
    assert CODE.grouped() in " ".join(a_press().compose(waiting, PaperKind.RECEIPT, 1, None).lines)


def test_a_receipt_never_looks_like_a_voucher() -> None:
    document = receipt(a_confirmed(linked=True), 1, OPTIONS["hosted"])
    assert not [block for block in document.blocks if isinstance(block, Banner | Qr)]


def test_a_receipt_carries_no_token_even_where_a_voucher_was_printed_before() -> None:
    press = a_press()
    first = press.compose(
        replace(a_confirmed(linked=False), paper_kind=PaperKind.VOUCHER),
        PaperKind.VOUCHER,
        1,
        None,
    )
    composed = press.compose(a_confirmed(linked=False), PaperKind.RECEIPT, 2, first.token)
    assert composed.token is None
    assert "COPY 2" in " ".join(composed.lines)


def test_a_receipt_fits_its_paper_on_every_width() -> None:
    for name in PROFILES:
        lines = a_press(name).compose(a_confirmed(linked=True), PaperKind.RECEIPT, 1, None).lines
        assert max(len(line) for line in lines) <= load(name).columns
