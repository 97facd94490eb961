# SPDX-License-Identifier: Apache-2.0
"""Where a credit is handed out: a store number and a register id.

Both are text, not numbers: '03' and '3' are two registers (design section 4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_PART: Final = re.compile(r"[0-9A-Z]{1,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """A register in a store; each part is one to six of 0-9 and A-Z."""

    store: str
    register: str

    def __post_init__(self) -> None:
        for name, part in (("store number", self.store), ("register id", self.register)):
            if _PART.fullmatch(part) is None:
                raise ValueError(f"a {name} is one to six of the characters 0-9 and A-Z")

    def __str__(self) -> str:
        return f"{self.store}/{self.register}"
