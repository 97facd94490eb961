# SPDX-License-Identifier: Apache-2.0
"""Orders that once ended wrongly, each by its name; and every order of a few events."""

from __future__ import annotations

import json
import math

import pytest

from tests.convergence.__main__ import main
from tests.convergence.contract import ContractKind
from tests.convergence.events import Copy, Event, Scene, Story
from tests.convergence.loop import run
from tests.convergence.profiles import Keys, LookUp, Profile, profiles
from tests.convergence.scenes import CONTRACT, VENDORS, scenes
from tests.convergence.walk import Walk

FEW = [Event.ISSUE, Event.LOST_ANSWER, Event.VOUCHER, Event.CLAIM_AT_B, Event.VOID, Event.RESTORE]
OFFLINE = "unique-window-exact/offline"
IDENTITY = "unique-window-exact/identity"


def replay(scene: str, order: str) -> int:
    return main(["--profile", scene, "--order", order])


def test_what_was_withdrawn_after_the_copy_is_not_sent_by_the_copy() -> None:
    order = "issue, void, restore, replay, claim at B"
    assert replay(f"{OFFLINE}/copy-issued", order) == 0


def test_a_voucher_that_waited_in_the_copy_does_not_come_out_of_it() -> None:
    order = "issue, void, restore, voucher, claim, claim at B"
    assert replay(f"{IDENTITY}/copy-issued", order) == 0


def test_a_part_that_was_spent_before_the_void_is_not_paid_out_after_a_restore() -> None:
    order = "issue, voucher, replay, claim at B, spend, void, restore"
    assert replay(f"{OFFLINE}/copy-issued", order) == 0


def test_a_scan_does_not_confirm_from_a_copy_what_was_voided_since() -> None:
    order = "issue, replay, voucher, void, restore, claim"
    assert replay(f"{OFFLINE}/copy-printed", order) == 0


@pytest.mark.parametrize(
    "profile",
    [
        CONTRACT,
        Profile(True, Keys.NONE, LookUp.INDEXED),
        Profile(False, Keys.FOR_EVER, LookUp.LAGGING),
        Profile(False, Keys.NONE, LookUp.EXACT),
    ],
    ids=lambda profile: profile.name,
)
@pytest.mark.parametrize("story", Story)
def test_every_order_of_a_few_events_ends_as_it_must(profile: Profile, story: Story) -> None:
    walked = run(Walk(Scene(ContractKind(profile), story, Copy.ISSUED), FEW).run())
    assert [breach.what for breach in walked.found] == []
    assert walked.orders == math.factorial(len(FEW))
    assert sum(walked.ends.values()) == walked.orders
    assert len(walked.ends) > 1


@pytest.mark.parametrize("copy", Copy)
@pytest.mark.parametrize("keys", [Keys.WINDOW, Keys.FOR_EVER])
def test_worlds_that_were_merged_have_one_future(keys: Keys, copy: Copy) -> None:
    """Every merge of a walk is held against both worlds' next events, not a sample of them."""
    scene = Scene(ContractKind(Profile(True, keys, LookUp.LAGGING)), Story.OFFLINE, copy)
    events = [Event.ISSUE, Event.LOST_ANSWER, Event.VOUCHER, Event.REPLAY, Event.RESTORE]
    walked = run(Walk(scene, events, sample=1.0).run())
    assert [breach.what for breach in walked.found] == []
    assert walked.compared == walked.merged > 0


def test_the_walk_sees_what_is_wrong() -> None:
    """A platform that claims unique codes and has none: two registers make two cards."""
    lying = Profile(False, Keys.NONE, LookUp.LAGGING, claims_unique=True)
    events = [Event.ISSUE, Event.VOUCHER, Event.REPLAY, Event.CLAIM_AT_B]
    walked = run(Walk(Scene(ContractKind(lying), Story.OFFLINE, Copy.ISSUED), events).run())
    assert any(breach.what.startswith("I3") for breach in walked.found)
    assert walked.cut > 0
    assert walked.orders + walked.cut == math.factorial(4)


def test_every_platform_is_walked_and_the_contracts_own_comes_first() -> None:
    names = [scene.name for scene in scenes()]
    platforms = len(list(profiles())) + len(VENDORS)
    assert names[0].startswith(CONTRACT.name)
    assert len(names) == len(set(names)) == platforms * len(Story) * len(Copy)


def test_the_verdict_is_the_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--profile", f"{OFFLINE}/copy-issued", "--events", "issue, voucher, claim"]
    assert main(arguments) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (said["proof"], said["held"], said["found"]) == ("convergence", True, [])
    assert said["figures"]["orders"] == 6
    assert main(["--profile", "nobody"]) == 2
