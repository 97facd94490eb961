# SPDX-License-Identifier: Apache-2.0
"""The platform contract's document, and what it has against a value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

import agent.platforms.rest

FILE = Path(agent.platforms.rest.__file__).parent / "contract.openapi.json"
CONTRACT: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


def schema_errors(name: str, value: object) -> list[str]:
    """What the contract has against a value, as one of its schemas."""
    schema = {**CONTRACT, "$ref": f"#/components/schemas/{name}"}
    return [error.message for error in Draft202012Validator(schema).iter_errors(value)]
