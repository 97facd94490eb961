# SPDX-License-Identifier: Apache-2.0
"""`countermark check --other-writers`: credits on the platform that nobody of us made.

Two writers would pay twice (design: never two). A credit is ours when it carries a key of ours;
with a key of this host's registers it must also stand in this host's journal. It only reads, and
shows no code: of a reference that could be one, the last four.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from agent.commands.exits import Exit
from agent.commands.frame import Output
from agent.domain.faults import PlatformUnavailable
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.domain.outcome import Card
from agent.domain.place import Place
from agent.ports import Platform
from agent.settings.model import Settings
from agent.words import link_words, money_text, say

PAGE: Final = 100
READ_MAX: Final = 200_000
"""Cards that are read at most; a list of more is asked for with fewer days."""
LIST_S: Final = 300.0
DAY_MS: Final = 86_400_000
_CODE_LENGTHS: Final = range(8, 21)
"""Platforms' gift-card codes have so many letters and digits."""


class Whose(StrEnum):
    """FOREIGN and UNRECORDED are listed; ELSEWHERE is ours, of another register or store."""

    OURS = "ours"
    ELSEWHERE = "elsewhere"
    FOREIGN = "foreign"
    UNRECORDED = "unrecorded"


@dataclass(slots=True)
class Known:
    """What this host made: its places, and the keys and references in its journal."""

    places: frozenset[Place]
    has_journal: bool = False
    keys: set[str] = field(default_factory=set)
    references: set[str] = field(default_factory=set)

    def whose(self, card: Card) -> Whose:
        """By its key; by the platform's own id where the platform gives no key back."""
        if card.key is None:
            return Whose.OURS if card.reference in self.references else Whose.FOREIGN
        if card.key in self.keys:
            return Whose.OURS
        try:
            place = IdempotencyKey(card.key).place
        except ValueError:
            return Whose.FOREIGN
        if place not in self.places:
            return Whose.ELSEWHERE
        return Whose.UNRECORDED if self.has_journal else Whose.OURS


@dataclass(slots=True)
class Listed:
    """What the list came to. `others` in the platform's order, each card once."""

    read: int = 0
    elsewhere: int = 0
    cut: bool = False
    others: list[tuple[Card, Whose]] = field(default_factory=list)

    def sums(self) -> list[Money]:
        """What was issued by others, by currency."""
        sums: Counter[str] = Counter()
        for card, _ in self.others:
            sums[card.initial.currency] += card.initial.minor
        return [Money(minor, currency) for currency, minor in sorted(sums.items())]


def run(settings: Settings, output: Output, days: int, page: int) -> int:
    """0: none; 1: some, or the platform cannot say; 69: it did not answer to the end."""
    known = known_here(settings)
    try:
        found = asyncio.run(_asked(settings, known, days))
    except PlatformUnavailable as fault:
        why = str(fault.values["why"])
        output.document({"error": {"code": fault.code, "why": why}})
        output.line(link_words(why))
        return Exit.UNREACHABLE
    return tell(output, settings.platform_here.name, found, known, days, page)


def tell(
    output: Output, platform: str, found: Listed | None, known: Known, days: int, page: int
) -> Exit:
    """Says what was found, and the exit code of it; `found` None: the platform cannot list."""
    if found is None:
        output.document({"platform": platform, "lists": False})
        output.line(say("others.cannot", platform=platform))
        output.line(say("command.next", hint=say("others.cannot.todo")))
        return Exit.NEGATIVE
    _tell_list(output, found, known, days, page)
    return Exit.NEGATIVE if found.others or found.cut else Exit.DONE


def known_here(settings: Settings) -> Known:
    """Reads the journal beside the agent; nothing is unsealed."""
    from agent.daemon.parts import journal_dir

    places = frozenset(Place(settings.store.number, each.id) for each in settings.register_)
    return journalled(Known(places), journal_dir(settings.agent.state_dir))


def journalled(known: Known, folder: Path) -> Known:
    """The same with every key and reference of a journal; without one where there is none."""
    from agent.journal import export_journal

    if not folder.exists():
        return known
    known.has_journal = True
    for line in export_journal(folder):
        row = json.loads(line)
        if row["type"] == "event":
            break  # records and claims come first
        known.keys.add(row["key"])
        if row.get("reference"):
            known.references.add(row["reference"])
    return known


async def _asked(settings: Settings, known: Known, days: int) -> Listed | None:
    from agent.daemon.parts import plugin, secret_reader
    from agent.platforms.catalog import open_platform

    since_ms = time.time_ns() // 1_000_000 - days * DAY_MS
    reader = secret_reader(settings, os.environ)
    async with open_platform(plugin(settings), reader) as platform:
        deadline_s = asyncio.get_running_loop().time() + LIST_S
        return await gather(platform, known, since_ms, deadline_s)


async def gather(
    platform: Platform, known: Known, since_ms: int, deadline_s: float, read_max: int = READ_MAX
) -> Listed | None:
    """Reads the list to its end; None where the platform cannot list. Raises
    `PlatformUnavailable` where it ends early: half a list is no answer."""
    if not platform.abilities.lists:
        return None
    listed, seen = Listed(), set[str]()
    async for card in platform.list_since(since_ms, deadline_s):
        if card.reference in seen:
            continue
        if listed.read >= read_max:
            listed.cut = True
            break
        seen.add(card.reference)
        listed.read += 1
        match known.whose(card):
            case Whose.OURS:
                pass
            case Whose.ELSEWHERE:
                listed.elsewhere += 1
            case whose:
                listed.others.append((card, whose))
    return listed


def masked(reference: str) -> str:
    """A platform's own id as a person may see it; of what could be a code, the last four."""
    plain = "".join(each for each in reference if each not in " -")
    short_number = plain.isdigit() and len(plain) < 12
    if len(plain) in _CODE_LENGTHS and plain.isalnum() and not short_number:
        return f"…{plain[-4:]}"
    return "".join(each for each in reference if each.isprintable())[:80]


def _tell_list(output: Output, found: Listed, known: Known, days: int, page: int) -> None:
    shown = found.others[(page - 1) * PAGE : page * PAGE]
    output.document(
        {
            "lists": True,
            "days": days,
            "read": found.read,
            "complete": not found.cut,
            "elsewhere": found.elsewhere,
            "journal": known.has_journal,
            "count": len(found.others),
            "sums": [_amount(each) for each in found.sums()],
            "page": page,
            "others": [_document(card, whose) for card, whose in shown],
        }
    )
    for card, whose in shown:
        state = say("others.enabled" if card.enabled else "others.disabled")
        output.line(
            say(
                "others.line",
                reference=masked(card.reference),
                amount=money_text(card.initial),
                why=say(f"others.{whose.value}"),
                state=state,
            )
        )
    for line in _closing(found, known, days, page):
        output.line(line)


def _closing(found: Listed, known: Known, days: int, page: int) -> Iterable[str]:
    pages = -(-len(found.others) // PAGE)
    if page < pages:
        yield say("others.more", page=page, pages=pages, next=page + 1)
    if found.elsewhere:
        yield say("others.elsewhere", count=found.elsewhere)
    if not known.has_journal:
        yield say("others.no-journal")
    if found.cut:
        yield say("others.cut", read=found.read)
    if not found.others:
        yield say("others.none", read=found.read, days=days)
        return
    sums = ", ".join(money_text(each) for each in found.sums())
    yield say("others.some", count=len(found.others), read=found.read, days=days, sums=sums)
    kinds = {whose for _, whose in found.others}
    if Whose.FOREIGN in kinds:
        yield say("command.next", hint=say("others.todo"))
    if Whose.UNRECORDED in kinds:
        yield say("command.next", hint=say("others.unrecorded.todo"))


def _document(card: Card, whose: Whose) -> dict[str, object]:
    return {
        "reference": masked(card.reference),
        "initial": _amount(card.initial),
        "balance": _amount(card.balance),
        "enabled": card.enabled,
        "why": whose.value,
    }


def _amount(money: Money) -> dict[str, object]:
    return {"minor": money.minor, "currency": money.currency}
