# SPDX-License-Identifier: Apache-2.0
"""The simulated platform passes the platform contract's own suite, in virtual time, through the
real adapter, driver and transport; and it does so on every profile that the suite speaks of."""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from agent.domain.code import Code
from agent.domain.money import Money
from tests.contracts import test_platform_contract as suite
from tests.simulation.loop import run
from tests.simulation.network import Network
from tests.simulation.platform import SimPlatform
from tests.simulation.profiles import HOST, PROFILES, Profile, opened

Case = Callable[..., Coroutine[Any, Any, None]]
WHOLE = ("rest", "rest_for_ever", "codes_alone")
"""Profiles that keep the whole contract; the others say by their abilities what they lack."""


def _cases() -> Iterator[Any]:
    """Each of the suite's tests with each of its own parameters."""
    for name, case in vars(suite).items():
        if not name.startswith("test_"):
            continue
        marks = [mark for mark in getattr(case, "pytestmark", []) if mark.name == "parametrize"]
        if not marks:
            yield pytest.param(case, {}, id=name)
            continue
        argument, values = marks[0].args
        for number, value in enumerate(values):
            yield pytest.param(case, {argument: value}, id=f"{name}-{number}")


async def _try(profile: Profile, case: Case, arguments: dict[str, object]) -> None:
    network = Network(random.Random(1))
    simulated = SimPlatform(profile, random.Random(2), lambda: suite.NOW_MS)
    server = network.serve(HOST, simulated.handle)
    simulated.customers.add("cus_1", "A*** B.", ("email", suite.ANNA.value))
    simulated.customers.add("cus_2", "T*** 1", ("phone", suite.TWINS.value))
    simulated.customers.add("cus_3", "T*** 2", ("phone", suite.TWINS.value))

    def spend(code: Code, amount: Money) -> None:
        assert simulated.spend(code.reveal(), amount.minor)

    async def set_down(down: bool) -> None:
        server.up = not down

    async with opened(profile, network, "till", lambda: "secret") as platform:
        await case(suite.World(platform, spend, set_down), **arguments)


@pytest.mark.parametrize("profile", WHOLE)
@pytest.mark.parametrize(("case", "arguments"), list(_cases()))
def test_the_contracts_suite_holds(profile: str, case: Case, arguments: dict[str, object]) -> None:
    held: list[bool] = []

    async def main() -> None:
        await _try(PROFILES[profile], case, arguments)
        held.append(True)

    run(1, main)
    assert held == [True]


def test_the_whole_suite_was_found() -> None:
    assert len(list(_cases())) >= 18
