# SPDX-License-Identifier: Apache-2.0
"""What a GraphQL request asks for, and an answer cut to it: aliases, arguments and fragments.

Documents are read by the reference implementation. A field that an object does not have is an
error, as it is by a schema.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Undefined,
    parse,
    value_from_ast_untyped,
)

Fragments = Mapping[str, SelectionSetNode]
WithArguments = Callable[[Mapping[str, Any]], Any]
"""A field's value that depends on its arguments."""


class NotValid(Exception):
    """The server's 400: the document cannot be executed."""


@dataclass(frozen=True)
class Root:
    """One field of the operation. `key`: what the answer calls it."""

    name: str
    key: str
    arguments: Mapping[str, Any]
    wanted: SelectionSetNode | None


@dataclass(frozen=True)
class Asked:
    """A request's operation, its root fields, and what is needed to cut an answer."""

    roots: tuple[Root, ...]
    fragments: Fragments
    variables: Mapping[str, Any]

    def cut(self, root: Root, value: Any) -> Any:
        return _cut(value, root.wanted, self)


@functools.lru_cache(maxsize=64)
def _parsed(document: str) -> DocumentNode:
    return parse(document)


def asked(body: bytes) -> Asked:
    """Raises NotValid for what is no GraphQL request."""
    try:
        told = json.loads(body)
        document, variables = _parsed(told["query"]), told["variables"]
    except (ValueError, KeyError, TypeError, GraphQLSyntaxError) as fault:
        raise NotValid(str(fault)) from fault
    operations, fragments = [], {}
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            operations.append(node)
        elif isinstance(node, FragmentDefinitionNode):
            fragments[node.name.value] = node.selection_set
    if len(operations) != 1 or not isinstance(variables, dict):
        raise NotValid("one operation, and its variables")
    roots = []
    for field in operations[0].selection_set.selections:
        if not isinstance(field, FieldNode):
            raise NotValid("root fields alone")
        arguments = _arguments(field, variables)
        roots.append(Root(field.name.value, _key(field), arguments, field.selection_set))
    return Asked(tuple(roots), fragments, variables)


def _key(field: FieldNode) -> str:
    return field.alias.value if field.alias else field.name.value


def _arguments(field: FieldNode, variables: Mapping[str, Any]) -> dict[str, Any]:
    told = {
        each.name.value: value_from_ast_untyped(each.value, dict(variables))
        for each in field.arguments or ()
    }
    return {name: value for name, value in told.items() if value is not Undefined}


def _cut(value: Any, wanted: SelectionSetNode | None, asked: Asked) -> Any:
    if value is None or wanted is None:
        return value
    if isinstance(value, list):
        return [_cut(each, wanted, asked) for each in value]
    found: dict[str, Any] = {}
    for node in wanted.selections:
        match node:
            case FieldNode():
                held = _held(value, node.name.value)
                if callable(held):
                    held = held(_arguments(node, asked.variables))
                found[_key(node)] = _cut(held, node.selection_set, asked)
            case FragmentSpreadNode():
                found |= _cut(value, asked.fragments[node.name.value], asked)
            case InlineFragmentNode():
                of = node.type_condition.name.value if node.type_condition else None
                if of is None or of == value.get("__typename"):
                    found |= _cut(value, node.selection_set, asked)
    return found


def _held(value: Mapping[str, Any], name: str) -> Any:
    if name not in value:
        raise NotValid(f"Cannot query field {name!r}.")
    return value[name]
