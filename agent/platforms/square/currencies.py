# SPDX-License-Identifier: Apache-2.0
"""The currencies of ours that Square knows too (Currency, API version 2025-08-20); its smallest
denomination is that of ISO 4217. Which of them an account takes is its country's: Square refuses
the others itself."""

from __future__ import annotations

from typing import Final

from agent.domain.currency import EXPONENTS

_UNKNOWN: Final = frozenset({"BYN", "MRU", "STN", "VED", "VES", "XCG", "ZWG"})
CURRENCIES: Final = frozenset(EXPONENTS) - _UNKNOWN
