# SPDX-License-Identifier: Apache-2.0
"""Every document and the variables of every request, against Shopify's schema of the pinned
version, where that is at hand."""

from __future__ import annotations

import functools
import gzip
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from graphql import (
    GraphQLSchema,
    OperationDefinitionNode,
    build_client_schema,
    get_variable_values,
    parse,
    validate,
)

from agent.domain.currency import EXPONENTS
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.outcome import Saying
from agent.domain.sale import RefundLine, RefundTo
from agent.platforms.messages import HttpRequest
from agent.platforms.reading import No
from agent.platforms.shopify import documents, sales, wire
from agent.platforms.shopify.options import ShopifyOptions
from tests.platforms.shopify.exchanges import ANNA, CARD
from tests.platforms.shopify.order_exchanges import ORDER, STORE_CREDIT, TENDER
from tests.platforms.talking import CODE, CREDIT
from tests.vendors.specs import spec

OPTIONS = ShopifyOptions.read(
    {"shop": "brand", "loyalty_namespace": "custom", "loyalty_key": "club", "location_id": 31}
)


@functools.lru_cache(maxsize=1)
def told() -> dict[str, object]:
    with gzip.open(spec("shopify", f"admin_{documents.VERSION}.json.gz")) as file:
        whole: dict[str, object] = json.load(file)
    return whole


@functools.lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    # Shopify's schema breaks a rule about deprecations that has nothing to do with us.
    return build_client_schema(told()["data"], assume_valid=True)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(documents.EVERY))
def test_a_document_is_valid_in_the_pinned_version(name: str) -> None:
    assert validate(schema(), parse(documents.EVERY[name])) == []


def requests() -> Iterator[HttpRequest]:
    """One of every kind, and of every shape of its variables."""
    yield wire.create(CREDIT, CREDIT.amount)
    yield wire.find(CODE)
    yield wire.read(CARD)
    yield wire.deactivate(CARD)
    yield wire.link(CARD, ANNA)
    yield wire.annotate(CARD, "x")
    yield wire.list_since(0, None)
    yield wire.list_since(0, "cursor")
    yield wire.say(documents.INSTALLATION, {})
    yield wire.say(documents.LIMIT, {})
    for kind, value in (
        (CustomerKind.EMAIL, "a@example.com"),
        (CustomerKind.PHONE, "+4915112345678"),
        (CustomerKind.LOYALTY, "C-77"),
    ):
        asked = wire.resolve(CustomerReference(kind, value), OPTIONS)
        assert asked is not None
        yield asked
    yield sales.search("#1001")
    yield sales.order(ORDER)
    yield sales.lines(ORDER, "cursor")
    yield sales.refunds(ORDER)
    yield sales.refund_of("gid://shopify/Refund/1")
    yield sales.create_refund(TENDER, "shopify_payments", OPTIONS)
    yield sales.create_refund(STORE_CREDIT, "", OPTIONS)
    unsold = replace(TENDER, lines=(RefundLine("gid://shopify/LineItem/1", 1, restock=False),))
    assert unsold.to is RefundTo.TENDER
    yield sales.create_refund(unsold, "cash", OPTIONS)


def test_the_variables_of_every_request_are_of_the_schemas_types() -> None:
    said = set()
    for request in requests():
        body = json.loads(request.body)
        operation = parse(body["query"]).definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        values = get_variable_values(
            schema(), operation.variable_definitions or (), body["variables"]
        )
        assert not isinstance(values, list), values
        assert set(values.coerced) == set(body["variables"])
        said.add(body["query"])
    assert said == set(documents.EVERY.values())


def test_every_currency_that_we_send_is_one_of_the_schemas() -> None:
    known = schema().get_type("CurrencyCode").values  # type: ignore[union-attr]
    for currency in EXPONENTS:
        assert wire.taken(currency) is (currency in known and EXPONENTS[currency] < 3)


def test_every_code_of_a_gift_cards_errors_is_known() -> None:
    codes = set(schema().get_type("GiftCardErrorCode").values)  # type: ignore[union-attr]
    codes |= set(schema().get_type("GiftCardDeactivateUserErrorCode").values)  # type: ignore[union-attr]
    read = {
        code
        for code in codes
        if isinstance(
            wire.user_errors([wire.UserErrorReply(message="", code=code)], None, Saying(200)),
            No,
        )
    }
    assert codes - read == {"INTERNAL_ERROR"}


def test_the_scopes_that_the_probe_asks_for_are_those_of_the_schema() -> None:
    from agent.platforms.shopify.probing import NEEDED, USEFUL

    items = told()["offline_scopes"]["items"]  # type: ignore[index]
    wanted = {scope for item in items for scope in item["offlineScopes"]}
    assert {*NEEDED, *USEFUL} - wanted <= {"read_all_orders"}


def test_documents_are_constants_and_ask_for_no_more_than_the_limit() -> None:
    assert len(documents.EVERY) == 15
    assert all("%" not in each and "{}" not in each for each in documents.EVERY.values())
    assert "customer" not in documents.CREATE
