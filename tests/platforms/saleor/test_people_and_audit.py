# SPDX-License-Identifier: Apache-2.0
"""Customers, lists, the probe and the settings of Saleor, by recorded replies."""

from __future__ import annotations

import pytest

from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.outcome import Ambiguous, Matched, Resolution, Unknown, Unmatched
from agent.platforms.adapter import Page
from agent.platforms.messages import HttpReply
from agent.platforms.probe import ProbeResult
from agent.platforms.saleor import platform
from agent.platforms.saleor.adapter import SaleorAdapter
from agent.platforms.saleor.errors import pause_s
from agent.platforms.saleor.options import SaleorOptions
from tests.platforms.saleor.answers import (
    BROKEN,
    SALEOR,
    THROTTLED,
    answer,
    edges,
    failed,
    issued,
    made,
    money,
    node,
    variables,
)
from tests.platforms.talking import KEY, reply, talk

ANNA = CustomerReference(CustomerKind.EMAIL, "anna@example.com")
PHONE = CustomerReference(CustomerKind.PHONE, "+15550100")
CLUB = CustomerReference(CustomerKind.LOYALTY, "B0042")
USER = {"id": "VXNlcjox", "isActive": True, "email": "anna@example.com"}
TWIN = {"id": "VXNlcjoy", "isActive": True, "email": "\x1b[2Jtom"}
BY_METADATA = SaleorAdapter(
    SaleorOptions(url="https://credit.example", loyalty_metadata="loyalty.number")
)


@pytest.mark.parametrize(
    ("adapter", "customer", "asked"),
    [
        (SALEOR, ANNA, {"email": "anna@example.com"}),
        (SALEOR, CLUB, {"reference": "B0042"}),
        (SALEOR, PHONE, {"where": {"addresses": {"phoneNumber": {"eq": "+15550100"}}}}),
        (
            BY_METADATA,
            CLUB,
            {"where": {"metadata": {"key": "loyalty.number", "value": {"eq": "B0042"}}}},
        ),
    ],
)
def test_a_customer_is_asked_for_by_the_field_that_holds_the_identifier(
    adapter: SaleorAdapter, customer: CustomerReference, asked: dict[str, object]
) -> None:
    heard = talk(adapter.resolve(customer), answer({"user": None}))
    assert variables(heard.asked[0].request) == asked
    assert heard.result == Unmatched()


@pytest.mark.parametrize(
    ("said", "result"),
    [
        (answer({"user": USER}), Matched("VXNlcjox", "a***@e***")),
        (answer({"user": None}), Unmatched()),
        (answer({"user": {**USER, "isActive": False}}), Unmatched()),
        (answer({"customers": edges()}), Unmatched()),
        (answer({"customers": edges(USER)}), Matched("VXNlcjox", "a***@e***")),
        (answer({"customers": edges(USER, USER)}), Matched("VXNlcjox", "a***@e***")),
        (answer({"customers": edges(USER, TWIN)}), Ambiguous(2)),
        (answer({"customers": edges(TWIN)}), Matched("VXNlcjoy", "")),
    ],
)
def test_resolving_never_chooses_among_several(said: HttpReply, result: Resolution) -> None:
    assert talk(SALEOR.resolve(ANNA), said).result == result


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (BROKEN, "status-500"),
        (THROTTLED, "throttled"),
        (failed("PermissionDenied", "user", data={"user": None}), "auth"),
        (answer({}), "not-the-contract"),
        (answer({"user": {"id": 7}}), "not-the-contract"),
        (answer({"customers": None}), "not-the-contract"),
        (answer({"customers": edges({"id": ""})}), "not-the-contract"),
    ],
)
def test_resolving_without_an_answer_knows_nothing(said: HttpReply, why: str) -> None:
    result = talk(SALEOR.resolve(ANNA), said).result
    assert isinstance(result, Unknown)
    assert result.why == why


def page(*nodes: object, more: str | None = None) -> HttpReply:
    info = {"hasNextPage": more is not None, "endCursor": more}
    return answer({"giftCards": {"pageInfo": info, **edges(*nodes)}})


def dated(created: str, **changes: object) -> dict[str, object]:
    return node(created=created, **changes)


SINCE_MS = 1_763_600_000_000  # 2025-11-20T00:53:20Z
NEW = "2025-11-20T00:53:20+00:00"
OLD = "2025-11-20T00:53:19.999999+00:00"


def test_a_list_goes_from_the_newest_to_the_moment_asked_for() -> None:
    first = talk(SALEOR.list_page(SINCE_MS, None), page(dated(NEW), dated(NEW), more="n2"))
    assert variables(first.asked[0].request) == {"after": None}
    assert isinstance(first.result, Page)
    assert [each.key for each in first.result.cards] == [KEY.text] * 2
    assert first.result.cursor == "n2"
    last = talk(SALEOR.list_page(SINCE_MS, "n2"), page(dated(NEW), dated(OLD), more="n3"))
    assert variables(last.asked[0].request) == {"after": "n2"}
    assert isinstance(last.result, Page)
    assert (len(last.result.cards), last.result.cursor) == (1, None)
    assert talk(SALEOR.list_page(SINCE_MS, None), page()).result == Page((), None)


def test_another_systems_card_in_a_currency_that_is_none_does_not_end_the_list() -> None:
    strange = {"initialBalance": money(5, "XXQ"), "issued": issued(5, "XXQ")}
    foreign = dated(NEW, metafield=None, **strange)
    result = talk(SALEOR.list_page(SINCE_MS, None), page(foreign, dated(NEW))).result
    assert isinstance(result, Page)
    assert len(result.cards) == 1
    ours = talk(SALEOR.list_page(SINCE_MS, None), page(dated(NEW, **strange))).result
    assert isinstance(ours, Unknown)


@pytest.mark.parametrize(
    "said",
    [
        BROKEN,
        THROTTLED,
        answer({}),
        answer({"giftCards": edges()}),
        answer({"giftCards": {"pageInfo": {"hasNextPage": True, "endCursor": None}, "edges": []}}),
        page({"id": "a"}),
        page(dated("yesterday")),
        failed("GraphQLError", "giftCards", data={"giftCards": None}),
    ],
)
def test_a_list_that_cannot_be_read_never_looks_whole(said: HttpReply) -> None:
    assert isinstance(talk(SALEOR.list_page(SINCE_MS, None), said).result, Unknown)


EVERY = [
    "MANAGE_GIFT_CARD",
    "MANAGE_USERS",
    "MANAGE_ORDERS",
    "HANDLE_PAYMENTS",
    "MANAGE_DISCOUNTS",
]


def probed(*scopes: str, version: object = "3.24", active: object = True) -> HttpReply:
    permissions = [{"code": scope} for scope in scopes]
    return answer(
        {
            "shop": {"schemaVersion": version},
            "app": {"isActive": active, "permissions": permissions},
            "giftCards": {"totalCount": 3},
        }
    )


def test_a_shop_where_everything_is_granted_is_found_fit() -> None:
    findings = talk(SALEOR.probe(SINCE_MS), probed(*EVERY)).result
    assert {each.what for each in findings} == {"credentials", "scope", "version"}
    assert {each.result for each in findings} == {ProbeResult.OK}


@pytest.mark.parametrize("scope", EVERY)
def test_a_missing_permission_is_named_with_what_will_not_work(scope: str) -> None:
    granted = [each for each in EVERY if each != scope]
    findings = talk(SALEOR.probe(SINCE_MS), probed(*granted)).result
    (missing,) = [each for each in findings if each.result is not ProbeResult.OK]
    assert missing.what == "scope"
    assert scope in missing.detail
    wrong = scope == "MANAGE_GIFT_CARD"
    assert missing.result is (ProbeResult.WRONG if wrong else ProbeResult.WEAK)


@pytest.mark.parametrize(
    ("said", "what", "result"),
    [
        (probed(*EVERY, version="3.22"), "version", ProbeResult.WRONG),
        (probed(*EVERY, version="4.0"), "version", ProbeResult.OK),
        (probed(*EVERY, version=None), "version", ProbeResult.WEAK),
        (probed(*EVERY, active=False), "credentials", ProbeResult.WRONG),
        (answer({"shop": None, "app": None, "giftCards": None}), "credentials", ProbeResult.WRONG),
        (failed("PermissionDenied", "giftCards", data=None), "credentials", ProbeResult.WRONG),
        (THROTTLED, "limit", ProbeResult.WRONG),
        (BROKEN, "reach", ProbeResult.WRONG),
        (reply(404, b"", content_type="text/html"), "reach", ProbeResult.WRONG),
    ],
)
def test_what_is_wrong_is_told_apart(said: HttpReply, what: str, result: ProbeResult) -> None:
    findings = talk(SALEOR.probe(SINCE_MS), said).result
    assert (what, result) in [(each.what, each.result) for each in findings]


def test_a_429_stops_the_whole_queue_and_nothing_else_does() -> None:
    assert pause_s(THROTTLED) == 60
    assert pause_s(reply(429, b"", retry_after="7")) == 7
    assert pause_s(made()) == pause_s(BROKEN) == 0


def test_the_token_is_carried_as_a_bearer_and_an_empty_one_is_refused() -> None:
    plugin = platform({"url": "https://shop.example/"})
    assert plugin.prove(" app-token\n") == {"Authorization": "Bearer app-token"}
    with pytest.raises(ValueError, match="empty"):
        plugin.prove(" \n")
    assert plugin.transport.url == "https://shop.example"


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"url": "https://shop.example/graphql/"}, "url"),
        ({"url": "https://shop.example/graphql"}, "url"),
        ({"url": "https://shop.example", "settling_ms": 0}, "settling_ms"),
        ({"url": "https://shop.example", "loyalty_metadata": "a b"}, "loyalty_metadata"),
        ({"url": "https://shop.example", "loyalty": "x"}, "did you mean loyalty_metadata"),
    ],
)
def test_a_wrong_setting_is_named(table: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        platform(table)
