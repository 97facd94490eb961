# SPDX-License-Identifier: Apache-2.0
"""Joins the pages for people to the flows. What draws them is loaded with the first page."""

from __future__ import annotations

from collections.abc import Callable

from agent.daemon.build import House
from agent.daemon.parts import paper_options
from agent.flows.issue import Spawn
from agent.flows.pairing import Pairings
from agent.flows.register import Register
from agent.printing import condition
from agent.screens.doors import ScreenDoors, ScreenOptions
from agent.screens.pages import Screens
from agent.settings.model import Settings
from agent.telemetry import Log


def screens(
    settings: Settings, house: House, pairings: Pairings, spawn: Spawn, log: Log
) -> Screens:
    """`pairings`: the same as the API's, so that six digits count once."""
    options = ScreenOptions(
        store=settings.store.number,
        brand=settings.store.brand,
        region=settings.store.region,
        language=settings.store.language,
        zone=paper_options(settings).zone,
    )
    doors = ScreenDoors(
        issue=house.issue,
        closing=house.closing,
        papers=house.papers,
        approvals=house.approvals,
        steps=house.steps,
        pairings=pairings,
        spawn=spawn,
        log=log,
        options=options,
        printer=printer_told(house),
    )
    return Screens(doors)


def printer_told(house: House) -> Callable[[Register], str]:
    """How a register's printer was when its last paper ended."""

    def told(register: Register) -> str:
        if register.printer is None:
            return condition.NONE
        return house.spools[register.place.register].condition

    return told
