# SPDX-License-Identifier: Apache-2.0
"""Voucherify as a profile of the simulation: the simulator there, the real adapter here."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from agent.domain.credit import Credit
from agent.domain.currency import exponent
from agent.domain.outcome import Burn, Finding, LinkResult, Outcome
from agent.platforms.adapter import Plugin
from agent.platforms.exchange import Do, Exchange
from agent.platforms.voucherify import platform
from agent.platforms.voucherify.adapter import VoucherifyAdapter
from agent.platforms.voucherify.options import VoucherifyOptions
from agent.ports import Abilities
from tests.simulation.platform import SimPlatform
from tests.simulation.profiles import URL, Lookup, Profile
from tests.vendors.voucherify.simulator import APP_ID, SimVoucherify

TABLE: Final = {"url": URL, "app_id": APP_ID, "currency": "USD"}


class ProjectPerCurrency(VoucherifyAdapter):
    """A simulated store has one currency, which this profile is not told: each credit is taken
    to the project of its own, where Voucherify has an exact form for it."""

    def _project(self, credit: Credit) -> VoucherifyAdapter:
        currency = credit.amount.currency
        fits = exponent(currency) <= 2
        table = {**TABLE, "currency": currency if fits else "USD"}
        return VoucherifyAdapter(VoucherifyOptions.read(table))

    def opening(self, credit: Credit) -> Do | None:
        return self._project(credit).opening(credit)

    def issue(self, credit: Credit, customer_id: str | None) -> Exchange[Outcome]:
        return self._project(credit).issue(credit, customer_id)

    def find(self, credit: Credit) -> Exchange[Finding]:
        return self._project(credit).find(credit)

    def burn(self, credit: Credit) -> Exchange[Burn]:
        return self._project(credit).burn(credit)

    def link(self, credit: Credit, customer_id: str) -> Exchange[LinkResult]:
        return self._project(credit).link(credit, customer_id)

    def annotate(self, credit: Credit, fields: Mapping[str, str]) -> Exchange[bool]:
        return self._project(credit).annotate(credit, fields)


@dataclass(frozen=True, slots=True)
class VoucherifyProfile(Profile):
    """No native keys, unique codes, and a read by code that lags for two seconds."""

    def abilities(self) -> Abilities:
        return VoucherifyAdapter(VoucherifyOptions.read(TABLE)).abilities

    def platform(
        self, dice: random.Random, now_ms: Callable[[], int], token: str = "secret"
    ) -> SimPlatform:
        return SimVoucherify(self, dice, now_ms, token)

    def plugin(self) -> Plugin:
        adapter = ProjectPerCurrency(VoucherifyOptions.read(TABLE))
        return replace(platform(TABLE), adapter=adapter)


PROFILE: Final = VoucherifyProfile(
    "voucherify",
    unique_keys=False,
    key_window_ms=0,
    compares_body=False,
    lookup=Lookup.LAGGING,
    lag_ms=(0, 2_000),
    currencies=("USD", "JPY"),
)
