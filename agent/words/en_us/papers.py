# SPDX-License-Identifier: Apache-2.0
"""What stands on paper. ASCII only in this language, so that every printer has every letter.

No sentence promises a time, and none but those named `account` speaks of an account: bearer and
identity paper must read right for whoever holds it.
"""

from typing import Final

WORDS: Final = {
    "paper.voucher.title": "STORE CREDIT VOUCHER",
    "paper.voucher.banner": "NOT YET CONFIRMED",
    "paper.voucher.confirmed": "CONFIRMED",
    "paper.identity.banner": "NOT ACTIVE YET",
    "paper.receipt.title": "STORE CREDIT",
    "paper.receipt.state": "CONFIRMED",
    "paper.slip.title": "PENDING SLIP",
    "paper.slip.banner": "NOT MONEY",
    # Names of values.
    "paper.label.amount": "Amount",
    "paper.label.business-date": "Business date",
    "paper.label.claim-by": "Claim by",
    "paper.label.code": "Code",
    "paper.label.code-ends": "Code ends in",
    "paper.label.issued": "Issued",
    "paper.label.asked": "Asked for",
    "paper.label.reference": "Reference",
    "paper.label.sale": "Sale",
    "paper.label.transaction": "Store/Reg/Txn",
    # The offline fallback.
    "paper.offline.why": (
        "Our card system did not answer in time. Your credit is recorded and will be confirmed "
        "by itself."
    ),
    "paper.offline.account": (
        "If your account is found it is added there; otherwise this code is the credit."
    ),
    "paper.offline.bearer": "Once confirmed, this code is the credit. Keep it like cash.",
    "paper.offline.hosted": "Scan to check and to claim. One claim only.",
    "paper.offline.code-only": (
        "Once confirmed, type the code at our online checkout. It counts once."
    ),
    "paper.offline.store-only": "Show this paper in any of our stores. One claim only.",
    # The same paper once the platform has confirmed.
    "paper.confirmed.account": "Your credit is confirmed and was added to your account.",
    "paper.confirmed.bearer": "This credit is confirmed; this code is the credit.",
    # The identity fallback.
    "paper.identity.hosted": (
        "Scan to collect, with your phone or in any of our stores. One claim only."
    ),
    "paper.identity.code-only": (
        "Scan to collect: bring this paper to any of our stores. One claim only."
    ),
    "paper.identity.store-only": (
        "Scan to collect: bring this paper to any of our stores. One claim only."
    ),
    "paper.identity.why": "Your credit is recorded. It becomes active when it is collected.",
    # The receipt.
    "paper.receipt.account": "This credit was added to your account.",
    "paper.receipt.bearer": "This code is the credit. Keep it like cash.",
    # The slip without value.
    "paper.slip.why": (
        "This slip has no value and cannot be paid with or cashed. It shows that the credit is "
        "recorded."
    ),
    "paper.slip.next": "Keep the slip: we find the credit by its reference.",
    # The foot.
    "paper.foot.heat": "Keep away from heat and light.",
    "paper.foot.copy": "COPY {copy}",
    "paper.foot.copy-again": "Same credit as the first paper. It counts once.",
}
