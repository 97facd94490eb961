# SPDX-License-Identifier: Apache-2.0
"""What a route is: everything that the server and the OpenAPI document need to know of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from agent.intake.bodies import Body
from agent.intake.calls import Call, Reply

Answers = Mapping[int, "type[BaseModel] | Plain"]
Handler = Callable[[Call], Awaitable[Reply | web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value beside the body. `place`: query or header; `schema`: its JSON schema."""

    name: str
    description: str
    schema: Mapping[str, Any]
    place: str = "query"
    required: bool = False


@dataclass(frozen=True, slots=True)
class Plain:
    """An answer that is no JSON of ours."""

    media_type: str
    description: str


@dataclass(frozen=True, slots=True)
class Route:
    """`scope`: what a pairing needs, None where the route is open to all.

    `bodies`: the models that a body may be; of two, the second is meant where `told_by` is a
    field of it. `responses`: by status, next to the problem that every route may answer with.
    `issuing`: a refused request says "nothing issued" instead of "unchanged".
    """

    method: str
    path: str
    handler: Handler
    scope: str | None
    summary: str
    responses: Answers
    bodies: tuple[type[Body], ...] = ()
    told_by: str = ""
    parameters: tuple[Parameter, ...] = ()
    issuing: bool = False
    tag: str = "credits"
    query_names: frozenset[str] = field(init=False, default=frozenset())

    def __post_init__(self) -> None:
        if len(self.bodies) > 1 and not self.told_by:
            raise ValueError(f"{self.path}: two bodies need a field that tells them apart")
        names = frozenset(each.name for each in self.parameters if each.place == "query")
        object.__setattr__(self, "query_names", names)
