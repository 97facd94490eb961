# SPDX-License-Identifier: Apache-2.0
"""Symbols: sizes that fit the paper, one mode, and the same dots for the same text."""

from __future__ import annotations

import pytest

from agent.domain.voucher import HOST_MAX, qr_text, slip_text
from agent.printing.qr import draw_qr, native_modules, qr_modules
from hardware.profiles import load, names
from hardware.wire.escpos_writer import MODULE_DOTS_MIN, fitting_module_dots
from tests.printing.samples import KEY, LONG_HOST, PROFILES, SHORT_HOST, SIGNER, a_record


def version(modules: int) -> int:
    return (modules - 17) // 4


def text_for(host: str | None) -> str:
    from agent.domain.voucher import VoucherToken

    record = a_record()
    token = SIGNER.sign(VoucherToken(bytes(4), record.key, record.code, record.request.amount))
    return qr_text(token, host)


def test_a_host_of_19_characters_is_version_8_and_one_of_60_version_9() -> None:
    assert (len(SHORT_HOST), len(LONG_HOST)) == (19, HOST_MAX)
    assert version(len(qr_modules(text_for(SHORT_HOST)))) == 8
    assert version(len(qr_modules(text_for(SHORT_HOST + "x")))) == 9
    assert version(len(qr_modules(text_for(LONG_HOST)))) == 9


def test_a_host_over_60_characters_is_refused() -> None:
    with pytest.raises(ValueError, match="60"):
        text_for(LONG_HOST + "x")


def test_every_voucher_fits_every_paper_at_five_dots_or_more() -> None:
    for name in names():
        profile = load(name)
        side = len(qr_modules(text_for(LONG_HOST)))
        assert fitting_module_dots(side, profile.width_dots) >= MODULE_DOTS_MIN
    assert set(PROFILES) <= set(names())


def test_a_voucher_has_six_dots_a_module_on_58_mm_paper_with_a_short_host() -> None:
    side = len(qr_modules(text_for(SHORT_HOST)))
    assert fitting_module_dots(side, load("generic-58").width_dots) == 6


def test_the_same_text_gives_the_same_dots() -> None:
    text = text_for(SHORT_HOST)
    assert qr_modules(text) == qr_modules(text)


@pytest.mark.parametrize("text", ["", "https://c.brand.example", "CM1:ä", "CM1:A\x1bp"])
def test_a_text_beyond_alphanumeric_mode_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="capitals"):
        qr_modules(text)


@pytest.mark.parametrize("length", [263, 20_000])
def test_a_text_over_version_9_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match=r"version|longer"):
        qr_modules("A" * length)


def test_a_slip_needs_a_small_symbol_only() -> None:
    assert version(len(qr_modules(slip_text(KEY)))) <= 4


def test_the_worst_case_of_a_printers_own_command_is_larger_than_our_symbol() -> None:
    text = text_for(SHORT_HOST)
    assert native_modules(text) > len(qr_modules(text))


def test_a_picture_draws_what_a_native_command_says_in_either_mode() -> None:
    assert draw_qr(b"CM1:ABC", "M", 6) == qr_modules("CM1:ABC")
    assert len(draw_qr(b"small letters", "L", 6)) == 21
