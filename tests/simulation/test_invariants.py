# SPDX-License-Identifier: Apache-2.0
"""Each invariant sees what it must see, and is silent where all is well."""

from __future__ import annotations

import datetime
from dataclasses import replace

from agent.domain.credit import CreditRequest, PosTransaction, Unit
from agent.domain.money import Money
from agent.domain.place import Place
from agent.domain.record import Answer, Paper, PaperKind, State
from tests.simulation import invariants
from tests.simulation.book import Book, Entry, Intent, Row, Told
from tests.simulation.platform_cards import SimCard

KEY = "0421-01-1795000000000-7K3QF2ZD"
CODE = "A123456789012345"
ENTRY = Entry(KEY, 2_000, "USD", "0421/01", code=CODE, home="host1")
ROW = Row(State.PARKED, 2, False, False, False, Paper.NONE)
CARD = SimCard(1, KEY, CODE, 2_000, "USD", 2_000, 0, "us")
UNIT = Unit("S-1", "1", 1)
DEAD = replace(CARD, enabled=False)


def entry(**known: object) -> Entry:
    made = replace(ENTRY)
    for name, value in known.items():
        setattr(made, name, value)
    return made


def row(state: State, **known: object) -> Row:
    made = replace(ROW, state=state)
    for name, value in known.items():
        setattr(made, name, value)
    return made


def test_i1_sees_a_record_that_is_gone_or_older() -> None:
    older = row(State.PARKED, revision=1)
    assert list(invariants.i1_kept(ENTRY, ROW, None))
    assert list(invariants.i1_kept(ENTRY, ROW, older))
    assert not list(invariants.i1_kept(ENTRY, ROW, ROW))


def test_i1_sees_paper_of_nobody_and_paper_before_its_commit() -> None:
    assert list(invariants.i1_on_paper(None, None, CODE))
    assert list(invariants.i1_on_paper(ENTRY, ROW, CODE))
    assert not list(invariants.i1_on_paper(ENTRY, row(State.PARKED, shared=True), CODE))


def test_i2_sees_what_is_lost_doubled_or_of_another_amount() -> None:
    confirmed = row(State.CONFIRMED)
    for cards in ((), (CARD, CARD), (replace(CARD, minor=2_100),), (DEAD,)):
        assert list(invariants.i2_at_rest(ENTRY, confirmed, cards)), cards
    assert not list(invariants.i2_at_rest(ENTRY, confirmed, (CARD,)))
    assert not list(invariants.i2_at_rest(ENTRY, confirmed, (replace(CARD, balance=0),)))


def test_i2_sees_a_reversed_credit_that_stands_and_a_code_that_was_not_burnt() -> None:
    for state in (State.VOIDED, State.WITHDRAWN, State.REFUSED):
        assert list(invariants.i2_at_rest(ENTRY, row(state), (CARD,))), state
    assert list(invariants.i2_at_rest(ENTRY, row(State.VOIDED), ()))
    assert not list(invariants.i2_at_rest(ENTRY, row(State.VOIDED), (DEAD,)))
    assert not list(invariants.i2_at_rest(ENTRY, row(State.WITHDRAWN), ()))


def test_i2_sees_what_was_spent_before_it_was_reversed() -> None:
    spent = replace(DEAD, balance=500)
    assert list(invariants.i2_at_rest(ENTRY, row(State.VOIDED), (spent,)))
    lost = entry(written_off=True)
    assert not list(invariants.i2_at_rest(lost, row(State.VOIDED), (spent,)))


def test_i3_sees_a_paper_that_comes_out_a_second_time() -> None:
    assert list(invariants.i3_one_paper(entry(papers={1}), 1))
    assert not list(invariants.i3_one_paper(entry(papers={1}), 2))


def test_i3_sees_a_unit_that_is_credited_twice() -> None:
    mine, other = entry(units=(UNIT,)), entry(units=(UNIT,), key=f"{KEY[:-1]}X")
    assert list(invariants.i3_units(((mine, ROW), (other, row(State.CONFIRMED)))))
    assert not list(invariants.i3_units(((mine, ROW), (other, row(State.VOIDED)))))


def test_i2_sees_what_is_open_at_rest_and_what_was_issued_though_told_to_nobody() -> None:
    for state in (State.SENDING, State.PARKED, State.UNSETTLED, State.VOIDING):
        assert list(invariants.i2_at_rest(ENTRY, row(state), ())), state
    assert list(invariants.i2_at_rest(ENTRY, row(State.RECEIVED), (CARD,)))
    assert not list(invariants.i2_at_rest(ENTRY, row(State.RECEIVED), ()))
    assert list(invariants.i2_currencies(ENTRY, (replace(CARD, currency="EUR"),)))


def test_i3_sees_a_second_card_a_second_body_and_a_second_key() -> None:
    assert list(invariants.i3_one_effect(ENTRY, (CARD, DEAD)))
    assert not list(invariants.i3_one_effect(ENTRY, (CARD,)))
    sent = entry(bodies={"step": b"one"})
    assert list(invariants.i3_one_body(sent, "step", b"two"))
    assert not list(invariants.i3_one_body(sent, "burn", b"two"))
    begun = entry(steps={"step"}, vain={"step": 5})
    assert list(invariants.i3_one_step(begun, "next", True))
    assert not list(invariants.i3_one_step(begun, "step", True))
    worn_out = entry(steps={"step"}, vain={"step": 6})
    assert not list(invariants.i3_one_step(worn_out, "next", True))
    assert list(invariants.i3_one_step(worn_out, "next", False))
    intent = Intent(1, "host1", _request(), "till", ["key"])
    intent.told.append(Told(1.0, "host1", KEY, State.PARKED, None, 1))
    assert list(invariants.i3_one_record(intent, f"{KEY[:-1]}X", None))
    assert list(invariants.i3_one_record(intent, KEY, intent))
    assert not list(invariants.i3_one_record(intent, KEY, None))


def test_i4_sees_a_blind_send_two_codes_and_a_claim_that_brings_more() -> None:
    shared = row(State.PARKED, shared=True)
    assert list(invariants.i4_looked_first(ENTRY, shared, "host1"))
    assert not list(invariants.i4_looked_first(entry(looked={"host1"}), shared, "host1"))
    assert not list(invariants.i4_looked_first(ENTRY, ROW, "host1"))
    assert list(invariants.i4_one_code(ENTRY, "B123456789012345"))
    assert list(invariants.i4_claimed_again(ENTRY, [], ["card_1"]))
    assert not list(invariants.i4_claimed_again(ENTRY, ["card_1"], ["card_1"]))


def test_i5_sees_a_key_and_a_code_that_come_again() -> None:
    book = Book(by_code={CODE: "0421-01-1795000000000-00000000"})
    assert list(invariants.i5_new(book, KEY, CODE, b"one", b"one"))
    assert list(invariants.i5_new(Book(), KEY, CODE, b"one", b"two"))
    assert not list(invariants.i5_new(Book(by_code={CODE: KEY}), KEY, CODE, b"one", b"one"))


def test_i6_sees_words_that_are_not_so() -> None:
    for cards in ((), (replace(CARD, minor=1),), (replace(CARD, currency="EUR"),), (DEAD,)):
        assert list(invariants.i6_word(ENTRY, Answer.CONFIRMED, cards)), cards
    assert not list(invariants.i6_word(ENTRY, Answer.CONFIRMED, (CARD,)))
    assert list(invariants.i6_word(ENTRY, Answer.VOUCHER, ()))
    for known in ({"out": True}, {"affirmed": True}):
        assert not list(invariants.i6_word(entry(**known), Answer.VOUCHER, ()))


def test_i7_sees_promises_over_each_limit() -> None:
    voucher, identity = PaperKind.VOUCHER, PaperKind.IDENTITY
    roomy = (5_000, 10_000, 3)
    assert not list(invariants.i7_room(ENTRY, 8_000, 0, voucher, roomy))
    assert list(invariants.i7_room(ENTRY, 8_001, 0, voucher, roomy))
    assert list(invariants.i7_room(ENTRY, 0, 0, voucher, (1_999, 10_000, 3)))
    assert list(invariants.i7_room(ENTRY, 0, 3, identity, roomy))
    assert not list(invariants.i7_room(ENTRY, 9_999, 2, identity, roomy))


def test_i8_sees_what_nobody_will_ever_look_at() -> None:
    def said(known: Row, due_ms: int | None, review: str | None, equal: bool = False) -> list[str]:
        return list(invariants.i8_reachable(ENTRY, known, due_ms, review, False, equal))

    promised = row(State.REVIEW, promised=True, shared=True)
    assert said(row(State.UNSETTLED), None, None)
    assert said(promised, 1, None)
    assert said(promised, None, "differs")
    assert said(promised, 1, "differs", equal=True)
    assert not said(promised, 1, "differs")
    assert not said(row(State.CONFIRMED), None, None)
    assert said(row(State.VOIDED), None, None)


def test_i9_sees_a_flag_that_falls() -> None:
    risen = row(State.PARKED, perhaps_sent=True, promised=True, shared=True)
    assert len(list(invariants.i9_flags(ENTRY, risen, ROW))) == 3
    assert not list(invariants.i9_flags(ENTRY, ROW, risen))


def test_i9_sees_a_request_that_left_and_was_forgotten() -> None:
    assert list(invariants.i9_perhaps_sent(ENTRY, ROW, 1))
    assert not list(invariants.i9_perhaps_sent(ENTRY, ROW, 0))
    assert not list(invariants.i9_perhaps_sent(ENTRY, row(State.PARKED, perhaps_sent=True), 1))


def _request() -> CreditRequest:
    return CreditRequest(
        Place("0421", "01"),
        Money(2_000, "USD"),
        "ann",
        "return",
        PosTransaction(datetime.date(2026, 11, 18), "T1"),
        1,
    )
