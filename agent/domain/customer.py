# SPDX-License-Identifier: Apache-2.0
"""Who the credit is for, as the till said it.

The door normalises (phone numbers to E.164, e-mails in lower case); this floor only checks the
normal form. Personal data: `repr` is masked, and the journal keeps it in its own sealed table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class CustomerKind(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    LOYALTY = "loyalty"


class CustomerPolicy(StrEnum):
    """What a store wants to know (design section 3)."""

    REQUIRED = "required"
    WANTED = "wanted"
    ANONYMOUS = "anonymous"


_FORMS: Final = {
    CustomerKind.EMAIL: re.compile(r"[^\s@<>\x00-\x1f\"]{1,64}@[a-z0-9.-]{1,185}\.[a-z0-9-]{2,63}"),
    CustomerKind.PHONE: re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII),
    CustomerKind.LOYALTY: re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII),
}


@dataclass(frozen=True, slots=True, repr=False)
class CustomerReference:
    """A well-formed identifier in its normal form."""

    kind: CustomerKind
    value: str

    def __post_init__(self) -> None:
        if _FORMS[self.kind].fullmatch(self.value) is None:
            raise ValueError(f"this is not a customer's {self.kind} in its normal form")

    def masked(self) -> str:
        """Enough to recognise one's own, too little to learn another's."""
        if self.kind is CustomerKind.EMAIL:
            name, _, host = self.value.partition("@")
            return f"{name[0]}***@{host[0]}***"
        return f"***{self.value[-2:]}" if len(self.value) > 4 else "***"

    def __repr__(self) -> str:
        return f"CustomerReference({self.kind}, {self.masked()})"


@dataclass(frozen=True, slots=True)
class Skipped:
    """Nobody was named. `knowingly`: the cashier was asked and went on without."""

    knowingly: bool = True


@dataclass(frozen=True, slots=True)
class Malformed:
    """Something was given that is no identifier; what it was is not kept."""

    kind: CustomerKind


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Somebody was named, and their identifier was erased since."""

    kind: CustomerKind


Customer = CustomerReference | Skipped | Malformed | Forgotten
