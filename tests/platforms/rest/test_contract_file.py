# SPDX-License-Identifier: Apache-2.0
"""The contract's own document: valid, safe, and what the adapter really says."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import validate

from agent.domain.code import Code
from agent.domain.credit import Credit
from agent.domain.currency import EXPONENTS
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import MINOR_MAX, Money
from agent.domain.symbols import ALPHABET
from agent.platforms.comparing import burn_amount
from agent.platforms.messages import HttpRequest
from agent.platforms.rest import wire
from tests.platforms.contract_schema import CONTRACT, schema_errors
from tests.platforms.talking import CREDIT


def test_the_document_is_valid_openapi_3_1() -> None:
    validate(CONTRACT)
    assert CONTRACT["openapi"].startswith("3.1")


def test_a_code_never_stands_in_a_path_or_a_query() -> None:
    for path, operations in CONTRACT["paths"].items():
        assert "code" not in re.findall(r"{(\w+)}", path)
        for operation in operations.values():
            assert all(each["name"] != "code" for each in operation.get("parameters", []))


def test_every_operation_says_what_happens_when_it_does_not_work() -> None:
    for operations in CONTRACT["paths"].values():
        for operation in operations.values():
            assert {"400", "401", "403", "429", "500", "503"} <= set(operation["responses"])


ANNA = CustomerReference(CustomerKind.EMAIL, "anna@example.com")
REQUESTS = [
    (wire.create(CREDIT, CREDIT.amount, "create"), "/v1/credits", "IssueRequest"),
    (wire.create(CREDIT, burn_amount(CREDIT), "burn"), "/v1/credits", "IssueRequest"),
    (wire.find_by_code(CREDIT.code), "/v1/credits/find", "CodeRequest"),
    (wire.disable(CREDIT.code), "/v1/credits/disable", "CodeRequest"),
    (wire.balance(CREDIT.code), "/v1/credits/balance", "CodeRequest"),
    (wire.link(CREDIT.code, "cus_1"), "/v1/credits/link", "LinkRequest"),
    (wire.annotate(CREDIT.code, {"reason": "x" * 500}), "/v1/credits/annotate", "AnnotateRequest"),
    (wire.resolve(ANNA), "/v1/customers/resolve", "ResolveRequest"),
]


@pytest.mark.parametrize(("request_", "path", "schema"), REQUESTS, ids=lambda each: str(each)[:30])
def test_what_the_adapter_says_is_the_contract(
    request_: HttpRequest, path: str, schema: str
) -> None:
    assert (request_.method, request_.path) == ("POST", path)
    wanted = CONTRACT["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    assert wanted["schema"] == {"$ref": f"#/components/schemas/{schema}"}
    assert schema_errors(schema, json.loads(request_.body)) == []


def test_the_schema_refuses_what_the_contract_forbids() -> None:
    good = json.loads(wire.create(CREDIT, CREDIT.amount, "create").body)
    assert schema_errors("IssueRequest", good) == []
    assert schema_errors("IssueRequest", {**good, "customer": "x"})
    assert schema_errors("IssueRequest", {**good, "amount": {"minor": 0, "currency": "USD"}})


symbols = st.text(ALPHABET, min_size=8, max_size=8)
keys = st.builds(
    lambda store, register, at, chance: IdempotencyKey(f"{store}-{register}-{at:013d}-{chance}"),
    st.from_regex(r"[0-9A-Z]{1,6}", fullmatch=True),
    st.from_regex(r"[0-9A-Z]{1,6}", fullmatch=True),
    st.integers(0, 10**13 - 1),
    symbols,
)
codes = st.builds(
    Code.draw, st.integers(0, 21), st.lists(st.integers(0, 31), min_size=14, max_size=14).map(tuple)
)
moneys = st.builds(Money, st.integers(1, MINOR_MAX), st.sampled_from(sorted(EXPONENTS)))


@given(keys, codes, moneys)
def test_any_credit_gives_one_body_that_the_contract_takes(
    key: IdempotencyKey, code: Code, amount: Money
) -> None:
    first = wire.create(Credit(key, code, amount), amount, "create")
    again = wire.create(
        Credit(IdempotencyKey(key.text), Code(code.reveal()), Money(amount.minor, amount.currency)),
        amount,
        "create",
    )
    assert first == again
    body = json.loads(first.body)
    assert schema_errors("IssueRequest", body) == []
    assert wire.find_by_key(Credit(key, code, amount)).path.endswith(key.text)
