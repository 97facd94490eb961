# SPDX-License-Identifier: Apache-2.0
"""Who may import whom. The table below is the only place that says it.

Imports go downwards, and siblings do not import each other. An import counts wherever it stands:
in a function, under TYPE_CHECKING, or as a constant given to `import_module`. A part that is not
in the table may not exist until somebody decides on which floor it stands.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

VALUES = frozenset({"agent.domain"})
WORLD = frozenset({"agent.domain", "agent.words", "agent.ports"})
LOW = frozenset({"agent.domain", "agent.decisions", "agent.words", "agent.ports"})
MIDDLE = frozenset(
    {
        "agent.flows",
        "agent.journal",
        "agent.platforms",
        "agent.printing",
        "agent.signing",
        "agent.telemetry",
    }
)
DOORS = frozenset({"agent.intake", "agent.screens", "agent.sandbox", "agent.hub"})
DEVICES = frozenset(
    {
        "hardware.wire",
        "hardware.scanners",
        "hardware.printers",
        "hardware.tap",
        "hardware.profiles",
        "hardware.discover",
    }
)
PARTS = LOW | MIDDLE | DOORS | DEVICES

MAY_IMPORT: Mapping[str, frozenset[str]] = {
    # floor 0
    "agent.domain": frozenset(),
    # floor 1
    "agent.decisions": VALUES,
    "agent.words": VALUES,
    "agent.ports": VALUES,
    # floor 2
    "agent.flows": frozenset({"agent.domain", "agent.decisions", "agent.ports"}),
    "agent.journal": WORLD,
    "agent.platforms": WORLD,
    "agent.printing": WORLD | DEVICES,
    "agent.signing": WORLD,
    "agent.telemetry": WORLD,
    # floor 3
    "agent.intake": (LOW | MIDDLE | DEVICES) - {"agent.journal", "agent.platforms"},
    "agent.screens": (LOW | MIDDLE | DEVICES) - {"agent.journal", "agent.platforms"},
    "agent.sandbox": LOW | MIDDLE,
    "agent.hub": LOW | MIDDLE,
    # floor 4; the daemon is built from settings, never the other way round
    "agent.settings": PARTS,
    "agent.daemon": PARTS | {"agent.settings"},
    # floor 5
    "agent.commands": PARTS | {"agent.settings", "agent.daemon"},
    "agent.__main__": PARTS | {"agent.settings", "agent.daemon", "agent.commands"},
    # the package itself: a name and a version
    "agent": frozenset(),
    # a column of its own, which never hears of the agent
    "hardware": frozenset(),
    "hardware.wire": frozenset(),
    "hardware.profiles": frozenset({"hardware.wire"}),
    "hardware.scanners": frozenset({"hardware.wire", "hardware.profiles"}),
    "hardware.printers": frozenset({"hardware.wire", "hardware.profiles"}),
    "hardware.tap": frozenset({"hardware.wire", "hardware.printers", "hardware.profiles"}),
    "hardware.discover": frozenset({"hardware.wire", "hardware.profiles"}),
}

# What every platform shares; the folders beside these are vendors, who do not know one another.
SHARED_BY_PLATFORMS = frozenset(
    {
        "__init__",
        "abilities",
        "adapter",
        "catalog",
        "comparing",
        "contract",
        "credentials",
        "exchange",
        "graphql",
        "messages",
        "oauth",
        "options",
        "orders",
        "portal",
        "probe",
        "reading",
        "transport",
    }
)


def find_wrong_imports(source: str, path: str) -> list[str]:
    """Every import of ours in `source` that the table does not allow to the file at `path`."""
    here = part_of(module_of(path))
    if here not in MAY_IMPORT:
        return [f"{path}: {here} stands on no floor; decide in tests/house/floors.py"]
    findings: list[str] = []
    for line, module in imports(source, path):
        if module.partition(".")[0] not in {"agent", "hardware"}:
            continue
        there = part_of(module)
        if there == here:
            findings.extend(wrong_neighbours(path, line, module))
        elif there in {"agent", "hardware"} and there == here.partition(".")[0]:
            continue  # the bare package, for its version
        elif there not in MAY_IMPORT[here]:
            findings.append(f"{path}:{line}: {here} may not import {there}")
    return findings


def wrong_neighbours(path: str, line: int, module: str) -> list[str]:
    """One vendor that reaches into the folder of another."""
    mine, theirs = module_of(path).split("."), module.split(".")
    if mine[:2] != ["agent", "platforms"] or len(mine) < 4 or len(theirs) < 3:
        return []
    if theirs[2] == mine[2] or theirs[2] in SHARED_BY_PLATFORMS:
        return []
    return [f"{path}:{line}: {'.'.join(mine[:3])} may not import {'.'.join(theirs[:3])}"]


def imports(source: str, path: str) -> Iterator[tuple[int, str]]:
    """(line, module or name below it) of every import, relative ones made whole."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            whole = whole_name(node, path)
            for alias in node.names:
                yield node.lineno, f"{whole}.{alias.name}"
        elif isinstance(node, ast.Call) and called(node) in {"import_module", "__import__"}:
            for argument in node.args[:1]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield node.lineno, argument.value


def whole_name(node: ast.ImportFrom, path: str) -> str:
    """The absolute module of a `from` import."""
    if node.level == 0:
        return node.module or ""
    package = path.removesuffix(".py").split("/")[: -node.level]
    return ".".join([*package, *([node.module] if node.module else [])])


def called(node: ast.Call) -> str:
    """The last name of what is called, or nothing."""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def module_of(path: str) -> str:
    """`agent/words/en_us.py` as `agent.words.en_us`; a package without its `__init__`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def part_of(module: str) -> str:
    """The part of the table that a module, or a name in it, belongs to.

    A name taken from the bare package (`from agent import __version__`) is the package's own,
    unless a part is called so.
    """
    pieces = module.split(".")
    two = ".".join(pieces[:2])
    if two in MAY_IMPORT or len(pieces) == 1:
        return two
    if len(pieces) == 2 and (pieces[1].startswith("_") or not pieces[1].islower()):
        return pieces[0]
    return two
