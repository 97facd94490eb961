# SPDX-License-Identifier: Apache-2.0
"""A small GraphQL executor over plain dictionaries, and Shopify's forms of money and time.

Documents are parsed by the reference implementation; which fields exist is what the simulator's
objects hold, so a document that asks for another field is answered with an error, as by a schema.
"""

from __future__ import annotations

import datetime
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from graphql import (
    FieldNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    parse,
    value_from_ast_untyped,
)

from agent.domain.currency import EXPONENTS

_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


class GraphError(Exception):
    """An entry of `errors`. `code`: of its extensions; `status`: of the whole answer."""

    def __init__(self, code: str, message: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.path = path

    def entry(self) -> dict[str, object]:
        told: dict[str, object] = {"message": str(self), "extensions": {"code": self.code}}
        return {**told, "path": list(self.path)} if self.path else told


@dataclass(frozen=True)
class Root:
    """One field of the operation, with its arguments' values and those of its directives."""

    name: str
    arguments: Mapping[str, Any]
    directives: Mapping[str, Mapping[str, Any]]
    variables: Mapping[str, Any]
    wanted: SelectionSetNode | None = field(repr=False)


@dataclass(frozen=True)
class Asked:
    """A request's operation."""

    mutation: bool
    roots: tuple[Root, ...]

    @property
    def name(self) -> str:
        return self.roots[0].name


@functools.lru_cache(maxsize=64)
def _parsed(document: str) -> OperationDefinitionNode:
    node = parse(document).definitions[0]
    if not isinstance(node, OperationDefinitionNode):
        raise TypeError("one operation for each document")
    return node


def asked(body: bytes) -> Asked:
    """What a request asks. Raises ValueError, TypeError or KeyError for what is no GraphQL."""
    told = json.loads(body)
    variables = told["variables"]
    operation = _parsed(told["query"])
    roots = []
    for node in operation.selection_set.selections:
        assert isinstance(node, FieldNode)
        directives = {each.name.value: _values(each, variables) for each in node.directives or ()}
        arguments = _values(node, variables)
        name = node.name.value
        roots.append(Root(name, arguments, directives, variables, node.selection_set))
    return Asked(operation.operation is OperationType.MUTATION, tuple(roots))


def _values(node: Any, variables: Mapping[str, Any]) -> dict[str, Any]:
    return {
        each.name.value: value_from_ast_untyped(each.value, dict(variables))
        for each in node.arguments or ()
    }


def selected(value: Any, wanted: SelectionSetNode | None) -> Any:
    """The fields that were asked for. Raises GraphError for one that is not there."""
    if wanted is None or value is None:
        return value
    if isinstance(value, list):
        return [selected(each, wanted) for each in value]
    found = {}
    for node in wanted.selections:
        assert isinstance(node, FieldNode)
        name = node.name.value
        if name not in value:
            raise GraphError("undefinedField", f"Field '{name}' doesn't exist")
        found[name] = selected(value[name], node.selection_set)
    return found


# ---- forms


def decimal(minor: int, currency: str) -> str:
    """As Shopify writes it: at least one digit behind the point, and no more zeros than that."""
    digits = EXPONENTS[currency]
    whole, _, behind = str(Decimal(minor).scaleb(-digits)).partition(".")
    return f"{whole}.{behind.rstrip('0') or '0'}"


def money(minor: int, currency: str) -> dict[str, str]:
    return {"amount": decimal(minor, currency), "currencyCode": currency}


def bag(minor: int, currency: str) -> dict[str, Any]:
    """The customer's currency; the shop's own is not asked for."""
    return {"presentmentMoney": money(minor, currency)}


def minor_of(text: str, currency: str) -> int:
    """Of a decimal text. A third digit behind the point is rounded away: the worst that may be."""
    if currency not in EXPONENTS:
        raise GraphError("INVALID_VARIABLE", "CurrencyCode was provided invalid value")
    kept = Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return int(kept.scaleb(EXPONENTS[currency]))


def moment(at_ms: int) -> str:
    at = _EPOCH + datetime.timedelta(seconds=at_ms // 1000)
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def read_moment(text: str) -> int:
    at = datetime.datetime.fromisoformat(text)
    return (at - _EPOCH) // datetime.timedelta(milliseconds=1)
