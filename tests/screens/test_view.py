# SPDX-License-Identifier: Apache-2.0
"""What is shown for a record, as tables: states, words, ages, and the ways out."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pytest

from agent.decisions.answer import answer, held_reason
from agent.decisions.circumstances import Circumstances
from agent.domain.moment import Moment
from agent.domain.record import (
    Answer,
    CreditRecord,
    ManagerReason,
    Paper,
    PaperKind,
    ReviewReason,
    State,
)
from agent.flows.pairing import SCOPES
from agent.ports import QueueTotals
from agent.printing.condition import CONDITIONS
from agent.screens import view
from agent.screens.desk import Mode
from agent.screens.exits import FINAL, Exit, ways_out
from agent.words import message_ids, say
from tests.intake.records import record

NOW_MS = 1_795_000_000_000
AT = Circumstances(now=Moment(NOW_MS, 60_000, "boot-1"))
ALL = frozenset(SCOPES)


def every_record() -> list[CreditRecord]:
    """Every state with every paper, kind and reason that could stand with it."""
    return [
        replace(record(state), paper=paper, paper_kind=kind, manager=manager, review=review)
        for state in State
        for paper in Paper
        for kind in (None, *PaperKind)
        for manager in (None, *ManagerReason)
        for review in (None, ReviewReason.CUSTOMER_MISSING, ReviewReason.DIFFERS)
        if (review is None) == (state is not State.REVIEW)
    ]


def test_every_record_is_one_state_with_words_and_never_says_more_than_is_true() -> None:
    for each in every_record():
        scene = view.scene_of_record(each, each.changed_ms)
        word = answer(each)
        assert scene.title
        assert scene.sentence
        assert (scene.state == "confirmed") is (word is Answer.CONFIRMED)
        assert (scene.state == "voucher") is (word is Answer.VOUCHER)
        assert (scene.state == "confirming") is (word is None)
        if word is Answer.ASK_A_MANAGER:
            held = held_reason(each)
            assert held is not None
            assert (scene.state, scene.reason) == ("held", held.value)


def test_the_page_for_store_it_names_every_state() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "cashier.md").read_text("utf-8")
    for state in (*view.ICONS, "unpaired", "agent-lost"):
        assert f"| `{state}` |" in page


def test_nothing_stands_for_ever_without_a_way_out() -> None:
    for each in every_record():
        for later_ms in (0, 60_000):
            scene = view.scene_of_record(each, each.changed_ms + later_ms)
            if scene.state == "confirming":
                assert later_ms == 0
                continue
            exits = ways_out(each, AT, ALL, scene.reason)
            final = answer(each) in FINAL
            assert (Exit.NEXT in exits) is final
            assert final or Exit.SAVE in exits


def test_the_id_of_a_scene_changes_with_what_is_shown_and_with_nothing_else() -> None:
    one = replace(record(State.PARKED), manager=ManagerReason.NO_ROOM)
    again = replace(one, revision=one.revision + 5, attempts=3, due_ms=99)
    other = replace(one, manager=ManagerReason.HELD)
    ids = [view.scene_of_record(each, NOW_MS).id for each in (one, again, other)]
    assert ids[0] == ids[1] != ids[2]


def test_a_question_is_another_scene_for_another_content_and_a_form_is_not() -> None:
    for mode in Mode:
        one, other = (view.scene_of_form(mode, "N", stamp) for stamp in ("S", "T"))
        assert (one.id == other.id) is (mode is Mode.READY)
        assert (one.subject == other.subject) is (mode is Mode.READY)


def test_what_is_told_beside_a_scene_makes_it_another_one() -> None:
    held = replace(record(State.PARKED), manager=ManagerReason.NO_ROOM)
    for scene in (view.scene_of_form(Mode.READY, "N", ""), view.scene_of_record(held, NOW_MS)):
        told = replace(scene, remarks=("The PIN is wrong.",))
        assert scene.id != told.id
        assert told.id.startswith(f"{scene.state}-")


def test_each_attempt_at_a_credit_leaves_the_cashiers_patience_as_it_was() -> None:
    each = replace(record(State.UNSETTLED), paper=Paper.QUEUED, attempts=9)
    later_ms = each.opened.wall_ms + view.PRINTING_MS + 1
    tried = replace(each, changed_ms=later_ms - 1)
    assert view.scene_of_record(tried, later_ms).reason == view.WAITING
    # A paper that was asked for later has its own time.
    assert view.scene_of_record(tried, later_ms, later_ms - 1).state == "confirming"


@pytest.mark.parametrize(("asked_ms", "phase"), [(0, 0), (999, 0), (1000, 1), (3999, 1), (4000, 2)])
def test_how_long_it_has_been_asked_is_told_in_three_steps(asked_ms: int, phase: int) -> None:
    scene = view.confirming(asked_ms, None)
    assert (scene.phase, scene.sentence) == (phase, say(f"screen.confirming.{phase}"))


@pytest.mark.parametrize(
    ("age_ms", "words"),
    [
        (-5, "under 1 min"),
        (59_999, "under 1 min"),
        (60_000, "1 min"),
        (14 * 60_000, "14 min"),
        (119 * 60_000, "119 min"),
        (120 * 60_000, "2 h"),
        (47 * 3_600_000, "47 h"),
        (48 * 3_600_000, "2 days"),
    ],
)
def test_an_age_is_told_in_one_unit(age_ms: int, words: str) -> None:
    assert view.age_words(age_ms) == words


def test_sums_are_told_by_currency() -> None:
    totals = QueueTotals(3, {"USD": 12000, "EUR": 50}, NOW_MS - 840_000, {}, 1)
    assert view.waiting_words(totals, NOW_MS) == "3 waiting, EUR 0.50 + USD 120.00, oldest 14 min"
    assert view.waiting_words(QueueTotals(0, {}, None, {}, 0), NOW_MS) == "Nothing waits"


def test_a_time_of_another_day_is_told_with_its_day() -> None:
    zone = datetime.UTC
    assert view.time_words(NOW_MS, NOW_MS, zone) == "11:06"
    assert view.time_words(NOW_MS - 86_400_000, NOW_MS, zone) == "2026-11-17 11:06"


@pytest.mark.parametrize("code", sorted(CONDITIONS - {"closed"}))
def test_every_condition_of_a_printer_has_its_words(code: str) -> None:
    assert f"screen.printer.{code}" in message_ids()


def test_a_condition_that_nobody_knows_reads_as_unknown() -> None:
    assert view.printer_words("<b>") == view.printer_words("unknown")


@pytest.mark.parametrize("mode", list(Mode))
def test_every_mode_of_the_form_has_a_title_and_an_icon(mode: Mode) -> None:
    scene = view.scene_of_form(mode, "N", "S")
    assert scene.title
    assert scene.icon


@pytest.mark.parametrize("reason", list(ManagerReason))
def test_for_every_reason_there_is_something_to_say(reason: ManagerReason) -> None:
    held = replace(record(State.PARKED), manager=reason)
    assert "USD 48.50" in view.scene_of_record(held, NOW_MS).to_say


def test_what_is_said_aloud_promises_only_what_is_true() -> None:
    for message_id in message_ids():
        if message_id.startswith("say.held") or message_id == "say.wait":
            said = say(message_id, amount="USD 1.00").lower()
            assert "confirmed" not in said
            assert "ready to use" not in said
            assert "voucher" not in said
