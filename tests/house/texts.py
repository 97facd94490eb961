# SPDX-License-Identifier: Apache-2.0
"""Rules about the text of every file: no secrets, no registry hosts, no paths of one machine.

What is looked for is put together from pieces here, so that this file obeys its own rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

SECRETS = tuple(
    re.compile(pattern)
    for pattern in (
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s*\n[A-Za-z0-9+/]{20}",
        r"\bAKIA[0-9A-Z]{16}\b",
        r"\bgh[pousr]_[A-Za-z0-9]{30,}\b",
        r"\bgithub_pat_[A-Za-z0-9_]{30,}\b",
        r"\b[sr]k_live_[A-Za-z0-9]{16,}\b",
        r"\bshp(at|ss|pa|ca)_[0-9a-fA-F]{24,}\b",
        r"\bxox[abprs]-[A-Za-z0-9-]{10,}\b",
        r"\bEAAA[A-Za-z0-9_-]{50,}\b",
        r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
        r"\$argon2id?\$v=\d+\$[^\s\"']{20,}",
        r"://[^/\s:@\"'{}<>]{3,}:[^/\s:@\"'{}<>]{8,}@",
    )
)
REGISTRIES = tuple(
    ".".join(pieces)
    for pieces in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("crates", "io"),
        ("rubygems", "org"),
        ("proxy", "golang", "org"),
        ("ghcr", "io"),
        ("docker", "io"),
        ("piwheels", "org"),
        ("anaconda", "org"),
        ("jsdelivr", "net"),
        ("unpkg", "com"),
    )
)
# Folders that exist on the machine of whoever wrote the line, and nowhere else.
MACHINE_PATHS = re.compile(r"(?<![\w.$}~-])/(?:" + "|".join(("work", "root", "home")) + r")/")
INDEX_OPTIONS = re.compile(
    r"^\s*(--(extra-)?index-url|--find-links|--trusted-host|-i|-f)\b", re.MULTILINE
)


def find_secrets(source: str, path: str) -> list[str]:
    """Something that has the shape of a live key, password or token. Its text is not repeated."""
    return [
        f"{path}:{line_of(source, match.start())}: looks like a secret"
        for pattern in SECRETS
        for match in pattern.finditer(source)
    ]


def find_registries(source: str, path: str) -> list[str]:
    """The name of a package registry's host, or an option that would bind a file to one."""
    low = source.lower()
    findings = [
        f"{path}:{line_of(low, low.index(host))}: names the registry host {host}"
        for host in REGISTRIES
        if host in low
    ]
    if path.startswith("requirements/"):
        findings.extend(
            f"{path}:{line_of(source, match.start(1))}: binds the file to one index"
            for match in INDEX_OPTIONS.finditer(source)
        )
    return findings


def find_machine_paths(source: str, path: str) -> list[str]:
    """A path that is true on one machine only."""
    return [
        f"{path}:{line_of(source, match.start())}: names {match.group()} of one machine"
        for match in MACHINE_PATHS.finditer(source)
    ]


def line_of(source: str, position: int) -> int:
    """The line, counted from 1, on which a position stands."""
    return source.count("\n", 0, position) + 1


def find_unlisted(names: Iterable[str], document: str, path: str) -> list[str]:
    """Names (settings, faults, metrics, commands, states) that a document does not set in code."""
    listed = set(re.findall(r"`([^`\n]+)`", document))
    return [f"{path}: says nothing of {name}" for name in sorted(set(names) - listed)]
