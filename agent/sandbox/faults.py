# SPDX-License-Identifier: Apache-2.0
"""The faults that a person or a test switches on a sandbox platform, as data.

A fault is on with its options, may bite a number of times, and may be kept to some paths. This
module decides whether a fault bites a request; it does no I/O and does not know how it hurts
(`agent.sandbox.server` does). The names are stable: docs/platforms/sandbox.md lists them.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

Option = bool | int | str


class Fault(StrEnum):
    DOWN = "down"
    SLOW = "slow"
    ANSWER_LOST_AFTER_COMMIT = "answer_lost_after_commit"
    SAVED_500 = "saved_500"
    THROTTLED = "throttled"
    WRONG_AMOUNT = "wrong_amount"
    EMPTY_200 = "empty_200"
    ACCEPTED_202 = "accepted_202"
    REDIRECT_3XX = "redirect_3xx"
    HTML_200 = "html_200"
    HALF_CLOSED_BODY = "half_closed_body"
    RESET_ON_KEPT_CONNECTION = "reset_on_kept_connection"
    KEY_FORGOTTEN = "key_forgotten"
    LOOKUP_LAGGING = "lookup_lagging"
    UNKNOWN_CUSTOMER = "unknown_customer"
    DUPLICATE_IDENTIFIER = "duplicate_identifier"
    TOKEN_EXPIRED = "token_expired"
    HANG = "hang"
    UNAVAILABLE_503 = "unavailable_503"
    NOT_EXECUTED_503 = "not_executed_503"


_ISSUE: Final = ("POST /v1/credits",)
_WRITES: Final = (
    "POST /v1/credits",
    "POST /v1/credits/disable",
    "POST /v1/credits/link",
    "POST /v1/credits/annotate",
)
_LOOKUPS: Final = ("GET /v1/credits", "GET /v1/credits/by-key/*", "POST /v1/credits/find")
_RESOLVE: Final = ("POST /v1/customers/resolve",)
_EVERY: Final = ("* /v1/*",)


@dataclass(frozen=True, slots=True)
class FaultKind:
    """What a fault is by itself: where it bites unless told, and its options' defaults.

    `executed` means: the request is carried out before the answer is spoilt.
    """

    paths: tuple[str, ...] = _EVERY
    options: Mapping[str, Option] = field(default_factory=dict)


KINDS: Final[Mapping[Fault, FaultKind]] = {
    Fault.DOWN: FaultKind(),
    Fault.SLOW: FaultKind(options={"ms": 1000}),
    Fault.ANSWER_LOST_AFTER_COMMIT: FaultKind(paths=_WRITES),
    Fault.SAVED_500: FaultKind(paths=_ISSUE, options={"executed": False}),
    Fault.THROTTLED: FaultKind(options={"retry_after_s": 1}),
    Fault.WRONG_AMOUNT: FaultKind(paths=_ISSUE, options={"ledger": "right", "by": 100}),
    Fault.EMPTY_200: FaultKind(options={"executed": True}),
    Fault.ACCEPTED_202: FaultKind(paths=_WRITES, options={"executed": True}),
    Fault.REDIRECT_3XX: FaultKind(options={"executed": False, "status": 302}),
    Fault.HTML_200: FaultKind(options={"executed": False}),
    Fault.HALF_CLOSED_BODY: FaultKind(options={"executed": True}),
    Fault.RESET_ON_KEPT_CONNECTION: FaultKind(options={"executed": False}),
    Fault.KEY_FORGOTTEN: FaultKind(paths=_ISSUE),
    Fault.LOOKUP_LAGGING: FaultKind(paths=_LOOKUPS, options={"seconds": 0, "calls": 0}),
    Fault.UNKNOWN_CUSTOMER: FaultKind(paths=(*_RESOLVE, "POST /v1/credits/link")),
    Fault.DUPLICATE_IDENTIFIER: FaultKind(paths=_RESOLVE),
    Fault.TOKEN_EXPIRED: FaultKind(),
    Fault.HANG: FaultKind(options={"executed": False}),
    Fault.UNAVAILABLE_503: FaultKind(options={"executed": False}),
    Fault.NOT_EXECUTED_503: FaultKind(),
}


@dataclass(slots=True)
class ActiveFault:
    """A fault that is on. `left` is how many requests it still bites, None for all."""

    fault: Fault
    paths: tuple[str, ...]
    options: dict[str, Option]
    left: int | None
    bitten: int = 0

    def number(self, name: str) -> int:
        return int(self.options[name])

    def flag(self, name: str) -> bool:
        return bool(self.options.get(name, False))

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.fault.value,
            "paths": list(self.paths),
            "left": self.left,
            "bitten": self.bitten,
            **self.options,
        }


class Faults:
    """The board of switches. Not durable: a restarted sandbox is a healthy one."""

    def __init__(self) -> None:
        self._active: dict[Fault, ActiveFault] = {}
        self._bitten: dict[Fault, int] = {}

    def set(
        self,
        name: Fault | str,
        *,
        times: object = None,
        paths: tuple[str, ...] | None = None,
        **options: object,
    ) -> ActiveFault:
        """Switch a fault on, replacing its earlier setting. Raises ValueError, changing nothing.

        `paths`: shell patterns of a path ("/v1/credits/*") or of method and path
        ("POST /v1/credits"); `times`: 1 or more requests, None for all.
        """
        try:
            fault = Fault(name)
        except ValueError:
            raise ValueError(f"name: there is no fault {str(name)[:40]!r}") from None
        kind = KINDS[fault]
        if fault is Fault.DOWN and (times is not None or paths is not None):
            raise ValueError("times, paths: a platform that is down is down for every request")
        merged = dict(kind.options)
        for option, value in options.items():
            if option not in kind.options:
                raise ValueError(f"{option[:40]}: the fault {fault} has no such option")
            merged[option] = _checked(option, value, kind.options[option])
        left = _checked_times(times)
        active = ActiveFault(fault, _patterns(paths) or kind.paths, merged, left)
        self._active[fault] = active
        return active

    def clear(self, name: Fault | str) -> None:
        """Switch a fault off; one that is off stays off. Raises ValueError for no such name."""
        try:
            self._active.pop(Fault(name), None)
        except ValueError:
            raise ValueError(f"name: there is no fault {str(name)[:40]!r}") from None

    def reset(self) -> None:
        """Every fault off, and what was counted forgotten."""
        self._active.clear()
        self._bitten.clear()

    def active(self) -> list[ActiveFault]:
        return list(self._active.values())

    def is_on(self, fault: Fault) -> bool:
        return fault in self._active

    def bitten(self, fault: Fault) -> int:
        """How many requests it has bitten since the last reset, also after it ran out."""
        return self._bitten.get(fault, 0)

    def bites(self, fault: Fault, method: str, path: str) -> ActiveFault | None:
        """Whether `fault` bites this request; one of its `times` is used up when it does."""
        active = self._active.get(fault)
        if active is None or not _matches(active.paths, method, path):
            return None
        active.bitten += 1
        self._bitten[fault] = self._bitten.get(fault, 0) + 1
        if active.left is not None:
            active.left -= 1
            if active.left == 0:
                del self._active[fault]
        return active


def _checked_times(times: object) -> int | None:
    if times is None:
        return None
    if isinstance(times, bool) or not isinstance(times, int) or times < 1:
        raise ValueError("times: a whole number from 1")
    return times


def _patterns(paths: tuple[str, ...] | None) -> tuple[str, ...]:
    found = []
    for pattern in paths or ():
        if not 1 <= len(pattern) <= 200 or "/" not in pattern:
            raise ValueError("paths: patterns such as /v1/credits/* or POST /v1/credits")
        found.append(pattern if " " in pattern else f"* {pattern}")
    return tuple(found)


def _matches(patterns: tuple[str, ...], method: str, path: str) -> bool:
    return any(fnmatch.fnmatchcase(f"{method} {path}", pattern) for pattern in patterns)


_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "ms": (0, 600_000),
    "retry_after_s": (0, 86_400),
    "by": (-(10**6), 10**6),
    "status": (300, 399),
    "seconds": (0, 86_400),
    "calls": (0, 1000),
}


def _checked(name: str, value: object, default: Option) -> Option:
    if not isinstance(value, bool | int | str) or type(value) is not type(default):
        raise ValueError(f"{name}: {type(default).__name__} wanted")
    if name == "ledger" and value not in ("right", "wrong"):
        raise ValueError("ledger: right or wrong")
    if name in _RANGES:
        low, high = _RANGES[name]
        if not low <= int(value) <= high:
            raise ValueError(f"{name}: from {low} to {high}")
    return value
