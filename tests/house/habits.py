# SPDX-License-Identifier: Apache-2.0
"""Rules about tests: they assert, they do not wait, and they leave our own modules as they are."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.floors import imports
from tests.house.rules import Function, last_name

MOCKS = frozenset({"unittest.mock", "mock", "pytest_mock", "asynctest"})
PATCHES = frozenset({"setattr", "delattr"})
# A test may hand the asserting to a function that says so in its name.
SAYS_IT_ASSERTS = ("assert", "check", "expect", "must", "verify")
ASSERTING_CALLS = frozenset(
    {"raises", "warns", "fail", "deprecated_call", "run_state_machine_as_test"}
)
WORDS_MIN = 3


def find_mocks(source: str, path: str) -> list[str]:
    """An import of a mocking library, or a patch of one of our own modules or objects.

    Patching a module that is not ours (`monkeypatch.setattr(sys, ...)`) is allowed, and so are
    `setenv`, `chdir` and `syspath_prepend`.
    """
    tree = ast.parse(source)
    findings = [
        f"{path}:{line}: fakes are written by hand, {module} is not used"
        for line, module in imports(source, path)
        if any(module == mock or module.startswith(f"{mock}.") for mock in MOCKS)
    ]
    foreign, ours = imported_names(tree, path)
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="monkeypatch"), attr=verb)) if (
                verb in PATCHES and not is_foreign(node.args[:1], foreign)
            ):
                findings.append(f"{path}:{node.lineno}: our own modules are not patched")
            case ast.Assign(targets=targets):
                findings.extend(
                    f"{path}:{node.lineno}: our own modules are not patched"
                    for target in targets
                    if isinstance(target, ast.Attribute)
                    and isinstance(target.value, ast.Name)
                    and target.value.id in ours
                )
    return findings


def imported_names(tree: ast.AST, path: str) -> tuple[set[str], set[str]]:
    """Names that stand for foreign modules, and names imported from `agent` or `hardware`."""
    del path
    foreign: set[str] = set()
    ours: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.partition(".")[0]
                (ours if root in {"agent", "hardware"} else foreign).add(alias.asname or root)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            root = (node.module or "").partition(".")[0]
            known = ours if root in {"agent", "hardware"} else foreign
            known.update(alias.asname or alias.name for alias in node.names)
    return foreign - ours, ours


def is_foreign(first: list[ast.expr], foreign: set[str]) -> bool:
    """Whether what is patched is rooted in a foreign module, by name or by dotted string."""
    match first:
        case [ast.Constant(value=str(dotted))]:
            return dotted.partition(".")[0] not in {"agent", "hardware", "tests"}
        case [target]:
            while isinstance(target, ast.Attribute):
                target = target.value
            return isinstance(target, ast.Name) and target.id in foreign
        case _:
            return False


def find_sleeps(source: str, path: str) -> list[str]:
    """A call of `sleep` in a test with anything but a literal 0: tests move a clock, or wait for
    an event."""
    return [
        f"{path}:{node.lineno}: tests do not sleep"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and last_name(node.func) == "sleep"
        and not is_zero(node.args[:1])
    ]


def is_zero(arguments: list[ast.expr]) -> bool:
    """A literal 0, which only lets others run."""
    match arguments:
        case [ast.Constant(value=value)]:
            return value == 0
        case _:
            return False


def find_empty_tests(source: str, path: str) -> list[str]:
    """A test that asserts nothing, neither itself nor through a function of the same file."""
    tree = ast.parse(source)
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, Function)}
    return [
        f"{path}:{node.lineno}: {node.name} asserts nothing"
        for node in tests(tree)
        if not asserts(node, functions, set())
    ]


def find_unspoken_tests(source: str, path: str) -> list[str]:
    """A test whose name is not a sentence: fewer than three words after `test`."""
    return [
        f"{path}:{node.lineno}: {node.name} is no sentence"
        for node in tests(ast.parse(source))
        if len(node.name.split("_")) - 1 < WORDS_MIN
    ]


def tests(tree: ast.AST) -> Iterator[Function]:
    """Every function that pytest would call a test, methods included."""
    for node in ast.walk(tree):
        if isinstance(node, Function) and node.name.startswith("test_"):
            yield node


def asserts(node: ast.AST, functions: dict[str, Function], seen: set[str]) -> bool:
    """Whether `node` holds an assertion, or calls something of this file that does."""
    for part in ast.walk(node):
        if isinstance(part, ast.Assert):
            return True
        if not isinstance(part, ast.Call):
            continue
        name = last_name(part.func)
        if name in ASSERTING_CALLS or name.lstrip("_").startswith(SAYS_IT_ASSERTS):
            return True
        if name in functions and name not in seen:
            seen.add(name)
            if asserts(functions[name], functions, seen):
                return True
    return False
