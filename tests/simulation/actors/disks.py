# SPDX-License-Identifier: Apache-2.0
"""Disks: full for some commits, read-only for a while, or broken in the middle of one."""

from __future__ import annotations

from typing import Final

from tests.simulation.actors.act import Act
from tests.simulation.loop import passes
from tests.simulation.world import World


async def full(world: World) -> None:
    await _trouble(world, "disk_full", world.dice.choice((1, 1, 2, 5, 30)))


async def read_only(world: World) -> None:
    await _trouble(world, "read_only", world.dice.choice((2, 10)))


async def io_fault(world: World) -> None:
    """One failed fsync: nobody knows what is on disk, so the daemon ends and reads."""
    await _trouble(world, "io_fault", 1)


async def _trouble(world: World, fault: str, commits: int) -> None:
    machine = world.machine()
    if machine is None:
        return
    machine.disk.trouble(fault, commits)
    await passes(world.dice.choice((2.0, 30.0, 600.0)))
    machine.disk.mended()


ACTS: Final = (
    Act("disk_full", full, 1.0, "disk_full"),
    Act("read_only", read_only, 1.0, "read_only"),
    Act("io_fault", io_fault, 1.0, "io_fault"),
)
