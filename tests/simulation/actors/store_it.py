# SPDX-License-Identifier: Apache-2.0
"""Store IT: restarts, backups that come back, clones, fresh images, new keys, lifted limits.

What a lost disk took is known to the oracle, and is promised by paper alone from then on:

* A journal that came back, noticed (its anchors or its machine tell): every open record is
  looked up before every send, so each key still has at most one effect. What was settled or
  opened since the backup is forgotten; its paper still brings exactly one credit by a claim.
* A journal that came back whole, with its anchors, on its own machine: nothing tells. A credit
  that was withdrawn since the backup may then be issued, though nobody was ever told its code.
  This is not promised.
* A clone that runs beside its original: each key has at most one effect still; what the original
  withdraws, the clone may issue. This is not promised either.
"""

from __future__ import annotations

import shutil
from typing import Final

from agent.domain.faults import CannotJournal
from tests.simulation.actors.act import Act
from tests.simulation.host import Machine
from tests.simulation.loop import passes
from tests.simulation.world import MANAGER, World

CLONES_MAX: Final = 2
VOUCHER_DAYS: Final = 30 + 90


async def restart(world: World) -> None:
    """An upgrade: an orderly stop, and a start."""
    machine = world.machine()
    if machine is not None:
        world.oracle.bites("restart", machine.name)
        await machine.stop()
        await world.revive(machine, world.dice.uniform(1, 40))


async def back_up(world: World) -> None:
    """Copies a folder while the agent runs, or not."""
    machine = world.dice.choice(world.machines)
    machine.copy_of_folder(world.folder / f"{machine.name}.backup")
    world.backups[machine.name] = machine.name
    world.oracle.backed_up(machine)


async def restore_backup(world: World) -> None:
    """The journal alone comes back; the anchors beside it tell that it is old."""
    await _come_back(world, "restore_backup", ("journal.db",))


async def restore_whole(world: World) -> None:
    """The whole folder comes back, anchors and key and all."""
    await _come_back(world, "restore_whole", ())


async def _come_back(world: World, fault: str, only: tuple[str, ...]) -> None:
    machine = world.machine()
    if machine is None or machine.name not in world.backups:
        return
    backup = world.folder / f"{machine.name}.backup"
    world.oracle.bites(fault, machine.name)
    await _go_down(world, machine)
    target = machine.folder / "journal"
    if only:
        for path in (*target.glob("journal.db*"),):
            path.unlink()
        for path in (backup / "journal").glob("journal.db*"):
            if not path.name.endswith("-shm"):
                shutil.copy(path, target / path.name)
    else:
        shutil.rmtree(machine.folder)
        shutil.copytree(backup, machine.folder)
    world.oracle.rewound(machine, whole=not only)
    await world.revive(machine, world.dice.uniform(1, 300))


async def _go_down(world: World, machine: Machine) -> None:
    if world.dice.random() < 0.6:
        await machine.stop()
    if machine.life is not None:
        world.crash(machine)
    await machine.buried()


async def reimage(world: World) -> None:
    """A fresh disk: no journal, no key, the same register."""
    machine = world.machine()
    if machine is None:
        return
    world.oracle.bites("reimage", machine.name)
    await _go_down(world, machine)
    shutil.rmtree(machine.folder)
    machine.folder.mkdir()
    world.backups.pop(machine.name, None)
    world.oracle.burnt(machine)
    await world.revive(machine, world.dice.uniform(60, 3_000))


async def clone(world: World) -> None:
    """The image of one machine is put on another, and both run."""
    machine = world.machine()
    clones = [each for each in world.machines if each.name.startswith("clone")]
    if machine is None or len(clones) >= CLONES_MAX:
        return
    world.oracle.bites("clone", machine.name)
    name = f"clone{len(clones) + 1}"
    machine.copy_of_folder(world.folder / name)
    twin = world.add_machine(name, machine.registers)
    world.oracle.cloned(machine, twin)
    await world.revive(twin, world.dice.uniform(1, 600))


async def rotate_key(world: World) -> None:
    """A new signing key at the next start; the old paper stays good."""
    machine = world.machine()
    if machine is not None:
        world.oracle.bites("rotate_key", machine.name)
        machine.new_key = True
        await machine.stop()
        await world.revive(machine, 2.0)


async def second_process(world: World) -> None:
    """Somebody starts the daemon by hand, beside the one that runs."""
    machine = world.machine()
    if machine is not None:
        world.oracle.bites("second_process", machine.name)
        if not machine.second_process_is_refused():
            world.oracle.find([f"I5: two processes hold the journal of {machine.name}"])


async def lift_limits(world: World) -> None:
    machine = world.machine()
    if machine is not None:
        world.oracle.bites("lift_limits", machine.name)
        world.oracle.book.lifted.add(machine.name)
        await machine.ask(lambda house: house.steps.journal.lift_limits(MANAGER))


async def upkeep(world: World) -> None:
    """What the daemon does every ten minutes."""
    machine = world.machine()
    life = None if machine is None else machine.life
    if life is None:
        return
    try:
        await life.journal.erase_secrets(VOUCHER_DAYS * 86_400_000)
        await life.journal.forget_older(VOUCHER_DAYS)
        await life.journal.checkpoint()
    except CannotJournal:
        await passes(1.0)
    for spool in life.house.spools.values():
        spool.wake()


ACTS: Final = (
    Act("restart", restart, 1.0, "restart"),
    Act("back_up", back_up, 3.0, "restore_backup"),
    Act("restore_backup", restore_backup, 1.4, "restore_backup"),
    Act("back_up_whole", back_up, 3.0, "restore_whole"),
    Act("restore_whole", restore_whole, 1.4, "restore_whole"),
    Act("reimage", reimage, 0.5, "reimage"),
    Act("clone", clone, 1.0, "clone"),
    Act("rotate_key", rotate_key, 0.7, "rotate_key"),
    Act("second_process", second_process, 1.0, "second_process"),
    Act("lift_limits", lift_limits, 0.4, "lift_limits"),
    Act("upkeep", upkeep, 1.5),
)
