# SPDX-License-Identifier: Apache-2.0
"""Credits that nobody of us made: which are listed, what they come to, and what stays hidden."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from agent.commands.exits import Exit
from agent.commands.frame import Output
from agent.commands.other_writers import Known, Listed, Whose, gather, known_here, masked, tell
from agent.commands.other_writers import run as other_writers
from agent.domain.money import Money
from agent.domain.outcome import Card
from agent.domain.place import Place
from tests.commands.roads import SECRET, settings_for
from tests.fakes.platform import FAKE_ABILITIES, FakePlatform
from tests.platforms.raw_server import closed_port

NOBODY = Known(frozenset())
OWN = "0421-03-1763600000000-7K3QF2ZD"
LOST = "0421-03-1763600000001-7K3QF2ZD"
NEIGHBOUR = "0421-09-1763600000000-7K3QF2ZD"
OTHER_STORE = "0500-03-1763600000000-7K3QF2ZD"


def card(key: str | None, reference: str = "crd_1") -> Card:
    money = Money(4850, "USD")
    return Card(reference, money, money, True, key)


@pytest.mark.parametrize(
    ("key", "reference", "whose"),
    [
        (OWN, "crd_1", Whose.OURS),
        (LOST, "crd_2", Whose.UNRECORDED),
        (NEIGHBOUR, "crd_3", Whose.ELSEWHERE),
        (OTHER_STORE, "crd_4", Whose.ELSEWHERE),
        (None, "crd_5", Whose.FOREIGN),
        (None, "crd_own", Whose.OURS),
        ("POS-7711", "crd_6", Whose.FOREIGN),
        ("", "crd_7", Whose.FOREIGN),
    ],
)
def test_a_credit_is_ours_by_its_key_and_our_journal(
    key: str | None, reference: str, whose: Whose
) -> None:
    places = frozenset({Place("0421", "03")})
    known = Known(places, has_journal=True, keys={OWN}, references={"crd_own"})
    assert known.whose(card(key, reference)) is whose


def test_without_a_journal_our_own_keys_are_believed() -> None:
    assert Known(frozenset({Place("0421", "03")})).whose(card(LOST)) is Whose.OURS


@pytest.mark.parametrize(
    ("reference", "shown"),
    [
        ("crd_1", "crd_1"),
        ("gid://shopify/GiftCard/123456", "gid://shopify/GiftCard/123456"),
        ("4711", "4711"),
        ("K3QF2ZD8M4N5P6R7", "…P6R7"),
        ("K3QF-2ZD8-M4N5-P6R7", "…P6R7"),
        ("6006491260550218073", "…8073"),
        ("a\nb" * 50, ("ab" * 50)[:80]),
    ],
)
def test_what_could_be_a_code_is_cut_to_its_last_four(reference: str, shown: str) -> None:
    assert masked(reference) == shown


def test_a_platform_that_does_not_answer_is_no_clean_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_for(tmp_path, f"http://127.0.0.1:{closed_port()}")
    assert not known_here(settings).has_journal
    assert other_writers(settings, Output(as_json=False), days=7, page=1) == Exit.UNREACHABLE
    said = capsys.readouterr().out
    assert "does not answer (connect)" in said
    assert SECRET not in said


def output() -> Output:
    return Output(as_json=False)


async def listed_from(platform: FakePlatform, known: Known, **more: int) -> Listed | None:
    return await gather(platform, known, 0, 10.0, **more)


def stocked(count: int) -> FakePlatform:
    """A platform with so many credits that carry no key, and one card twice in its list."""
    cards = {f"C{number}": card(None, f"crd_{number}") for number in range(count)}
    platform = FakePlatform(cards={**cards, "again": card(None, "crd_0")})
    platform.created_ms = dict.fromkeys(platform.cards, 1)
    return platform


async def test_a_platform_that_cannot_list_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    mute = FakePlatform(abilities=replace(FAKE_ABILITIES, lists=False))
    found = await listed_from(mute, NOBODY)
    assert found is None
    assert mute.calls == []
    assert tell(output(), "adyen", found, NOBODY, 7, 1) is Exit.NEGATIVE
    said = capsys.readouterr().out
    assert "adyen cannot list its credits" in said
    assert "What to do" in said


async def test_a_long_list_is_shown_in_pages_and_summed_whole(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = await listed_from(stocked(205), NOBODY)
    assert found is not None
    assert (found.read, len(found.others)) == (205, 205)
    shown = []
    for page in (1, 2, 3, 4):
        assert tell(output(), "fake", found, NOBODY, 7, page) is Exit.NEGATIVE
        said = capsys.readouterr().out
        shown += re.findall(r"^crd_[0-9]+", said, re.M)
        assert "205 of 205" in said
        assert "USD 9942.50" in said.replace(",", "")
    assert shown == [f"crd_{number}" for number in range(205)]


async def test_more_than_can_be_read_is_no_clean_list(capsys: pytest.CaptureFixture[str]) -> None:
    known = Known(frozenset(), references={f"crd_{number}" for number in range(9)})
    found = await listed_from(stocked(9), known, read_max=5)
    assert found is not None
    assert found.cut
    assert tell(output(), "fake", found, known, 7, 1) is Exit.NEGATIVE
    assert "ask for fewer days" in capsys.readouterr().out
