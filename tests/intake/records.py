# SPDX-License-Identifier: Apache-2.0
"""Values that several tests need: a credit body, a record. Nothing here asserts."""

from __future__ import annotations

import copy
import datetime
from typing import Any

from agent.domain.code import Code
from agent.domain.credit import CreditRequest, PosTransaction
from agent.domain.idempotency import IdempotencyKey
from agent.domain.moment import Moment
from agent.domain.money import Money
from agent.domain.place import Place
from agent.domain.record import CreditRecord, State

PLACE = Place("0421", "03")
_BODY: dict[str, Any] = {
    "register": "03",
    "amount": {"minor": 4850, "currency": "USD"},
    "customer": {"skipped": True},
    "reason": "return",
    "operator": "Ana",
    "pos": {"business_date": "2026-11-21", "transaction": "1001"},
}


def body(**changes: Any) -> dict[str, Any]:
    """A good body of POST /v1/credits; a change to None takes the field out.

    `transaction` and `minor` reach into `pos` and `amount`.
    """
    made = copy.deepcopy(_BODY)
    for name, value in changes.items():
        if name == "transaction":
            made["pos"]["transaction"] = value
        elif name == "minor":
            made["amount"]["minor"] = value
        elif value is None:
            made.pop(name, None)
        else:
            made[name] = value
    return made


def record(state: State = State.RECEIVED) -> CreditRecord:
    """A record as intake would open it."""
    request = CreditRequest(
        place=PLACE,
        amount=Money(4850, "USD"),
        operator="Ana",
        reason="return",
        pos=PosTransaction(datetime.date(2026, 11, 21), "1001"),
        occurred_at_ms=1_795_000_000_000,
    )
    return CreditRecord(
        key=IdempotencyKey.make(PLACE, 1_795_000_000_000, "7K3QF2ZD"),
        code=Code.draw(3, tuple(range(14))),
        request=request,
        caller="till",
        state=state,
        opened=Moment(1_795_000_000_000, 0, "boot-1"),
        changed_ms=1_795_000_000_000,
    )
