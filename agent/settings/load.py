# SPDX-License-Identifier: Apache-2.0
"""Reads the settings: the file, its drop-ins in order, then the environment for non-secrets.

A wrong setting is one sentence with file, line, key and what to do; nothing is half applied.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from agent.domain.faults import SettingsWrong
from agent.settings.model import Settings

DEFAULT_FILE: Final = Path("/etc/countermark/countermark.toml")
ENVIRONMENT_PREFIX: Final = "COUNTERMARK__"
_SECRETISH: Final = re.compile(r"token|secret|password|passwd|api_?key|private_?key|\bpin\b", re.I)
_SECRET_NAMES_ALLOWED: Final = frozenset({"credential", "trusted_keys", "credentials_dir"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, and where each value came from (dotted key to file or variable)."""

    settings: Settings
    origins: Mapping[str, str]
    files: tuple[Path, ...]


def load(file: Path, environment: Mapping[str, str]) -> Loaded:
    """Raises `SettingsWrong` naming file, key and problem."""
    origins: dict[str, str] = {}
    merged: dict[str, Any] = {}
    files = [file, *sorted((file.parent / "conf.d").glob("*.toml"))]
    texts: dict[str, str] = {}
    for each in files:
        text = _read(each)
        texts[str(each)] = text
        _merge(merged, _parse(each, text), str(each), origins)
    _merge_environment(merged, environment, origins)
    for key in origins:
        _refuse_secret(key, origins[key])
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        raise _explained(error, origins, texts, file) from None
    return Loaded(settings, origins, tuple(files))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingsWrong(
            file=str(file), key="-", problem="the file does not exist; write it or name another"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsWrong(file=str(file), key="-", problem=f"cannot be read: {error}") from None


def _parse(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsWrong(file=str(file), key="-", problem=f"is not TOML: {error}") from None


def _merge(into: dict[str, Any], more: dict[str, Any], origin: str, seen: dict[str, str]) -> None:
    """Tables merge deeply; arrays and values replace."""
    _merge_at(into, more, "", origin, seen)


def _merge_at(
    into: dict[str, Any], more: dict[str, Any], at: str, origin: str, seen: dict[str, str]
) -> None:
    for name, value in more.items():
        key = f"{at}.{name}" if at else name
        if isinstance(value, dict):
            known = into.setdefault(name, {})
            if isinstance(known, dict):
                _merge_at(known, value, key, origin, seen)
                continue
        into[name] = value
        seen[key] = origin
        if isinstance(value, list):
            for index, entry in enumerate(value):
                if isinstance(entry, dict):
                    _merge_at({}, entry, f"{key}.{index}", origin, seen)


def _merge_environment(
    merged: dict[str, Any], environment: Mapping[str, str], seen: dict[str, str]
) -> None:
    for variable in sorted(environment):
        if not variable.startswith(ENVIRONMENT_PREFIX):
            continue
        path = variable[len(ENVIRONMENT_PREFIX) :].lower().split("__")
        tree: dict[str, Any] = {}
        inner = tree
        for name in path[:-1]:
            inner = inner.setdefault(name, {})
        inner[path[-1]] = _typed(environment[variable])
        _merge(merged, tree, f"environment {variable}", seen)


def _typed(text: str) -> str | int | bool:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if re.fullmatch(r"-?[0-9]{1,15}", text) else text


def _refuse_secret(key: str, origin: str) -> None:
    name = key.rpartition(".")[2]
    if name not in _SECRET_NAMES_ALLOWED and _SECRETISH.search(name):
        raise SettingsWrong(
            file=origin,
            key=key,
            problem="looks like a secret; put it into a credential file and name that file in "
            "platform.credential",
        )


def _explained(
    error: ValidationError, origins: Mapping[str, str], texts: Mapping[str, str], file: Path
) -> SettingsWrong:
    errors = error.errors()
    unknown = [each for each in errors if each["type"] == "extra_forbidden"]
    first = (unknown or errors)[0]  # a typing error also makes the right key "missing"
    path = [str(part) for part in first["loc"]]
    key = ".".join(path) or "-"
    origin = _origin(key, origins, file)
    line = _line(texts.get(origin, ""), path)
    where = f"{origin}:{line}" if line else origin
    kind = first["type"]
    if kind == "missing":
        problem = "is missing"
    elif kind == "extra_forbidden":
        problem = "is not a setting" + _suggestion(path)
    else:
        problem = first["msg"].removeprefix("Value error, ")
        problem = problem[:1].lower() + problem[1:]
    return SettingsWrong(file=where, key=key, problem=problem)


def _origin(key: str, origins: Mapping[str, str], file: Path) -> str:
    while key:
        if key in origins:
            return origins[key]
        under = [origin for known, origin in origins.items() if known.startswith(f"{key}.")]
        if under:
            return under[-1]
        key = key.rpartition(".")[0]
    return str(file)


def _line(text: str, path: list[str]) -> int | None:
    """The line where the key stands, as well as a plain reading can tell."""
    if not path:
        return None
    section = [part for part in path[:-1] if not part.isdigit()]
    wanted = int(next((part for part in path if part.isdigit()), "0"))
    key = re.compile(rf"\s*\"?{re.escape(path[-1])}\"?\s*=")
    inside, seen = not section, wanted if not section else -1
    for number, line in enumerate(text.splitlines(), start=1):
        head = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
        if head:
            named = [part.strip().strip('"') for part in head[1].split(".")]
            inside = named == section
            seen += inside
        elif inside and seen == wanted and key.match(line):
            return number
    return None


def _suggestion(path: list[str]) -> str:
    model: Any = Settings
    for part in path[:-1]:
        if part.isdigit():
            continue
        model = _inside(model, part)
        if model is None:
            return ""
    import difflib  # a third of a megabyte, for a mistake only

    names = [field.alias or name for name, field in model.model_fields.items()]
    close = difflib.get_close_matches(path[-1], names, n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else f"; known here: {', '.join(sorted(names))}"


def _inside(model: type[BaseModel], part: str) -> type[BaseModel] | None:
    for name, field in model.model_fields.items():
        if (field.alias or name) == part:
            return _model_in(field.annotation)
    return None


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        found = _model_in(inner)
        if found is not None:
            return found
    return None
