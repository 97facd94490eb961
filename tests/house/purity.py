# SPDX-License-Identifier: Apache-2.0
"""What the pure floors may touch: values and nothing of the world.

A list of what is allowed, not of what is forbidden: a module of the standard library that nobody
thought about is not pure until somebody has.
"""

from __future__ import annotations

import ast

from tests.house.floors import called, imports

PURE_FLOORS = ("agent/domain/", "agent/decisions/", "agent/words/", "hardware/wire/")

ALLOWED_MODULES = frozenset(
    {
        "__future__",
        "abc",
        "array",
        "base64",
        "binascii",
        "bisect",
        "calendar",
        "codecs",
        "collections",
        "contextlib",
        "copy",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "enum",
        "fractions",
        "functools",
        "hashlib",
        "heapq",
        "hmac",
        "html",
        "ipaddress",
        "itertools",
        "json",
        "math",
        "operator",
        "re",
        "string",
        "struct",
        "textwrap",
        "types",
        "typing",
        "unicodedata",
        "urllib.parse",
        "uuid",
        "xml.sax.saxutils",
        "zlib",
    }
)
# Calls that reach the world through an allowed module or a built-in.
WORLDLY_CALLS = frozenset(
    {
        "__import__",
        "breakpoint",
        "eval",
        "exec",
        "getnode",
        "import_module",
        "input",
        "now",
        "open",
        "print",
        "today",
        "utcnow",
        "uuid1",
        "uuid4",
    }
)
AsyncNode = (
    ast.AsyncFunctionDef,
    ast.AsyncFor,
    ast.AsyncWith,
    ast.Await,
)


def find_impurities(source: str, path: str) -> list[str]:
    """Every import, call or `async` in `source` by which a pure floor would meet the world."""
    if not path.startswith(PURE_FLOORS):
        return []
    findings = [
        f"{path}:{line}: a pure floor may not import {module}"
        for line, module in imports(source, path)
        if not is_pure(module)
    ]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and called(node) in WORLDLY_CALLS:
            findings.append(f"{path}:{node.lineno}: a pure floor may not call {called(node)}")
        elif isinstance(node, AsyncNode):
            findings.append(f"{path}:{node.lineno}: a pure floor may not be async")
        elif isinstance(node, ast.comprehension) and node.is_async:
            findings.append(f"{path}:{node.target.lineno}: a pure floor may not be async")
        elif isinstance(node, ast.Global):
            findings.append(f"{path}:{node.lineno}: a pure floor may not keep global state")
    return findings


def is_pure(module: str) -> bool:
    """Ours (the floors judge that), or of the list above."""
    if module.partition(".")[0] in {"agent", "hardware"}:
        return True
    return any(module == name or module.startswith(f"{name}.") for name in ALLOWED_MODULES)
