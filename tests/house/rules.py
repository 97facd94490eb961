# SPDX-License-Identifier: Apache-2.0
"""Rules about one Python file: sizes, names, heads, broad excepts, floats near money, and words
that hardware must never hear. Each `find_...(source, path)` returns one sentence per breach.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch

LINES_MAX = 400
FUNCTION_LINES_MAX = 70
LICENSE_LINE = "# SPDX-License-Identifier: Apache-2.0"
NO_NAMES = frozenset(
    {"util", "utils", "helper", "helpers", "common", "misc", "base", "manager", "managers"}
)
MONEY_WORDS = frozenset(
    {"money", "credit", "credits", "voucher", "vouchers", "shopper", "shoppers"}
)
# Files in which every number is money, or decides about it.
MONEY_FILES = (
    "agent/domain/code.py",
    "agent/domain/credit.py",
    "agent/domain/currency.py",
    "agent/domain/money.py",
    "agent/domain/returns.py",
    "agent/domain/voucher.py",
    "agent/decisions/approval*.py",
    "agent/decisions/limits.py",
    "agent/decisions/return_policy.py",
    "agent/journal/rows.py",
    "agent/platforms/*/wire.py",
    "agent/sandbox/ledger.py",
)
NAMES_OF_MONEY = re.compile(r"(^|_)(amount|balance|credited|minor|money|price|total)(_|$)")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def find_sizes(source: str, path: str) -> list[str]:
    """A file past 400 lines, or a function past 70 (its decorators not counted)."""
    findings: list[str] = []
    lines = source.count("\n")
    if lines > LINES_MAX:
        findings.append(f"{path}: {lines} lines; look for its second idea and give it a name")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Function):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                findings.append(f"{path}:{node.lineno}: {node.name} has {length} lines")
    return findings


def find_names(source: str, path: str) -> list[str]:
    """A module or folder called by a name that says nothing. `source` does not matter."""
    del source
    pieces = path.removesuffix(".py").split("/")
    return [f"{path}: no module is called {piece}" for piece in pieces if piece in NO_NAMES]


def find_headless(source: str, path: str) -> list[str]:
    """A file without its licence line, or a Python module without a docstring."""
    lines = source.splitlines()
    first = lines[1:2] if lines[:1] and lines[0].startswith("#!") else lines[:1]
    comment = "--" + LICENSE_LINE.removeprefix("#") if path.endswith(".sql") else LICENSE_LINE
    if first != [comment]:
        return [f"{path}: the first line is not '{comment}'"]
    if path.endswith(".py") and not ast.get_docstring(ast.parse(source)):
        return [f"{path}: no docstring says what it is for and what it must not do"]
    return []


def find_broad_excepts(source: str, path: str) -> list[str]:
    """A handler or `suppress` that would swallow anything; one that ends in `raise` does not."""
    findings: list[str] = []
    for function, node in with_function(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler) and is_broad(node.type):
            last = node.body[-1]
            if not (isinstance(last, ast.Raise) and last.exc is None):
                findings.append(f"{path}:{node.lineno}: broad except in {function}")
        elif (
            isinstance(node, ast.Call)
            and last_name(node.func) == "suppress"
            and any(is_broad(argument) for argument in node.args)
        ):
            findings.append(f"{path}:{node.lineno}: broad suppress in {function}")
    return findings


def with_function(tree: ast.AST, inside: str = "the module") -> Iterator[tuple[str, ast.AST]]:
    """Every node below `tree` with the name of the function around it."""
    for node in ast.iter_child_nodes(tree):
        name = node.name if isinstance(node, Function) else inside
        yield name, node
        yield from with_function(node, name)


def is_broad(caught: ast.expr | None) -> bool:
    """Bare, Exception or BaseException, alone or in a tuple."""
    match caught:
        case None:
            return True
        case ast.Tuple(elts=many):
            return any(is_broad(one) for one in many)
        case _:
            return last_name(caught) in {"Exception", "BaseException"}


def last_name(node: ast.AST) -> str:
    """`c` of `a.b.c`, or nothing."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def find_money_floats(source: str, path: str) -> list[str]:
    """Any float in a file of money; elsewhere, a float that a name of money is given or made."""
    tree = ast.parse(source)
    if any(fnmatch(path, pattern) for pattern in MONEY_FILES):
        return [f"{path}:{line}: {what} near money" for line, what in floats(tree)]
    findings: list[str] = []
    for node in ast.walk(tree):
        match node:
            case ast.arg(arg=name, annotation=ast.expr() as kind) if is_money(name):
                said = any(last_name(part) == "float" for part in ast.walk(kind))
            case ast.AnnAssign(target=target, annotation=kind) if is_money(last_name(target)):
                said = any(last_name(part) == "float" for part in ast.walk(kind))
            case ast.Call(func=ast.Name(id="float"), args=[given]):
                said = any(is_money(last_name(part)) for part in ast.walk(given))
            case ast.Assign(targets=[target], value=ast.Constant(value=float())):
                said = is_money(last_name(target))
            case ast.keyword(arg=str(name), value=ast.Constant(value=float())):
                said = is_money(name)
            case _:
                said = False
        if said:
            findings.append(f"{path}:{getattr(node, 'lineno', 0)}: a float near money")
    return findings


def is_money(name: str) -> bool:
    """Whether an identifier speaks of a sum."""
    return NAMES_OF_MONEY.search(name.lower()) is not None


def floats(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Float literals, the type, and the division that makes floats of integers."""
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=float(), lineno=line):
                yield line, "a float literal"
            case ast.Name(id="float", lineno=line):
                yield line, "the type float"
            case ast.BinOp(op=ast.Div(), lineno=line) | ast.AugAssign(op=ast.Div(), lineno=line):
                yield line, "a division that makes floats"


def find_money_words(source: str, path: str) -> list[str]:
    """A name in `hardware` that speaks of money; a printer knows paper, not what is on it."""
    if not path.startswith("hardware/"):
        return []
    findings = [
        f"{path}:{line}: hardware does not know the word {word}"
        for line, name in identifiers(ast.parse(source))
        for word in sorted(words_of(name) & MONEY_WORDS)
    ]
    findings.extend(
        f"{path}: hardware does not know the word {word}"
        for word in sorted(words_of(path.replace("/", "_").removesuffix(".py")) & MONEY_WORDS)
    )
    return findings


def words_of(name: str) -> set[str]:
    """`openVoucherSlip` and `open_voucher_slip` as {open, voucher, slip}."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return {word.lower() for word in parted.split("_") if word}


def identifiers(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, name) of everything that has a name."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield line, name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield line, name
            case ast.ClassDef(name=name) | ast.keyword(arg=str(name)):
                yield line, name
            case ast.alias(name=name, asname=other):
                yield from ((line, piece) for piece in name.split("."))
                yield line, other or ""
