# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.mutants.sunny`: a day on which nothing goes wrong.

A mutant that fails even here would be found by anybody; it proves nothing about the battery.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

import agent
from agent.domain.record import Answer, Paper, State
from agent.journal import verify_journal
from agent.sandbox.ledger import SandboxCustomer
from tests.flows.stage import ALICE, stage, word


async def day(folder: Path) -> str:
    """What went wrong on it, or nothing."""
    async with stage(folder) as shop:
        ledger = shop.sandbox.platform._ledger
        ledger.add_customer(SandboxCustomer("cus_alice", "a***"), [("email", ALICE.value)])
        for customer in (None, ALICE):
            record = await shop.issue(shop.request(customer=customer))
            if record.state is not State.CONFIRMED or word(record) is not Answer.CONFIRMED:
                return f"the credit is {record.state}, not confirmed"
            cards = shop.cards(record)
            if len(cards) != 1 or not cards[0]["enabled"]:
                return f"the platform has {len(cards)} cards for it"
            if record.paper is Paper.FAILED:
                return "no receipt came out"
            again, fresh = await shop.house.issue.issue(shop.order(record.request))
            if fresh or again.key != record.key:
                return "asking again makes another one"
    if not verify_journal(folder / "journal").sound:
        return "the journal is not sound"
    return ""


def main() -> int:
    """0 where the day was fine. Says from where the agent was imported, for whoever checks."""
    with tempfile.TemporaryDirectory() as folder:
        wrong = asyncio.run(day(Path(folder)))
    print(wrong or f"fine {agent.__file__}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
