# SPDX-License-Identifier: Apache-2.0
"""Every branch of putting a credit on a scanned card, by recorded replies."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from agent.domain.money import Money
from agent.domain.outcome import (
    Confirmed,
    RefusalReason,
    Refused,
    Unanswered,
    Unsent,
)
from agent.platforms.adyen.adapter import AdyenAdapter
from agent.platforms.exchange import Do, Interrupted, Look
from agent.platforms.messages import HttpReply, NoAnswer, NotSent
from tests.platforms.adyen.recorded import (
    ACTIVATE,
    CREDIT,
    EMPTY,
    FULL,
    GIVEX,
    LOAD,
    LOOK,
    PATH,
    PSP,
    SVS,
    error,
    no,
    of,
    options,
    success,
)
from tests.platforms.talking import reply, talk

BODY = (
    b'{"merchantAccount":"ShopPOS","reference":"0421-03-1763600000000-7K3QF2ZD",'
    b'"paymentMethod":{"type":"%s","number":"6036280000001234","securityCode":"9876"},'
    b'"shopperInteraction":"POS"'
)


def test_a_load_looks_first_and_is_a_merchandise_return_byte_for_byte() -> None:
    heard = talk(SVS.issue(CREDIT, None), EMPTY, FULL)
    assert heard.said == [LOOK, LOAD]
    look, load = (ask.request for ask in heard.asked)
    assert look.body == BODY % b"svs" + b"}"
    assert load.body == (
        BODY % b"svs" + b',"amount":{"value":4850,"currency":"USD"},"loadType":"merchandiseReturn"}'
    )
    assert dict(look.headers)["Idempotency-Key"] == CREDIT.vendor_key("before")
    assert dict(load.headers) == {
        "Content-Type": "application/json",
        "Idempotency-Key": CREDIT.vendor_key("load"),
    }


def test_an_activation_carries_the_amount_byte_for_byte() -> None:
    heard = talk(GIVEX.issue(CREDIT, None), no(reason="Blocked Card"), FULL)
    assert heard.said == [LOOK, ACTIVATE]
    assert heard.asked[1].request.body == (
        BODY % b"givex" + b',"amount":{"value":4850,"currency":"USD"},"status":"active"}'
    )
    assert isinstance(heard.result, Confirmed)


def test_the_bytes_follow_from_the_credit_alone_and_a_customer_changes_nothing() -> None:
    one = talk(SVS.issue(CREDIT, None), EMPTY, FULL).asked
    assert talk(SVS.issue(CREDIT, "cus_1"), EMPTY, FULL).asked == one
    assert isinstance(one[0], Look)  # so nothing of it is frozen with the opening of a record


def test_a_store_is_named_where_the_settings_name_it() -> None:
    here = AdyenAdapter(options(store="S0421"))
    heard = talk(here.issue(CREDIT, None), EMPTY, FULL)
    assert [json.loads(ask.request.body)["store"] for ask in heard.asked] == ["S0421", "S0421"]


def test_a_success_that_leaves_exactly_the_credit_is_confirmed() -> None:
    echo = CREDIT.vendor_key("load")
    heard = talk(SVS.issue(CREDIT, None), EMPTY, success(4850, idempotency_key=echo))
    assert isinstance(heard.result, Confirmed)
    card = heard.result.card
    assert (card.reference, card.initial, card.key) == (PSP, Money(4850, "USD"), CREDIT.key.text)
    assert heard.result.saying.request_id == PSP
    assert not heard.result.linked


def test_without_the_echo_of_our_key_the_card_itself_names_the_credit() -> None:
    heard = talk(SVS.issue(CREDIT, None), EMPTY, FULL)
    assert isinstance(heard.result, Confirmed)
    assert heard.result.card.key is None


@pytest.mark.parametrize("said", [success(4851), success(4850, "EUR"), success(0), success(None)])
def test_a_success_with_anything_else_on_the_card_is_never_confirmed(said: HttpReply) -> None:
    heard = talk(SVS.issue(CREDIT, None), EMPTY, said)
    assert isinstance(heard.result, Unanswered)
    assert heard.result.differs


@pytest.mark.parametrize(
    "odd",
    [
        reply(200, b""),
        reply(200, b"{"),
        reply(200, b"<h1>Sign in</h1>", content_type="text/html"),
        reply(200, [1]),
        reply(200, {"resultCode": "Success"}),
        reply(200, {"resultCode": "Success", "pspReference": "short"}),
        reply(200, {"pspReference": PSP, "currentBalance": {"value": 4850, "currency": "USD"}}),
        success(4850, idempotency_key="another"),
        reply(
            200,
            {
                "resultCode": "Success",
                "pspReference": PSP,
                "currentBalance": {"value": 48.5, "currency": "USD"},
            },
        ),
        reply(
            200,
            {
                "resultCode": "Success",
                "pspReference": PSP,
                "currentBalance": {"value": -1, "currency": "USD"},
            },
        ),
        no("Error", "Acquirer Error"),
        no("Refused", "Issuer Unavailable"),
        no("Refused", "Acquirer Error"),
        no("Received", ""),
        no("PENDING", ""),
        reply(202, {"resultCode": "Success", "pspReference": PSP}),
        reply(204, b""),
        reply(302, b"", location="http://portal.example/"),
        reply(429, b""),
        error(429, "", "internal"),
        error(409, "704"),
        error(422, "704", transient_error="true"),
        error(503, "703", "internal", transient_error="true"),
        error(422, "137", transient_error="true"),
        error(422, "905", "configuration"),
        error(422, "999", "something-new"),
        error(500, "903", "internal"),
        error(500, "905", "configuration"),
        error(502, "000", "internal"),
        reply(503, b"upstream connect error", content_type="text/plain"),
        reply(400, b"Bad request", content_type="text/plain"),
        reply(404, b"<h1>404</h1>", content_type="text/html"),
        reply(422, {"message": "no code"}),
    ],
    ids=lambda odd: f"{odd.status}-{odd.body[:60]!r}",
)
def test_what_is_neither_yes_nor_no_is_unanswered(odd: HttpReply) -> None:
    heard = talk(SVS.issue(CREDIT, None), EMPTY, odd)
    assert heard.said == [LOOK, LOAD]
    assert isinstance(heard.result, Unanswered)
    assert not heard.result.differs
    assert heard.result.saying.status == odd.status


@pytest.mark.parametrize(
    ("said", "reason", "code"),
    [
        (no(), RefusalReason.PLATFORM, "Refused"),
        (no(reason="Blocked Card"), RefusalReason.PLATFORM, "Refused"),
        (no(reason="Expired Card"), RefusalReason.PLATFORM, "Refused"),
        (no(reason="Invalid Card Number"), RefusalReason.PLATFORM, "Refused"),
        (no(reason="Invalid Amount"), RefusalReason.LIMIT, "Refused"),
        (no("NotEnoughBalance"), RefusalReason.PLATFORM, "NotEnoughBalance"),
        (error(400, "702"), RefusalReason.PLATFORM, "702"),
        (error(422, "100"), RefusalReason.LIMIT, "100"),
        (error(422, "101"), RefusalReason.PLATFORM, "101"),
        (error(422, "130"), RefusalReason.PLATFORM, "130"),
        (error(422, "137"), RefusalReason.LIMIT, "137"),
        (error(422, "138"), RefusalReason.CURRENCY, "138"),
    ],
    ids=lambda value: getattr(value, "status", value) if not isinstance(value, str) else value,
)
def test_a_documented_no_is_refused_with_adyens_words(
    said: HttpReply, reason: RefusalReason, code: str
) -> None:
    heard = talk(SVS.issue(CREDIT, None), EMPTY, said)
    assert isinstance(heard.result, Refused)
    assert heard.result.reason is reason
    assert heard.result.saying.code == code
    assert heard.result.saying.request_id == PSP


def test_the_providers_own_words_are_kept_for_support() -> None:
    heard = talk(
        SVS.issue(CREDIT, None), EMPTY, no(reason="Refused", raw="57: Function not permitted")
    )
    assert isinstance(heard.result, Refused)
    assert heard.result.saying.message == "Refused: 57: Function not permitted"


@pytest.mark.parametrize(
    "said",
    [
        reply(401, b""),
        error(401, "000", "security"),
        error(403, "010", "security"),
        error(403, "901", "security"),
    ],
    ids=["401", "401-000", "403-010", "403-901"],
)
def test_a_key_or_an_account_that_is_refused_stops_the_queue(said: HttpReply) -> None:
    for replies in ((said,), (EMPTY, said)):
        heard = talk(SVS.issue(CREDIT, None), *replies)
        assert isinstance(heard.result, Unsent)
        assert heard.result.why == "auth"


# ---- the first look


@pytest.mark.parametrize(
    ("said", "code", "reason"),
    [
        (success(1), "not-empty", RefusalReason.PLATFORM),
        (success(4850), "not-empty", RefusalReason.PLATFORM),
        (success(7, "EUR"), "not-empty", RefusalReason.PLATFORM),
        (success(0, "EUR"), "card-currency", RefusalReason.CURRENCY),
        (success(None), "no-balance", RefusalReason.PLATFORM),
        (success(0, "XXX"), "no-balance", RefusalReason.PLATFORM),
        (no(reason="Blocked Card"), "Refused", RefusalReason.PLATFORM),
        (error(422, "101"), "101", RefusalReason.PLATFORM),
    ],
)
def test_a_card_that_is_not_empty_and_active_is_refused_before_anything_is_done(
    said: HttpReply, code: str, reason: RefusalReason
) -> None:
    heard = talk(SVS.issue(CREDIT, None), said)
    assert heard.said == [LOOK]
    assert isinstance(heard.result, Refused)
    assert (heard.result.saying.code, heard.result.reason) == (code, reason)


def test_a_card_to_be_activated_may_have_no_balance_to_tell_but_must_not_hold_money() -> None:
    assert talk(GIVEX.issue(CREDIT, None), no(), FULL).said == [LOOK, ACTIVATE]
    assert talk(GIVEX.issue(CREDIT, None), EMPTY, FULL).said == [LOOK, ACTIVATE]
    assert isinstance(talk(GIVEX.issue(CREDIT, None), success(1)).result, Refused)
    assert isinstance(talk(GIVEX.issue(CREDIT, None), error(422, "101")).result, Refused)


def test_a_kept_error_of_the_first_look_is_asked_past() -> None:
    heard = talk(SVS.issue(CREDIT, None), no("Error"), EMPTY, FULL)
    assert heard.said == [LOOK, LOOK, LOAD]
    assert "Idempotency-Key" not in dict(heard.asked[1].request.headers)
    assert isinstance(heard.result, Confirmed)


@pytest.mark.parametrize("odd", [reply(200, b""), error(500, "903", "internal"), error(422, "704")])
def test_a_first_look_without_an_answer_has_sent_nothing(odd: HttpReply) -> None:
    heard = talk(SVS.issue(CREDIT, None), odd)
    assert isinstance(heard.result, Unsent)
    assert heard.said == [LOOK]


@pytest.mark.parametrize("lost", [NoAnswer("reset"), NotSent("connect")])
def test_a_lost_answer_is_the_drivers_to_judge(lost: NoAnswer | NotSent) -> None:
    for replies in ((lost,), (EMPTY, lost)):
        with pytest.raises(Interrupted):
            talk(SVS.issue(CREDIT, None), *replies)


# ---- money and cards that do not fit


@pytest.mark.parametrize(
    ("minor", "currency", "value"),
    [
        (4850, "USD", 4850),
        (1200, "JPY", 1200),
        (1234, "KWD", 1234),
        (500, "CLP", 50_000),
        (500, "ISK", 50_000),
        (50_000, "IDR", 500),
        (1_200, "CVE", 12),
    ],
)
def test_amounts_go_in_adyens_own_minor_units_and_come_back(
    minor: int, currency: str, value: int
) -> None:
    credit = of(minor, currency)
    heard = talk(SVS.issue(credit, None), success(0, currency), success(value, currency))
    sent = json.loads(heard.asked[1].request.body)
    assert sent["amount"] == {"value": value, "currency": currency}
    assert isinstance(heard.result, Confirmed)
    assert heard.result.card.initial == Money(minor, currency)


@pytest.mark.parametrize(("minor", "currency"), [(50_001, "IDR"), (1, "CVE")])
def test_an_amount_that_adyen_cannot_say_is_refused_without_a_request(
    minor: int, currency: str
) -> None:
    heard = talk(SVS.issue(of(minor, currency), None))
    assert heard.asked == []
    assert isinstance(heard.result, Refused)
    assert heard.result.reason is RefusalReason.CURRENCY


def test_without_a_scanned_card_nothing_is_asked() -> None:
    heard = talk(SVS.issue(replace(CREDIT, plastic=None), None))
    assert heard.asked == []
    assert isinstance(heard.result, Refused)


# ---- secrets


def test_number_and_pin_stand_in_no_saying_no_path_and_no_repr() -> None:
    echo = error(422, "101", message="card 6036 2800 0000 1234 with 9876 is unknown")
    heard = talk(SVS.issue(CREDIT, None), EMPTY, echo)
    assert isinstance(heard.result, Refused)
    assert heard.result.saying.message == "card …1234 with … is unknown"
    shown = repr(heard.asked) + repr(heard.result) + repr(CREDIT)
    assert "603628" not in shown
    assert "9876" not in shown
    assert all(ask.request.path.startswith(PATH) for ask in heard.asked)


def test_what_is_kept_of_an_answer_is_its_reference_and_never_the_card() -> None:
    heard = talk(SVS.issue(CREDIT, None), EMPTY, FULL)
    done = heard.asked[1]
    assert isinstance(done, Do)
    assert done.keep(FULL) == {"status": "200", "request_id": PSP, "reference": PSP}
    assert done.keep(no()) == {"status": "200", "request_id": PSP}
    assert done.keep(reply(503, b"")) == {"status": "503"}
