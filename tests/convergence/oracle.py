# SPDX-License-Identifier: Apache-2.0
"""What may never be, after any event of any order, and what an end must look like.

Judged from the shelf, from what people were told, and from what the registers say; never from
how the agent came there.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain.record import SETTLED, CreditRecord, State
from tests.convergence.events import AMOUNT, state_of
from tests.convergence.shelf import ShelfCard
from tests.convergence.world import World


@dataclass(frozen=True, slots=True)
class Words:
    """What the registers say at rest: A's record, and how the last scans of the paper ended at B
    and at A, where there is paper."""

    a: CreditRecord | None
    b: str | None = None
    scan_at_a: str | None = None


def live(world: World) -> list[ShelfCard]:
    """The cards that can be spent, or could until they were."""
    return [card for card in world.shelf.cards if card.enabled and card.initial > 1]


def wrong_after(before: World, after: World, record: CreditRecord | None) -> list[str]:
    """Breaches that an event brought."""
    found = []
    whole = [card for card in after.shelf.cards if card.initial == AMOUNT.minor]
    if len(whole) > 1:
        found.append(f"I3: {len(whole)} cards for one credit")
    strange = [c for c in after.shelf.cards if c.initial not in (1, AMOUNT.minor)]
    if strange:
        found.append(f"I3: a card of {strange[0].initial} that nobody asked for")
    if after.told.dead and live(after):
        found.append("I4: a live card, and people were told that there is no credit")
    newly = after.told.confirmed and not before.told.confirmed
    if newly and not live(after):
        found.append("I6: confirmed, and no live card stands")
    if record is not None and record.state is State.REVIEW and record.review is None:
        found.append("I8: in review without a reason")
    return found


def wrong_at_rest(world: World, words: Words) -> list[str]:
    """Breaches of an end: everything was forwarded, swept and scanned."""
    found = []
    record = words.a
    if record is not None and record.state not in SETTLED and record.state is not State.REVIEW:
        found.append(f"I8: at rest A still says {state_of(record)}")
    reviewed = (record is not None and record.state is State.REVIEW) or words.b == "review"
    told = world.told
    owed = (told.confirmed or told.token is not None) and not (told.dead or told.asked)
    if owed and not reviewed and len(live(world)) != 1:
        found.append(f"I2: {len(live(world))} live cards for a credit that is owed")
    if {words.b, words.scan_at_a} == {"confirmed", "void"}:
        found.append(f"I4: a scan at B says {words.b}, and one at A {words.scan_at_a}")
    dead_and_spent = [c for c in world.shelf.cards if not c.enabled and c.balance < c.initial]
    if record is not None and record.state is State.VOIDED and dead_and_spent:
        found.append("I2: voided, so that all may be paid out, and a part was spent")
    return found


def end_of(world: World, words: Words) -> str:
    """The outcome in a few words: what A says, what a scan says, what stands on the shelf."""
    parts = [f"A {state_of(words.a)}"]
    if words.b is not None:
        parts.append(f"scan {words.b}")
    cards = world.shelf.cards
    if not cards:
        parts.append("no card")
    for card in cards:
        spent = ", spent in part" if card.balance < card.initial else ""
        kind = "burnt" if card.initial == 1 else "live" if card.enabled else "dead"
        parts.append(f"{kind} card{spent}")
    return "; ".join(parts)
