# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI 3.1 document of the local API, made from the route table and nothing else.

docs/openapi.json is a copy that a test holds equal; `python -m agent.intake.openapi` prints it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from agent.intake.problems import PROBLEM_TYPE
from agent.intake.table import Parameter, Plain, Route

API_VERSION: Final = "1.0.0"
_REF: Final = "#/components/schemas/{model}"
_MODE = Literal["validation", "serialization"]
_IN_PATH: Final = re.compile(r"\{([a-z_]+)\}")
_DESCRIPTION: Final = (
    "The local API of Countermark, on loopback and a Unix socket. Only HTTP 200 of POST "
    "/v1/credits means that the platform confirmed the credit. A caller that has not passed its "
    "test gets 504 where a tested one gets 202, with the same body. Unknown request fields are "
    "refused; unknown response fields must be ignored."
)
_STATUS_WORDS: Final = {
    200: "As it stands",
    201: "Made",
    202: "Recorded, not confirmed; for callers that passed their test",
    422: "A definite no of the platform, or a wrong field",
    503: "Not able to take a credit now",
    504: "Recorded, not confirmed; the same body as 202, for all other callers",
}


def document(routes: Sequence[Route], problem: type[BaseModel]) -> dict[str, Any]:
    """The whole document of a route table; the same at every call."""
    schemas = _schemas(routes, problem)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, problem)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Countermark local API",
            "version": API_VERSION,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "http://127.0.0.1:8741"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "From POST /v1/pairings. Processes of the agent's own user need "
                    "none on the Unix socket.",
                }
            },
        },
    }


def text(routes: Sequence[Route], problem: type[BaseModel]) -> str:
    """The document as it is kept in docs/openapi.json."""
    found = document(routes, problem)
    return json.dumps(found, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _schemas(routes: Iterable[Route], problem: type[BaseModel]) -> dict[str, Any]:
    wanted: dict[tuple[type[BaseModel], _MODE], None] = {(problem, "serialization"): None}
    for route in routes:
        for body in route.bodies:
            wanted[(body, "validation")] = None
        for model in route.responses.values():
            if not isinstance(model, Plain):
                wanted[(model, "serialization")] = None
    _, found = models_json_schema(list(wanted), ref_template=_REF)
    return dict(sorted(found["$defs"].items()))


def _operation(route: Route, problem: type[BaseModel]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": _name(route),
        "summary": route.summary,
        "tags": [route.tag],
        "responses": _responses(route, problem),
    }
    parameters = [_in_path(name) for name in _IN_PATH.findall(route.path)]
    parameters += [_parameter(each) for each in route.parameters]
    if parameters:
        said["parameters"] = parameters
    if route.bodies:
        said["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _any_of(route.bodies)}},
        }
    if route.scope is None:
        said["security"] = []
    else:
        said["description"] = f"Scope: {route.scope}."
    return said


def _responses(route: Route, problem: type[BaseModel]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for status, model in sorted(route.responses.items()):
        if isinstance(model, Plain):
            content = {model.media_type: {"schema": {"type": "string"}}}
            if model.media_type == "application/json":
                content = {model.media_type: {"schema": {"type": "object"}}}
            told[str(status)] = {"description": model.description, "content": content}
            continue
        kind = PROBLEM_TYPE if issubclass(model, problem) else "application/json"
        schema = _any_of((model, problem)) if status == 422 else _ref(model)
        told[str(status)] = {
            "description": _STATUS_WORDS[status],
            "content": {kind: {"schema": schema}},
        }
    told["default"] = {
        "description": "A problem: `code` says which, `money` what happened to the money",
        "content": {PROBLEM_TYPE: {"schema": _ref(problem)}},
    }
    return told


def _any_of(models: tuple[type[BaseModel], ...]) -> dict[str, Any]:
    if len(models) == 1:
        return _ref(models[0])
    return {"anyOf": [_ref(model) for model in models]}


def _ref(model: type[BaseModel]) -> dict[str, Any]:
    return {"$ref": _REF.format(model=model.__name__)}


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _parameter(each: Parameter) -> dict[str, Any]:
    said: dict[str, Any] = {"name": each.name, "in": each.place, "schema": dict(each.schema)}
    if each.description:
        said["description"] = each.description
    if each.required:
        said["required"] = True
    return said


def _name(route: Route) -> str:
    words = re.findall(r"[a-z0-9]+", _IN_PATH.sub("", route.path).removeprefix("/v1"))
    one = "One" if route.path.endswith("}") else ""
    versioned = "V1" if route.path == "/v1/openapi.json" else ""
    return route.method.lower() + "".join(word.capitalize() for word in words) + one + versioned
