# SPDX-License-Identifier: Apache-2.0
"""What every journal does with credits: the daemon's, and its thread-free twin.

The other half, lists, counters and access, is `tests/journal/test_every_journal.py`.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.approval import Approval
from agent.domain.credit import Unit
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.event import (
    Answered,
    BudgetEnded,
    Forwarding,
    Heard,
    PaperEnded,
    PaperLeaving,
    PersonWithdrew,
    Restarted,
)
from agent.domain.faults import (
    AliasConflict,
    ApprovalInvalid,
    CannotJournal,
    LooksLike,
    NotNow,
    PaperRefused,
    UnitTaken,
    UnknownCredit,
)
from agent.domain.outcome import Confirmed, RefusalReason, Refused, Saying
from agent.domain.record import CreditRecord, Paper, PaperKind, State
from agent.journal import Journal, effects
from agent.ports import Done, DoneStep, Effect, PrintedBytes
from tests.journal.building import Bench, card_of, keep, replaced_by, seen, without_admission


async def test_an_opened_record_is_read_back_as_it_was_decided(
    journal: Journal, bench: Bench
) -> None:
    customer = CustomerReference(CustomerKind.EMAIL, "ana@shop.example")
    draft = bench.draft(customer=customer, units=[Unit("R1", "2", 1)])
    opened = await bench.open(journal, draft)
    assert opened.fresh
    record = opened.decision.record
    assert record.state is State.SENDING
    assert record.revision == 1
    assert await journal.get(record.key) == record
    assert await journal.by_code(record.code) == record
    assert await journal.by_code(bench.code()) is None
    assert await journal.get(bench.key()) is None


async def test_the_opening_effect_is_journalled_only_with_a_send(
    journal: Journal, bench: Bench
) -> None:
    draft = bench.draft()
    sending = await bench.opened(journal, draft)
    done = await journal.done(sending.key)
    assert draft.opening is not None
    assert done["create"].effect == draft.opening
    bench.link_up = False
    parked = await bench.opened(journal)
    assert parked.state is State.PARKED
    assert await journal.done(parked.key) == {}


async def test_the_same_alias_and_body_is_the_same_record(journal: Journal, bench: Bench) -> None:
    first = bench.draft(aliases=["a", "b"])
    record = await bench.opened(journal, first)
    again = replace(
        bench.draft(),
        aliases=("b", "c"),
        record=replace(bench.draft().record, request=first.record.request),
    )
    opened = await bench.open(journal, again)
    assert not opened.fresh
    assert opened.decision.record == record
    third = replace(again, aliases=("c",))
    assert (await bench.open(journal, third)).decision.record == record
    assert [event.kind for event in await journal.history(record.key)] == ["begun", "alias-added"]


async def test_a_known_alias_with_another_body_leaves_nothing_behind(
    journal: Journal, bench: Bench
) -> None:
    await bench.opened(journal, bench.draft(100, aliases=["a"]))
    before = await seen(journal)
    other = bench.draft(200, aliases=["a", "new"])
    with pytest.raises(AliasConflict):
        await bench.open(journal, other)
    assert await seen(journal) == before
    fresh = await bench.open(journal, bench.draft(300, aliases=["new"]))
    assert fresh.fresh


async def test_two_aliases_of_two_records_are_a_conflict(journal: Journal, bench: Bench) -> None:
    await bench.opened(journal, bench.draft(aliases=["a"]))
    await bench.opened(journal, bench.draft(aliases=["b"]))
    with pytest.raises(AliasConflict):
        await bench.open(journal, bench.draft(aliases=["a", "b"]))


async def test_a_young_or_unheard_credit_of_the_same_amount_looks_alike(
    journal: Journal, bench: Bench
) -> None:
    first = await bench.confirmed(journal)
    with pytest.raises(LooksLike) as caught:
        await bench.open(journal, bench.draft(distinct=False))
    assert caught.value.values["key"] == first.key.text
    bench.now_ms += 11 * 60_000
    with pytest.raises(LooksLike):
        await bench.open(journal, bench.draft(distinct=False))
    await bench.advance(journal, first, Heard())
    assert (await bench.open(journal, bench.draft(distinct=False))).fresh


async def test_a_refused_credit_looks_like_nothing(journal: Journal, bench: Bench) -> None:
    record = await bench.opened(journal)
    refused = Refused(RefusalReason.PLATFORM, Saying(422, "no"))
    record = await bench.advance(journal, record, Answered(refused))
    assert record.state is State.REFUSED
    assert (await bench.open(journal, bench.draft(distinct=False))).fresh


async def test_a_unit_is_credited_once_and_free_again_after_a_refusal(
    journal: Journal, bench: Bench
) -> None:
    unit, other = Unit("R1", "2", 1), Unit("R1", "2", 2)
    record = await bench.opened(journal, bench.draft(units=[unit]))
    before = await seen(journal)
    with pytest.raises(UnitTaken) as caught:
        await bench.open(journal, bench.draft(units=[other, unit]))
    assert caught.value.values == {"key": record.key.text}
    assert await seen(journal) == before
    assert (await bench.open(journal, bench.draft(units=[other]))).fresh
    refused = Refused(RefusalReason.PLATFORM, Saying())
    await bench.advance(journal, record, Answered(refused))
    assert (await bench.open(journal, bench.draft(units=[unit]))).fresh


async def test_a_withdrawn_credit_gives_its_units_free(journal: Journal, bench: Bench) -> None:
    bench.link_up = False
    unit = Unit("R1", "2", 1)
    record = await bench.opened(journal, bench.draft(units=[unit]))
    await bench.advance(journal, record, PersonWithdrew("eva", "mistake"))
    assert (await bench.open(journal, bench.draft(units=[unit]))).fresh


async def test_a_key_or_code_that_stands_is_never_written_over(
    journal: Journal, bench: Bench
) -> None:
    record = await bench.opened(journal)
    for fields in ({"key": record.key}, {"code": record.code}):
        before = await seen(journal)
        draft = bench.draft()
        twin = replace(draft, record=replace(draft.record, **fields))
        with pytest.raises(CannotJournal):
            await bench.open(journal, twin)
        assert await seen(journal) == before
    assert await journal.get(record.key) == record


async def test_an_approval_opens_one_record(journal: Journal, bench: Bench) -> None:
    await journal.keep_approval(Approval("id-1", "eva", b"digest", bench.now_ms))
    record = await bench.opened(journal, bench.draft(approval_id="id-1"))
    used = await journal.approval("id-1")
    assert used is not None
    assert used.used_by == record.key.text
    before = await seen(journal)
    with pytest.raises(ApprovalInvalid):
        await bench.open(journal, bench.draft(approval_id="id-1"))
    with pytest.raises(ApprovalInvalid):
        await bench.open(journal, bench.draft(approval_id="unknown"))
    assert await seen(journal) == before


async def test_a_refused_opening_leaves_its_approval_unused(journal: Journal, bench: Bench) -> None:
    await journal.keep_approval(Approval("id-1", "eva", b"digest", bench.now_ms))
    unit = Unit("R1", "1", 1)
    await bench.opened(journal, bench.draft(units=[unit]))
    with pytest.raises(UnitTaken):
        await bench.open(journal, bench.draft(units=[unit], approval_id="id-1"))
    unused = await journal.approval("id-1")
    assert unused is not None
    assert unused.used_by is None


async def test_a_step_is_saved_with_the_next_revision(journal: Journal, bench: Bench) -> None:
    record = await bench.opened(journal)
    confirmed = await bench.advance(journal, record, Answered(Confirmed(card_of(record))))
    assert confirmed.revision == 2
    assert await journal.get(record.key) == confirmed
    kinds = [(each.kind, each.source, each.target) for each in await journal.history(record.key)]
    assert kinds == [("begun", None, "sending"), ("answered", "sending", "confirmed")]


async def test_an_event_without_a_row_changes_nothing(journal: Journal, bench: Bench) -> None:
    record = await bench.confirmed(journal)
    before = await seen(journal)
    with pytest.raises(NotNow):
        await bench.advance(journal, record, Forwarding())
    with pytest.raises(UnknownCredit):
        await journal.advance(bench.key(), Heard(), keep)
    assert await seen(journal) == before


async def test_what_may_never_happen_is_refused_whatever_decided_it(
    journal: Journal, bench: Bench
) -> None:
    record = await bench.on_paper(journal)
    assert record.perhaps_sent
    settled = await bench.confirmed(journal)
    before = await seen(journal)
    wrong = [
        (record, replace(record, perhaps_sent=False)),
        (record, replace(record, code=bench.code())),
        (record, replace(record, request=settled.request)),
        (settled, replace(settled, state=State.PARKED)),
        (settled, replace(settled, state=State.REFUSED)),
    ]
    for old, new in wrong:
        with pytest.raises(ValueError, match=r"never|may not|cannot"):
            await journal.advance(old.key, Restarted(), replaced_by(new))
    assert await seen(journal) == before


async def test_an_answer_heard_twice_is_written_once(journal: Journal, bench: Bench) -> None:
    record = await bench.confirmed(journal)
    heard = await bench.advance(journal, record, Heard())
    assert await bench.advance(journal, record, Heard()) == heard
    assert len(await journal.history(record.key)) == 3


async def test_frozen_bytes_never_change(journal: Journal, bench: Bench) -> None:
    record = await bench.opened(journal)
    log = journal.effects(record.key)
    effect = Effect("link", 0, "POST", "/v1/links", b"{}", (("A", "b"),))
    await log.before(effect)
    await log.before(effect)
    with pytest.raises(ValueError, match="frozen"):
        await log.before(replace(effect, body=b"{ }"))
    assert (await journal.done(record.key))["link"] == DoneStep(effect)


async def test_a_vendors_ids_are_kept_with_the_next_step_of_their_credit(
    journal: Journal, bench: Bench
) -> None:
    record, other = await bench.opened(journal), await bench.opened(journal)
    await journal.effects(record.key).after("create", {"id": "c-1"})
    await bench.advance(journal, other, BudgetEnded())
    assert (await on_disk(journal, record))["create"].reply is None
    assert (await journal.done(record.key))["create"].reply == {"id": "c-1"}, "and known at once"
    await bench.advance(journal, record, BudgetEnded())
    assert (await on_disk(journal, record))["create"].reply == {"id": "c-1"}
    assert (await journal.done(other.key))["create"].reply is None


async def test_a_vendors_ids_are_on_disk_before_the_next_bytes_leave(
    journal: Journal, bench: Bench
) -> None:
    record = await bench.opened(journal)
    log = journal.effects(record.key)
    await log.after("create", {"id": "c-1"})
    await log.before(Effect("link", 0, "POST", "/", b"1"))
    assert (await on_disk(journal, record))["create"].reply == {"id": "c-1"}


async def on_disk(journal: Journal, record: CreditRecord) -> Done:
    """What another process would find."""
    return await journal.read(lambda store: effects.done(store, record.key))


async def test_ids_wait_for_another_step_where_one_was_refused(
    journal: Journal, bench: Bench
) -> None:
    record = await bench.opened(journal)
    await journal.effects(record.key).after("create", {"id": "c-1"})
    with pytest.raises(NotNow):
        await bench.advance(journal, record, PersonWithdrew("eva", "mistake"))
    assert (await on_disk(journal, record))["create"].reply is None
    await bench.advance(journal, record, BudgetEnded())
    assert (await on_disk(journal, record))["create"].reply == {"id": "c-1"}


async def test_ids_of_a_step_that_was_never_journalled_are_a_mistake(
    journal: Journal, bench: Bench
) -> None:
    record = await bench.opened(journal)
    before = await seen(journal)
    await journal.effects(record.key).after("other", {})
    with pytest.raises(ValueError, match="never journalled"):
        await bench.advance(journal, record, BudgetEnded())
    assert await seen(journal) == before


async def test_a_new_epoch_is_a_new_effect(journal: Journal, bench: Bench) -> None:
    record = await bench.opened(journal)
    log = journal.effects(record.key)
    await log.before(Effect("pay", 0, "POST", "/", b"0"))
    await log.after("pay", {"id": "old"})
    await bench.advance(journal, record, BudgetEnded())
    await log.before(Effect("pay", 1, "POST", "/", b"1"))
    done = (await journal.done(record.key))["pay"]
    assert (done.effect.body, done.reply) == (b"1", None)


async def test_paper_is_queued_with_its_decision_and_leaves_once(
    journal: Journal, bench: Bench
) -> None:
    record = await bench.on_paper(journal)
    (job,) = await journal.prints(record.key)
    assert (job.kind, job.state, job.route, job.copy) == (
        PaperKind.VOUCHER,
        Paper.QUEUED,
        "03",
        1,
    )
    assert list(await journal.waiting_prints((Paper.QUEUED,))) == [job]
    leaving = PaperLeaving(PaperKind.VOUCHER)
    sealed = PrintedBytes(b"\x1b@paper", "TOKEN")
    decision = await journal.advance_print(job.id, leaving, bench.step(leaving), Paper.SENT, sealed)
    assert decision.record.promised
    assert await journal.token(record.key) == "TOKEN"
    assert await journal.printed_bytes(job.id) == b"\x1b@paper"
    before = await seen(journal)
    with pytest.raises(PaperRefused):
        await journal.advance_print(job.id, leaving, bench.step(leaving), Paper.SENT, sealed)
    assert await seen(journal) == before
    ended = PaperEnded(PaperKind.VOUCHER, Paper.PRINTED)
    await journal.advance_print(job.id, ended, bench.step(ended), Paper.PRINTED, None)
    assert (await journal.prints(record.key))[0].state is Paper.PRINTED
    with pytest.raises(PaperRefused):
        await journal.advance_print(job.id, ended, bench.step(ended), Paper.FAILED, None)
    with pytest.raises(UnknownCredit):
        await journal.advance_print(99, ended, bench.step(ended), Paper.FAILED, None)


async def test_a_refused_print_step_leaves_the_spool_as_it_was(
    journal: Journal, bench: Bench
) -> None:
    record = await bench.on_paper(journal)
    (job,) = await journal.prints(record.key)
    event = PaperLeaving(PaperKind.VOUCHER)

    def refuse(record: object, others: object) -> object:
        raise NotNow(state="x", event="y")

    with pytest.raises(NotNow):
        await journal.advance_print(
            job.id,
            event,
            refuse,  # type: ignore[arg-type]
            Paper.SENT,
            PrintedBytes(b"bytes", "TOKEN"),
        )
    assert list(await journal.prints(record.key)) == [job]
    assert await journal.token(record.key) is None
    assert await journal.get(record.key) == record


async def test_a_fault_of_a_callback_reaches_its_caller_and_nobody_else(
    journal: Journal, bench: Bench
) -> None:
    draft = bench.draft()

    def begin(record: object, others: object) -> object:
        raise LookupError("a mistake of ours")

    before = await seen(journal)
    with pytest.raises(LookupError):
        await journal.open(draft, without_admission, begin)  # type: ignore[arg-type]
    assert await seen(journal) == before
    assert (await bench.open(journal, draft)).fresh
