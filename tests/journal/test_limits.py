# SPDX-License-Identifier: Apache-2.0
"""After any history the counters say what the records say, and what a decision is told is true."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agent.decisions.admission import ALIKE_FOR_MS
from agent.decisions.limits import FRESH_UNTIL
from agent.domain.customer import Skipped
from agent.domain.event import (
    Answered,
    BudgetEnded,
    BurnEnded,
    Event,
    Forwarding,
    Heard,
    LinkEnded,
    Looked,
    PaperAffirmed,
    PaperApproved,
    PaperEnded,
    PaperLeaving,
    PersonConfirmed,
    PersonLinked,
    PersonWithdrew,
    ReprintAsked,
    Restarted,
    VoidAsked,
)
from agent.domain.exposure import Exposure
from agent.domain.faults import NotNow
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    BurnRefused,
    Burnt,
    BurnUnknown,
    Confirmed,
    Found,
    FoundVoid,
    LinkResult,
    RefusalReason,
    Refused,
    Saying,
    SpentInPart,
    Throttled,
    Unanswered,
    Unsent,
)
from agent.domain.place import Place
from agent.domain.record import CreditRecord, Paper, PaperKind, VoidRequest
from agent.journal import limits, reading
from agent.journal.anchors import Anchor
from agent.journal.verify import verify
from tests.journal.building import Bench, card_of

T = TypeVar("T")
PLACES = (Place("0421", "03"), Place("0421", "04"))


def run(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner() as runner:
        return runner.run(work)


def events_for(record: CreditRecord) -> list[Event]:
    """One of each that the world can bring about a record."""
    card = card_of(record)
    kinds = PaperKind.VOUCHER, PaperKind.IDENTITY, PaperKind.RECEIPT
    return [
        Answered(Confirmed(card), at_counter=True),
        Answered(Refused(RefusalReason.PLATFORM, Saying())),
        Answered(Unsent("refused")),
        Answered(Unanswered("timeout")),
        Answered(Throttled(5)),
        Looked(Found(card)),
        Looked(Absent()),
        Looked(FoundVoid(card)),
        BudgetEnded(),
        Restarted(),
        Forwarding(),
        *(PaperLeaving(kind) for kind in kinds),
        *(PaperEnded(kind, Paper.PRINTED) for kind in kinds),
        *(PaperEnded(kind, Paper.FAILED) for kind in kinds),
        PaperAffirmed("ana", came_out=True),
        PaperAffirmed("ana", came_out=False),
        PaperApproved("eva"),
        ReprintAsked("ana", "torn"),
        VoidAsked(VoidRequest("eva", "mistake")),
        BurnEnded(Burnt(card)),
        BurnEnded(SpentInPart(card, Money(1, "USD"))),
        BurnEnded(BurnUnknown("timeout")),
        BurnEnded(BurnRefused(Saying())),
        LinkEnded(LinkResult.LINKED),
        PersonLinked("eva", "c-1"),
        PersonConfirmed("eva", "card-1"),
        PersonWithdrew("eva", "mistake"),
        Heard(),
    ]


EVENTS = len(events_for(Bench().draft().record))


class Registers(RuleBasedStateMachine):
    """Two registers, the real decisions, and everything that can happen to their credits."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.journal = self.bench.inline()
        self.keys: list[CreditRecord] = []

    def teardown(self) -> None:
        self.journal.close()

    @rule(
        minor=st.integers(1, 30_000),
        place=st.sampled_from(PLACES),
        link_up=st.booleans(),
        knowingly=st.booleans(),
    )
    def open(self, minor: int, place: Place, link_up: bool, knowingly: bool) -> None:
        self.bench.link_up = link_up
        draft = self.bench.draft(minor, place=place, customer=Skipped(knowingly))
        self.keys.append(run(self.bench.opened(self.journal, draft)))

    @precondition(lambda self: self.keys)
    @rule(
        which=st.integers(0, 99),
        event=st.integers(0, EVENTS - 1),
        passed_ms=st.integers(0, 40 * 60_000),
    )
    def advance(self, which: int, event: int, passed_ms: int) -> None:
        self.bench.now_ms += passed_ms
        record = self.keys[which % len(self.keys)]
        try:
            run(self.bench.advance(self.journal, record, events_for(record)[event]))
        except NotNow:
            return

    @rule()
    def lift(self) -> None:
        run(self.journal.lift_limits("eva"))

    @invariant()
    def counters_say_what_the_records_say(self) -> None:
        connection = self.journal.core.store.connection
        assert limits.counted(connection) == limits.recount(connection)

    @invariant()
    def exposure_is_what_the_records_add_up_to(self) -> None:
        store = self.journal.core.store
        records = reading.listed(store, (), False, 1_000, None)
        for place in PLACES:
            here = [each for each in records if each.request.place == place]
            said = limits.exposure(store, place, "USD", None)
            exposed = [each for each in here if each.exposed]
            minute = self.bench.now_ms // 60_000 - 60
            assert said == Exposure(
                sum(each.request.amount.minor for each in exposed),
                sum(
                    each.request.amount.minor
                    for each in exposed
                    if each.opened.wall_ms // 60_000 >= minute
                ),
                min((each.opened.wall_ms for each in exposed), default=None),
                sum(each.is_unclaimed for each in here),
                is_fresh(store.connection),
            )
            for each in here:
                others = limits.exposure(store, place, "USD", each)
                rest = [other for other in exposed if other.key != each.key]
                assert others.outstanding_minor == sum(o.request.amount.minor for o in rest)
                oldest = min((other.opened.wall_ms for other in rest), default=None)
                assert others.oldest_opened_ms == oldest

    @invariant()
    def the_chain_is_whole(self) -> None:
        anchors: list[Anchor] = []
        verdict = verify(self.journal.core.store.connection, anchors, self.bench.seal())
        assert verdict.findings == ()


def is_fresh(connection: sqlite3.Connection) -> bool:
    said = dict(connection.execute("SELECT name, value FROM meta").fetchall())
    return "lifted" not in said and said["confirmed"] < limits.FRESH_UNTIL


Registers.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestRegisters = Registers.TestCase


def test_a_restart_changes_no_counter(tmp_path: Path) -> None:
    bench = Bench(link_up=False)
    journal = bench.inline(tmp_path)
    record = run(bench.opened(journal))
    place, currency = record.request.place, record.request.amount.currency
    before = limits.counted(journal.core.store.connection)
    promised = limits.exposure(journal.core.store, place, currency, None)
    assert before
    assert promised.outstanding_minor == promised.hour_minor == record.request.amount.minor
    journal.crash()
    journal = bench.inline(tmp_path)
    assert limits.counted(journal.core.store.connection) == before
    assert limits.exposure(journal.core.store, place, currency, None) == promised
    assert run(journal.get(record.key)) == record
    journal.close()


def test_the_journal_and_the_decisions_agree_on_their_numbers() -> None:
    """The journal may not import decisions, so both say them; they must say the same."""
    assert limits.FRESH_UNTIL == FRESH_UNTIL
    assert reading.ALIKE_FOR_MS == ALIKE_FOR_MS
