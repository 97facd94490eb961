# SPDX-License-Identifier: Apache-2.0
"""What other screens of this register began and nobody has ended.

A browser that is paired anew is another caller: what it began before would be nobody's. So every
screen of a register may show, save and end the credits of its other screens. A till's are never
among them: whether a till has heard is the till's to say.
"""

from __future__ import annotations

from agent.domain.record import CreditRecord
from agent.screens.site import Visit

ELSEWHERE_MAX = 100


async def elsewhere(visit: Visit) -> list[CreditRecord]:
    """The newest first, without those that were brought to this screen."""
    return await visit.read(_elsewhere(visit))


async def is_ours(visit: Visit, record: CreditRecord) -> bool:
    """Whether this screen or another one of this register asked for it."""
    if record.caller == visit.session.caller:
        return True
    return record.caller in await visit.read(_screens(visit))


async def _screens(visit: Visit) -> tuple[str, ...]:
    return await visit.doors.pairings.screens(visit.place.register)


async def _elsewhere(visit: Visit) -> list[CreditRecord]:
    found: list[CreditRecord] = []
    journal = visit.doors.steps.journal
    for screen in await _screens(visit):
        if screen == visit.session.caller:
            continue
        asked = await journal.unheard_of(screen, visit.place, ELSEWHERE_MAX - len(found))
        found += [each for each in asked if each.key.text not in visit.desk.brought]
        if len(found) >= ELSEWHERE_MAX:
            break
    return sorted(found, key=lambda each: each.opened.wall_ms, reverse=True)
