# SPDX-License-Identifier: Apache-2.0
"""Linking, noting, resolving and balances, by recorded replies."""

from __future__ import annotations

import json

import pytest

from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.money import Money
from agent.domain.outcome import (
    Ambiguous,
    LinkResult,
    Matched,
    Unknown,
    Unmatched,
)
from agent.platforms.exchange import Do, frozen
from agent.platforms.messages import HttpReply
from agent.platforms.voucherify import wire
from tests.platforms.talking import CODE, CREDIT, reply, talk
from tests.platforms.voucherify.recorded import (
    CUSTOMER,
    GET,
    NOT_FOUND,
    ODD,
    OTHER_CODE,
    OTHER_KEY,
    USD,
    error,
    gift,
    metadata,
    not_found,
    publication,
    voucher,
)

PUBLISH = "POST /v1/publications"
PUT = f"PUT /v1/vouchers/{CODE.reveal()}"


# ---- link


def test_a_link_looks_first_and_publishes_once() -> None:
    heard = talk(USD.link(CREDIT, CUSTOMER), voucher(), publication())
    assert heard.said[0] == GET
    assert heard.said[1].endswith(PUBLISH)
    assert heard.result is LinkResult.LINKED
    again = talk(USD.link(CREDIT, CUSTOMER), voucher(holder_id=CUSTOMER))
    assert (again.said, again.result) == ([GET], LinkResult.LINKED)
    other = talk(USD.link(CREDIT, CUSTOMER), voucher(holder_id="cust_2"))
    assert (other.said, other.result) == ([GET], LinkResult.ELSEWHERE)


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (publication(result="FAILURE"), LinkResult.UNKNOWN),
        (publication(customer_id="cust_2"), LinkResult.UNKNOWN),
        (publication(voucher={"code": OTHER_CODE}), LinkResult.UNKNOWN),
        (not_found("customer"), LinkResult.REFUSED),
        (not_found(), LinkResult.UNKNOWN),
        (error(400, "voucher_disabled"), LinkResult.REFUSED),
        (error(400, "voucher_cannot_be_published"), LinkResult.REFUSED),
        (error(400, "no_voucher_suitable_for_publication"), LinkResult.REFUSED),
        (error(400, "invalid_publish_params"), LinkResult.REFUSED),
        (error(400, "something_new"), LinkResult.UNKNOWN),
        (error(409), LinkResult.UNKNOWN),
        (error(500), LinkResult.UNKNOWN),
        (error(429), LinkResult.UNKNOWN),
        (error(401), LinkResult.UNKNOWN),
        (reply(200, b""), LinkResult.UNKNOWN),
    ],
)
def test_how_a_link_ends(answer: HttpReply, result: LinkResult) -> None:
    assert talk(USD.link(CREDIT, CUSTOMER), voucher(), answer).result is result


@pytest.mark.parametrize("key", ["voucher_already_published", "duplicate_source_id"])
@pytest.mark.parametrize(
    ("now", "result"),
    [
        (voucher(holder_id=CUSTOMER), LinkResult.LINKED),
        (voucher(holder_id="cust_2"), LinkResult.ELSEWHERE),
        (voucher(holder_id=None), LinkResult.UNKNOWN),
        (voucher(holder_id=CUSTOMER, metadata={}), LinkResult.UNKNOWN),
        (NOT_FOUND, LinkResult.UNKNOWN),
        (error(500), LinkResult.UNKNOWN),
    ],
)
def test_published_already_is_read_back(key: str, now: HttpReply, result: LinkResult) -> None:
    heard = talk(USD.link(CREDIT, CUSTOMER), voucher(), error(400, key), now)
    assert [heard.said[0], heard.said[2]] == [GET, GET]
    assert heard.result is result


@pytest.mark.parametrize("answer", [NOT_FOUND, error(500), voucher(metadata={}), reply(200, b"")])
def test_what_is_not_surely_ours_is_never_linked_or_noted(answer: HttpReply) -> None:
    link = talk(USD.link(CREDIT, CUSTOMER), answer)
    assert (link.said, link.result) == ([GET], LinkResult.UNKNOWN)
    note = talk(USD.annotate(CREDIT, {"reason": "damaged"}), answer)
    assert (note.said, note.result) == ([GET], False)


def test_another_customer_or_another_note_is_another_step() -> None:
    links = [talk(USD.link(CREDIT, who), voucher(), error(500)).asked[1] for who in ("a", "a", "b")]
    steps = [ask.step for ask in links if isinstance(ask, Do)]
    assert steps[0] == steps[1] != steps[2]
    assert all(step.startswith("link-") for step in steps)
    sources = [json.loads(ask.request.body)["source_id"] for ask in links]
    assert sources[0] == sources[1] != sources[2]


# ---- notes


def test_a_note_sends_our_key_again_and_cuts_long_values() -> None:
    fields = {"reason": "x" * 300, "pos": "T1"}
    noted = {"countermark_pos": "T1", "countermark_reason": "x" * 200, **metadata()}
    after = voucher(metadata={**noted, "lang": ["en"]})
    heard = talk(USD.annotate(CREDIT, fields), voucher(), after)
    assert heard.said[1].endswith(PUT)
    assert json.loads(heard.asked[1].request.body) == {"metadata": noted}
    assert heard.result is True


@pytest.mark.parametrize(
    "answer",
    [
        voucher(),
        voucher(metadata=None),
        voucher(metadata={**metadata(), "countermark_pos": "T2"}),
        voucher(metadata={**metadata(OTHER_KEY), "countermark_pos": "T1"}),
        voucher(metadata={**metadata(), "countermark_pos": "T1"}, code=OTHER_CODE),
        error(500),
        NOT_FOUND,
    ],
)
def test_a_note_without_proof_is_not_there(answer: HttpReply) -> None:
    assert talk(USD.annotate(CREDIT, {"pos": "T1"}), voucher(), answer).result is False


# ---- customers


def person(**changes: object) -> dict[str, object]:
    named = {"id": CUSTOMER, "source_id": "L1", "name": "Bob van Smith", "email": "bob@example.com"}
    return {**named, "phone": "+1 933 222 3333", "object": "customer", **changes}


def people(*found: dict[str, object]) -> HttpReply:
    body = {"object": "list", "data_ref": "customers", "customers": list(found), "total": 9}
    return reply(200, body)


BOB = CustomerReference(CustomerKind.EMAIL, "bob@example.com")
LOYAL = CustomerReference(CustomerKind.LOYALTY, "L1")
PHONE = CustomerReference(CustomerKind.PHONE, "+19332223333")


@pytest.mark.parametrize(
    ("found", "result"),
    [
        (people(), Unmatched()),
        (people(person()), Matched(CUSTOMER, "B*** v*** S***")),
        (people(person(email="Bob@Example.com", name=None)), Matched(CUSTOMER, "")),
        (people(person(email="bobby@example.com")), Unmatched()),
        (people(person(email=None)), Unmatched()),
        (people(person(), person()), Matched(CUSTOMER, "B*** v*** S***")),
        (people(person(), person(id="cust_2")), Ambiguous(2)),
        (people(person(), person(id="cust_2", email="bobby@example.com")), None),
    ],
)
def test_who_answers_to_an_email(found: HttpReply, result: object) -> None:
    heard = talk(USD.resolve(BOB), found)
    assert heard.said == ["look GET /v1/customers?limit=10&email=bob%40example.com"]
    assert heard.result == (result or Matched(CUSTOMER, "B*** v*** S***"))


@pytest.mark.parametrize(
    ("who", "path"),
    [(LOYAL, "/v1/customers/L1"), (PHONE, "/v1/customers/%2B19332223333")],
)
def test_a_number_is_looked_for_as_the_source_id(who: CustomerReference, path: str) -> None:
    heard = talk(USD.resolve(who), reply(200, person(source_id=who.value)))
    assert heard.said == [f"look GET {path}"]
    assert heard.result == Matched(CUSTOMER, "B*** v*** S***")
    assert talk(USD.resolve(who), reply(200, person(source_id="L2"))).result == Unmatched()
    assert talk(USD.resolve(who), not_found("customer")).result == Unmatched()


@pytest.mark.parametrize("who", [BOB, LOYAL, PHONE])
@pytest.mark.parametrize(
    "failure", [error(500), error(429), error(401), NOT_FOUND, reply(200, b""), reply(200, [])]
)
def test_a_customer_who_cannot_be_asked_about_is_unknown(
    who: CustomerReference, failure: HttpReply
) -> None:
    assert isinstance(talk(USD.resolve(who), failure).result, Unknown)


# ---- balance


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        (voucher(gift=gift(4850, 1200)), Money(1200, "USD")),
        (voucher(gift=gift(4850, 1200), metadata={}), Money(1200, "USD")),
        (voucher(active=False), Money(0, "USD")),
        (voucher(type="DISCOUNT_VOUCHER", gift=None, metadata=None), Money(0, "USD")),
        (NOT_FOUND, None),
    ],
)
def test_what_is_left_on_a_code(answer: HttpReply, left: Money | None) -> None:
    heard = talk(USD.balance(CODE), answer)
    assert heard.said == [GET]
    assert heard.result == left


@pytest.mark.parametrize("answer", [*ODD, error(429), error(401), voucher(code=OTHER_CODE)])
def test_a_balance_that_cannot_be_read_is_unknown(answer: HttpReply) -> None:
    assert isinstance(talk(USD.balance(CODE), answer).result, Unknown)


def test_nothing_is_ever_deleted_enabled_or_topped_up() -> None:
    builders = [
        wire.create(CREDIT, CREDIT.amount, active=True),
        wire.get(CODE),
        wire.disable("v_1"),
        wire.publish(CREDIT, CUSTOMER),
        wire.annotate(CREDIT, {}),
        wire.customers_by_email("bob@example.com"),
        wire.customer_by_source_id("L1"),
        wire.list_since(0, 1),
        wire.voucher_schema(),
    ]
    public = {name for name, made in vars(wire).items() if _makes_a_request(made)}
    assert len(public) == len(builders)
    asked = [f"{each.method} {each.path.partition('?')[0]}" for each in builders]
    assert not [each for each in asked if each.startswith("DELETE")]
    assert not [each for each in asked if each.endswith(("/enable", "/balance", "/import"))]


def _makes_a_request(made: object) -> bool:
    return getattr(made, "__annotations__", {}).get("return") == "HttpRequest"


def test_what_is_journalled_shows_no_code_in_its_repr() -> None:
    note = talk(USD.annotate(CREDIT, {}), voucher(), voucher()).asked[1]
    assert isinstance(note, Do)
    assert CODE.reveal() in note.request.path
    assert CODE.reveal() not in repr(frozen(note, None, 0))
