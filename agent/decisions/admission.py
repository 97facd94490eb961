# SPDX-License-Identifier: Apache-2.0
"""Whether a request is new, known, or a contradiction: the rules of aliases (design section 4).

Called inside the journal's transaction that would open the record, so that two equal requests
at the same instant cannot both be new.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agent.domain.credit import CreditRequest
from agent.domain.faults import AliasConflict, AliasExpired, LooksLike
from agent.domain.moment import Moment, age_least_ms
from agent.domain.record import CreditRecord

SETTLED_FOR_MS: Final = 24 * 3_600_000
"""How long a settled record is still the answer to its alias."""
ALIKE_FOR_MS: Final = 10 * 60_000
"""How young another credit must be to look like this one."""


def admit(
    request: CreditRequest,
    known: Sequence[tuple[str, CreditRecord]],
    alike: Sequence[CreditRecord],
    now: Moment,
    ask_alike: bool = True,
) -> CreditRecord | None:
    """The record that this request means, or None where it is new.

    `known`: the request's aliases that the journal holds, each with its record; `alike`: records
    of the register with this amount and currency, under other aliases. Raises `AliasConflict`,
    `AliasExpired` or `LooksLike`; nothing was changed then.
    """
    if not known:
        if ask_alike and not request.distinct:
            _refuse_alike(request, alike, now)
        return None
    record = known[0][1]
    if any(other.key != record.key for _, other in known[1:]):
        raise AliasConflict(key=record.key.text, why="two-records")
    if record.request.body_digest() != request.body_digest():
        raise AliasConflict(key=record.key.text, why="other-body")
    settled = record.settled_ms
    if settled is not None and now.wall_ms - settled > SETTLED_FOR_MS:
        raise AliasExpired(
            key=record.key.text, state=record.state.value, amount=str(record.request.amount)
        )
    return record


def looks_like(request: CreditRequest, other: CreditRecord, now: Moment) -> bool:
    """Same register, amount, currency, customer and units; young, or its answer not yet heard.

    It is young until ten minutes have passed for certain, wherever the wall clock jumped.
    """
    theirs = other.request
    same = (
        theirs.place == request.place
        and theirs.amount == request.amount
        and theirs.customer == request.customer
        and set(theirs.units) == set(request.units)
    )
    young = age_least_ms(other.opened, now) < ALIKE_FOR_MS
    return same and (young or not other.heard)


def _refuse_alike(request: CreditRequest, alike: Sequence[CreditRecord], now: Moment) -> None:
    for other in alike:
        if looks_like(request, other, now):
            raise LooksLike(key=other.key.text, amount=str(other.request.amount))
