# SPDX-License-Identifier: Apache-2.0
"""What a store decides about its papers. From the settings; nothing here is about one credit."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from agent.domain.voucher import HOST_MAX
from agent.words import ENGLISH, languages

TEXT_MAX: Final = 240
_HOST: Final = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z.-]*[0-9A-Za-z])?(?::[0-9]{1,5})?", re.ASCII)


class VoucherMode(StrEnum):
    """How a voucher is brought back (design section 4)."""

    HOSTED = "hosted"
    CODE_ONLY = "code-only"
    STORE_ONLY = "store-only"


@dataclass(frozen=True, slots=True)
class PaperOptions:
    """`host`: of the claim page, 1 to 60 characters, for `hosted` alone; `zone`: of the times.

    `brand`, `store_line`, `help_line` and `legal_line` are the store's own words, at most 240
    characters each, and left out where they are empty. The legal line is the retailer's
    counsel's: rules differ by state, so none is printed by default.
    """

    mode: VoucherMode = VoucherMode.STORE_ONLY
    host: str | None = None
    brand: str = ""
    store_line: str = ""
    help_line: str = ""
    legal_line: str = ""
    zone: datetime.tzinfo = datetime.UTC
    language: str = ENGLISH

    def __post_init__(self) -> None:
        if (self.host is None) is (self.mode is VoucherMode.HOSTED):
            raise ValueError("a voucher's host belongs to the mode hosted, and only there")
        if self.host is not None and (
            len(self.host) > HOST_MAX or _HOST.fullmatch(self.host) is None
        ):
            raise ValueError(f"a voucher's host is a name of at most {HOST_MAX} characters")
        for name in ("brand", "store_line", "help_line", "legal_line"):
            if len(getattr(self, name)) > TEXT_MAX:
                raise ValueError(f"{name} has at most {TEXT_MAX} characters")
        if self.language not in languages():
            raise ValueError(f"there are no words in the language {self.language[:20]!r}")
