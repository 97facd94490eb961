# SPDX-License-Identifier: Apache-2.0
"""What every journal does with lists, counters, letters and access, both kinds alike.

The other half, opening and advancing credits, is `tests/contracts/test_journal_contract.py`.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.approval import Approval, Manager, Pairing, PinTries
from agent.domain.credit import Unit
from agent.domain.event import (
    Answered,
    Forwarding,
    Heard,
    LinkEnded,
    PaperLeaving,
    VoidAsked,
)
from agent.domain.faults import (
    ApprovalInvalid,
    Fault,
    NotNow,
)
from agent.domain.idempotency import CallerAlias
from agent.domain.outcome import LinkResult, Unanswered
from agent.domain.place import Place
from agent.domain.record import Paper, PaperKind, State, VoidKind, VoidRequest
from agent.journal import Journal
from tests.journal.building import (
    PLACE,
    Bench,
)


async def test_exposure_counts_the_others_and_not_oneself(journal: Journal, bench: Bench) -> None:
    bench.link_up = False
    first = await bench.opened(journal, bench.draft(1_000))
    bench.now_ms += 1
    await bench.opened(journal, bench.draft(500))
    await bench.opened(journal, bench.draft(700, place=Place("0421", "04")))
    assert bench.seen[-2].outstanding_minor == 1_000
    assert bench.seen[-1].outstanding_minor == 0
    bench.link_up = True
    await bench.advance(journal, first, Forwarding())
    others = bench.seen[-1]
    assert (others.outstanding_minor, others.hour_minor) == (500, 500)
    assert others.oldest_opened_ms == bench.now_ms
    assert others.fresh


async def test_the_hour_passes_and_the_outstanding_stays(journal: Journal, bench: Bench) -> None:
    bench.link_up = False
    await bench.opened(journal, bench.draft(1_000))
    bench.now_ms += 62 * 60_000
    await bench.opened(journal, bench.draft(500))
    assert bench.seen[-1].outstanding_minor == 1_000
    assert bench.seen[-1].hour_minor == 0


async def test_a_journal_is_fresh_until_twenty_are_confirmed(
    journal: Journal, bench: Bench
) -> None:
    for _ in range(20):
        await bench.confirmed(journal)
        assert bench.seen[-1].fresh
    await bench.opened(journal)
    assert not bench.seen[-1].fresh


async def test_a_manager_ends_the_reduced_limits(journal: Journal, bench: Bench) -> None:
    await journal.lift_limits("eva")
    await bench.opened(journal)
    assert not bench.seen[-1].fresh


async def test_what_is_due_comes_oldest_first(journal: Journal, bench: Bench) -> None:
    assert await journal.next_due_ms() is None
    bench.link_up = False
    records = [await bench.opened(journal) for _ in range(5)]
    due = sorted(record.due_ms for record in records if record.due_ms is not None)
    assert await journal.next_due_ms() == due[0]
    found = await journal.due(due[2], 10)
    by_key = {record.key: record.due_ms for record in records}
    assert [by_key[key] for key in found] == due[:3]
    assert len(await journal.due(due[-1], 2)) == 2
    assert list(await journal.due(due[0] - 1, 2)) == []


async def test_lists_go_on_where_they_ended(journal: Journal, bench: Bench) -> None:
    bench.link_up = False
    parked = [await bench.opened(journal) for _ in range(3)]
    bench.link_up = True
    sending = [await bench.opened(journal) for _ in range(2)]
    assert list(await journal.unfinished()) == sending
    states = (State.SENDING, State.PARKED)
    first = await journal.listed(states, False, 2, None)
    assert list(first) == parked[:2]
    rest = await journal.listed(states, False, 10, first[-1].key.text)
    assert list(rest) == [parked[2], *sending]
    assert list(await journal.listed((State.VOIDED,), False, 10, None)) == []
    heard = await bench.advance(journal, parked[0], Heard())
    unheard = await journal.listed((State.PARKED,), True, 10, None)
    assert list(unheard) == parked[1:]
    assert list(await journal.listed((), False, 10, None)) == [heard, *parked[1:], *sending]


async def test_totals_tell_what_waits(journal: Journal, bench: Bench) -> None:
    empty = await journal.totals(None)
    assert (empty.count, empty.oldest_opened_ms, empty.on_paper) == (0, None, 0)
    first = bench.now_ms
    record = await bench.on_paper(journal, bench.draft(1_000))
    (job,) = await journal.prints(record.key)
    leaving = PaperLeaving(PaperKind.VOUCHER)
    await journal.advance_print(job.id, leaving, bench.step(leaving), Paper.SENT, None)
    bench.now_ms += 5
    await bench.confirmed(journal)
    await bench.opened(journal, bench.draft(500, place=Place("0421", "04")))
    totals = await journal.totals(None)
    assert totals.count == 2
    assert totals.minor_by_currency == {"USD": 1_500}
    assert totals.oldest_opened_ms == first
    assert totals.by_state == {State.UNSETTLED: 1, State.SENDING: 1}
    assert totals.on_paper == 1
    assert (await journal.totals(PLACE)).minor_by_currency == {"USD": 1_000}


async def test_letters_of_a_register_never_skip(journal: Journal, bench: Bench) -> None:
    record = await bench.opened(journal, bench.draft(units=[Unit("R1", "2", 1)]))
    await bench.open(journal, bench.draft(place=Place("0421", "04")))
    await bench.advance(journal, record, Answered(Unanswered("timeout")))
    await bench.advance(journal, record, Heard())
    letters = await journal.letters(PLACE, 0, 10)
    assert [letter.seq for letter in letters] == [1, 2]
    assert letters[0].body["units"] == [Unit("R1", "2", 1).digest().hex()]
    assert (letters[1].body["from"], letters[1].body["to"]) == ("sending", "unsettled")
    assert await journal.delivered(PLACE, 2) == 2
    with pytest.raises(NotNow):
        await bench.advance(journal, record, LinkEnded(LinkResult.LINKED))
    await bench.advance(journal, record, VoidAsked(VoidRequest("eva", "x", VoidKind.VOID)))
    assert [letter.seq for letter in await journal.letters(PLACE, 0, 10)] == [3]


async def test_approvals_are_used_once(journal: Journal) -> None:
    approval = Approval("id-1", "eva", bytes(32), 5)
    await journal.keep_approval(approval)
    assert await journal.approval("id-1") == approval
    assert await journal.approval("id-2") is None
    await journal.use_approval("id-1", "key")
    with pytest.raises(ApprovalInvalid):
        await journal.use_approval("id-1", "other")
    with pytest.raises(ApprovalInvalid):
        await journal.use_approval("id-2", "other")
    assert await journal.approval("id-1") == replace(approval, used_by="key")


async def test_managers_keep_their_tries(journal: Journal) -> None:
    await journal.keep_manager(Manager("eva", "hash-1"))
    await journal.keep_tries("eva", PinTries(4, 99))
    await journal.keep_tries("nobody", PinTries(1))
    assert list(await journal.managers()) == [Manager("eva", "hash-1", PinTries(4, 99))]
    await journal.keep_manager(Manager("eva", "hash-2"))
    assert list(await journal.managers()) == [Manager("eva", "hash-2")]
    assert await journal.remove_manager("eva")
    assert not await journal.remove_manager("eva")


async def test_a_revoked_pairing_is_not_found_by_its_token(journal: Journal) -> None:
    pairing = Pairing(
        "p1", "till", b"h" * 32, frozenset({"issue", "read"}), frozenset({"03"}), 5_000
    )
    await journal.keep_pairing(pairing)
    assert await journal.pairing_by_hash(b"h" * 32) == pairing
    assert await journal.pairing_by_hash(b"x" * 32) is None
    revoked = replace(pairing, revoked_ms=7, tested=True)
    await journal.keep_pairing(revoked)
    assert await journal.pairing_by_hash(b"h" * 32) is None
    assert list(await journal.pairings()) == [revoked]


async def test_a_closed_journal_takes_nothing_more(journal: Journal, bench: Bench) -> None:
    await journal.aclose()
    with pytest.raises(Fault):
        await bench.open(journal)
    with pytest.raises(Fault):
        await journal.next_due_ms()
    await journal.aclose()


async def test_notes_stand_in_the_chain(journal: Journal) -> None:
    await journal.note("observed", {"amount": "USD 1.00", "count": 2})
    sql = "SELECT kind, key, details FROM events ORDER BY seq DESC LIMIT 1"
    row = await journal.read(lambda store: tuple(store.connection.execute(sql).fetchone()))
    assert row == ("observed", None, '{"amount":"USD 1.00","count":2}')


async def test_a_credit_is_found_by_each_of_its_outside_names(
    journal: Journal, bench: Bench
) -> None:
    names = [CallerAlias("till", "0421/03", name) for name in ("one", "two", "other")]
    one = await bench.opened(journal, bench.draft(aliases=[name.text() for name in names[:2]]))
    assert [await journal.by_alias(name) for name in names] == [one, one, None]
