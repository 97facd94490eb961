# SPDX-License-Identifier: Apache-2.0
"""When a vendor key is given up for the next one, and when not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.decisions.decide import decide
from agent.decisions.fresh_key import HOPELESS, HOPELESS_MS, VAIN_MAX
from agent.domain.action import Send
from agent.domain.event import Answered, BurnEnded, Forwarding, LinkEnded, Looked, VoidAsked
from agent.domain.outcome import (
    Absent,
    BurnUnknown,
    LinkResult,
    Saying,
    Throttled,
    Unanswered,
    Unknown,
    Unsent,
)
from agent.domain.record import CreditRecord, ReviewReason, State
from tests.decisions.situations import NOW, VOID, at, out, record

KEPT = Unanswered("http-500", Saying(500))
LATER = replace(NOW, wall_ms=NOW.wall_ms + HOPELESS_MS, boot_ms=NOW.boot_ms + HOPELESS_MS)
UNIQUE: dict[str, Any] = {"dedupes": True}
ALONE: dict[str, Any] = {"dedupes": False}


def rounds(here: CreditRecord, count: int, outcome: Any = KEPT, **around: Any) -> CreditRecord:
    """So often: looked up and absent, sent, and answered."""
    for _ in range(count):
        for event in (Looked(Absent()), Forwarding(), Answered(outcome)):
            here = decide(here, event, at(**around)).record
    return here


def unsettled(**known: Any) -> CreditRecord:
    return record(State.UNSETTLED, **out(), last_sent=NOW, **known)


def looked(here: CreditRecord, **around: Any) -> tuple[CreditRecord, bool]:
    decision = decide(here, Looked(Absent()), at(**around))
    return decision.record, Send() in decision.actions


def test_after_six_errors_under_one_key_the_next_one_is_taken_where_codes_are_unique() -> None:
    tried = rounds(unsettled(), VAIN_MAX, **UNIQUE)
    assert tried.epoch == 0
    fresh, sends = looked(tried, **UNIQUE)
    assert (fresh.epoch, fresh.vain, sends) == (1, 0, True)
    assert fresh.credit.vendor_key("create") != tried.credit.vendor_key("create")


def test_each_later_key_lasts_twice_as_long() -> None:
    tried = rounds(unsettled(epoch=1), 2 * VAIN_MAX - 1, **UNIQUE)
    assert looked(tried, **UNIQUE)[0].epoch == 1
    assert looked(rounds(tried, 1, **UNIQUE), **UNIQUE)[0].epoch == 2


@pytest.mark.parametrize("outcome", [Unsent("connect"), Throttled(1), Unanswered("timeout")])
def test_what_brought_no_answer_wears_no_key_out(outcome: Any) -> None:
    tried = rounds(unsettled(), 3 * VAIN_MAX, outcome, **UNIQUE)
    assert looked(tried, **UNIQUE)[0].epoch == 0


def test_a_look_up_that_fails_too_begins_the_count_anew() -> None:
    tried = rounds(unsettled(), VAIN_MAX, **UNIQUE)
    down = decide(tried, Looked(Unknown("http-503", Saying(503))), at(**UNIQUE)).record
    assert looked(down, **UNIQUE)[0].epoch == 0


def test_where_the_key_alone_guards_the_credit_a_person_is_asked_in_the_end() -> None:
    settled: dict[str, Any] = {**ALONE, "settling_ms": 0}
    tried = rounds(unsettled(), HOPELESS, **settled)
    young, sends = looked(tried, **settled)
    assert (young.state, young.epoch, sends) == (State.UNSETTLED, 0, True)
    asked, sends = looked(tried, **settled, now=LATER)
    assert (asked.state, asked.review, asked.epoch) == (State.REVIEW, ReviewReason.CANNOT_RESEND, 0)
    assert not sends
    fewer = rounds(unsettled(), HOPELESS - 1, **settled)
    assert looked(fewer, **settled, now=LATER)[1]


def burnt_in_vain(times: int, **around: Any) -> CreditRecord:
    here = decide(unsettled(), VoidAsked(VOID), at(**around)).record
    for _ in range(times):
        assert (here.state, here.epoch) == (State.VOIDING, 0)
        here = decide(here, BurnEnded(BurnUnknown("http-500", Saying(500))), at(**around)).record
    return here


def test_a_burn_goes_under_the_next_key_too() -> None:
    here = burnt_in_vain(VAIN_MAX, **UNIQUE)
    assert (here.state, here.epoch) == (State.VOIDING, 1)


def test_a_burn_whose_key_alone_guards_it_asks_a_person_in_the_end() -> None:
    assert burnt_in_vain(HOPELESS, **ALONE).state is State.VOIDING
    here = burnt_in_vain(HOPELESS, **ALONE, now=LATER)
    assert (here.state, here.review) == (State.REVIEW, ReviewReason.BURN_REFUSED)


def test_a_burn_that_sent_nothing_wears_no_key_out() -> None:
    here = decide(unsettled(), VoidAsked(VOID), at()).record
    looked_only = BurnUnknown("http-500", Saying(500), perhaps_sent=False)
    for _ in range(2 * VAIN_MAX):
        here = decide(here, BurnEnded(looked_only), at()).record
    assert here.epoch == 0


def test_a_link_that_nobody_confirms_gets_a_fresh_key_ever_more_rarely() -> None:
    here, risen = replace(record(State.CONFIRMED), customer_id="c-1"), []
    for tries in range(1, 40):
        before = here.epoch
        here = decide(here, LinkEnded(LinkResult.UNKNOWN), at()).record
        if here.epoch > before:
            risen.append(tries)
    assert risen == [8, 16, 32]
