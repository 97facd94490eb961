# SPDX-License-Identifier: Apache-2.0
"""What every journal does with claims of other registers' paper."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from agent.decisions.claims import ClaimCircumstances, decide_claim
from agent.domain.claim import (
    Claim,
    ClaimAnswered,
    ClaimEvent,
    ClaimLooked,
    ClaimSending,
    Scan,
    Scanned,
)
from agent.domain.faults import NotNow, UnknownCredit, VoucherDiffers
from agent.domain.money import Money
from agent.domain.outcome import Absent, Card, Confirmed, Found, FoundVoid
from agent.domain.place import Place
from agent.domain.record import State
from agent.journal import Journal, upkeep
from agent.ports import Effect
from tests.journal.building import Bench

ELSEWHERE = Place("0388", "07")
SCAN = Scan("bea", ELSEWHERE)
DAY_MS = 86_400_000


def drafted(bench: Bench, **changes: object) -> Claim:
    plain = Claim(
        key=bench.key(ELSEWHERE),
        code=bench.code(),
        amount=Money(4850, "USD"),
        identity=False,
        place=SCAN.place,
        by=SCAN.by,
        opened_ms=bench.now_ms,
        changed_ms=bench.now_ms,
        customer_id="cus_1",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def deciding(bench: Bench, event: ClaimEvent) -> Callable[[Claim], Claim]:
    return lambda claim: decide_claim(claim, event, ClaimCircumstances(bench.now_ms))


async def opened(journal: Journal, bench: Bench, draft: Claim, scan: Scan = SCAN) -> Claim:
    scanned = Scanned(scan)
    return await journal.open_claim(draft, scanned, deciding(bench, scanned))


async def advanced(journal: Journal, bench: Bench, claim: Claim, event: ClaimEvent) -> Claim:
    return await journal.advance_claim(claim.key, event, deciding(bench, event))


def card(claim: Claim) -> Card:
    return Card("gc-1", claim.amount, claim.amount, True, claim.key.text)


async def test_a_claim_is_read_back_as_it_was_opened(journal: Journal, bench: Bench) -> None:
    claim = await opened(journal, bench, drafted(bench))
    assert claim.revision == 1
    assert await journal.claim(claim.key) == claim
    assert await journal.claims(10, None) == [claim]
    assert await journal.claims(10, claim.key.text) == []
    assert await journal.get(claim.key) is None
    assert await journal.next_due_ms() is None


async def test_the_second_scan_is_the_same_claim(journal: Journal, bench: Bench) -> None:
    draft = drafted(bench)
    first = await opened(journal, bench, draft)
    again = await opened(journal, bench, draft)
    assert (again.scans, again.revision, again.by) == (2, 2, first.by)
    assert [event.kind for event in await journal.history(draft.key)] == [
        "claim-opened",
        "claim-scanned",
    ]


async def test_another_code_or_amount_under_a_known_key_is_refused(
    journal: Journal, bench: Bench
) -> None:
    claim = await opened(journal, bench, drafted(bench))
    for changes in ({"code": bench.code()}, {"amount": Money(1, "USD")}):
        with pytest.raises(VoucherDiffers):
            await opened(journal, bench, replace(claim, revision=0, **changes))
    assert await journal.claim(claim.key) == claim


async def test_a_credit_of_our_own_is_nobodys_claim(journal: Journal, bench: Bench) -> None:
    record = await bench.opened(journal)
    for changes in ({"key": record.key}, {"code": record.code}):
        with pytest.raises(VoucherDiffers):
            await opened(journal, bench, drafted(bench, **changes))
    assert await journal.claims(10, None) == []


async def test_every_step_is_saved_and_told_in_the_chain(journal: Journal, bench: Bench) -> None:
    claim = await opened(journal, bench, drafted(bench))
    claim = await advanced(journal, bench, claim, ClaimLooked(Absent()))
    claim = await advanced(journal, bench, claim, ClaimSending())
    assert claim.state is State.UNSETTLED
    claim = await advanced(journal, bench, claim, ClaimAnswered(Confirmed(card(claim), True)))
    assert (claim.state, claim.linked, claim.reference) == (State.CONFIRMED, True, "gc-1")
    assert await journal.claim(claim.key) == claim
    kinds = [event.kind for event in await journal.history(claim.key)]
    assert kinds == ["claim-opened", "claim-looked", "claim-sending", "claim-answered"]


async def test_what_is_void_stays_void(journal: Journal, bench: Bench) -> None:
    claim = await opened(journal, bench, drafted(bench))
    void = await advanced(journal, bench, claim, ClaimLooked(FoundVoid(card(claim))))
    for event in (ClaimLooked(Found(card(claim))), ClaimSending()):
        with pytest.raises(NotNow):
            await advanced(journal, bench, void, event)
    with pytest.raises(ValueError, match="void never becomes money"):
        await journal.advance_claim(
            void.key, ClaimSending(), lambda claim: replace(claim, state=State.CONFIRMED)
        )
    assert await journal.claim(void.key) == void


async def test_a_step_of_an_unknown_claim_is_refused(journal: Journal, bench: Bench) -> None:
    with pytest.raises(UnknownCredit):
        await advanced(journal, bench, drafted(bench), ClaimSending())


async def test_frozen_bytes_never_change_and_ids_are_kept_with_the_next_commit(
    journal: Journal, bench: Bench
) -> None:
    claim = await opened(journal, bench, drafted(bench))
    log = journal.claim_effects(claim.key)
    effect = Effect("create", 0, "POST", "/v1/credits", b"body")
    await log.before(effect)
    await log.before(effect)
    with pytest.raises(ValueError, match="frozen"):
        await log.before(replace(effect, body=b"other"))
    await log.after("create", {"id": "gc-1"})
    claim = await advanced(journal, bench, claim, ClaimSending())
    done = await journal.claim_done(claim.key)
    assert done["create"].effect == effect
    assert done["create"].reply == {"id": "gc-1"}
    assert await journal.done(claim.key) == {}


async def test_nothing_of_a_claim_counts_as_ours(journal: Journal, bench: Bench) -> None:
    await opened(journal, bench, drafted(bench))
    assert (await journal.totals(None)).count == 0
    await bench.opened(journal)
    assert bench.seen[-1].outstanding_minor == 0


async def test_secrets_of_a_claim_are_erased_and_come_back_with_the_paper(
    journal: Journal, bench: Bench
) -> None:
    draft = drafted(bench)
    claim = await opened(journal, bench, draft)
    await journal.claim_effects(claim.key).before(Effect("create", 0, "POST", "/x", b"body"))
    assert await journal.erase_secrets(DAY_MS) == 0
    bench.now_ms += 2 * DAY_MS
    assert await journal.erase_secrets(DAY_MS) == 1
    erased = await journal.claim(claim.key)
    assert erased is not None
    assert erased.erased
    assert erased.code != draft.code
    assert erased.code.last_four == draft.code.last_four
    assert await journal.claim_done(claim.key) == {}
    assert await journal.forget_older(1) == 1
    forgotten = await journal.claim(claim.key)
    assert forgotten is not None
    assert forgotten.customer_id is None
    with pytest.raises(VoucherDiffers):
        await opened(journal, bench, replace(draft, code=bench.code()))
    back = await opened(journal, bench, draft)
    assert (back.erased, back.code) == (False, draft.code)
    await journal.claim_effects(claim.key).before(Effect("create", 0, "POST", "/x", b"body"))


async def test_an_export_tells_of_a_claim_without_its_secrets(
    journal: Journal, bench: Bench
) -> None:
    claim = await opened(journal, bench, drafted(bench))
    lines = await journal.read(lambda store: list(upkeep.export_lines(store.connection)))
    (told,) = [each for each in map(json.loads, lines) if each["type"] == "claim"]
    assert told["key"] == claim.key.text
    assert claim.code.reveal() not in "".join(lines)
    assert "cus_1" not in "".join(lines)
