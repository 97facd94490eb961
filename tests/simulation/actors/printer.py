# SPDX-License-Identifier: Apache-2.0
"""Printers in trouble: out of paper in mid voucher, silent, off, jammed in the cable, or held."""

from __future__ import annotations

from typing import Final

from tests.simulation.actors.act import Act
from tests.simulation.host import Machine
from tests.simulation.loop import passes
from tests.simulation.paper import SimPrinter
from tests.simulation.world import World

TROUBLES: Final[tuple[tuple[str, object], ...]] = (
    ("paper_out", True),
    ("mute", True),
    ("offline", True),
    ("no_process_id", True),
    ("refuse", True),
    ("drop_after", 60),
    ("paper_out_after", 40),
)


async def trouble(world: World) -> None:
    """Something is wrong for a while, then somebody comes."""
    found = some_printer(world)
    if found is None:
        return
    machine, printer = found
    name, value = world.dice.choice(TROUBLES)
    world.oracle.bitten[f"printer_{name}"] += 1
    printer.set_switch(name, value)
    await passes(world.dice.choice((5.0, 60.0, 900.0)))
    printer.mended()
    wake(machine)


async def power_cycle(world: World) -> None:
    """Off and on, in whatever it was doing."""
    found = some_printer(world)
    if found is not None:
        world.oracle.bitten["printer_power_cycle"] += 1
        found[1].power_cycled()
        wake(found[0])


async def held(world: World) -> None:
    """A print under way takes its time."""
    found = some_printer(world)
    if found is None:
        return
    world.oracle.bitten["printer_held"] += 1
    found[1].hold()
    await passes(world.dice.choice((0.5, 4.0, 40.0)))
    found[1].release()


def some_printer(world: World) -> tuple[Machine, SimPrinter] | None:
    machine = world.dice.choice(world.machines)
    names = list(machine.printers)
    return (machine, machine.printers[world.dice.choice(names)]) if names else None


def wake(machine: Machine) -> None:
    if machine.life is not None:
        for spool in machine.life.house.spools.values():
            spool.wake()


ACTS: Final = (
    Act("printer_trouble", trouble, 1.5, "printer_trouble"),
    Act("printer_power_cycle", power_cycle, 0.5, "printer_trouble"),
    Act("printer_held", held, 0.7, "printer_trouble"),
)
