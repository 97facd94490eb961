# SPDX-License-Identifier: Apache-2.0
"""A slice of each proof of this folder; `make prove` runs the whole of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.crash import full, killing, power
from tests.crash.books import Row, after_a_crash, at_rest
from tests.crash.ground import scratch
from tests.crash.lossy import DEVICE, wanting
from tests.crash.points import POINTS, Moment
from tests.crash.tills import Book
from tests.needs import program


@pytest.fixture
def fuse() -> None:
    """A machine without the device cannot be given one; the program can be installed."""
    if not os.access(DEVICE, os.R_OK | os.W_OK):
        pytest.skip(str(wanting()))
    program("fusermount3", package="fuse3")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_named_points_it_loses_and_doubles_nothing(seed: int) -> None:
    with scratch() as folder:
        report = killing.prove(killing.Kill(cycles=5, seed=seed), folder)
    assert report.found == []
    assert report.figures["killed"] == 5
    assert report.figures["acknowledged"] > 0


@pytest.mark.slow
@pytest.mark.usefixtures("fuse")
def test_a_cut_of_power_takes_nothing_that_was_acknowledged() -> None:
    with scratch() as folder:
        report = power.prove(power.Power(cycles=6, seed=3, acknowledged=30), folder)
    assert report.found == []
    assert report.figures["cycles"] == 6
    assert report.figures["acknowledged"] >= 6 * 30


@pytest.mark.slow
@pytest.mark.usefixtures("fuse")
def test_without_a_sync_at_each_commit_the_harness_finds_losses() -> None:
    with scratch() as folder:
        report = power.prove(power.Power(cycles=6, seed=3, synchronous="NORMAL"), folder)
    assert any(each["what"].startswith("I1: ") for each in report.found)
    assert report.figures["lost"] > 0


@pytest.mark.slow
@pytest.mark.usefixtures("fuse")
@pytest.mark.parametrize("name", sorted(full.TRIALS))
def test_a_disk_that_fails_costs_nobody_a_cent(name: str) -> None:
    with scratch() as folder:
        report = full.prove(folder, tmpfs=False, only=name)
    assert report.found == []
    assert report.figures["trials"] == 1


def test_every_moment_has_a_point_and_every_point_a_name_of_its_own() -> None:
    assert {point.moment for point in POINTS} == set(Moment)
    assert len({point.name for point in POINTS}) == len(POINTS)


def test_the_oracle_sees_a_credit_that_is_gone_and_a_card_that_nobody_knows() -> None:
    book = Book()
    sale = book.new()
    book.told(sale, "0421-03-1763600000000-7K3QF2ZD", "confirmed", "confirmed")
    money = {"minor": sale.minor, "currency": "USD"}
    card = {"key": sale.key, "initial": money, "enabled": True}
    row = Row(sale.key, sale.transaction, sale.minor, "USD", "confirmed", 0, 1, "none", 0)
    assert at_rest(book, [row], [card]) == []
    lost = after_a_crash(book, [], [card])
    assert [finding[:3] for finding in lost] == ["I1:", "I1:"]
    assert at_rest(book, [row], []) != []
    doubled = [row, Row("other", sale.transaction, sale.minor, "USD", "sending", 0, 1, "none", 1)]
    assert any(finding.startswith("I3:") for finding in after_a_crash(book, doubled, [card]))


def test_the_scratch_folder_is_gone_afterwards() -> None:
    with scratch() as folder:
        (folder / "x").write_text("x")
        kept = Path(folder)
    assert not kept.exists()
