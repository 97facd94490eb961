# SPDX-License-Identifier: Apache-2.0
"""Finding, linking, noting, resolving, balances and lists, by recorded replies."""

from __future__ import annotations

import pytest

from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    BurnUnknown,
    Found,
    FoundDifferent,
    FoundVoid,
    LinkResult,
    Matched,
    Unknown,
    Unmatched,
)
from agent.platforms.adapter import Page
from agent.platforms.exchange import Do
from agent.platforms.messages import HttpReply
from agent.platforms.shopify.adapter import ShopifyAdapter
from agent.platforms.shopify.options import ShopifyOptions
from tests.platforms.shopify.exchanges import (
    ANNA,
    BERT,
    CARD,
    NOTHING,
    OTHER_KEY,
    SHOP,
    THROTTLED,
    cash,
    data,
    errors,
    found,
    node,
    not_updated,
    said,
    steps,
    updated,
    variables,
)
from tests.platforms.talking import CODE, CREDIT, KEY, reply, talk

FAILURES = [
    (THROTTLED, "throttled", 4),
    (said({"errors": "no"}, 401), "auth", None),
    (errors("ACCESS_DENIED", path=["giftCards"], data=None), "auth", None),
    (said({"errors": "locked"}, 423), "shop-locked", None),
    (errors("INTERNAL_SERVER_ERROR"), "INTERNAL_SERVER_ERROR", None),
    (reply(200, b""), "empty", None),
    (said(b"<p>", content_type="text/html"), "not-json", None),
    (said({"data": {}}), "not-the-contract", None),
    (data("giftCards", {"nodes": [{}]}), "not-the-contract", None),
    (data("giftCards", None), "null", None),
    (said({"errors": "odd"}, 500), "status-500", None),
    (found(node(), node()), "several", None),
]
SMALL = {"initialValue": cash("0.01"), "balance": cash("0.01")}


# ---- find


def test_found_by_code_with_whose_it_is() -> None:
    heard = talk(SHOP.find(CREDIT), found(node(balance=cash("0.0"), customer={"id": ANNA})))
    assert steps(heard) == ["look Find"]
    assert heard.asked[0].request.body.decode().endswith(f'{{"query":"{CODE.reveal()}"}}}}')
    assert isinstance(heard.result, Found)
    assert heard.result.card.customer_id == ANNA
    assert not heard.result.linked


def test_a_search_without_a_hit_is_absent_and_such_an_absent_is_never_exact() -> None:
    assert talk(SHOP.find(CREDIT), NOTHING).result == Absent()
    assert not SHOP.abilities.exact_lookup
    assert SHOP.abilities.unique_codes
    assert SHOP.abilities.settling_ms == 60_000


def test_our_key_is_found_below_a_managers_remark() -> None:
    remark = f"asked twice for it\n{KEY.text}\nreason: return"
    assert isinstance(talk(SHOP.find(CREDIT), found(node(note=remark))).result, Found)


@pytest.mark.parametrize(
    "changes",
    [
        {"enabled": False},
        {"enabled": False, **SMALL},
        {"enabled": False, **SMALL, "note": OTHER_KEY},
        {"enabled": False, **SMALL, "note": None},
    ],
)
def test_disabled_under_our_key_or_at_the_burns_amount_is_void(
    changes: dict[str, object],
) -> None:
    assert isinstance(talk(SHOP.find(CREDIT), found(node(**changes))).result, FoundVoid)


@pytest.mark.parametrize(
    "changes",
    [
        SMALL,
        {"initialValue": cash("48.5", "EUR")},
        {"note": OTHER_KEY},
        {"note": None},
        {"note": OTHER_KEY, "enabled": False},
    ],
)
def test_anything_else_under_our_code_is_different(changes: dict[str, object]) -> None:
    result = talk(SHOP.find(CREDIT), found(node(**changes))).result
    assert isinstance(result, FoundDifferent)
    assert result.saying.message


@pytest.mark.parametrize(("failure", "why", "wait"), FAILURES)
def test_a_look_up_that_fails_has_learnt_nothing(
    failure: HttpReply, why: str, wait: int | None
) -> None:
    found_ = talk(SHOP.find(CREDIT), failure).result
    balance = talk(SHOP.balance(CODE), failure).result
    burn = talk(SHOP.burn(CREDIT), failure).result
    assert isinstance(found_, Unknown)
    assert (found_.why, found_.retry_after_s) == (why, wait)
    assert isinstance(balance, Unknown)
    assert balance.why == why
    assert isinstance(burn, BurnUnknown)
    assert not burn.perhaps_sent
    assert talk(SHOP.link(CREDIT, ANNA), failure).result is LinkResult.UNKNOWN
    assert talk(SHOP.annotate(CREDIT, {"a": "b"}), failure).result is False


# ---- link, annotate


def test_a_link_finds_the_card_and_updates_it_by_its_id() -> None:
    heard = talk(SHOP.link(CREDIT, ANNA), found(node()), updated(customer={"id": ANNA}))
    assert variables(heard.asked[1]) == {"id": CARD, "input": {"customerId": ANNA}}
    assert heard.result is LinkResult.LINKED
    other = talk(SHOP.link(CREDIT, BERT), found(node()), updated(customer={"id": BERT}))
    first, second = heard.asked[1], other.asked[1]
    assert isinstance(first, Do)
    assert isinstance(second, Do)
    assert first.step != second.step


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ([found(node(customer={"id": ANNA}))], LinkResult.LINKED),
        ([found(node(customer={"id": BERT}))], LinkResult.ELSEWHERE),
        ([NOTHING], LinkResult.UNKNOWN),
        ([found(node(note=OTHER_KEY))], LinkResult.UNKNOWN),
        ([found(node()), updated(customer={"id": BERT})], LinkResult.ELSEWHERE),
        ([found(node()), updated(customer=None)], LinkResult.UNKNOWN),
        ([found(node()), THROTTLED], LinkResult.UNKNOWN),
        ([found(node()), not_updated("input"), data("giftCard", node())], LinkResult.REFUSED),
        (
            [found(node()), not_updated(), data("giftCard", node(customer={"id": ANNA}))],
            LinkResult.LINKED,
        ),
        (
            [found(node()), not_updated(), data("giftCard", node(customer={"id": BERT}))],
            LinkResult.ELSEWHERE,
        ),
        ([found(node()), not_updated(), data("giftCard", None)], LinkResult.UNKNOWN),
        ([found(node()), not_updated(), errors("NEW")], LinkResult.UNKNOWN),
    ],
)
def test_a_link_ends_in_one_of_four_ways(replies: list[HttpReply], expected: LinkResult) -> None:
    assert talk(SHOP.link(CREDIT, ANNA), *replies).result is expected


def test_notes_go_below_our_key_and_keep_what_else_stands_there() -> None:
    fields = {"reason": "return\nof a coat", "pos_number": "4711"}
    before = f"{KEY.text}\nfor the nice lady\nreason: none"
    after = f"{KEY.text}\nfor the nice lady\npos_number: 4711\nreason: return of a coat"
    heard = talk(SHOP.annotate(CREDIT, fields), found(node(note=before)), updated(note=after))
    assert variables(heard.asked[1]) == {"id": CARD, "input": {"note": after}}
    assert heard.result is True
    again = talk(SHOP.annotate(CREDIT, fields), found(node(note=after)))
    assert again.result is True
    cut = talk(SHOP.annotate(CREDIT, {"a": "x" * 300}), found(node()), updated())
    assert variables(cut.asked[1])["input"]["note"].splitlines()[1] == f"a: {'x' * 200}"


@pytest.mark.parametrize(
    "replies",
    [
        [NOTHING],
        [found(node(note=OTHER_KEY))],
        [found(node()), not_updated("input", "note")],
        [found(node()), updated(note=None)],
        [found(node()), THROTTLED],
    ],
)
def test_a_note_that_is_not_shown_again_is_not_taken_for_written(
    replies: list[HttpReply],
) -> None:
    assert talk(SHOP.annotate(CREDIT, {"reason": "x"}), *replies).result is False


# ---- customers


@pytest.mark.parametrize(
    ("kind", "value", "identifier"),
    [
        (CustomerKind.EMAIL, "anna@example.com", {"emailAddress": "anna@example.com"}),
        (CustomerKind.PHONE, "+4915112345678", {"phoneNumber": "+4915112345678"}),
        (
            CustomerKind.LOYALTY,
            "C-77",
            {"customId": {"namespace": "custom", "key": "club", "value": "C-77"}},
        ),
    ],
)
def test_a_customer_is_asked_for_by_a_unique_identifier(
    kind: CustomerKind, value: str, identifier: dict[str, object]
) -> None:
    anna = data("customerByIdentifier", {"id": ANNA, "firstName": "Anna", "lastName": "Öz"})
    heard = talk(SHOP.resolve(CustomerReference(kind, value)), anna)
    assert variables(heard.asked[0]) == {"identifier": identifier}
    assert heard.result == Matched(ANNA, "A*** Ö***")
    nobody = talk(SHOP.resolve(CustomerReference(kind, value)), data("customerByIdentifier", None))
    assert nobody.result == Unmatched()


def test_without_a_metafield_nobody_answers_to_a_loyalty_number() -> None:
    plain = ShopifyAdapter(ShopifyOptions.read({"shop": "brand"}))
    club = CustomerReference(CustomerKind.LOYALTY, "C-77")
    heard = talk(plain.resolve(club))
    assert heard.asked == []
    assert heard.result == Unmatched()
    own = ShopifyAdapter(ShopifyOptions.read({"shop": "brand", "loyalty_key": "club"}))
    asked = talk(own.resolve(club), data("customerByIdentifier", None)).asked[0]
    assert variables(asked) == {"identifier": {"customId": {"key": "club", "value": "C-77"}}}


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (THROTTLED, "throttled"),
        (errors("ACCESS_DENIED", path=["customerByIdentifier"], data=None), "auth"),
        (errors("NOT_FOUND"), "NOT_FOUND"),
        (data("customerByIdentifier", {"id": ""}), "not-the-contract"),
    ],
)
def test_a_customer_who_cannot_be_asked_for_is_unknown(failure: HttpReply, why: str) -> None:
    result = talk(
        SHOP.resolve(CustomerReference(CustomerKind.EMAIL, "a@example.com")), failure
    ).result
    assert isinstance(result, Unknown)
    assert result.why == why


# ---- balance, list


def test_a_balance_is_what_is_left_and_nothing_of_a_dead_card() -> None:
    assert talk(SHOP.balance(CODE), found(node(balance=cash("8.5")))).result == Money(850, "USD")
    assert talk(SHOP.balance(CODE), found(node(enabled=False))).result == Money(0, "USD")
    assert talk(SHOP.balance(CODE), NOTHING).result is None


def test_a_list_leaves_out_what_customers_bought_and_turns_its_pages() -> None:
    more = {"hasNextPage": True, "endCursor": "abc"}
    heard = talk(
        SHOP.list_page(1_763_600_000_999, None),
        data("giftCards", {"nodes": [node()], "pageInfo": more}),
    )
    query = "(source:api_client OR source:manual) AND created_at:>='2025-11-20T00:53:20Z'"
    assert variables(heard.asked[0]) == {"query": query, "after": None}
    assert isinstance(heard.result, Page)
    assert heard.result.cursor == "abc"
    assert heard.result.cards[0].key == KEY.text
    last = {"hasNextPage": False, "endCursor": "abd"}
    foreign = node(note="by hand")
    heard = talk(
        SHOP.list_page(0, "abc"), data("giftCards", {"nodes": [foreign], "pageInfo": last})
    )
    assert variables(heard.asked[0])["after"] == "abc"
    assert isinstance(heard.result, Page)
    assert heard.result.cursor is None
    assert heard.result.cards[0].key is None


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (THROTTLED, "throttled"),
        (data("giftCards", None), "null"),
        (
            data("giftCards", {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": None}}),
            "no-cursor",
        ),
        (errors("MAX_COST_EXCEEDED"), "max-cost"),
    ],
)
def test_a_list_that_breaks_off_is_unknown(failure: HttpReply, why: str) -> None:
    result = talk(SHOP.list_page(0, None), failure).result
    assert isinstance(result, Unknown)
    assert result.why == why
