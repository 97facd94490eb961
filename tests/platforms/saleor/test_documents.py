# SPDX-License-Identifier: Apache-2.0
"""Every document and its variables against Saleor's own schema, where it is at hand."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache

import pytest
from graphql import (
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    get_operation_ast,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from agent.domain.customer import CustomerKind, CustomerReference
from agent.platforms.messages import HttpRequest
from agent.platforms.saleor import documents, sales, wire
from agent.platforms.saleor.errors import _KNOWN, _TAKEN
from tests.platforms.saleor.receipts import LEG, ORDER
from tests.platforms.talking import CODE, CREDIT
from tests.vendors.specs import spec

DOCUMENTS = {
    name: text
    for name, text in vars(documents).items()
    if name.isupper() and not name.startswith("_") and isinstance(text, str) and "{" in text
}
REQUESTS = {
    "create": wire.create(CREDIT, CREDIT.amount),
    "burn": wire.create(CREDIT, wire.burn_amount(CREDIT)),
    "find": wire.find(CREDIT),
    "find-linked": wire.find_linked(CODE),
    "voucher": wire.find_voucher(CODE),
    "balance": wire.balance(CODE),
    "deactivate": wire.deactivate("a"),
    "assign": wire.assign("a", "b"),
    "annotate": wire.annotate("a", {"reason": "x" * 500}),
    "list": wire.list_cards(None),
    "next": wire.list_cards("n2"),
    "probe": wire.probe(),
    "email": wire.resolve(CustomerReference(CustomerKind.EMAIL, "anna@example.com"), None),
    "loyalty": wire.resolve(CustomerReference(CustomerKind.LOYALTY, "B0042"), None),
    "metadata": wire.resolve(CustomerReference(CustomerKind.LOYALTY, "B0042"), "club"),
    "phone": wire.resolve(CustomerReference(CustomerKind.PHONE, "+15550100"), None),
    "sale": sales.find_sale("R-77"),
    "sale-by-number": sales.find_sale("1042"),
    "granted": sales.find_granted(ORDER),
    "grant": sales.grant(LEG),
    "grant-amount": sales.grant(replace(LEG, lines=())),
    "request": sales.request_refund("a", LEG),
}
ERRORS = {
    "GiftCardErrorCode",
    "MetadataErrorCode",
    "OrderGrantRefundCreateErrorCode",
    "TransactionRequestRefundForGrantedRefundErrorCode",
}


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    path = spec("saleor", "schema.graphql")
    return build_schema(path.read_text(encoding="utf-8"), assume_valid=True)


def operation(text: str) -> OperationDefinitionNode:
    found = get_operation_ast(parse(text))
    assert found is not None
    return found


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_a_document_is_valid_in_saleors_schema(name: str) -> None:
    assert validate(schema(), parse(DOCUMENTS[name])) == []


@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_the_variables_of_a_request_fit_its_document(name: str) -> None:
    body = json.loads(REQUESTS[name].body)
    definitions = operation(body["query"]).variable_definitions or ()
    values = get_variable_values(schema(), definitions, body["variables"])
    assert not isinstance(values, list), values
    assert set(body["variables"]) <= {each.variable.name.value for each in definitions}


def test_every_document_is_used_and_none_holds_outside_text() -> None:
    used = {json.loads(each.body)["query"] for each in REQUESTS.values()}
    assert used == set(DOCUMENTS.values())
    assert not any(CODE.reveal() in text for text in used)


@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_a_code_stands_in_the_body_alone(name: str) -> None:
    request: HttpRequest = REQUESTS[name]
    assert (request.method, request.path) == ("POST", "/graphql/")
    assert CODE.reveal() not in repr(request)


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_every_documented_error_code_is_mapped(name: str) -> None:
    enum = schema().type_map[name]
    codes = set(enum.values)  # type: ignore[attr-defined]
    assert codes <= _KNOWN | _TAKEN


def test_a_deprecated_argument_is_the_code_and_nothing_else() -> None:
    """Saleor calls a chosen code deprecated, and takes it all the same: this is watched."""
    fields = schema().type_map["GiftCardCreateInput"].fields  # type: ignore[attr-defined]
    body = json.loads(REQUESTS["create"].body)["variables"]["input"]
    assert [name for name in body if fields[name].deprecation_reason] == ["code"]
