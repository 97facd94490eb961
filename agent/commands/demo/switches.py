# SPDX-License-Identifier: Apache-2.0
"""The fault switches of free play, and the faults that chaos throws: data about the sandbox's own.

Options are given where the sandbox's default would be too fast to see or would never end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from agent.sandbox import Fault

Options = Mapping[str, Any]

OPTIONS: Final[Mapping[Fault, Options]] = {
    Fault.SLOW: {"ms": 3000},
    Fault.WRONG_AMOUNT: {"ledger": "wrong"},
    Fault.LOOKUP_LAGGING: {"calls": 2},
}
"""What a switch of the page sets beside the fault's defaults."""

NETWORK: Final = Fault.DOWN
"""Has a plug of its own on the page."""

SWITCHES: Final = tuple(fault for fault in Fault if fault is not NETWORK)

CHAOS: Final[tuple[tuple[Fault, Options], ...]] = (
    (Fault.DOWN, {}),
    (Fault.SLOW, {"ms": 900}),
    (Fault.HANG, {"executed": True}),
    (Fault.HANG, {}),
    (Fault.ANSWER_LOST_AFTER_COMMIT, {}),
    (Fault.HALF_CLOSED_BODY, {}),
    (Fault.RESET_ON_KEPT_CONNECTION, {"executed": True}),
    (Fault.SAVED_500, {"executed": True}),
    (Fault.UNAVAILABLE_503, {"executed": True}),
    (Fault.UNAVAILABLE_503, {}),
    (Fault.NOT_EXECUTED_503, {}),
    (Fault.THROTTLED, {}),
    (Fault.TOKEN_EXPIRED, {}),
    (Fault.WRONG_AMOUNT, {"ledger": "right"}),
    (Fault.WRONG_AMOUNT, {"ledger": "wrong"}),
    (Fault.EMPTY_200, {}),
    (Fault.ACCEPTED_202, {}),
    (Fault.REDIRECT_3XX, {}),
    (Fault.HTML_200, {}),
    (Fault.KEY_FORGOTTEN, {}),
    (Fault.LOOKUP_LAGGING, {"calls": 2}),
    (Fault.UNKNOWN_CUSTOMER, {}),
    (Fault.DUPLICATE_IDENTIFIER, {}),
)
