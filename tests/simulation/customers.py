# SPDX-License-Identifier: Apache-2.0
"""Customer accounts of a simulated platform: who answers to an identifier."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SimCustomer:
    """`masked` is what a cashier may see."""

    customer_id: str
    masked: str


@dataclass(slots=True)
class Customers:
    """An identifier may belong to nobody, to one, or to several."""

    _known: dict[str, SimCustomer] = field(default_factory=dict)
    _by_identifier: dict[tuple[str, str], list[SimCustomer]] = field(default_factory=dict)

    def add(self, customer_id: str, masked: str, *identifiers: tuple[str, str]) -> SimCustomer:
        """`identifiers`: (kind, value) with kind email, phone or loyalty."""
        customer = self._known[customer_id] = SimCustomer(customer_id, masked)
        for identifier in identifiers:
            found = self._by_identifier.setdefault(identifier, [])
            found[:] = sorted(
                [each for each in found if each.customer_id != customer_id] + [customer],
                key=lambda each: each.customer_id,
            )
        return customer

    def remove(self, customer_id: str) -> None:
        """The account is closed. Cards that are linked to it stay linked."""
        self._known.pop(customer_id, None)
        for found in self._by_identifier.values():
            found[:] = [each for each in found if each.customer_id != customer_id]

    def known(self, customer_id: str) -> bool:
        return customer_id in self._known

    def resolve(self, kind: str, value: str) -> list[SimCustomer]:
        return list(self._by_identifier.get((kind, value), ()))
