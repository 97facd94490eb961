# SPDX-License-Identifier: Apache-2.0
"""An amount as people read it: ISO code and digits, the same on every screen and paper.

No symbol ("$" is a dozen currencies), no grouping and no locale: what stands on paper must be
read back by another register in another country. It rounds nothing.
"""

from __future__ import annotations

from agent.domain.money import Money


def money_text(amount: Money) -> str:
    """ASCII such as "USD 48.50", "JPY 1200" or "KWD -0.005"."""
    return f"{amount.currency} {amount.decimal()}"
