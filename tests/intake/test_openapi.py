# SPDX-License-Identifier: Apache-2.0
"""The document is valid, equals the committed copy, knows every route, and tells the truth."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from agent.intake.openapi import document
from agent.intake.routes import PROBLEM, ROUTES, openapi_text
from tests.fakes.platform import Fail
from tests.intake.records import body
from tests.intake.till import house

DOCUMENT = document(ROUTES, PROBLEM)
COPY = Path(__file__).parents[2] / "docs" / "openapi.json"


def schema(name: str) -> Any:
    """A validator of one component."""
    whole = Resource.from_contents(DOCUMENT, default_specification=DRAFT202012)
    registry = Registry().with_resource("urn:api", whole)
    return jsonschema.Draft202012Validator(
        {"$ref": f"urn:api#/components/schemas/{name}"}, registry=registry
    )


def test_the_document_is_valid_openapi() -> None:
    found = DOCUMENT
    validate(found)
    assert found["openapi"] == "3.1.0"


def test_the_committed_copy_is_equal() -> None:
    assert COPY.read_text() == openapi_text(), "run: python -m agent.intake > docs/openapi.json"


def test_the_module_prints_it() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "agent.intake"],
        capture_output=True,
        text=True,
        check=True,
        cwd=COPY.parents[1],
    )
    assert run.stdout == openapi_text()


def test_it_has_every_route_and_no_other() -> None:
    paths = {(method.upper(), path) for path, each in DOCUMENT["paths"].items() for method in each}
    assert paths == {(route.method, route.path) for route in ROUTES}
    assert len(paths) == len(ROUTES)


def test_every_operation_has_a_name_of_its_own_and_says_its_scope() -> None:
    operations = [
        (path, each) for path, methods in DOCUMENT["paths"].items() for each in methods.values()
    ]
    names = [each["operationId"] for _, each in operations]
    assert len(set(names)) == len(names)
    closed = [path for path, each in operations if each.get("security") != []]
    assert "/v1/credits" in closed
    assert "/v1/pairings" not in closed
    assert not [path for path in closed if not path.startswith("/v1/")]


def test_only_the_issue_route_says_200_for_confirmed_and_both_other_statuses() -> None:
    said = DOCUMENT["paths"]["/v1/credits"]["post"]["responses"]
    assert set(said) == {"200", "202", "422", "504", "default"}
    assert said["202"]["content"] == said["504"]["content"] == said["200"]["content"]


@pytest.mark.parametrize("name", ["CreditBody", "ReprintBody", "ReportBody", "PairingBody"])
def test_unknown_fields_are_refused_by_the_schema_too(name: str) -> None:
    assert DOCUMENT["components"]["schemas"][name]["additionalProperties"] is False


def test_a_good_body_fits_its_schema_and_a_wrong_one_does_not() -> None:
    checker = schema("CreditBody")
    assert checker.is_valid(body())
    assert not checker.is_valid(body(minor=0))
    assert not checker.is_valid(body(colour="red"))


async def test_answers_fit_their_schemas(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.fails.append(Fail("refused"))
        till, pos = await here.till(), await here.till(printing="pos")
        for name, answer in [
            ("RefusedTold", await till.credit("k0", transaction="0", minor=7)),
            ("CreditTold", await till.credit()),
            ("CreditTold", await pos.credit("k2", transaction="2", minor=5)),
            ("ProblemTold", await till.credit(minor=9)),
            ("CreditList", await till.get("/v1/credits")),
            ("StatusTold", await till.get("/v1/status")),
            ("QueueTold", await here.admin.get("/v1/admin/queue")),
            ("PairingList", await here.admin.get("/v1/admin/pairings")),
            ("ReadyTold", await till.get("/readyz")),
        ]:
            assert list(schema(name).iter_errors(answer.json)) == [], name
        key = (await here.counter.records())[1].key
        whole = await here.admin.get(f"/v1/admin/queue/{key}")
        assert list(schema("WholeCredit").iter_errors(whole.json)) == []


async def test_the_agent_serves_it_under_both_names(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        for path in ("/openapi.json", "/v1/openapi.json"):
            answer = await here.stranger().get(path)
            assert answer.status == 200
            assert answer.json == json.loads(openapi_text())
