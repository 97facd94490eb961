# SPDX-License-Identifier: Apache-2.0
"""Claims of another register's paper: each answer of the platform, from each state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.decisions.claims import ROWS, ClaimCircumstances, decide_claim, may_send
from agent.domain.claim import (
    CLAIM_STATES,
    Claim,
    ClaimAnswered,
    ClaimEvent,
    ClaimLinked,
    ClaimLooked,
    ClaimSending,
    Scan,
    Scanned,
)
from agent.domain.faults import NotNow
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Accepted,
    Confirmed,
    Found,
    FoundDifferent,
    FoundVoid,
    LinkResult,
    RefusalReason,
    Refused,
    Saying,
    Throttled,
    Unanswered,
    Unknown,
    Unsent,
)
from agent.domain.place import Place
from agent.domain.record import ReviewReason, State
from tests.decisions.situations import AMOUNT, CARD, CODE, KEY, START_MS

PLACE = Place("0388", "07")
AT = ClaimCircumstances(START_MS + 1_000)
OTHER_CARD = replace(CARD, initial=Money(1, "USD"))
SAID = Saying(409, "code", "a person's own words", "request-1")
P, U, V, C, X = State.PARKED, State.UNSETTLED, State.REVIEW, State.CONFIRMED, State.VOIDED
NO = Refused(RefusalReason.LIMIT, SAID)


def claim(state: State = P, **changes: Any) -> Claim:
    plain = Claim(KEY, CODE, AMOUNT, False, PLACE, "Bea", START_MS, START_MS, state=state)
    return replace(plain, **changes)


@pytest.mark.parametrize(
    ("before", "event", "after"),
    [
        (P, ClaimLooked(Found(CARD)), C),
        (U, ClaimLooked(Found(CARD)), C),
        (V, ClaimLooked(Found(CARD)), C),
        (C, ClaimLooked(Found(CARD)), C),
        (P, ClaimLooked(FoundVoid(CARD)), X),
        (U, ClaimLooked(FoundVoid(CARD)), X),
        (V, ClaimLooked(FoundVoid(CARD)), X),
        (C, ClaimLooked(FoundVoid(CARD)), X),
        (P, ClaimLooked(FoundDifferent(OTHER_CARD, SAID)), V),
        (U, ClaimLooked(Found(OTHER_CARD)), V),
        (C, ClaimLooked(FoundDifferent(OTHER_CARD, SAID)), V),
        (P, ClaimLooked(Absent()), P),
        (U, ClaimLooked(Absent()), U),
        (V, ClaimLooked(Absent()), V),
        (C, ClaimLooked(Absent()), V),
        (P, ClaimLooked(Unknown("timeout")), P),
        (U, ClaimLooked(Unknown("timeout")), U),
        (V, ClaimLooked(Unknown("timeout")), V),
        (C, ClaimLooked(Unknown("timeout")), C),
        (P, ClaimSending(), U),
        (U, ClaimSending(), U),
        (U, ClaimAnswered(Confirmed(CARD)), C),
        (U, ClaimAnswered(Confirmed(OTHER_CARD)), U),
        (U, ClaimAnswered(NO), U),
        (U, ClaimAnswered(Accepted("job", SAID)), U),
        (U, ClaimAnswered(Unsent("connect")), U),
        (U, ClaimAnswered(Throttled(3)), U),
        (U, ClaimAnswered(Unanswered("timeout")), U),
        (C, ClaimLinked(LinkResult.LINKED), C),
    ],
)
def test_each_answer_leads_where_the_table_says(
    before: State, event: ClaimEvent, after: State
) -> None:
    decided = decide_claim(claim(before), event, AT)
    assert decided.state is after
    assert (decided.settled_ms is not None) == (after in (C, X))
    assert (decided.key, decided.code, decided.amount) == (KEY, CODE, AMOUNT)


@pytest.mark.parametrize(
    ("before", "event"),
    [
        (V, ClaimSending()),
        (C, ClaimSending()),
        (X, ClaimSending()),
        (X, ClaimLooked(Found(CARD))),
        (X, ClaimLooked(Absent())),
        (P, ClaimAnswered(Confirmed(CARD))),
        (X, ClaimAnswered(Confirmed(CARD))),
        (U, ClaimLinked(LinkResult.LINKED)),
    ],
)
def test_what_is_not_in_the_table_is_refused(before: State, event: ClaimEvent) -> None:
    with pytest.raises(NotNow):
        decide_claim(claim(before), event, AT)


def test_the_table_never_leads_back_to_unsent_nor_out_of_void() -> None:
    for (source, _, _), target in ROWS.items():
        assert {source, target} <= CLAIM_STATES
        assert target is not P or source is P
        assert source is not X or target is X


def test_absent_is_sent_only_under_a_code_that_is_unique() -> None:
    believed = decide_claim(claim(), ClaimLooked(Absent()), AT)
    assert may_send(believed)
    plain = replace(AT, dedupes=False)
    for state in (P, U):
        waiting = decide_claim(claim(state), ClaimLooked(Absent()), plain)
        assert (waiting.state, waiting.review) == (V, ReviewReason.CANNOT_RESEND)
        assert not may_send(waiting)


def test_after_a_refusal_an_absent_card_is_for_a_person() -> None:
    refused = decide_claim(claim(U), ClaimAnswered(NO), AT)
    assert not may_send(refused)
    waiting = decide_claim(refused, ClaimLooked(Absent()), AT)
    assert (waiting.state, waiting.review) == (V, ReviewReason.REFUSED_LATE)
    found = decide_claim(waiting, ClaimLooked(Found(CARD)), AT)
    assert (found.state, found.review, found.refused) == (C, None, False)


def test_identity_paper_is_not_sent_without_a_customer_unless_the_store_lets_it() -> None:
    paper = claim(identity=True)
    assert not may_send(paper)
    assert may_send(replace(paper, customer_id="c-1"))
    assert may_send(replace(paper, bearer=True))


def test_another_customer_takes_the_place_only_while_nothing_was_sent() -> None:
    named, other = Scanned(Scan("Bea", PLACE, "c-1")), Scanned(Scan("Bea", PLACE, "c-2"))
    first = decide_claim(claim(), named, AT)
    assert first.customer_id == "c-1"
    assert decide_claim(first, other, AT).customer_id == "c-2"
    for state in (U, V, C):
        assert decide_claim(replace(first, state=state), other, AT).customer_id == "c-1"
    assert decide_claim(claim(X), named, AT).customer_id is None


def test_a_card_of_somebody_else_is_flagged_and_not_tried_again() -> None:
    confirmed = claim(C, customer_id="c-1")
    assert confirmed.link_wanted
    elsewhere = decide_claim(confirmed, ClaimLinked(LinkResult.ELSEWHERE), AT)
    assert (elsewhere.other_customer, elsewhere.linked) == (True, False)
    assert not elsewhere.link_wanted
    assert decide_claim(confirmed, ClaimLinked(LinkResult.UNKNOWN), AT).link_wanted


def test_a_vendors_free_words_and_the_code_are_not_kept() -> None:
    echo = Saying(409, f"taken {CODE.reveal().lower()}", f"code {CODE.reveal()}", "request-1")
    decided = decide_claim(claim(U), ClaimAnswered(Unanswered("x", echo)), AT)
    assert decided.saying.message == ""
    assert CODE.reveal().lower() not in decided.saying.code.lower()
    assert decided.saying.request_id == "request-1"
