# SPDX-License-Identifier: Apache-2.0
"""Which fault is which status, and what a problem document says (RFC 9457).

One table; a test holds it to every fault there is. A problem tells a POS what happened to the
money before anything else: `money` and `paper` are for the program, `detail` for the cashier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from agent.domain import faults
from agent.domain.faults import Fault
from agent.words import explain, problem_title

PROBLEM_TYPE: Final = "application/problem+json"


class MoneyTold(StrEnum):
    """What a request that was not answered with its resource did to the customer's money."""

    NOTHING_ISSUED = "nothing-issued"
    UNCHANGED = "unchanged"
    SEE_RECORD = "see-record"
    UNKNOWN = "unknown"


class Refusal(Exception):
    """A fault that is told under another status than its own: 400, 404, 405, 408, 413 or 415."""

    def __init__(self, status: int, fault: Fault, **headers: str) -> None:
        super().__init__(status, fault.code)
        self.status = status
        self.fault = fault
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Row:
    """`retryable`: the same request may succeed later; `retry_after_s` where we know when.

    `unknown`: we cannot say what became of the request: it is asked again under the same key.
    """

    status: int
    retryable: bool = False
    retry_after_s: int | None = None
    see_record: bool = False
    unknown: bool = False


_CONFLICT: Final = Row(409, see_record=True)
_DENIED: Final = Row(403)
_BROKEN: Final = Row(503, retryable=True, retry_after_s=30)
STATUSES: Final[Mapping[type[Fault], Row]] = MappingProxyType(
    {
        faults.BadRequest: Row(400),
        faults.BadField: Row(422),
        faults.HeaderMissing: Row(400),
        faults.UnknownCredit: Row(404),
        faults.UnknownCard: Row(404),
        faults.Conflict: _CONFLICT,
        faults.AliasConflict: _CONFLICT,
        faults.AliasExpired: _CONFLICT,
        faults.LooksLike: _CONFLICT,
        faults.RecordLost: _CONFLICT,
        faults.UnitTaken: _CONFLICT,
        faults.VoucherVoid: _CONFLICT,
        faults.VoucherDiffers: _CONFLICT,
        faults.NotAllowed: _DENIED,
        faults.Unauthorised: Row(401),
        faults.ScopeMissing: _DENIED,
        faults.ApprovalRequired: Row(403, retryable=True),
        faults.ApprovalInvalid: _DENIED,
        faults.PinWrong: _DENIED,
        faults.PinLocked: Row(403, retryable=True, retry_after_s=60),
        faults.PairingInvalid: _DENIED,
        faults.TooManyTries: Row(429, retryable=True, retry_after_s=60),
        faults.HostRefused: Row(421),
        faults.OriginRefused: _DENIED,
        faults.Unavailable: Row(503, retryable=True, retry_after_s=5),
        faults.Observing: Row(503, retryable=False, retry_after_s=3600),
        faults.CannotJournal: Row(503, retryable=True, retry_after_s=5),
        faults.Busy: Row(503, retryable=True, retry_after_s=1),
        faults.Stopping: Row(503, retryable=True, retry_after_s=5),
        faults.PlatformUnavailable: Row(503, retryable=True, retry_after_s=10),
        faults.NotNow: _CONFLICT,
        faults.PaperRefused: _CONFLICT,
        faults.JournalFault: _BROKEN,
        faults.JournalDamaged: _BROKEN,
        faults.JournalLocked: _BROKEN,
        faults.JournalNewer: _BROKEN,
        faults.SettingsWrong: Row(500),
        faults.VoucherInvalid: Row(422),
        faults.PrinterMissing: _CONFLICT,
        faults.Internal: Row(500, retryable=True, retry_after_s=1, unknown=True),
    }
)


_ABOUT_CLAIMS: Final = (faults.VoucherVoid, faults.VoucherDiffers)


@dataclass(frozen=True, slots=True)
class Told:
    """A problem as it goes out: status, JSON members, headers."""

    status: int
    members: Mapping[str, object]
    headers: Mapping[str, str]


def tell(fault: Fault, language: str, *, issuing: bool, status: int | None = None) -> Told:
    """The problem document of a fault. `issuing`: a new credit was asked for.

    The fault's own values (field, key, state, left, ...) are members beside the standard ones;
    where they name a credit there is a link to it.
    """
    row = STATUSES[type(fault)]
    code = row.status if status is None else status
    words = explain(fault, language)
    if row.see_record:
        money = MoneyTold.SEE_RECORD
    elif row.unknown:
        money = MoneyTold.UNKNOWN
    else:
        money = MoneyTold.NOTHING_ISSUED if issuing else MoneyTold.UNCHANGED
    members: dict[str, object] = dict(fault.values)
    if "key" in fault.values:
        path = "claims" if isinstance(fault, _ABOUT_CLAIMS) else "credits"
        members["link"] = f"/v1/{path}/{fault.values['key']}"
    members |= {
        "type": f"urn:countermark:problem:{fault.code}",
        "title": problem_title(fault.code, language),
        "status": code,
        "detail": words.sentence,
        "code": fault.code,
        "hint": words.hint,
        "who": words.who.value,
        "retryable": row.retryable,
        "money": money.value,
        "paper": "none" if money is MoneyTold.NOTHING_ISSUED else money.value,
    }
    headers = {}
    if row.retry_after_s is not None:
        headers["Retry-After"] = str(fault.values.get("wait_s", row.retry_after_s))
    if code == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="countermark"'
    return Told(code, members, headers)
