# SPDX-License-Identifier: Apache-2.0
"""The settings as text: each value with its origin, the JSON schema, and the reference table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, get_args

from pydantic import BaseModel

from agent.settings.load import Loaded
from agent.settings.model import PlatformForSection, PlatformSection, Settings

_HEADS: Final = {
    "register": "[[register]]",
    "printer": "[printer.NAME]",
    "platform_for": "[[platform_for]]",
}
_ASIDE: Final = {
    "platform_for": (
        "Another platform for some stores, so that one file serves a chain; the tills need not",
        "know. A table that names the store (`0421`) goes before one whose pattern covers it",
        "(`05*`); where none does, `[platform]` holds. All registers of a host go to one platform:",
        "two tables that claim its store are refused. `countermark config show` says which it is.",
        "The other keys are those of `[platform]`.",
        "",
        "    [[platform_for]]",
        '    stores = ["0421", "05*"]',
        '    name = "rest"',
        '    url = "https://other.example"',
        '    credential = "other-token"',
    )
}


def effective(loaded: Loaded) -> Iterator[tuple[str, str, str]]:
    """Every effective value: dotted key, value, where it came from."""
    yield from _values("", loaded.settings.model_dump(mode="json", by_alias=True), loaded)


def ways(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Where the credits of each register go: register, platform, and which table says so."""
    for register in settings.register_:
        section, said = settings.platform_of(settings.store.number)
        yield register.id, f"{section.name} at {section.url}", said


def _values(at: str, value: Any, loaded: Loaded) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _values(f"{at}.{name}" if at else name, inner, loaded)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for index, inner in enumerate(value):
            yield from _values(f"{at}.{index}", inner, loaded)
    else:
        yield at, "" if value is None else str(value), loaded.origins.get(at, "default")


def schema() -> dict[str, Any]:
    """JSON Schema of the settings file."""
    return Settings.model_json_schema(by_alias=True)


def reference() -> Iterator[tuple[str, str, str, str]]:
    """Section, key, default and description of every setting, in the file's order."""
    for name, field in Settings.model_fields.items():
        section = field.alias or name
        model = _section(field.annotation)
        if model is None:
            continue
        for key, inner in model.model_fields.items():
            if model is PlatformForSection and key in PlatformSection.model_fields:
                continue  # said under [platform]
            default = (
                "required"
                if inner.is_required()
                else _shown(inner.get_default(call_default_factory=True))
            )
            yield section, key, default, inner.description or ""


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (tuple, dict)) and not value:
        return "empty"
    return str(value)


def _section(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        found = _section(inner)
        if found is not None:
            return found
    return None


def reference_page() -> str:
    """docs/settings.md: the table of every setting."""
    lines = [
        "# Settings",
        "",
        "`/etc/countermark/countermark.toml`, then `conf.d/*.toml` beside it in order, then",
        "`COUNTERMARK__SECTION__KEY` from the environment (never for secrets). Tables merge,",
        "arrays and values replace. An unknown key is refused with a suggestion. Amounts are",
        "minor units of the store's currency. `countermark config show` tells each value and",
        "where it came from.",
    ]
    section = ""
    for found, key, default, description in reference():
        if found != section:
            section = found
            lines += ["", f"## {_head(section)}", ""]
            if section in _ASIDE:
                lines += [*_ASIDE[section], ""]
            lines += ["| key | default | what it is |", "|---|---|---|"]
        lines.append(f"| `{key}` | {default} | {description} |")
    return "\n".join(lines) + "\n"


def _head(section: str) -> str:
    return _HEADS.get(section, f"[{section}]")
