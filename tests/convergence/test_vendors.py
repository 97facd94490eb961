# SPDX-License-Identifier: Apache-2.0
"""Vendors in a walk: the simulators as values."""

from __future__ import annotations

import pytest

from tests.convergence.contract import ContractKind
from tests.convergence.events import Copy, Event, Scene, Story
from tests.convergence.loop import run
from tests.convergence.profiles import Keys, LookUp, Profile
from tests.convergence.scenes import VENDORS
from tests.convergence.vendors import VendorKind
from tests.convergence.walk import Walk

EVENTS = [
    Event.ISSUE,
    Event.LOST_ANSWER,
    Event.VOUCHER,
    Event.REPLAY,
    Event.CLAIM_AT_B,
    Event.VOID,
    Event.SPEND,
]

FEW = [Event.ISSUE, Event.LOST_ANSWER, Event.VOUCHER, Event.CLAIM_AT_B, Event.VOID]


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("story", [Story.OFFLINE, Story.IDENTITY])
def test_every_order_of_a_few_events_ends_as_it_must_at_a_vendor(vendor: str, story: Story) -> None:
    walk = run(Walk(Scene(VendorKind(vendor), story, Copy.ISSUED), FEW, sample=0.2).run())
    assert [breach.what for breach in walk.found] == []
    assert walk.compared > 0
    assert len(walk.ends) > 1


@pytest.mark.parametrize("story", [Story.OFFLINE, Story.IDENTITY])
def test_two_platforms_of_one_contract_end_alike_in_every_order(story: Story) -> None:
    """The shelf and the simulation's platform share no code."""
    ours = ContractKind(Profile(True, Keys.FOR_EVER, LookUp.EXACT))
    theirs = VendorKind("rest_for_ever")
    walks = [run(Walk(Scene(kind, story, Copy.ISSUED), EVENTS).run()) for kind in (ours, theirs)]
    assert [walk.found for walk in walks] == [[], []]
    assert walks[0].ends == walks[1].ends
    assert len(walks[0].ends) > 3
