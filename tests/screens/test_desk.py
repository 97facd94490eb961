# SPDX-License-Identifier: Apache-2.0
"""What the agent remembers of a screen, and that forgetting it loses nothing."""

from __future__ import annotations

from dataclasses import replace

from agent.domain.idempotency import IdempotencyKey
from agent.domain.place import Place
from agent.domain.record import CreditRecord
from agent.screens.desk import DESKS_MAX, Desk, Desks, stamp_of
from tests.fakes.chance import FakeChance
from tests.intake.records import PLACE, record


def records(*numbers: int) -> list[CreditRecord]:
    """Newest first, as the journal tells them."""
    return [
        replace(record(), key=IdempotencyKey.make(PLACE, number, "7K3QF2ZD"))
        for number in sorted(numbers, reverse=True)
    ]


def arranged(desk: Desk, *numbers: int) -> tuple[int | None, list[int]]:
    current, saved = desk.arrange(records(*numbers))
    shown = None if current is None else current.key.timestamp_ms
    return shown, [each.key.timestamp_ms for each in saved]


def test_the_newest_comes_back_after_a_start_and_the_others_are_saved() -> None:
    assert arranged(Desk("N"), 1, 2, 3) == (3, [2, 1])


def test_what_is_not_put_aside_stands_on_the_screen() -> None:
    desk = Desk("N")
    assert arranged(desk) == (None, [])
    assert arranged(desk, 1) == (1, [])
    desk.aside.add(records(1)[0].key.text)
    assert arranged(desk, 1) == (None, [1])
    assert arranged(desk, 1, 2) == (2, [1])


def test_two_that_came_at_once_stand_one_after_the_other() -> None:
    desk = Desk("N")
    assert arranged(desk) == (None, [])
    assert arranged(desk, 1, 2) == (2, [1])
    assert arranged(desk, 1) == (1, [])


def test_an_opened_one_stands_until_it_is_ended() -> None:
    desk = Desk("N")
    assert arranged(desk, 1, 2, 3) == (3, [2, 1])
    desk.aside.add(records(3)[0].key.text)
    desk.opened = records(1)[0].key.text
    desk.aside.discard(desk.opened)
    assert arranged(desk, 1, 2, 3) == (1, [3, 2])
    assert arranged(desk, 2, 3) == (None, [3, 2])
    assert desk.opened is None


def test_what_is_ended_elsewhere_is_forgotten() -> None:
    desk = Desk("N")
    assert arranged(desk, 1, 2) == (2, [1])
    assert arranged(desk) == (None, [])
    assert desk.aside == set()


def test_each_pairing_has_a_desk_of_its_own_at_each_register() -> None:
    desks = Desks(FakeChance())
    one = desks.at("a", PLACE)
    assert desks.at("a", PLACE) is one
    assert desks.at("b", PLACE) is not one
    assert desks.at("a", Place("0421", "04")) is not one
    assert one.name != desks.at("b", PLACE).name


def test_there_are_at_most_so_many_desks() -> None:
    desks = Desks(FakeChance())
    first = desks.at("first", PLACE)
    for number in range(DESKS_MAX):
        desks.at(f"caller {number}", PLACE)
    assert desks.at("first", PLACE) is not first


def test_a_clean_form_has_another_name_and_keeps_the_operator() -> None:
    desk = Desk("N", fields={"amount": "5"}, operator="Ana")
    desk.clean_form(FakeChance())
    assert desk.name != "N"
    assert (desk.fields, desk.operator) == ({}, "Ana")


def test_what_was_not_read_is_not_taken_for_ended() -> None:
    desk = Desk("N")
    assert arranged(desk, 1, 2, 3) == (3, [2, 1])
    desk.aside.add(records(3)[0].key.text)
    current, saved = desk.arrange(records(2, 3), whole=False)
    assert (current, len(saved)) == (None, 2)
    assert arranged(desk, 1, 2, 3) == (None, [3, 2, 1])


def test_a_stamp_is_one_for_one_content_under_one_name() -> None:
    desk = Desk("N", fields={"amount": "5", "operator": "Ana"})
    assert desk.stamp == stamp_of("N", {"operator": "Ana", "amount": "5"})
    others = [("M", desk.fields), ("N", {**desk.fields, "amount": "50"}), ("N", {})]
    assert len({desk.stamp, *(stamp_of(*each) for each in others)}) == 4
