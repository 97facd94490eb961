# SPDX-License-Identifier: Apache-2.0
"""Finding and burning, by recorded replies."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    BurnRefused,
    Burnt,
    BurnUnknown,
    Found,
    FoundDifferent,
    FoundVoid,
    SpentInPart,
    Unknown,
)
from agent.platforms.messages import HttpReply
from agent.platforms.voucherify.adapter import VoucherifyAdapter
from tests.platforms.talking import CODE, CREDIT, reply, talk
from tests.platforms.voucherify.recorded import (
    BURN,
    CUSTOMER,
    DISABLE,
    GET,
    JPY,
    NOT_EXECUTED,
    NOT_FOUND,
    ODD,
    OTHER_CODE,
    OTHER_KEY,
    TAKEN,
    USD,
    WAITS,
    error,
    gift,
    metadata,
    not_found,
    voucher,
)

FAILURES = [
    *((odd, None, None) for odd in ODD),
    *((no, why, None) for no, why in NOT_EXECUTED),
    *((wait, "throttled", seconds) for wait, seconds in WAITS),
    (error(400, "invalid_query_params"), "invalid_query_params", None),
    (TAKEN, "taken", None),
    (not_found("campaign"), "no-campaign", None),
]
DEAD = voucher(active=False)


# ---- find


def test_the_look_up_names_the_code_and_the_version_alone() -> None:
    look = next(USD.find(CREDIT))
    assert (look.request.method, look.request.path) == ("GET", f"/v1/vouchers/{CODE.reveal()}")
    assert look.request.headers == (("X-Voucherify-API-Version", "v2018-08-01"),)
    assert look.request.body == b""
    assert CODE.reveal() not in repr(look)


def test_found_by_code_though_it_was_spent() -> None:
    heard = talk(USD.find(CREDIT), voucher(gift=gift(4850, 0), holder_id=CUSTOMER))
    assert heard.said == [GET]
    assert isinstance(heard.result, Found)
    assert heard.result.card.customer_id == CUSTOMER
    assert not heard.result.linked


def test_absent_only_when_voucherify_knows_no_such_voucher() -> None:
    assert talk(USD.find(CREDIT), NOT_FOUND).result == Absent()


@pytest.mark.parametrize(
    "changes",
    [
        {"active": False},
        {"active": False, "gift": gift(1)},
        {"active": False, "gift": gift(1), "metadata": metadata(OTHER_KEY)},
        {"active": False, "gift": gift(1), "metadata": {}},
    ],
)
def test_disabled_under_our_key_or_at_the_burns_amount_is_void(changes: dict[str, object]) -> None:
    assert isinstance(talk(USD.find(CREDIT), voucher(**changes)).result, FoundVoid)


@pytest.mark.parametrize(
    "changes",
    [
        {"gift": gift(1)},
        {"gift": gift(6000)},
        {"metadata": metadata(currency="EUR")},
        {"metadata": metadata(OTHER_KEY)},
        {"metadata": {}},
        {"code": OTHER_CODE},
        {"code": OTHER_CODE, "active": False},
        {"active": False, "metadata": metadata(OTHER_KEY)},
        {"active": False, "gift": gift(1), "metadata": metadata(OTHER_KEY, "EUR")},
        {"type": "DISCOUNT_VOUCHER", "gift": None, "metadata": {}},
        {"type": "LOYALTY_CARD", "gift": None, "active": False, "metadata": {}},
    ],
)
def test_anything_else_under_our_code_is_different(changes: dict[str, object]) -> None:
    result = talk(USD.find(CREDIT), voucher(**changes)).result
    assert isinstance(result, FoundDifferent)
    assert result.saying.code == "differs"
    assert result.saying.message


@pytest.mark.parametrize(("failure", "why", "wait"), FAILURES)
def test_a_look_up_that_fails_has_learnt_nothing(
    failure: HttpReply, why: str | None, wait: int | None
) -> None:
    result = talk(USD.find(CREDIT), failure).result
    assert isinstance(result, Unknown)
    assert why in (None, result.why)
    assert result.retry_after_s == wait


# ---- burn


def test_burning_what_is_there_disables_it_by_its_own_id() -> None:
    heard = talk(USD.burn(CREDIT), voucher(), DEAD)
    assert heard.said == [GET, DISABLE]
    disable = heard.asked[1].request
    assert (disable.body, CODE.reveal() in disable.path) == (b"", False)
    assert isinstance(heard.result, Burnt)
    assert not heard.result.card.enabled


def test_burning_what_is_dead_already_does_nothing() -> None:
    heard = talk(USD.burn(CREDIT), DEAD)
    assert heard.said == [GET]
    assert isinstance(heard.result, Burnt)


@pytest.mark.parametrize(("adapter", "currency", "smallest"), [(USD, "USD", 1), (JPY, "JPY", 100)])
def test_burning_what_is_absent_makes_it_disabled_at_the_smallest_amount(
    adapter: VoucherifyAdapter, currency: str, smallest: int
) -> None:
    wanted = replace(CREDIT, amount=Money(1200, currency))
    made = voucher(active=False, gift=gift(smallest), metadata=metadata(currency=currency))
    heard = talk(adapter.burn(wanted), NOT_FOUND, made)
    assert heard.said == [GET, BURN]
    body = json.loads(heard.asked[1].request.body)
    assert body["gift"]["amount"] == smallest
    assert body["active"] is False
    assert body["metadata"] == metadata(currency=currency)
    assert isinstance(heard.result, Burnt)


def test_a_burn_that_came_out_enabled_is_disabled() -> None:
    made = voucher(gift=gift(1))
    heard = talk(USD.burn(CREDIT), NOT_FOUND, made, voucher(active=False, gift=gift(1)))
    assert heard.said == [GET, BURN, DISABLE]
    assert isinstance(heard.result, Burnt)


def test_a_code_of_another_currency_makes_no_voucher_here() -> None:
    yen = replace(CREDIT, amount=Money(1200, "JPY"))
    heard = talk(USD.burn(yen), NOT_FOUND)
    assert heard.said == [GET]
    assert isinstance(heard.result, BurnRefused)
    assert heard.result.saying.code == "another-currency"
    assert isinstance(talk(USD.burn(yen), voucher(), DEAD).result, Burnt)


def test_a_burn_that_somebody_overtook_disables_what_they_made() -> None:
    heard = talk(USD.burn(CREDIT), NOT_FOUND, TAKEN, voucher(), DEAD)
    assert heard.said == [GET, BURN, GET, DISABLE]
    assert isinstance(heard.result, Burnt)
    lagging = talk(USD.burn(CREDIT), NOT_FOUND, TAKEN, NOT_FOUND)
    assert isinstance(lagging.result, BurnUnknown)
    assert lagging.result.why == "taken"
    assert lagging.result.perhaps_sent


@pytest.mark.parametrize("already", [True, False])
def test_a_burn_says_what_was_spent_before(already: bool) -> None:
    dead = voucher(active=False, gift=gift(4850, 4000))
    result = talk(USD.burn(CREDIT), *([dead] if already else [voucher(), dead])).result
    assert isinstance(result, SpentInPart)
    assert result.spent == Money(850, "USD")


@pytest.mark.parametrize(
    "changes", [{"metadata": metadata(OTHER_KEY)}, {"metadata": {}}, {"code": OTHER_CODE}]
)
def test_anothers_voucher_is_never_disabled(changes: dict[str, object]) -> None:
    heard = talk(USD.burn(CREDIT), voucher(**changes))
    assert heard.said == [GET]
    assert isinstance(heard.result, BurnRefused)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (voucher(), "not-disabled"),
        (voucher(active=False, code=OTHER_CODE), "not-disabled"),
        (voucher(active=False, metadata={}), "not-disabled"),
        (reply(202, {}), "status-202"),
        (error(500, "internal_error"), "internal_error"),
        (error(429), "throttled"),
        (error(402), "throttled"),
        (error(401), "auth"),
    ],
)
def test_a_disable_without_proof_is_unknown(answer: HttpReply, why: str) -> None:
    result = talk(USD.burn(CREDIT), voucher(), answer).result
    assert isinstance(result, BurnUnknown)
    assert result.why == why
    assert result.perhaps_sent


def test_a_disable_that_is_refused_goes_to_a_person() -> None:
    assert isinstance(talk(USD.burn(CREDIT), voucher(), NOT_FOUND).result, BurnRefused)


@pytest.mark.parametrize(("failure", "why", "_wait"), FAILURES)
def test_a_burn_that_cannot_look_has_sent_nothing(
    failure: HttpReply, why: str | None, _wait: int | None
) -> None:
    heard = talk(USD.burn(CREDIT), failure)
    assert heard.said == [GET]
    assert isinstance(heard.result, BurnUnknown)
    assert why in (None, heard.result.why)
    assert not heard.result.perhaps_sent


@pytest.mark.parametrize(
    ("answer", "sent"),
    [
        *((odd, True) for odd in ODD),
        *((no, False) for no, _ in NOT_EXECUTED),
        *((wait, False) for wait, _ in WAITS),
    ],
)
def test_a_burn_whose_create_has_no_answer_is_unknown(answer: HttpReply, sent: bool) -> None:
    result = talk(USD.burn(CREDIT), NOT_FOUND, answer).result
    assert isinstance(result, BurnUnknown)
    assert result.perhaps_sent is sent


def test_a_burn_that_voucherify_refuses_goes_to_a_person() -> None:
    result = talk(USD.burn(CREDIT), NOT_FOUND, error(400, "metadata_validation_failed")).result
    assert isinstance(result, BurnRefused)
    assert result.saying.code == "metadata_validation_failed"
