# SPDX-License-Identifier: Apache-2.0
"""Vouchers: every width and mode is read back, says what is true, and names nobody."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.code import Code
from agent.domain.customer import (
    Customer,
    CustomerKind,
    Forgotten,
    Malformed,
    Skipped,
)
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.domain.place import Place
from agent.domain.record import CreditRecord, PaperKind, State
from agent.domain.symbols import ALPHABET
from agent.domain.voucher import TokenFlag, VoucherToken, qr_text
from agent.printing.document import Banner, Big, Document, Line, Pair, Qr, Title
from agent.printing.options import PaperOptions, VoucherMode
from agent.printing.press import Press
from agent.printing.voucher import voucher
from agent.signing import KeyRing, RegisterKey, verify
from hardware.profiles import load
from tests.printing.samples import (
    CODE,
    EMAIL,
    EXPIRES,
    LONG_HOST,
    OPTIONS,
    PROFILES,
    SHORT_HOST,
    SIGNER,
    a_confirmed,
    a_press,
    a_record,
    drawn,
    symbols_on,
)
from tests.printing.test_render import HOSTILE, assert_on_paper, assert_only_ours

MONEY: Final = (PaperKind.VOUCHER, PaperKind.IDENTITY)


def record_for(kind: PaperKind, customer: Customer | None = None) -> CreditRecord:
    state = State.PARKED if kind is PaperKind.VOUCHER else State.REVIEW
    record = a_record(state) if customer is None else a_record(state, customer=customer)
    return replace(record, paper_kind=kind)


def text_of(record: CreditRecord, kind: PaperKind, options: PaperOptions, copy: int = 1) -> str:
    composed = a_press("generic-80", options).compose(record, kind, copy, None)
    return " ".join(" ".join(composed.lines).split())


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("mode", OPTIONS)
@pytest.mark.parametrize("kind", MONEY)
def test_a_voucher_is_read_back_from_its_dots(name: str, mode: str, kind: PaperKind) -> None:
    record = record_for(kind)
    composed = a_press(name, OPTIONS[mode]).compose(record, kind, 1, None)
    (read,) = symbols_on(drawn(composed.escpos, load(name)))
    token = VoucherToken.from_text(read)
    assert read == qr_text(token, OPTIONS[mode].host)
    assert token.credit() == record.credit
    assert token.expires_on == EXPIRES
    assert token.business == record.request.business_digest()
    identity = kind is PaperKind.IDENTITY
    assert token.flags == (TokenFlag.IDENTITY if identity else TokenFlag.NONE)
    assert verify(token, KeyRing([SIGNER.public]))
    assert_only_ours(composed.escpos)
    assert_on_paper(composed.escpos, name)


@pytest.mark.parametrize("name", PROFILES)
def test_the_longest_host_is_read_back_on_every_width(name: str) -> None:
    options = PaperOptions(VoucherMode.HOSTED, LONG_HOST)
    composed = a_press(name, options).compose(a_record(), PaperKind.VOUCHER, 1, None)
    (read,) = symbols_on(drawn(composed.escpos, load(name)))
    assert read.startswith(f"HTTPS://{LONG_HOST.upper()}/V/")
    assert VoucherToken.from_text(read).credit() == a_record().credit


@given(
    minor=st.integers(min_value=1, max_value=10**12),
    currency=st.sampled_from(["USD", "JPY", "KWD", "EUR"]),
    store=st.text("0123456789ABCXYZ", min_size=1, max_size=6),
    register=st.text("0123456789ABCXYZ", min_size=1, max_size=6),
    at_ms=st.integers(min_value=0, max_value=10**13 - 1),
    chance=st.text(ALPHABET, min_size=8, max_size=8),
    first=st.integers(min_value=0, max_value=21),
    rest=st.tuples(*[st.integers(min_value=0, max_value=31)] * 14),
    seed=st.binary(min_size=32, max_size=32),
)
def test_key_code_and_amount_are_rebuilt_from_the_token_alone(
    minor: int,
    currency: str,
    store: str,
    register: str,
    at_ms: int,
    chance: str,
    first: int,
    rest: tuple[int, ...],
    seed: bytes,
) -> None:
    place = Place(store, register)
    base = a_record()
    record = replace(
        base,
        key=IdempotencyKey.make(place, at_ms, chance),
        code=Code.draw(first, rest),
        request=replace(base.request, place=place, amount=Money(minor, currency)),
    )
    signer = RegisterKey(seed)
    composed = a_press("generic-58", OPTIONS["store-only"], signer).compose(
        record, PaperKind.VOUCHER, 1, None
    )
    assert composed.token is not None
    for text in (
        composed.token,
        f"CM1:{composed.token}",
        f"HTTPS://C.BRAND.EXAMPLE/V/{composed.token}",
        f"https://c.brand.example/v/{composed.token.lower()}",
    ):
        token = VoucherToken.from_text(text)
        assert token.credit() == record.credit
        assert token.credit().vendor_key("create") == record.credit.vendor_key("create")
        assert verify(token, KeyRing([signer.public]))


def test_the_order_of_a_voucher_is_fixed() -> None:
    token = SIGNER.sign(VoucherToken(bytes(4), a_record().key, CODE, Money(4850, "USD"), EXPIRES))
    document = voucher(a_record(), PaperKind.VOUCHER, 1, token, OPTIONS["hosted"])
    assert isinstance(document, Document)
    kinds = [type(block) for block in document.blocks]
    order = [kinds.index(kind) for kind in (Title, Banner, Big, Pair, Qr)]
    assert order == sorted(order)
    pairs = [block.left for block in document.blocks if isinstance(block, Pair)]
    assert pairs[:4] == ["Code", "Issued", "Claim by", "Store/Reg/Txn"]
    below = document.blocks[kinds.index(Qr) + 1]
    assert isinstance(below, Line)
    assert Banner not in kinds[kinds.index(Big) :], "nothing black stands next to the symbol"


@pytest.mark.parametrize("mode", OPTIONS)
def test_offline_paper_of_somebody_named_speaks_of_the_account(mode: str) -> None:
    text = text_of(record_for(PaperKind.VOUCHER), PaperKind.VOUCHER, OPTIONS[mode])
    assert "If your account is found it is added there; otherwise this code is the credit." in text
    assert "NOT YET CONFIRMED" in text
    assert "USD 48.50" in text
    assert CODE.grouped() in text


@pytest.mark.parametrize("mode", OPTIONS)
@pytest.mark.parametrize("customer", [Skipped(), Malformed(CustomerKind.PHONE)])
def test_bearer_paper_never_speaks_of_an_account(mode: str, customer: Customer) -> None:
    record = record_for(PaperKind.VOUCHER, customer)
    text = text_of(record, PaperKind.VOUCHER, OPTIONS[mode])
    assert "account" not in text.lower()
    assert "this code is the credit" in text


@pytest.mark.parametrize("mode", OPTIONS)
def test_identity_paper_says_scan_to_collect_and_never_speaks_of_an_account(mode: str) -> None:
    text = text_of(record_for(PaperKind.IDENTITY), PaperKind.IDENTITY, OPTIONS[mode])
    assert "Scan to collect" in text
    assert "NOT ACTIVE YET" in text
    assert "account" not in text.lower()


def test_a_forgotten_customers_copy_reads_as_the_first_paper_did() -> None:
    forgotten = record_for(PaperKind.VOUCHER, Forgotten(CustomerKind.EMAIL))
    first = text_of(record_for(PaperKind.VOUCHER), PaperKind.VOUCHER, OPTIONS["hosted"])
    assert text_of(forgotten, PaperKind.VOUCHER, OPTIONS["hosted"]) == first


@pytest.mark.parametrize("kind", [*MONEY, PaperKind.SLIP])
def test_no_paper_names_the_customer_or_the_operator(kind: PaperKind) -> None:
    record = record_for(kind)
    composed = a_press().compose(record, kind, 1, None)
    for form in (composed.svg, " ".join(composed.lines), composed.escpos.decode("latin-1")):
        assert EMAIL not in form
        assert "anna" not in form.lower()
        assert "Otto" not in form
        assert record.request.reason not in form


def test_a_clock_that_is_not_trusted_prints_no_time_and_no_last_day() -> None:
    record = a_record(trusted=False)
    text = text_of(record, PaperKind.VOUCHER, OPTIONS["hosted"])
    assert "Business date 2025-11-20" in text
    assert "Claim by" not in text
    assert "13:50" not in text


def test_times_are_local_and_carry_their_zone() -> None:
    east = datetime.timezone(datetime.timedelta(hours=-5), "EST")
    options = replace(OPTIONS["hosted"], zone=east)
    assert "2025-11-20 08:50 EST" in text_of(a_record(), PaperKind.VOUCHER, options)


def test_paper_that_has_to_last_says_how_to_keep_it() -> None:
    kept = "Keep away from heat"
    long = replace(a_record(), expires_on=EXPIRES + datetime.timedelta(days=1))
    endless = replace(a_record(), expires_on=None)
    assert kept not in text_of(a_record(), PaperKind.VOUCHER, OPTIONS["hosted"])
    assert kept in text_of(long, PaperKind.VOUCHER, OPTIONS["hosted"])
    assert kept in text_of(endless, PaperKind.VOUCHER, OPTIONS["hosted"])


def test_a_copy_says_so_and_carries_the_first_papers_token() -> None:
    press = a_press("generic-58")
    first = press.compose(a_record(), PaperKind.VOUCHER, 1, None)
    later = replace(a_record(), expires_on=EXPIRES + datetime.timedelta(days=9), copies=3)
    copy = press.compose(later, PaperKind.VOUCHER, 3, first.token)
    assert copy.token == first.token
    profile = load("generic-58")
    assert symbols_on(drawn(copy.escpos, profile)) == symbols_on(drawn(first.escpos, profile))
    text = " ".join(copy.lines)
    assert text.count("COPY 3") == 2
    assert EXPIRES.isoformat() in text, "the last day is the token's"
    assert "COPY 1" in " ".join(first.lines)
    assert "COPY 2" not in " ".join(first.lines)


@pytest.mark.parametrize("linked", [False, True])
def test_a_copy_after_the_confirmation_no_longer_says_not_confirmed(linked: bool) -> None:
    press = a_press()
    first = press.compose(a_record(), PaperKind.VOUCHER, 1, None)
    confirmed = replace(a_confirmed(linked=linked), paper_kind=PaperKind.VOUCHER)
    copy = press.compose(confirmed, PaperKind.VOUCHER, 2, first.token)
    text = " ".join(copy.lines)
    assert copy.token == first.token
    assert "NOT YET" not in text
    assert ("account" in text) is linked


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_number_or_brand_stays_text(text: str) -> None:
    options = PaperOptions(brand=text[:240], legal_line=text[:240])
    record = a_record(pos_number=text, sale=None)
    composed = Press({}, options, SIGNER, without_printer=load("generic-58")).compose(
        record, PaperKind.VOUCHER, 1, None
    )
    assert_only_ours(composed.escpos)
    assert_on_paper(composed.escpos, "generic-58")
    assert "<script" not in composed.svg


def test_a_receipt_is_no_voucher() -> None:
    token = VoucherToken(bytes(4), a_record().key, CODE, Money(4850, "USD"))
    with pytest.raises(ValueError, match="no voucher"):
        voucher(a_record(), PaperKind.RECEIPT, 1, token, OPTIONS["hosted"])


def test_a_host_belongs_to_the_hosted_mode_alone() -> None:
    with pytest.raises(ValueError, match="host"):
        PaperOptions(VoucherMode.HOSTED)
    with pytest.raises(ValueError, match="host"):
        PaperOptions(VoucherMode.STORE_ONLY, SHORT_HOST)


@pytest.mark.parametrize("host", ["", "x" * 61, "a b", "a/b", "ä.example", "a\n", "-a", "a:"])
def test_a_host_that_no_claim_page_can_have_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="host"):
        PaperOptions(VoucherMode.HOSTED, host)


def test_the_stores_own_words_have_a_bound_and_a_language() -> None:
    with pytest.raises(ValueError, match="brand"):
        PaperOptions(brand="x" * 241)
    with pytest.raises(ValueError, match="language"):
        PaperOptions(language="xx_XX")
