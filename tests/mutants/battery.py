# SPDX-License-Identifier: Apache-2.0
"""The battery: every check that a mutant meets, in the order of their cost, proofs first.

A proof says what it found in its last line (`tests.prove.verdict`); a suite is pytest's. Checks
that take long stand apart and are run only against mutants that name them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Check:
    """`arguments`: of the interpreter. `bound_s`: how long it may take. `finds`: that it is
    sound when it finds something (a power cut must lose what was not synced)."""

    name: str
    arguments: tuple[str, ...]
    bound_s: float
    is_suite: bool = False


def _proof(name: str, bound_s: float, *arguments: str) -> Check:
    return Check(name, ("-m", f"tests.{name.split(' ', 1)[0]}", *arguments), bound_s)


def _orders(scene: str, events: str) -> Check:
    """Of the eleven events seven: all of them take minutes."""
    return _proof(f"convergence {scene}", 300, "--profile", scene, "--events", events)


ALWAYS: Final[tuple[Check, ...]] = (
    _proof("simulation 1-4", 300, "--seeds", "1-4"),
    _orders(
        "unique-window-exact/offline/copy-issued",
        "issue,lost answer,voucher,replay,claim,void,restore",
    ),
    _orders(
        "plain-none-lagging/offline/copy-at-start",
        "issue,lost answer,voucher,replay,claim,claim at B,restore",
    ),
)
"""What every mutant meets."""

LAST: Final[tuple[Check, ...]] = (
    _proof("simulation 5-16", 600, "--seeds", "5-16"),
    _proof("simulation 17-40", 900, "--seeds", "17-40"),
)
"""And what is left to it that nobody has seen by then."""

_NAMED: Final[tuple[Check, ...]] = (
    _proof("recovery clock", 300, "clock", "--jumps", "150"),
    _proof("recovery damage", 300, "damage", "--credits", "40"),
    _proof("crash kill", 300, "kill", "--cycles", "12", "--seed", "3"),
    _proof("crash power", 300, "power", "--cycles", "12", "--seed", "3"),
    _proof("crash disk", 300, "disk"),
)
NAMED: Final[Mapping[str, Check]] = {check.name: check for check in _NAMED}
"""What a mutant meets that names it: the dearer ones."""

SUITE_S: Final = 240.0


def suite(path: str) -> Check:
    """A file of tests, or one test of it."""
    arguments = ("-m", "pytest", "-q", "-x", "--no-header", "-rfE", "-p", "no:cacheprovider", path)
    return Check(path, arguments, SUITE_S, is_suite=True)
