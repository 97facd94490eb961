# SPDX-License-Identifier: Apache-2.0
"""The GraphQL envelope (spec of September 2025, sections 7.1 and 7.2): documents go out with
variables as JSON, and `data` or `errors` come back, mostly with a 200. Pure.

A request is one constant document with variables: outside text never becomes a part of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from agent.platforms.messages import HttpReply, HttpRequest
from agent.platforms.reading import media_type

_JSON: Final = (("Content-Type", "application/json"), ("Accept", "application/json"))
_MEDIA: Final = frozenset({"application/json", "application/graphql-response+json"})
ERRORS_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class GraphqlError:
    """One entry of `errors`. `code` is from its extensions, where the vendor gives one."""

    message: str
    code: str = ""
    path: tuple[str, ...] = ()
    extensions: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A well-formed answer. Decimals in `data` are Decimal, never floats."""

    data: Mapping[str, object] | None
    errors: tuple[GraphqlError, ...] = ()
    extensions: Mapping[str, object] = field(default_factory=dict)


def request(path: str, document: str, variables: Mapping[str, object]) -> HttpRequest:
    """`variables`: JSON values; amounts as decimal strings or integers."""
    body = {"query": document, "variables": variables}
    data = json.dumps(body, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()
    return HttpRequest("POST", path, data, _JSON)


def opened(reply: HttpReply) -> Envelope | str:
    """The envelope of a reply, whatever its status; or in one word why there is none."""
    if not reply.body:
        return "empty"
    if media_type(reply) not in _MEDIA:
        return "not-json"
    try:
        body = json.loads(reply.body, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return "not-json"
    if not isinstance(body, dict):
        return "not-graphql"
    data, errors = body.get("data"), body.get("errors", [])
    if not (data is None or isinstance(data, dict)) or not isinstance(errors, list):
        return "not-graphql"
    if data is None and not errors:
        return "not-graphql"
    extensions = body.get("extensions")
    return Envelope(
        data,
        tuple(_error(each) for each in errors[:ERRORS_MAX]),
        extensions if isinstance(extensions, dict) else {},
    )


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def _error(entry: object) -> GraphqlError:
    if not isinstance(entry, dict):
        return GraphqlError("")
    extensions = entry.get("extensions")
    extensions = extensions if isinstance(extensions, dict) else {}
    code, path = extensions.get("code"), entry.get("path")
    message = entry.get("message")
    return GraphqlError(
        message if isinstance(message, str) else "",
        code if isinstance(code, str) else "",
        tuple(str(each) for each in path) if isinstance(path, list) else (),
        extensions,
    )
