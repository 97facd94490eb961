# SPDX-License-Identifier: Apache-2.0
"""What an adapter may offer besides credits, where its platform has orders: sales and refunds.

Conversations as in `adapter`: no I/O, no state. An adapter that has them is an `OrdersAdapter`,
and says which refunds it can make in `refunds_to`.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from agent.domain.sale import Refund, RefundFinding, RefundOutcome, RefundTo, SaleFinding
from agent.platforms.exchange import Exchange


@runtime_checkable
class OrdersAdapter(Protocol):
    """One vendor's orders."""

    @property
    def refunds_to(self) -> frozenset[RefundTo]: ...

    def sale(self, receipt: str) -> Exchange[SaleFinding]:
        """The sale of a receipt as it is printed or scanned, with what may still come back."""
        ...

    def refund(self, refund: Refund) -> Exchange[RefundOutcome]:
        """One leg. Looks first wherever the vendor's key does not guard it for ever."""
        ...

    def find_refund(self, refund: Refund) -> Exchange[RefundFinding]:
        """Whether that leg is there, by our key; and what became of one that was accepted."""
        ...
