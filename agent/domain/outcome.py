# SPDX-License-Identifier: Apache-2.0
"""What a platform said, or did not say: six outcomes of a send, and the findings of a look-up.

An outcome is a value. *Unsent* and *Unanswered* are never confused: only the transport may tell
which, and it says unsent only when no byte of the request can have left.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from agent.domain.money import Money

AUTH: Final = "auth"
"""The `why` of an answer that was not executed and that store IT must mend: the platform refuses
our token, or what it may do is too little. Asking again changes nothing before that."""
SHUT_OUT: Final = frozenset({AUTH, "token-refused"})
"""Every such `why`: where tokens are fetched, whoever gives them may refuse us first."""


@dataclass(frozen=True, slots=True)
class Saying:
    """The vendor's own words, for support: code, message (at most 200 characters), request id."""

    status: int | None = None
    code: str = ""
    message: str = ""
    request_id: str = ""

    def __post_init__(self) -> None:
        for name in ("code", "message", "request_id"):
            text: str = getattr(self, name)[:200]
            if not text.isprintable():
                text = "".join(c if c.isprintable() else "?" for c in text)
            object.__setattr__(self, name, text)

    def without(self, secret: str) -> Saying:
        """The same words with every echo of a secret taken out, whatever its case."""
        said = f"{self.code}\n{self.message}\n{self.request_id}"
        if said.isascii() and secret.lower() not in said.lower():
            return self
        wiped = re.compile(re.escape(secret), re.IGNORECASE)
        kept = (wiped.sub("…", each) for each in (self.code, self.message, self.request_id))
        return Saying(self.status, *kept)


@dataclass(frozen=True, slots=True)
class Card:
    """A credit as the platform keeps it. `initial` never changes; the balance may be spent.

    `key` is our key where the platform gave it back. `customer_id` is the platform's own id.
    """

    reference: str
    initial: Money
    balance: Money
    enabled: bool
    key: str | None
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The platform returned *this* credit: amount, currency and key or code equal (I6)."""

    card: Card
    linked: bool = False
    saying: Saying = field(default_factory=Saying)


class RefusalReason(StrEnum):
    """Why a platform said no; `PLATFORM` is any other definite no."""

    PLATFORM = "platform"
    LIMIT = "limit"
    CURRENCY = "currency"


@dataclass(frozen=True, slots=True)
class Refused:
    """A definite no of this credit: documented by the vendor as not executed."""

    reason: RefusalReason
    saying: Saying


@dataclass(frozen=True, slots=True)
class Accepted:
    """The platform has it and the result comes later. Never for code-keyed cards."""

    reference: str
    saying: Saying


@dataclass(frozen=True, slots=True)
class Unsent:
    """It failed before the request held an open connection: nothing left. `why` is a short code."""

    why: str
    saying: Saying = field(default_factory=Saying)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Something may have left and no yes or no came back. `why` is a short code.

    `differs` is set when an answer named this credit but with another amount, currency, key or
    state: a person must look (the look-up decides first).
    """

    why: str
    saying: Saying = field(default_factory=Saying)
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Throttled:
    """Not executed, by the vendor's own documentation; ask again after `retry_after_s`."""

    retry_after_s: int
    saying: Saying = field(default_factory=Saying)


Outcome = Confirmed | Refused | Accepted | Unsent | Unanswered | Throttled


@dataclass(frozen=True, slots=True)
class Found:
    """A look-up found our credit, enabled and equal in initial amount, currency and key."""

    card: Card
    linked: bool = False


@dataclass(frozen=True, slots=True)
class FoundVoid:
    """Found, and void: disabled under our key, or at the burn's amount."""

    card: Card


@dataclass(frozen=True, slots=True)
class FoundDifferent:
    """Something stands under our key or code that is not this credit: a person must look."""

    card: Card
    saying: Saying


@dataclass(frozen=True, slots=True)
class Absent:
    """An exact look-up says there is none. Whether to believe it yet is not the adapter's call."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The look-up failed or is not exact: nothing was learnt."""

    why: str
    saying: Saying = field(default_factory=Saying)
    retry_after_s: int | None = None


Finding = Found | FoundVoid | FoundDifferent | Absent | Unknown


@dataclass(frozen=True, slots=True)
class Burnt:
    """The code is dead on the platform for ever: no later replay or claim can bring money."""

    card: Card


@dataclass(frozen=True, slots=True)
class SpentInPart:
    """The code is dead, but `spent` had already been used: a person must settle the rest."""

    card: Card
    spent: Money


@dataclass(frozen=True, slots=True)
class BurnUnknown:
    """No proof yet that the code is dead: nothing may be paid out."""

    why: str
    saying: Saying = field(default_factory=Saying)
    perhaps_sent: bool = True


@dataclass(frozen=True, slots=True)
class BurnRefused:
    """The platform cannot burn it: a person must look."""

    saying: Saying


Burn = Burnt | SpentInPart | BurnUnknown | BurnRefused


@dataclass(frozen=True, slots=True)
class Matched:
    """Exactly one customer. `masked` may be shown to a cashier."""

    customer_id: str
    masked: str = ""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """The platform knows nobody by this identifier."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """More than one customer answers to it; nobody is chosen by us."""

    count: int


Resolution = Matched | Unmatched | Ambiguous | Unknown


class LinkResult(StrEnum):
    """How the separate, repeatable link step ended."""

    LINKED = "linked"
    ELSEWHERE = "linked-elsewhere"
    UNKNOWN = "unknown"
    REFUSED = "refused"
