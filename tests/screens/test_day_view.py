# SPDX-License-Identifier: Apache-2.0
"""From what the journal says of a day to what is shown: tables, without a journal or a page."""

from __future__ import annotations

import datetime
import zoneinfo
from dataclasses import replace
from typing import Any

import pytest

from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.day import Act, Bounded, Day, DaySum, PersonAct, Recorded
from agent.domain.money import Money
from agent.domain.record import (
    CreditRecord,
    ManagerReason,
    Paper,
    PaperKind,
    ReviewReason,
    State,
    VoidRequest,
)
from agent.ports import QueueTotals
from agent.screens.day_sums import Stand, stand_of
from agent.screens.day_view import Around, DayView, act_words, day_view, hours_of
from agent.words import message_ids
from tests.intake.records import PLACE
from tests.intake.records import record as received

DATE = datetime.date(2026, 11, 21)
ZONE = zoneinfo.ZoneInfo("America/New_York")
NOW_MS = 1_795_303_800_000
"""2026-11-21 23:30 UTC, 18:30 in New York."""
NOTHING_WAITS = QueueTotals(0, {}, None, {}, 0)


def around(**changes: Any) -> Around:
    return replace(Around("/screen/03", ZONE, NOW_MS, NOTHING_WAITS), **changes)


def shown(day: Day, **changes: Any) -> DayView:
    return day_view(day, around(**changes))


def day(**changes: Any) -> Day:
    return replace(Day(PLACE, DATE), **changes)


def total(
    state: State, minor: int, promised: bool = False, operator: str = "Ana", currency: str = "USD"
) -> DaySum:
    return DaySum(operator, state, promised, Money(minor, currency), 1, NOW_MS)


def on_paper(**changes: Any) -> CreditRecord:
    base = replace(
        received(State.UNSETTLED),
        promised=True,
        shared=True,
        paper=Paper.PRINTED,
        paper_kind=PaperKind.VOUCHER,
    )
    return replace(base, **changes)


@pytest.mark.parametrize("promised", [False, True])
@pytest.mark.parametrize("state", State)
def test_every_credit_stands_in_one_line_of_the_totals(state: State, promised: bool) -> None:
    fixed = {
        State.CONFIRMED: Stand.CONFIRMED,
        State.VOIDING: Stand.VOIDING,
        State.VOIDED: Stand.VOIDED,
        State.REFUSED: Stand.NOTHING,
        State.WITHDRAWN: Stand.NOTHING,
    }
    open_stand = Stand.ON_PAPER if promised else Stand.WAITING
    assert stand_of(state, promised) is fixed.get(state, open_stand)


def lines(view: DayView) -> dict[str, tuple[int, str]]:
    (balance,) = view.balances
    return {line.name: (line.count, line.amount) for line in balance.lines}


def test_what_was_issued_is_confirmed_or_on_paper_or_being_voided() -> None:
    sums = (
        total(State.CONFIRMED, 1_000),
        total(State.CONFIRMED, 500, promised=True, operator="Ben"),
        total(State.PARKED, 2_000, promised=True),
        total(State.REVIEW, 300, promised=True),
        total(State.UNSETTLED, 70),
        total(State.VOIDING, 40),
        total(State.VOIDED, 900),
        total(State.REFUSED, 5),
        total(State.WITHDRAWN, 6),
    )
    view = shown(day(sums=sums, recorded=(Recorded(9, Money(4_821, "USD")),)))
    assert lines(view) == {
        "recorded": (9, "USD 48.21"),
        "nothing": (2, "USD 0.11"),
        "voided": (1, "USD 9.00"),
        "waiting": (1, "USD 0.70"),
        "issued": (5, "USD 38.40"),
        "confirmed": (2, "USD 15.00"),
        "on-paper": (2, "USD 23.00"),
        "voiding": (1, "USD 0.40"),
        "difference": (0, "USD 0.00"),
    }
    assert view.balances[0].agrees


@pytest.mark.parametrize(
    ("recorded", "difference"),
    [
        ((Recorded(1, Money(1_001, "USD")),), (0, "USD 0.01")),
        ((Recorded(2, Money(1_000, "USD")),), (1, "USD 0.00")),
        ((), (-1, "USD -10.00")),
    ],
)
def test_an_event_log_that_says_otherwise_is_stated_as_a_difference(
    recorded: tuple[Recorded, ...], difference: tuple[int, str]
) -> None:
    view = shown(day(sums=(total(State.CONFIRMED, 1_000),), recorded=recorded))
    assert lines(view)["difference"] == difference
    assert not view.balances[0].agrees


def test_each_currency_has_totals_and_operators_of_its_own() -> None:
    sums = (total(State.CONFIRMED, 1_000), total(State.CONFIRMED, 1_000, currency="JPY"))
    logged = (Recorded(1, Money(1_000, "JPY")), Recorded(1, Money(1_000, "USD")))
    view = shown(day(sums=sums, recorded=logged))
    assert [(each.currency, each.agrees) for each in view.balances] == [
        ("JPY", True),
        ("USD", True),
    ]
    assert [each.sums[Stand.CONFIRMED] for each in view.operators] == ["JPY 1000", "USD 10.00"]


def test_an_operator_is_told_by_where_the_credits_stand() -> None:
    sums = (
        total(State.CONFIRMED, 1_000),
        total(State.PARKED, 300, promised=True),
        total(State.UNSETTLED, 200, promised=True),
        total(State.VOIDED, 50),
        total(State.REFUSED, 7),
        total(State.SENDING, 11, operator="Ben"),
    )
    ana, ben = shown(day(sums=sums)).operators
    assert (ana.operator, ana.count) == ("Ana", 4)
    assert {stand.value: text for stand, text in ana.sums.items()} == {
        "confirmed": "USD 10.00",
        "on-paper": "USD 5.00",
        "voiding": "USD 0.00",
        "waiting": "USD 0.00",
        "voided": "USD 0.50",
        "nothing": "USD 0.07",
    }
    assert (ben.operator, ben.sums[Stand.WAITING]) == ("Ben", "USD 0.11")


def test_a_till_that_makes_up_operators_does_not_make_an_endless_page() -> None:
    sums = tuple(total(State.CONFIRMED, 1, operator=f"op {number}") for number in range(101))
    view = shown(day(sums=sums, recorded=(Recorded(101, Money(101, "USD")),)))
    assert (len(view.operators), view.operators_cut) == (100, True)
    assert lines(view)["confirmed"] == (101, "USD 1.01")
    assert not shown(day(sums=sums[:100])).operators_cut


def test_a_day_on_which_nothing_happened_is_empty() -> None:
    view = shown(day())
    assert view.empty
    assert not view.balances
    assert not view.operators


@pytest.mark.parametrize(
    "changes",
    [
        {"sums": (total(State.REFUSED, 1),)},
        {"acts": (PersonAct(Act.LIMITS_LIFTED, "Eva", NOW_MS),)},
        {"undone": Bounded((on_paper(state=State.VOIDED),))},
    ],
)
def test_whatever_happened_makes_it_a_day(changes: dict[str, Any]) -> None:
    assert not shown(day(**changes)).empty


def test_what_needs_a_person_stands_first_and_is_counted() -> None:
    calm = on_paper()
    unproved = on_paper(paper=Paper.SENT, manager=ManagerReason.PAPER_UNPROVED)
    review = replace(
        received(State.REVIEW), review=ReviewReason.DIFFERS, manager=ManagerReason.REVIEW
    )
    view = shown(
        day(
            sums=(total(State.UNSETTLED, 9_700, promised=True), total(State.REVIEW, 4_850)),
            promised=Bounded((calm, unproved)),
            waiting=Bounded((review,)),
        )
    )
    assert [row.word for row in view.paper_rows] == ["ASK A MANAGER", "VOUCHER"]
    assert [row.needs_person for row in view.paper_rows] == [True, False]
    assert view.waiting_rows[0].sentence.startswith("USD 48.50 stands on the platform")
    assert (view.need_person, view.settled) == (2, False)


def test_a_credit_without_a_word_is_told_by_its_state() -> None:
    (row,) = shown(day(waiting=Bounded((received(State.PARKED),)))).waiting_rows
    assert (row.word, row.needs_person) == ("PARKED", False)
    assert row.path == f"/screen/03/credits/{received().key}"
    assert row.time == "06:06"


def test_what_waits_from_other_days_is_all_that_waits_less_what_is_shown() -> None:
    queue = QueueTotals(4, {"JPY": 700, "USD": 5_000}, NOW_MS, {}, 0)
    sums = (total(State.PARKED, 1_000), total(State.VOIDING, 500), total(State.CONFIRMED, 9))
    view = shown(day(sums=sums), queue=queue)
    assert (view.other_days.count, view.other_days.sum) == (2, "JPY 700, USD 35.00")
    assert shown(day(sums=sums)).other_days.count == 0


def test_only_what_was_saved_of_this_day_is_listed_as_saved() -> None:
    here = received(State.CONFIRMED)
    pos = replace(here.request.pos, business_date=DATE - datetime.timedelta(days=1))
    earlier = replace(here, request=replace(here.request, pos=pos))
    view = shown(day(), saved=(here, earlier))
    assert [row.word for row in view.saved_rows] == ["CONFIRMED"]
    assert not view.empty


def test_a_void_says_who_asked_and_why_and_of_which_day_it_was() -> None:
    before = received(State.VOIDED)
    pos = replace(before.request.pos, business_date=DATE - datetime.timedelta(days=2))
    gone = replace(
        before,
        request=replace(before.request, pos=pos),
        settled_ms=NOW_MS,
        void=VoidRequest("Ana with Eva", "wrong amount"),
    )
    view = shown(day(undone=Bounded((gone,)), undone_sums=(total(State.VOIDED, 4_850),)))
    (row,) = view.undone_rows
    assert (row.word, row.time, row.date) == ("VOIDED", "18:30", "2026-11-19")
    assert (row.by, row.reason) == ("Ana with Eva", "wrong amount")
    ((state, tally),) = view.undone
    assert (state, tally.count, tally.sum) == ("VOIDED", 1, "USD 48.50")
    assert not view.voiding


def test_paper_owed_is_told_twice_as_an_act_and_by_itself() -> None:
    credit = received(State.CONFIRMED)
    owed = PersonAct(
        Act.CODE_SHOWN,
        "Eva",
        NOW_MS,
        credit.key,
        credit.request.amount,
        credit.code.last_four,
        State.CONFIRMED,
    )
    view = shown(day(acts=(PersonAct(Act.LIMITS_LIFTED, "Eva", NOW_MS), owed)))
    assert len(view.acts) == 2
    (row,) = view.owed
    assert (row.time, row.by, row.amount, row.word) == ("18:30", "Eva", "USD 48.50", "CONFIRMED")
    assert row.last_four == credit.code.last_four
    assert view.acts[0].path == ""


@pytest.mark.parametrize("came_out", [True, False, None])
@pytest.mark.parametrize("approved_by", [None, "Eva"])
@pytest.mark.parametrize("act", Act)
def test_every_act_has_words_that_take_its_values(
    act: Act, approved_by: str | None, came_out: bool | None
) -> None:
    for writes_off in (False, True):
        did = PersonAct(
            act, "Ana", NOW_MS, approved_by=approved_by, came_out=came_out, writes_off=writes_off
        )
        assert act_words(did)[0] in message_ids()
        (row,) = shown(day(acts=(did,))).acts
        assert row.sentence
        assert "{" not in row.sentence


def test_no_customer_and_no_code_is_ever_in_what_is_shown() -> None:
    named = CustomerReference(CustomerKind.EMAIL, "ana.secret@shop.example")
    record = on_paper(reference="card-77")
    record = replace(record, request=replace(record.request, customer=named))
    view = shown(
        day(
            waiting=Bounded((record,)),
            promised=Bounded((record,)),
            undone=Bounded((replace(record, void=VoidRequest("Eva", "mistake")),)),
        ),
        saved=(record,),
    )
    text = repr(view)
    assert record.code.last_four in text
    assert record.code.reveal() not in text
    assert record.code.grouped() not in text
    assert "ana.secret" not in text


@pytest.mark.parametrize(
    ("date", "zone", "hours"),
    [
        ("2026-11-21", "America/New_York", 24),
        ("2026-03-08", "America/New_York", 23),
        ("2026-11-01", "America/New_York", 25),
        ("2026-11-21", "Asia/Kolkata", 24),
        ("2026-09-06", "America/Santiago", 23),
    ],
)
def test_a_day_goes_from_midnight_to_midnight_by_the_stores_clock(
    date: str, zone: str, hours: int
) -> None:
    day_of, here = datetime.date.fromisoformat(date), zoneinfo.ZoneInfo(zone)
    first, last = hours_of(day_of, here)
    assert last - first == hours * 3_600_000
    assert hours_of(day_of + datetime.timedelta(days=1), here)[0] == last


def test_the_next_day_is_offered_until_today() -> None:
    view = shown(day(date=DATE - datetime.timedelta(days=1)))
    assert (view.previous, view.following) == ("2026-11-19", "2026-11-21")
    assert shown(day()).following is None
    assert shown(day()).at == "2026-11-21 18:30 EST"
