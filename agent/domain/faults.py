# SPDX-License-Identifier: Apache-2.0
"""Surprises, as one family. Sentences, hints and who must act live in `agent.words`.

Fault
├── BadRequest            bad-request · bad-field · header-missing · unknown-credit · unknown-card
├── Conflict              alias-conflict · alias-expired · looks-like · unit-taken · …
├── NotAllowed            unauthorised · scope · approval-required · approval-invalid …
├── Unavailable           observing · cannot-journal · busy · stopping
├── NotNow                no transition from this state
├── JournalDamaged        journal-damaged · journal-locked · journal-newer
├── SettingsWrong         settings
└── Internal              what nobody expected
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar


class Fault(Exception):
    """A stable `code` and the values its sentence needs. Never holds a secret."""

    code: ClassVar[str] = ""

    def __init__(self, **values: str | int) -> None:
        self.values = values
        super().__init__(self.code, values)

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value}" for name, value in self.values.items())
        return f"{self.code} ({shown})" if shown else self.code


class BadRequest(Fault):
    """What came in is not understood; nothing was left behind."""

    code = "bad-request"


class BadField(BadRequest):
    """`field` is wrong: `problem` says how."""

    code = "bad-field"


class HeaderMissing(BadRequest):
    """`header` must be given."""

    code = "header-missing"


class UnknownCredit(BadRequest):
    """No record has this key, number or code."""

    code = "unknown-credit"


class UnknownCard(BadRequest):
    """No card has this code, as far as can be told now; `why` says more."""

    code = "unknown-card"


class Conflict(Fault):
    """It contradicts what is already known; `key` names the record that stands."""

    code = "conflict"


class AliasConflict(Conflict):
    """The same outside name was used with another body, or two names of two records."""

    code = "alias-conflict"


class AliasExpired(Conflict):
    """The record was settled over 24 hours ago; the credit exists, do not issue again."""

    code = "alias-expired"


class LooksLike(Conflict):
    """Another credit of the same amount was just given here."""

    code = "looks-like"


class VoucherDiffers(Conflict):
    """A good signature over what this register remembers otherwise: `key` names the credit."""

    code = "voucher-differs"


class VoucherVoid(Conflict):
    """The voucher's credit was undone or never came to be: it brings no money."""

    code = "voucher-void"


class RecordLost(Conflict):
    """A credit of this name was given, and its record could not be read any more."""

    code = "record-lost"


class UnitTaken(Conflict):
    """A unit of the original sale was credited already."""

    code = "unit-taken"


class NotAllowed(Fault):
    """The caller may not do this."""

    code = "not-allowed"


class Unauthorised(NotAllowed):
    """No pairing knows this bearer token."""

    code = "unauthorised"


class ScopeMissing(NotAllowed):
    """The pairing lacks `scope`, or may not speak for the register."""

    code = "scope-missing"


class ApprovalRequired(NotAllowed):
    """A manager must approve first."""

    code = "approval-required"


class ApprovalInvalid(NotAllowed):
    """The approval is unknown, used, too old, or for another body."""

    code = "approval-invalid"


class PinWrong(NotAllowed):
    """The manager's PIN does not fit; `left` tries remain."""

    code = "pin-wrong"


class PinLocked(NotAllowed):
    """Too many wrong PINs; locked for `minutes`."""

    code = "pin-locked"


class PairingInvalid(NotAllowed):
    """The pairing code is wrong, used or too old."""

    code = "pairing-invalid"


class TooManyTries(NotAllowed):
    """Too many codes that nobody knows were asked for; the next may be in `wait_s` seconds."""

    code = "too-many-tries"


class HostRefused(NotAllowed):
    """The Host header names nobody here."""

    code = "host-refused"


class OriginRefused(NotAllowed):
    """The Origin header is not on the allow-list."""

    code = "origin-refused"


class Unavailable(Fault):
    """Nothing was issued; try again or do without."""

    code = "unavailable"


class Observing(Unavailable):
    """The register is in the `observe` ring: it creates nothing."""

    code = "observing"


class CannotJournal(Unavailable):
    """The commit failed: nothing was sent, nothing printed."""

    code = "cannot-journal"


class Busy(Unavailable):
    """Too many requests wait already."""

    code = "busy"


class Stopping(Unavailable):
    """The agent is shutting down."""

    code = "stopping"


class PlatformUnavailable(Unavailable):
    """The platform could not be asked."""

    code = "platform-unavailable"


class NotNow(Fault):
    """`event` has no row from `state`: nothing changed."""

    code = "not-now"


class PaperRefused(NotNow):
    """A paper may not be printed for this record now."""

    code = "paper-refused"


class JournalFault(Fault):
    """The journal itself."""

    code = "journal"


class JournalDamaged(JournalFault):
    """A row was changed, removed or cut: `where` says at which event."""

    code = "journal-damaged"


class JournalLocked(JournalFault):
    """Another process holds the journal in `folder`."""

    code = "journal-locked"


class JournalNewer(JournalFault):
    """The journal was written by a newer version."""

    code = "journal-newer"


class SettingsWrong(Fault):
    """`key` in `file` is wrong: `problem` says how."""

    code = "settings"


class VoucherInvalid(Fault):
    """What was scanned is no voucher, or its signature is not known here."""

    code = "voucher-invalid"


class PrinterMissing(Fault):
    """The register has no printer of that name."""

    code = "printer-missing"


class Internal(Fault):
    """A mistake of ours at the door: what became of the request is not known to the caller."""

    code = "internal"


def all_faults() -> Iterator[type[Fault]]:
    """Every fault with a code of its own."""
    waiting: list[type[Fault]] = [Fault]
    while waiting:
        kind = waiting.pop()
        waiting.extend(sorted(kind.__subclasses__(), key=lambda each: each.code))
        if kind.code:
            yield kind
