# SPDX-License-Identifier: Apache-2.0
"""What waits for a person, and the ways in which a person ends it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.domain.customer import CustomerKind, CustomerPolicy, Malformed, Skipped
from agent.domain.faults import BadField, NotNow, PlatformUnavailable
from agent.domain.record import Answer, PaperKind, ReviewReason, State, VoidRequest
from agent.sandbox.ledger import SandboxCustomer
from tests.flows.stage import ALICE, Stage, stage, word


async def unmatched(here: Stage) -> Any:
    """A record in review with its identity voucher out."""
    return await here.issue(here.request(customer=ALICE))


def known_customer(here: Stage) -> None:
    here.sandbox.platform._ledger.add_customer(
        SandboxCustomer("cus_alice", "a***"), [("email", "alice@example.com")]
    )


async def test_a_known_customer_is_linked_within_the_call(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        known_customer(here)
        record = await here.issue(here.request(customer=ALICE))
        assert (record.state, record.linked) == (State.CONFIRMED, True)
        assert here.cards(record)[0]["customer_id"] == "cus_alice"


async def test_nothing_is_active_before_a_match(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        record = await unmatched(here)
        assert (record.state, word(record)) == (State.REVIEW, Answer.VOUCHER)
        assert await here.house.forwarder.forward(record.key) != record
        assert here.cards(record) == []


async def test_a_person_links_the_customer_and_the_issue_goes_on(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        record = await unmatched(here)
        known_customer(here)
        linked = await here.house.closing.link(record.key, "dora", "cus_alice")
        assert linked.state is State.CONFIRMED
        assert linked.linked
        assert here.cards(record)[0]["customer_id"] == "cus_alice"


async def test_a_claim_elsewhere_settles_a_review_by_itself(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        record = await unmatched(here)
        platform = here.house.closing._talk.platform
        deadline = here.house.steps.clock.monotonic_s() + 5
        effects = here.journal.effects(record.key)
        await platform.issue(record.credit, None, {}, effects, deadline)  # what a claim does
        assert (await here.house.forwarder.forward(record.key)).state is State.CONFIRMED
        assert len(here.cards(record)) == 1


async def test_a_person_confirms_only_the_card_that_stands_under_our_code(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path, budget_s=3.0) as here:
        await here.sandbox.switch("wrong_amount", ledger="wrong")
        record = await here.issue(here.request())
        assert record.review is ReviewReason.DIFFERS
        await here.sandbox.switch("wrong_amount", on=False)
        with pytest.raises(BadField):
            await here.house.closing.confirm(record.key, "dora", "some-other-card")
        assert await here.known(record) == record
        reference = str(here.cards(record)[0]["id"])
        confirmed = await here.house.closing.confirm(record.key, "dora", reference)
        assert (confirmed.state, confirmed.reference) == (State.CONFIRMED, reference)


async def test_a_card_cannot_be_confirmed_while_the_platform_is_silent(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        record = await unmatched(here)
        await here.sandbox.switch("down")
        with pytest.raises(PlatformUnavailable):
            await here.house.closing.confirm(record.key, "dora", "card_1")
        assert (await here.known(record)).state is State.REVIEW


async def test_the_void_of_an_identity_voucher_burns_its_code(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        record = await unmatched(here)
        voided = await here.house.closing.void(record.key, VoidRequest("dora", "typo"))
        assert voided.state is State.VOIDED
        assert [card["enabled"] for card in here.cards(record)] == [False]


@pytest.mark.parametrize(
    ("policy", "customer", "state", "reason"),
    [
        ("required", Skipped(), State.REVIEW, ReviewReason.CUSTOMER_MISSING),
        ("wanted", Skipped(knowingly=True), State.CONFIRMED, None),
        ("wanted", Skipped(knowingly=False), State.REVIEW, ReviewReason.CUSTOMER_MISSING),
        ("anonymous", Skipped(knowingly=False), State.CONFIRMED, None),
        ("required", Malformed(CustomerKind.EMAIL), State.REVIEW, ReviewReason.CUSTOMER_MALFORMED),
        ("wanted", Malformed(CustomerKind.PHONE), State.REVIEW, ReviewReason.CUSTOMER_MALFORMED),
        ("anonymous", Malformed(CustomerKind.EMAIL), State.CONFIRMED, None),
    ],
)
@pytest.mark.parametrize("down", [False, True])
async def test_a_local_defect_goes_its_way_whatever_the_link(
    tmp_path: Path,
    policy: str,
    customer: Any,
    state: State,
    reason: ReviewReason | None,
    down: bool,
) -> None:
    async with stage(tmp_path, policy=CustomerPolicy(policy)) as here:
        await here.sandbox.switch("down", on=down)
        record = await here.issue(here.request(customer=customer))
        expected = State.PARKED if down and state is State.CONFIRMED else state
        assert (record.state, record.review) == (expected, reason)
        if reason is not None:
            assert record.paper_kind is PaperKind.IDENTITY


async def test_offline_a_well_formed_identifier_goes_on_paper_and_later_unlinked(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path) as here:
        await here.sandbox.switch("down")
        record = await here.issue(here.request(customer=ALICE))
        assert (record.state, record.paper_kind) == (State.PARKED, PaperKind.VOUCHER)
        await here.sandbox.switch("down", on=False)
        settled = await here.settle(record)
        assert (settled.state, settled.linked, settled.unlinked_flag) == (
            State.CONFIRMED,
            False,
            True,
        )
        assert here.cards(record)[0]["customer_id"] is None


async def test_identity_paper_that_is_out_is_looked_up_again_and_again(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        record = await unmatched(here)
        latest = await here.known(record)
        assert latest.promised
        assert latest.due_ms is not None
        waiting = await here.journal.due(latest.due_ms, 10)
        assert list(waiting) == [record.key]
        again = await here.house.forwarder.forward(record.key)
        assert again.due_ms is not None
        assert again.due_ms > latest.due_ms - 900_000
        assert again.state is State.REVIEW


async def test_a_link_that_failed_is_made_up_for_by_the_forwarder(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        known_customer(here)
        await here.sandbox.switch("unavailable_503", paths=["POST /v1/credits/link"])
        record = await here.issue(here.request(customer=ALICE))
        assert (record.state, record.linked) == (State.CONFIRMED, False)
        assert record.due_ms is not None
        waiting = await here.journal.due(record.due_ms, 10)
        assert list(waiting) == [record.key]
        await here.sandbox.switch("unavailable_503", on=False)
        assert (await here.house.forwarder.forward(record.key)).linked


async def test_a_confirmed_record_takes_no_persons_ending(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        record = await here.issue(here.request())
        with pytest.raises(NotNow):
            await here.house.closing.link(record.key, "dora", "cus_1")
        with pytest.raises(NotNow):
            await here.house.closing.withdraw(record.key, "dora", "why")
        assert (await here.known(record)).state is State.CONFIRMED
