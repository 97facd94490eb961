# SPDX-License-Identifier: Apache-2.0
"""Looking, undoing, asking and probing, by recorded replies; and the settings."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    BurnRefused,
    Burnt,
    BurnUnknown,
    FoundDifferent,
    LinkResult,
    SpentInPart,
    Unknown,
)
from agent.platforms.abilities import contradictions
from agent.platforms.adyen import platform
from agent.platforms.adyen.adapter import VOID_MAX_MS
from agent.platforms.adyen.errors import pause_s
from agent.platforms.adyen.options import AdyenOptions
from agent.platforms.messages import HttpReply
from agent.platforms.probe import ProbeResult
from tests.platforms.adyen.recorded import (
    ACTIVATE,
    CARD,
    CREDIT,
    DEACTIVATE,
    EMPTY,
    FULL,
    GIVEX,
    LOAD,
    LOOK,
    PSP,
    SVS,
    URL,
    VOID,
    dated,
    error,
    no,
    success,
)
from tests.platforms.talking import CODE, reply, talk

# ---- find


@pytest.mark.parametrize("said", [EMPTY, FULL, success(17), no(), error(422, "101")])
def test_a_look_up_never_finds_a_credit_because_two_of_them_look_alike(said: HttpReply) -> None:
    heard = talk(SVS.find(CREDIT), said)
    assert heard.said == [LOOK]
    assert "Idempotency-Key" not in dict(heard.asked[0].request.headers)
    assert heard.result == Absent()


@pytest.mark.parametrize("said", [success(4851), success(9700), success(1, "EUR")])
def test_more_on_the_card_than_the_credit_is_for_a_person(said: HttpReply) -> None:
    heard = talk(SVS.find(CREDIT), said)
    assert isinstance(heard.result, FoundDifferent)
    assert heard.result.card.reference == "card-1234"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (success(None), "no-balance"),
        (no("Error"), "provider-error"),
        (reply(401, b""), "auth"),
        (error(500, "903", "internal"), "error-500"),
        (reply(503, b"", content_type="text/html"), "status-503"),
        (reply(200, b"<h1>", content_type="text/html"), "not-json"),
    ],
)
def test_a_look_up_that_failed_teaches_nothing(said: HttpReply, why: str) -> None:
    heard = talk(SVS.find(CREDIT), said)
    assert isinstance(heard.result, Unknown)
    assert heard.result.why == why


def test_without_a_scanned_card_nothing_is_known_and_nothing_undone() -> None:
    bare = replace(CREDIT, plastic=None)
    assert isinstance(talk(SVS.find(bare)).result, Unknown)
    assert isinstance(talk(SVS.burn(bare)).result, BurnRefused)


# ---- burn


def test_a_void_undoes_the_transaction_that_the_key_brings_back() -> None:
    heard = talk(SVS.burn(CREDIT), dated(EMPTY), FULL, FULL, success(0, psp="K" * 16))
    assert heard.said == [LOOK, LOAD, LOOK, VOID]
    issued = talk(SVS.issue(CREDIT, None), EMPTY, FULL).asked
    assert heard.asked[:2] == issued
    assert heard.asked[3].request.body == (
        b'{"merchantAccount":"ShopPOS","originalReference":"KHQC5N7G84BLNK43",'
        b'"reference":"0421-03-1763600000000-7K3QF2ZD"}'
    )
    keys = [dict(ask.request.headers)["Idempotency-Key"] for ask in heard.asked]
    steps = ("before", "load", "burn-balance", "burn-void")
    assert keys == [CREDIT.vendor_key(step) for step in steps]
    assert isinstance(heard.result, Burnt)
    assert heard.result.card.reference == PSP


def test_a_givex_card_is_deactivated_for_ever() -> None:
    heard = talk(GIVEX.burn(CREDIT), dated(no()), FULL, FULL, success(None))
    assert heard.said == [LOOK, ACTIVATE, LOOK, DEACTIVATE]
    body = json.loads(heard.asked[3].request.body)
    assert body["status"] == "inactive"
    assert "amount" not in body
    assert isinstance(heard.result, Burnt)


def test_what_was_spent_before_a_card_was_killed_is_told() -> None:
    heard = talk(GIVEX.burn(CREDIT), dated(no()), FULL, success(850), success(850))
    assert isinstance(heard.result, SpentInPart)
    assert heard.result.spent == Money(4000, "USD")


BURNS: list[tuple[str, list[HttpReply], type[object]]] = [
    ("the card was not empty", [dated(success(1))], BurnRefused),
    ("the card is unknown", [dated(error(422, "101"))], BurnRefused),
    ("no clock", [EMPTY], BurnUnknown),
    ("a day is over", [dated(EMPTY, VOID_MAX_MS + 1)], BurnRefused),
    ("the till's clock is ahead", [dated(EMPTY, -300_001)], BurnRefused),
    ("no first look", [reply(503, b"")], BurnUnknown),
    ("no token", [reply(401, b"")], BurnUnknown),
    ("the issue is refused", [dated(EMPTY), no()], BurnRefused),
    ("the issue is unanswered", [dated(EMPTY), error(422, "704")], BurnUnknown),
    ("more than the credit came", [dated(EMPTY), success(9700)], BurnRefused),
    ("no second look", [dated(EMPTY), FULL, reply(503, b"")], BurnUnknown),
    ("the second look is refused", [dated(EMPTY), FULL, no()], BurnRefused),
    ("the second look tells nothing", [dated(EMPTY), FULL, success(None)], BurnRefused),
    ("more was put on it since", [dated(EMPTY), FULL, success(5000)], BurnRefused),
    ("another currency now", [dated(EMPTY), FULL, success(10, "EUR")], BurnRefused),
    ("the void is refused", [dated(EMPTY), FULL, FULL, no()], BurnRefused),
    ("the void is unknown", [dated(EMPTY), FULL, FULL, error(422, "167")], BurnRefused),
    ("the void is unanswered", [dated(EMPTY), FULL, FULL, no("Error")], BurnUnknown),
    ("the void left money", [dated(EMPTY), FULL, FULL, success(4850)], BurnRefused),
    ("the void tells nothing", [dated(EMPTY), FULL, FULL, success(None)], BurnRefused),
]


@pytest.mark.parametrize(("replies", "result"), [b[1:] for b in BURNS], ids=[b[0] for b in BURNS])
def test_without_proof_nothing_counts_as_burnt(
    replies: list[HttpReply], result: type[object]
) -> None:
    heard = talk(SVS.burn(CREDIT), *replies)
    assert isinstance(heard.result, result)
    assert all(ask.step.startswith(("burn", "load")) for ask in heard.asked if hasattr(ask, "step"))


@pytest.mark.parametrize(
    ("replies", "perhaps_sent"),
    [
        ([reply(503, b"")], False),
        ([dated(EMPTY), reply(503, b"")], True),
        ([dated(EMPTY), reply(401, b"")], False),
        ([dated(EMPTY), FULL, reply(503, b"")], True),
    ],
)
def test_an_unfinished_burn_says_whether_anything_may_have_been_done(
    replies: list[HttpReply], perhaps_sent: bool
) -> None:
    heard = talk(SVS.burn(CREDIT), *replies)
    assert isinstance(heard.result, BurnUnknown)
    assert heard.result.perhaps_sent is perhaps_sent


# ---- the rest


def test_a_scanned_cards_balance_is_what_is_on_it() -> None:
    assert talk(SVS.balance_of(CARD), FULL).result == Money(4850, "USD")
    assert talk(SVS.balance_of(CARD), success(50_000, "ISK")).result == Money(500, "ISK")
    assert talk(SVS.balance_of(CARD), no()).result is None
    assert isinstance(talk(SVS.balance_of(CARD), success(None)).result, Unknown)
    assert isinstance(talk(SVS.balance_of(CARD), reply(500, b"")).result, Unknown)


def test_what_adyen_does_not_have_is_said_without_asking() -> None:
    ana = CustomerReference(CustomerKind.EMAIL, "ana@shop.example")
    assert talk(SVS.link(CREDIT, "cus_1")).result is LinkResult.REFUSED
    assert talk(SVS.annotate(CREDIT, {"reason": "return"})).result is False
    assert isinstance(talk(SVS.resolve(ana)).result, Unknown)
    assert talk(SVS.balance(CODE)).result is None
    assert isinstance(talk(SVS.list_page(0, None)).result, Unknown)


def test_its_abilities_claim_no_unique_code_and_no_exact_look_up() -> None:
    abilities = SVS.abilities
    assert contradictions(abilities) == ()
    assert not abilities.unique_codes
    assert not abilities.exact_lookup
    offered = (abilities.links, abilities.resolves, abilities.lists)
    assert offered == (False, False, False)
    assert abilities.key_window_s == 7 * 86_400


@pytest.mark.parametrize(
    ("said", "result"),
    [
        (no(reason="Invalid Card Number"), ProbeResult.OK),
        (EMPTY, ProbeResult.OK),
        (error(422, "101"), ProbeResult.OK),
        (no("Error"), ProbeResult.WEAK),
        (reply(401, b""), ProbeResult.WRONG),
        (error(403, "901", "security"), ProbeResult.WRONG),
        (reply(404, b"", content_type="text/html"), ProbeResult.WRONG),
    ],
)
def test_a_probe_asks_for_a_card_that_nobody_has(said: HttpReply, result: ProbeResult) -> None:
    heard = talk(SVS.probe(0), said)
    assert heard.said == [LOOK]
    assert json.loads(heard.asked[0].request.body)["paymentMethod"]["number"] == "0" * 16
    assert heard.result[0].result is result


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (reply(200, {}), 0.0),
        (reply(500, b""), 0.0),
        (reply(422, {}, transient_error="true"), 5.0),
        (reply(422, {}, transient_error="false"), 0.0),
        (reply(429, b"", retry_after="17"), 17.0),
        (reply(503, b""), 5.0),
    ],
)
def test_the_backlog_pauses_where_adyen_is_busy_or_says_that_it_will_pass(
    said: HttpReply, seconds: float
) -> None:
    assert pause_s(said) == seconds


# ---- settings

TABLE = {"url": URL, "merchant_account": "ShopPOS", "brand": "svs"}


def test_the_api_key_goes_into_adyens_own_header() -> None:
    plugin = platform(TABLE)
    assert plugin.prove(" AQE-key\n") == {"X-API-Key": "AQE-key"}
    with pytest.raises(ValueError, match="empty"):
        plugin.prove(" ")


def test_a_live_address_follows_from_the_companys_prefix() -> None:
    table: dict[str, object] = {**TABLE, "live_prefix": "1797a841fbb37ca7-Shop"}
    del table["url"]
    plugin = platform(table)
    assert plugin.transport.url == "https://1797a841fbb37ca7-Shop-pal-live.adyenpayments.com"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"url": "http://pal-test.adyen.com"}, "url"),
        ({"merchant_account": ""}, "merchant_account"),
        ({"brand": "SVS!"}, "brand"),
        ({"put": "issue"}, "put"),
        ({"store": "s" * 17}, "store"),
        ({"live_prefix": "a/b"}, "live_prefix"),
        ({"api_key": "AQE"}, "api_key"),
    ],
)
def test_a_wrong_setting_is_named(change: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        platform({**TABLE, **change})


def test_there_is_no_address_by_default() -> None:
    with pytest.raises(ValueError, match="url"):
        AdyenOptions.read({"merchant_account": "ShopPOS", "brand": "svs"})
