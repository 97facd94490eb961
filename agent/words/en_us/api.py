# SPDX-License-Identifier: Apache-2.0
"""Words of the local API: a short title for each fault, and what its `money` says.

Titles are the `title` of an RFC 9457 problem: the same for every occurrence, without values.
"""

from typing import Final

WORDS: Final = {
    "problem.bad-request": "Request not understood",
    "problem.bad-field": "Field is wrong",
    "problem.header-missing": "Header is missing",
    "problem.unknown-credit": "Credit not known here",
    "problem.unknown-card": "Card not known",
    "problem.conflict": "Contradicts a known credit",
    "problem.alias-conflict": "Name belongs to another request",
    "problem.alias-expired": "Credit was settled over a day ago",
    "problem.looks-like": "Looks like a credit just given",
    "problem.record-lost": "Credit was given, its record is lost",
    "problem.unit-taken": "Item was credited already",
    "problem.not-allowed": "Not allowed",
    "problem.unauthorised": "Not paired",
    "problem.scope-missing": "Pairing lacks a scope",
    "problem.approval-required": "A manager must approve",
    "problem.approval-invalid": "Approval does not count",
    "problem.pin-wrong": "PIN is wrong",
    "problem.pin-locked": "PIN is locked",
    "problem.pairing-invalid": "Pairing code does not count",
    "problem.too-many-tries": "Too many unknown codes",
    "problem.host-refused": "Host is not served",
    "problem.origin-refused": "Origin is not allowed",
    "problem.unavailable": "Not available now",
    "problem.observing": "Register only observes",
    "problem.cannot-journal": "Cannot save to disk",
    "problem.busy": "Too many requests wait",
    "problem.stopping": "Agent is shutting down",
    "problem.platform-unavailable": "Platform could not be asked",
    "problem.not-now": "State does not allow it",
    "problem.paper-refused": "Paper may not be printed now",
    "problem.journal": "Journal has a fault",
    "problem.journal-damaged": "Journal was changed",
    "problem.journal-locked": "Journal is in use",
    "problem.journal-newer": "Journal is of a newer version",
    "problem.settings": "Setting is wrong",
    "problem.voucher-invalid": "Not a valid voucher",
    "problem.voucher-void": "Voucher is void",
    "problem.voucher-differs": "Voucher contradicts a known credit",
    "problem.printer-missing": "No such printer",
    "problem.internal": "Mistake of the agent",
    # Two problems that are answers about a credit and no faults.
    "problem.platform-refused": "Platform refused the credit",
    "problem.not-confirmed": "Not confirmed yet",
}
