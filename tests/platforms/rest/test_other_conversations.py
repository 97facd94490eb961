# SPDX-License-Identifier: Apache-2.0
"""Finding, burning, linking, noting, resolving, balances and lists, by recorded replies."""

from __future__ import annotations

import json

import pytest

from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Ambiguous,
    BurnRefused,
    Burnt,
    BurnUnknown,
    Found,
    FoundDifferent,
    FoundVoid,
    LinkResult,
    Matched,
    SpentInPart,
    Unknown,
    Unmatched,
)
from agent.platforms.adapter import Page
from agent.platforms.exchange import Do
from agent.platforms.messages import HttpReply
from agent.platforms.rest.adapter import RestAdapter
from agent.platforms.rest.options import RestOptions
from tests.platforms.talking import (
    CODE,
    CREDIT,
    KEY,
    NOT_FOUND,
    card,
    cents,
    problem,
    reply,
    resource,
    talk,
)

REST = RestAdapter(RestOptions(url="https://credit.example"))
BY_KEY = f"look GET /v1/credits/by-key/{KEY}"
BY_CODE = "look POST /v1/credits/find"
BURN = "burn POST /v1/credits"
DISABLE = "burn-disable POST /v1/credits/disable"
OTHER_KEY = "0421-03-1763600000000-ZZZZZZZZ"
ANNA = CustomerReference(CustomerKind.EMAIL, "anna@example.com")
FAILURES = [
    (problem(500, "unknown"), "unknown", None),
    (problem(429, "throttled", retry_after="9"), "throttled", 9),
    (problem(401, "unauthorised"), "auth", None),
    (problem(422, "bad-field"), "bad-field", None),
    (reply(200, b""), "empty", None),
    (reply(200, b"<p>", content_type="text/html"), "portal", None),
    (reply(302, b"", location="http://portal.example/"), "portal", None),
    (reply(302, b"", location="/elsewhere"), "status-302", None),
    (reply(200, b"<p>", content_type="application/xml"), "not-json", None),
    (reply(200, {}), "not-the-contract", None),
    (reply(302, b""), "status-302", None),
    (reply(404, b"", content_type="text/html"), "status-404", None),
]


def test_found_by_key_needs_no_second_look() -> None:
    heard = talk(REST.find(CREDIT), card(balance=cents(0), customer_id="cus_1"))
    assert heard.said == [BY_KEY]
    assert isinstance(heard.result, Found)
    assert heard.result.card.customer_id == "cus_1"
    assert not heard.result.linked


def test_absent_only_when_neither_key_nor_code_is_known() -> None:
    heard = talk(REST.find(CREDIT), NOT_FOUND, NOT_FOUND)
    assert heard.said == [BY_KEY, BY_CODE]
    assert heard.result == Absent()


@pytest.mark.parametrize(
    "changes",
    [
        {"enabled": False},
        {"enabled": False, "initial": cents(1)},
        {"enabled": False, "initial": cents(1), "key": OTHER_KEY},
        {"enabled": False, "initial": cents(1), "key": None},
    ],
)
def test_disabled_under_our_key_or_at_the_burns_amount_is_void(
    changes: dict[str, object],
) -> None:
    assert isinstance(talk(REST.find(CREDIT), card(**changes)).result, FoundVoid)


@pytest.mark.parametrize(
    "changes",
    [
        {"initial": cents(1)},
        {"initial": cents(4850, "EUR")},
        {"key": OTHER_KEY},
        {"key": None},
        {"code": "D" * 16},
        {"code": "D" * 16, "enabled": False},
        {"key": OTHER_KEY, "enabled": False},
        {"enabled": False, "initial": cents(1, "EUR"), "key": OTHER_KEY},
    ],
)
def test_anything_else_under_our_key_or_code_is_different(changes: dict[str, object]) -> None:
    result = talk(REST.find(CREDIT), card(**changes)).result
    assert isinstance(result, FoundDifferent)
    assert result.saying.code == "differs"
    assert result.saying.message


@pytest.mark.parametrize(("failure", "why", "wait"), FAILURES)
def test_a_look_up_that_fails_has_learnt_nothing(
    failure: HttpReply, why: str, wait: int | None
) -> None:
    for replies in ([failure], [NOT_FOUND, failure]):
        result = talk(REST.find(CREDIT), *replies).result
        assert isinstance(result, Unknown)
        assert (result.why, result.retry_after_s) == (why, wait)


def test_burning_what_is_there_disables_it() -> None:
    heard = talk(REST.burn(CREDIT), card(), card(enabled=False))
    assert heard.said == [BY_KEY, DISABLE]
    assert isinstance(heard.result, Burnt)
    assert not heard.result.card.enabled


def test_burning_what_is_dead_already_does_nothing() -> None:
    heard = talk(REST.burn(CREDIT), card(enabled=False))
    assert heard.said == [BY_KEY]
    assert isinstance(heard.result, Burnt)


def test_burning_what_is_absent_creates_the_smallest_amount_and_disables_it() -> None:
    small = {"initial": cents(1), "balance": cents(1)}
    heard = talk(
        REST.burn(CREDIT), NOT_FOUND, NOT_FOUND, card(201, **small), card(enabled=False, **small)
    )
    assert heard.said == [BY_KEY, BY_CODE, BURN, DISABLE]
    create = heard.asked[2].request
    assert json.loads(create.body)["amount"] == {"minor": 1, "currency": "USD"}
    assert dict(create.headers)["Idempotency-Key"] == CREDIT.vendor_key("burn")
    assert isinstance(heard.result, Burnt)


@pytest.mark.parametrize("code", ["code-taken", "key-reused"])
def test_a_burn_that_somebody_overtook_disables_what_they_made(code: str) -> None:
    taken = problem(409, code)
    heard = talk(REST.burn(CREDIT), NOT_FOUND, NOT_FOUND, taken, card(), card(enabled=False))
    assert heard.said == [BY_KEY, BY_CODE, BURN, BY_KEY, DISABLE]
    assert isinstance(heard.result, Burnt)
    lagging = talk(REST.burn(CREDIT), NOT_FOUND, NOT_FOUND, taken, NOT_FOUND, NOT_FOUND)
    assert lagging.result == BurnUnknown(code, lagging.result.saying)  # type: ignore[union-attr]


@pytest.mark.parametrize("already", [True, False])
def test_a_burn_says_what_was_spent_before(already: bool) -> None:
    dead = card(enabled=False, balance=cents(4000))
    replies = [dead] if already else [card(), dead]
    result = talk(REST.burn(CREDIT), *replies).result
    assert isinstance(result, SpentInPart)
    assert result.spent == Money(850, "USD")


def test_another_cards_code_is_never_disabled() -> None:
    for changes in ({"key": OTHER_KEY}, {"key": None}, {"code": "D" * 16}):
        heard = talk(REST.burn(CREDIT), card(**changes))
        assert heard.said == [BY_KEY]
        assert isinstance(heard.result, BurnRefused)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (card(), "not-disabled"),
        (card(enabled=False, code="D" * 16), "not-disabled"),
        (reply(202, {}), "status-202"),
        (problem(500, "unknown"), "unknown"),
        (problem(429, "throttled"), "throttled"),
        (problem(401, "unauthorised"), "auth"),
    ],
)
def test_a_disable_without_proof_is_unknown(answer: HttpReply, why: str) -> None:
    result = talk(REST.burn(CREDIT), card(), answer).result
    assert isinstance(result, BurnUnknown)
    assert result.why == why
    assert result.perhaps_sent


def test_a_disable_that_is_refused_goes_to_a_person() -> None:
    assert isinstance(talk(REST.burn(CREDIT), card(), NOT_FOUND).result, BurnRefused)


@pytest.mark.parametrize(("failure", "why", "_wait"), FAILURES)
def test_a_burn_that_cannot_look_has_sent_nothing(
    failure: HttpReply, why: str, _wait: int | None
) -> None:
    heard = talk(REST.burn(CREDIT), failure)
    assert not any(isinstance(ask, Do) for ask in heard.asked)
    assert isinstance(heard.result, BurnUnknown)
    assert heard.result.why == why
    assert not heard.result.perhaps_sent


@pytest.mark.parametrize(
    ("answer", "sent"),
    [
        (problem(500, "unknown"), True),
        (reply(202, {}), True),
        (problem(429, "throttled"), False),
        (problem(401, "unauthorised"), False),
    ],
)
def test_a_burn_whose_create_has_no_answer_is_unknown(answer: HttpReply, sent: bool) -> None:
    result = talk(REST.burn(CREDIT), NOT_FOUND, NOT_FOUND, answer).result
    assert isinstance(result, BurnUnknown)
    assert result.perhaps_sent is sent


def test_a_burn_that_the_platform_refuses_goes_to_a_person() -> None:
    answer = problem(422, "refused", vendor_code="GC-7")
    result = talk(REST.burn(CREDIT), NOT_FOUND, NOT_FOUND, answer).result
    assert isinstance(result, BurnRefused)
    assert result.saying.code == "GC-7"


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (card(customer_id="cus_1"), LinkResult.LINKED),
        (card(customer_id=None), LinkResult.UNKNOWN),
        (card(customer_id="cus_1", code="D" * 16), LinkResult.UNKNOWN),
        (problem(409, "linked-elsewhere"), LinkResult.ELSEWHERE),
        (problem(409, "disabled"), LinkResult.REFUSED),
        (problem(422, "unknown-customer"), LinkResult.REFUSED),
        (problem(404, "not-found"), LinkResult.UNKNOWN),
        (problem(500, "unknown"), LinkResult.UNKNOWN),
        (problem(429, "throttled"), LinkResult.UNKNOWN),
        (reply(200, b""), LinkResult.UNKNOWN),
    ],
)
def test_how_a_link_ends(answer: HttpReply, result: LinkResult) -> None:
    assert talk(REST.link(CREDIT, "cus_1"), answer).result is result


def test_another_customer_or_another_note_is_another_step() -> None:
    asks = [
        next(REST.link(CREDIT, "cus_1")),
        next(REST.link(CREDIT, "cus_2")),
        next(REST.annotate(CREDIT, {"reason": "a"})),
        next(REST.annotate(CREDIT, {"reason": "b"})),
    ]
    steps = [ask.step for ask in asks if isinstance(ask, Do)]
    assert len(set(steps)) == 4
    assert all("cus" not in step for step in steps)


def test_a_note_is_kept_only_when_the_card_comes_back() -> None:
    noted = talk(REST.annotate(CREDIT, {"b": "x" * 300, "a": "y"}), card(note={"a": "y"}))
    assert noted.result is True
    fields = json.loads(noted.asked[0].request.body)["fields"]
    assert fields == {"a": "y", "b": "x" * 200}
    for answer in (card(code="D" * 16), NOT_FOUND, reply(200, b""), problem(500, "unknown")):
        assert talk(REST.annotate(CREDIT, {"a": "y"}), answer).result is False


def test_resolving_never_chooses_among_several() -> None:
    one = {"customer_id": "cus_1", "masked": "A*** \x1b[2JB."}
    two = {"customer_id": "cus_2", "masked": "A*** C."}
    assert talk(REST.resolve(ANNA), reply(200, {"matches": []})).result == Unmatched()
    matched = talk(REST.resolve(ANNA), reply(200, {"matches": [one]})).result
    assert matched == Matched("cus_1", "A*** [2JB.")
    assert talk(REST.resolve(ANNA), reply(200, {"matches": [one, two]})).result == Ambiguous(2)


@pytest.mark.parametrize(("failure", "why", "wait"), FAILURES)
def test_resolving_without_an_answer_knows_nothing(
    failure: HttpReply, why: str, wait: int | None
) -> None:
    result = talk(REST.resolve(ANNA), failure).result
    assert isinstance(result, Unknown)
    assert (result.why, result.retry_after_s) == (why, wait)


def test_the_identifier_stands_in_the_body_only() -> None:
    heard = talk(REST.resolve(ANNA), reply(200, {"matches": []}))
    assert heard.said == ["look POST /v1/customers/resolve"]
    assert json.loads(heard.asked[0].request.body) == {"kind": "email", "value": ANNA.value}


def test_a_balance_is_what_can_be_spent() -> None:
    live = reply(200, {"balance": cents(500), "enabled": True})
    dead = reply(200, {"balance": cents(500), "enabled": False})
    assert talk(REST.balance(CODE), live).result == Money(500, "USD")
    assert talk(REST.balance(CODE), dead).result == Money(0, "USD")
    assert talk(REST.balance(CODE), NOT_FOUND).result is None
    assert isinstance(talk(REST.balance(CODE), reply(200, b"")).result, Unknown)


def test_a_list_is_asked_since_a_moment_page_by_page() -> None:
    body = {"credits": [resource(), resource(key=None)], "next_cursor": "n/2"}
    first = talk(REST.list_page(1_763_600_000_123, None), reply(200, body))
    assert first.said == [
        "look GET /v1/credits?since=2025-11-20T00%3A53%3A20.123000%2B00%3A00&limit=100"
    ]
    assert isinstance(first.result, Page)
    assert [each.key for each in first.result.cards] == [KEY.text, None]
    assert first.result.cursor == "n/2"
    last = talk(REST.list_page(0, "n/2"), reply(200, {"credits": [], "next_cursor": None}))
    assert last.said[0].endswith("&cursor=n%2F2")
    assert last.result == Page((), None)
    assert isinstance(talk(REST.list_page(0, None), problem(500, "unknown")).result, Unknown)
