# SPDX-License-Identifier: Apache-2.0
"""A register's day as the journal tells it: exact sums, short lists, who did what by hand."""

from __future__ import annotations

import datetime
import random
from collections import Counter
from dataclasses import fields, replace
from typing import get_args

import pytest

from agent.domain.approval import Approval
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.day import DAY_LIST_MAX, Act, Day, PersonAct, Recorded
from agent.domain.event import (
    Answered,
    BudgetEnded,
    BurnEnded,
    CodeShown,
    Event,
    Heard,
    PaperAffirmed,
    PaperEnded,
    PaperLeaving,
    ReprintAsked,
    VoidAsked,
)
from agent.domain.money import Money
from agent.domain.outcome import Burnt, Confirmed, RefusalReason, Refused, Saying
from agent.domain.place import Place
from agent.domain.record import CreditRecord, Paper, PaperKind, State, VoidKind, VoidRequest
from agent.journal import Journal, day
from agent.journal.tables import MIGRATIONS
from agent.ports import Draft
from tests.journal.building import PLACE, Bench, card_of
from tests.journal.test_reading import plans, scans

DATE = datetime.date(2025, 11, 20)
BEFORE = datetime.date(2025, 11, 19)
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
OTHER = Place("0421", "04")


def draft(
    bench: Bench,
    minor: int,
    operator: str = "ana",
    date: datetime.date = DATE,
    currency: str = "USD",
    place: Place = PLACE,
) -> Draft:
    made = bench.draft(minor, place=place)
    request = made.record.request
    request = replace(
        request,
        operator=operator,
        amount=Money(minor, currency),
        pos=replace(request.pos, business_date=date),
        customer=CustomerReference(CustomerKind.EMAIL, "ana.secret@shop.example"),
    )
    return replace(made, record=replace(made.record, request=request))


async def told(journal: Journal, bench: Bench, date: datetime.date = DATE) -> Day:
    """The day around the bench's clock."""
    return await journal.day(PLACE, date, bench.now_ms - HOUR_MS, bench.now_ms + HOUR_MS)


async def printed(bench: Bench, journal: Journal, record: CreditRecord) -> CreditRecord:
    """Its voucher came out."""
    (job,) = await journal.prints(record.key)
    for event, paper in (
        (PaperLeaving(PaperKind.VOUCHER), Paper.SENT),
        (PaperEnded(PaperKind.VOUCHER, Paper.PRINTED), Paper.PRINTED),
    ):
        await journal.advance_print(job.id, event, bench.step(event), paper, None)
    found = await journal.get(record.key)
    assert found is not None
    return found


async def voided(bench: Bench, journal: Journal, record: CreditRecord) -> CreditRecord:
    await bench.advance(journal, record, VoidAsked(VoidRequest("eva", "wrong amount")))
    return await bench.advance(journal, record, BurnEnded(Burnt(card_of(record))))


def sums(told: Day) -> dict[tuple[str, State, bool], tuple[int, str]]:
    return {
        (each.operator, each.state, each.promised): (each.count, str(each.amount))
        for each in told.sums
    }


async def test_a_day_without_credits_is_empty(journal: Journal, bench: Bench) -> None:
    await bench.confirmed(journal, draft(bench, 100, date=BEFORE))
    await bench.confirmed(journal, draft(bench, 100, place=OTHER))
    assert await told(journal, bench) == Day(PLACE, DATE)


async def test_sums_are_by_operator_and_by_how_the_credits_stand(
    journal: Journal, bench: Bench
) -> None:
    first_ms = bench.now_ms
    for minor in (1_000, 250):
        await bench.confirmed(journal, draft(bench, minor))
        bench.now_ms += 1_000
    await bench.confirmed(journal, draft(bench, 700, "ben"))
    await printed(bench, journal, await bench.on_paper(journal, draft(bench, 2_000, "ben")))
    bench.link_up = False
    await bench.opened(journal, draft(bench, 90))
    bench.link_up = True
    record = await bench.opened(journal, draft(bench, 55))
    await bench.advance(journal, record, Answered(Refused(RefusalReason.LIMIT, Saying())))
    found = await told(journal, bench)
    assert sums(found) == {
        ("ana", State.CONFIRMED, False): (2, "USD 12.50"),
        ("ana", State.PARKED, False): (1, "USD 0.90"),
        ("ana", State.REFUSED, False): (1, "USD 0.55"),
        ("ben", State.CONFIRMED, False): (1, "USD 7.00"),
        ("ben", State.UNSETTLED, True): (1, "USD 20.00"),
    }
    oldest = {each.oldest_ms for each in found.sums if each.state is State.CONFIRMED}
    assert oldest == {first_ms, bench.now_ms}
    assert found.recorded == (Recorded(6, Money(4_095, "USD")),)


async def test_currencies_never_mix(journal: Journal, bench: Bench) -> None:
    await bench.confirmed(journal, draft(bench, 1_000))
    await bench.confirmed(journal, draft(bench, 1_000, currency="JPY"))
    found = await told(journal, bench)
    assert [str(each.amount) for each in found.sums] == ["JPY 1000", "USD 10.00"]
    assert [str(each.amount) for each in found.recorded] == ["JPY 1000", "USD 10.00"]


async def test_the_lists_part_what_is_promised_from_what_waits(
    journal: Journal, bench: Bench
) -> None:
    on_paper = await printed(bench, journal, await bench.on_paper(journal, draft(bench, 1_000)))
    bench.link_up = False
    waits = await bench.opened(journal, draft(bench, 500))
    bench.link_up = True
    await bench.confirmed(journal, draft(bench, 100))
    await bench.on_paper(journal, draft(bench, 100, date=BEFORE))
    found = await told(journal, bench)
    assert found.promised.records == (on_paper,)
    assert found.waiting.records == (waits,)
    assert not found.waiting.truncated


async def test_a_list_is_bounded_and_its_sum_is_not(journal: Journal, bench: Bench) -> None:
    bench.link_up = False
    for _ in range(DAY_LIST_MAX + 1):
        await bench.opened(journal, draft(bench, 3))
    found = await told(journal, bench)
    assert found.waiting.truncated
    assert len(found.waiting.records) == DAY_LIST_MAX
    assert sums(found) == {("ana", State.PARKED, False): (DAY_LIST_MAX + 1, "USD 6.03")}


async def test_a_void_counts_on_the_day_on_which_it_ended(journal: Journal, bench: Bench) -> None:
    record = await bench.confirmed(journal, draft(bench, 1_000, date=BEFORE))
    bench.now_ms += DAY_MS
    voiding = await bench.confirmed(journal, draft(bench, 500))
    await bench.advance(journal, voiding, VoidAsked(VoidRequest("eva", "mistake")))
    gone = await voided(bench, journal, record)
    found = await told(journal, bench)
    assert {each.key for each in found.undone.records} == {gone.key, voiding.key}
    assert {(each.state, str(each.amount)) for each in found.undone_sums} == {
        (State.VOIDED, "USD 10.00"),
        (State.VOIDING, "USD 5.00"),
    }
    assert [each.state for each in found.sums] == [State.VOIDING]
    bench.now_ms += DAY_MS
    await bench.advance(journal, gone, Heard())
    assert (await told(journal, bench)).undone.records == ()


async def test_what_people_did_is_told_in_order_with_who_and_about_what(
    journal: Journal, bench: Bench
) -> None:
    await journal.lift_limits("eva")
    record = await bench.on_paper(journal, draft(bench, 2_000))
    steps: list[tuple[Event, PersonAct]] = [
        (PaperAffirmed("ana", False), PersonAct(Act.PAPER_AFFIRMED, "ana", 0, came_out=False)),
        (
            ReprintAsked("ana", "jammed", "eva"),
            PersonAct(Act.REPRINT_ASKED, "ana", 0, reason="jammed", approved_by="eva"),
        ),
        (PaperAffirmed("ana", True), PersonAct(Act.PAPER_AFFIRMED, "ana", 0, came_out=True)),
        (
            VoidAsked(VoidRequest("eva", "lost", VoidKind.WRITE_OFF)),
            PersonAct(Act.VOID_ASKED, "eva", 0, reason="lost", writes_off=True),
        ),
    ]
    lifted_ms = bench.now_ms
    (job,) = await journal.prints(record.key)
    leaving = PaperLeaving(PaperKind.VOUCHER)
    await journal.advance_print(job.id, leaving, bench.step(leaving), Paper.SENT, None)
    expected = [PersonAct(Act.LIMITS_LIFTED, "eva", lifted_ms)]
    for event, act in steps:
        bench.now_ms += 1_000
        if isinstance(event, PaperAffirmed) and event.came_out:
            # The copy has to leave before anybody can have seen it.
            copy = (await journal.prints(record.key))[-1]
            await journal.advance_print(copy.id, leaving, bench.step(leaving), Paper.SENT, None)
        await bench.advance(journal, record, event)
        expected.append(
            replace(
                act,
                at_ms=bench.now_ms,
                key=record.key,
                amount=record.request.amount,
                last_four=record.code.last_four,
                state=State.VOIDING,
            )
        )
    assert list((await told(journal, bench)).acts) == expected


async def test_paper_owed_and_an_approval_before_the_record_are_acts_too(
    journal: Journal, bench: Bench
) -> None:
    await journal.keep_approval(Approval("A1", "eva", bytes(32), bench.now_ms))
    await journal.keep_approval(Approval("A2", "eva", bytes(32), bench.now_ms))
    bench.now_ms += 1_000
    approved = replace(draft(bench, 20_000), approval_id="A1")
    record = await bench.confirmed(journal, approved)
    owed = await bench.on_paper(journal, draft(bench, 1_500))
    (job,) = await journal.prints(owed.key)
    failed = PaperEnded(PaperKind.VOUCHER, Paper.FAILED)
    await journal.advance_print(job.id, failed, bench.step(failed), Paper.FAILED, None)
    await bench.advance(journal, owed, CodeShown("eva"))
    acts = (await told(journal, bench)).acts
    assert [(act.act, act.by, act.key, act.last_four) for act in acts] == [
        (Act.APPROVED, "eva", record.key, record.code.last_four),
        (Act.CODE_SHOWN, "eva", owed.key, owed.code.last_four),
    ]


async def test_acts_of_another_register_or_day_are_not_told(journal: Journal, bench: Bench) -> None:
    elsewhere = await bench.on_paper(journal, draft(bench, 100, place=OTHER))
    await bench.advance(journal, elsewhere, VoidAsked(VoidRequest("eva", "mistake")))
    await bench.confirmed(journal, draft(bench, 100))
    found = await told(journal, bench)
    assert (found.acts, found.undone.records) == ((), ())
    bench.now_ms += DAY_MS
    await journal.lift_limits("eva")
    found = await journal.day(PLACE, DATE, bench.now_ms - DAY_MS, bench.now_ms)
    assert found.acts == ()
    found = await journal.day(PLACE, DATE, bench.now_ms, bench.now_ms + 1)
    assert [act.act for act in found.acts] == [Act.LIMITS_LIFTED]


async def test_more_acts_than_a_list_holds_are_cut_and_said_so(
    journal: Journal, bench: Bench
) -> None:
    record = await bench.on_paper(journal, draft(bench, 100))
    await bench.advance(journal, record, VoidAsked(VoidRequest("eva", "first")))
    for _ in range(DAY_LIST_MAX):
        await bench.advance(journal, record, VoidAsked(VoidRequest("eva", "again")))
    found = await told(journal, bench)
    assert found.acts_truncated
    assert len(found.acts) == DAY_LIST_MAX
    assert found.acts[0].reason == "first"


async def test_another_name_for_a_credit_is_not_recorded_twice(
    journal: Journal, bench: Bench
) -> None:
    first = draft(bench, 100)
    await bench.open(journal, first)
    again = replace(first, aliases=(*first.aliases, "another name"))
    assert not (await bench.open(journal, again)).fresh
    assert (await told(journal, bench)).recorded == (Recorded(1, Money(100, "USD")),)


async def test_neither_a_customer_nor_a_code_is_in_a_sum_or_an_act(
    journal: Journal, bench: Bench
) -> None:
    record = await bench.on_paper(journal, draft(bench, 100))
    await bench.advance(journal, record, VoidAsked(VoidRequest("eva", "mistake")))
    found = await told(journal, bench)
    text = repr((found.sums, found.recorded, found.undone_sums, found.acts))
    assert found.acts
    assert "ana.secret" not in text
    assert record.code.reveal() not in text
    assert record.code.grouped() not in text


@pytest.mark.parametrize("seed", range(5))
async def test_sums_equal_a_count_of_the_records_over_random_days(seed: int) -> None:
    bench, chance = Bench(), random.Random(seed)
    expected: Counter[tuple[str, State, bool]] = Counter()
    async with bench.inline() as journal:
        for _ in range(60):
            operator, minor = chance.choice(["ana", "ben"]), chance.randrange(1, 10**6)
            record = await bench.opened(journal, draft(bench, minor, operator))
            match chance.randrange(4):
                case 0:
                    record = await bench.advance(journal, record, BudgetEnded())
                case 1:
                    outcome = Confirmed(card_of(record))
                    record = await bench.advance(journal, record, Answered(outcome))
                case 2:
                    outcome = Confirmed(card_of(record))
                    record = await bench.advance(journal, record, Answered(outcome))
                    record = await voided(bench, journal, record)
                case _:
                    pass
            expected[operator, record.state, record.promised] += minor
        found = await told(journal, bench)
    assert {
        (each.operator, each.state, each.promised): each.amount.minor for each in found.sums
    } == expected
    assert found.recorded == (Recorded(60, Money(expected.total(), "USD")),)


async def test_no_question_about_a_day_walks_through_a_table() -> None:
    bench = Bench()
    steps = await plans(bench, [lambda store: day.day(store, PLACE, DATE, 0, bench.now_ms)])
    assert scans(steps) == []
    used = " ".join(steps)
    for index in ("credits_day", "credits_undone", "events_people", "approvals_used"):
        assert f"INDEX {index} (" in used


def test_every_event_by_a_person_is_an_act_of_the_day() -> None:
    by_people = {
        event.name
        for event in get_args(Event)
        if event is VoidAsked or "by" in {field.name for field in fields(event)}
    }
    assert by_people | {Act.APPROVED, Act.LIMITS_LIFTED} == {each.value for each in Act}
    index = MIGRATIONS[1]
    assert all(f"'{each}'" in index for each in Act if each is not Act.APPROVED)
