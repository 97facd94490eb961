# SPDX-License-Identifier: Apache-2.0
"""The customers of a simulated chain: known, unknown, and two who share a number."""

from __future__ import annotations

from typing import Final

from agent.domain.customer import CustomerKind, CustomerReference
from tests.simulation.customers import Customers

ALICE: Final = CustomerReference(CustomerKind.EMAIL, "alice@example.com")
BOB: Final = CustomerReference(CustomerKind.LOYALTY, "B0042")
NOBODY: Final = CustomerReference(CustomerKind.EMAIL, "nobody@example.com")
TWINS: Final = CustomerReference(CustomerKind.PHONE, "+15550100")
IDS: Final = ("cus_alice", "cus_bob", "cus_tom")


def move_in(customers: Customers) -> None:
    """Opens their accounts."""
    customers.add("cus_alice", "a***", ("email", ALICE.value))
    customers.add("cus_bob", "b***", ("loyalty", BOB.value))
    for twin in ("cus_tom", "cus_tim"):
        customers.add(twin, "t***", ("phone", TWINS.value))
