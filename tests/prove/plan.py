# SPDX-License-Identifier: Apache-2.0
"""Which pieces there are: the whole proof, and the slice that CI runs. Data, and nothing else.

A part names the folders of tests that it rests on: a change anywhere else keeps its results.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tests.prove.piece import Piece

Lister = Callable[[str], Sequence[str]]
"""The names that `python -m tests.<part> --list` prints."""


@dataclass(frozen=True, slots=True)
class Part:
    """One proof. `promises`: the sentence over its figures; `rests_on`: beside the product."""

    name: str
    promises: str
    rests_on: tuple[str, ...]


_WORLD: Final = ("tests/simulation", "tests/vendors", "tests/fakes", "tests/flows")
PARTS: Final[tuple[Part, ...]] = (
    Part("simulation", "whole chains in virtual time, everything goes wrong", _WORLD),
    Part(
        "convergence",
        "every order of eleven events, for every ability profile",
        ("tests/convergence", *_WORLD),
    ),
    Part(
        "crash",
        "the real daemon: SIGKILL, power loss, full and broken disks",
        ("tests/crash", "tests/daemon", "tests/journal", "tests/needs.py"),
    ),
    Part(
        "recovery",
        "100,000 waiting records, damaged pages, jumping clocks",
        ("tests/recovery", "tests/daemon", "tests/journal", "tests/needs.py", *_WORLD),
    ),
    Part(
        "fuzzing",
        "whatever takes bytes from outside",
        (
            "tests/fuzzing",
            "tests/commands",
            "tests/convergence",
            "tests/domain",
            "tests/fakes",
            "tests/intake",
            "tests/journal",
            "tests/platforms",
            "tests/printing",
        ),
    ),
    Part(
        "mutants",
        "planted bugs: the checks see what they must see",
        (
            "tests/mutants",
            "tests/convergence",
            "tests/crash",
            "tests/recovery",
            "tests/contracts",
            "tests/daemon",
            "tests/decisions",
            "tests/domain",
            "tests/intake",
            "tests/journal",
            "tests/platforms",
            "tests/printing",
            *_WORLD,
        ),
    ),
)

SEEDS: Final = 12_000
SEEDS_A_PIECE: Final = 50
VENDORS: Final = ("shopify", "square", "saleor", "voucherify", "bigcommerce")
VENDOR_SEEDS: Final = 200
"""The first of the seeds are played at each of these platforms as well."""
REGISTERS: Final = 5_000
KILLS: Final = 500
KILLS_A_PIECE: Final = 25
POWER_CUTS: Final = 2_000
POWER_CUTS_A_PIECE: Final = 50
EXAMPLES: Final = 5_000
EXAMPLES_A_PIECE: Final = 500
MINUTE_S: Final = 60.0


def part(name: str) -> Part:
    """Raises ValueError for a part that is not there."""
    for each in PARTS:
        if each.name == name:
            return each
    known = ", ".join(each.name for each in PARTS)
    raise ValueError(f"no part is called {name}; there is {known}")


def abreast(parts: Sequence[Sequence[Piece]]) -> list[Piece]:
    """All parts side by side: wherever a run is stopped, each is about as far as the others."""
    places = [
        ((at + 1) / len(pieces), order, piece)
        for order, pieces in enumerate(parts)
        for at, piece in enumerate(pieces)
    ]
    return [piece for _, _, piece in sorted(places, key=lambda place: place[:2])]


def whole(name: str, listed: Lister) -> list[Piece]:
    """Every piece of one part, what is cheap and telling first."""
    match name:
        case "simulation":
            spans = range(1, SEEDS + 1, SEEDS_A_PIECE)
            seeds = (simulation(first, first + SEEDS_A_PIECE - 1) for first in spans)
            spans = range(1, VENDOR_SEEDS + 1, SEEDS_A_PIECE)
            vendors = (
                simulation(first, first + SEEDS_A_PIECE - 1, vendor=vendor)
                for first in spans
                for vendor in VENDORS
            )
            return [thousands(REGISTERS), *vendors, *seeds]
        case "convergence":
            return [convergence(profile) for profile in listed(name)]
        case "crash":
            kills = (kill(KILLS_A_PIECE, seed) for seed in range(1, KILLS // KILLS_A_PIECE + 1))
            cuts = (
                power(POWER_CUTS_A_PIECE, seed)
                for seed in range(1, POWER_CUTS // POWER_CUTS_A_PIECE + 1)
            )
            return [unsynced(20), disk(), *kills, *cuts]
        case "recovery":
            return [recovery("damage"), recovery("clock"), recovery("waiting")]
        case "fuzzing":
            return [
                fuzzing(EXAMPLES_A_PIECE, seed)
                for seed in range(1, EXAMPLES // EXAMPLES_A_PIECE + 1)
            ]
        case "mutants":
            return [control(), *(mutant(each) for each in listed(name))]
        case _:
            raise ValueError(f"no part is called {name}")


SLICE_MUTANTS: Final = (
    "it-is-acknowledged-before-the-commit",
    "a-reset-is-taken-for-unsent",
    "a-200-is-taken-for-success",
    "paper-handed-back-is-taken-for-proof",
    "voucher-is-said-before-the-paper",
)
"""The oldest mistakes: what must be seen in every run."""


SLICE_EVENTS: Final = "issue,lost answer,voucher,replay,claim,claim at B,void,restore"
SLICE_SCENES: Final = (
    "unique-window-exact/offline/copy-issued",
    "unique-for-ever-lagging/identity/copy-printed",
    "unique-none-indexed/online/copy-at-start",
    "plain-none-lagging/offline/copy-at-start",
)
"""One of each story, platform and copy, with eight of the eleven events."""


def sliced(name: str, listed: Lister, fresh_seed: int) -> list[Piece]:
    """A few minutes of a part: fixed seeds, and fresh ones that begin at `fresh_seed`."""
    match name:
        case "simulation":
            return [
                thousands(200),
                simulation(1, 12),
                simulation(13, 24),
                simulation(fresh_seed, fresh_seed + 11, fresh=True),
            ]
        case "convergence":
            return [convergence(scene, SLICE_EVENTS) for scene in SLICE_SCENES]
        case "crash":
            return [unsynced(4), disk(), kill(8, 1), power(4, 1), power(4, fresh_seed, fresh=True)]
        case "recovery":
            return [
                recovery("damage", "--credits", "40"),
                recovery("clock", "--jumps", "150"),
                recovery("waiting", "--records", "10000"),
            ]
        case "fuzzing":
            return [fuzzing(30, fresh_seed, fresh=True)]
        case "mutants":
            return [mutant(name) for name in SLICE_MUTANTS]
        case _:
            raise ValueError(f"no part is called {name}")


def simulation(first: int, last: int, *, fresh: bool = False, vendor: str = "") -> Piece:
    where = f" at {vendor}" if vendor else ""
    name = f"{'fresh ' if fresh else ''}seeds {first}-{last}{where}"
    arguments: tuple[str, ...] = ("-m", "tests.simulation", "--seeds", f"{first}-{last}")
    if vendor:
        arguments = (*arguments, "--profile", vendor)
    many = last - first + 1
    return Piece("simulation", name, arguments, 60 + 30.0 * many, 2.0 * many, fresh=fresh)


def thousands(registers: int) -> Piece:
    arguments = ("-m", "tests.simulation", "--thousands", str(registers))
    name = f"{registers} registers come back behind one rate limit"
    return Piece("simulation", name, arguments, 120 + 1.0 * registers, 0.08 * registers)


def convergence(scene: str, events: str = "") -> Piece:
    """All eleven events where none are named."""
    arguments = ("-m", "tests.convergence", "--profile", scene)
    if events:
        name = f"{scene}, {events.count(',') + 1} events"
        return Piece("convergence", name, (*arguments, "--events", events), 5 * MINUTE_S, 10)
    return Piece("convergence", scene, arguments, 40 * MINUTE_S, MINUTE_S)


def kill(cycles: int, seed: int) -> Piece:
    arguments = ("-m", "tests.crash", "kill", "--cycles", str(cycles), "--seed", str(seed))
    return Piece("crash", f"{cycles} kills, seed {seed}", arguments, 60 + 20.0 * cycles, cycles)


def power(cycles: int, seed: int, *, fresh: bool = False) -> Piece:
    arguments = ("-m", "tests.crash", "power", "--cycles", str(cycles), "--seed", str(seed))
    name = f"{cycles} power cuts, {'fresh ' if fresh else ''}seed {seed}"
    return Piece("crash", name, arguments, 60 + 30.0 * cycles, 2.0 * cycles, fresh=fresh)


def unsynced(cycles: int) -> Piece:
    """The control: a journal that does not sync loses credits, and the harness must see it."""
    arguments = ("-m", "tests.crash", "power", "--cycles", str(cycles), "--seed", "1")
    return Piece(
        "crash",
        f"{cycles} power cuts with synchronous=NORMAL",
        (*arguments, "--synchronous", "NORMAL"),
        60 + 30.0 * cycles,
        2.0 * cycles,
        must_find=True,
    )


def disk() -> Piece:
    arguments = ("-m", "tests.crash", "disk")
    return Piece("crash", "full, read-only and failing disks", arguments, 10 * MINUTE_S, 60)


def recovery(topic: str, *less: str) -> Piece:
    """`less`: smaller figures. A start within a second is measured with nothing beside it."""
    arguments = ("-m", "tests.recovery", topic, *less)
    name = " ".join((topic, *less))
    alone = topic == "waiting"
    return Piece("recovery", name, arguments, 20 * MINUTE_S, 60, alone=alone)


def fuzzing(examples: int, seed: int, *, fresh: bool = False) -> Piece:
    arguments = ("-m", "tests.fuzzing", "--examples", str(examples), "--seed", str(seed))
    name = f"{examples} examples of each property, {'fresh ' if fresh else ''}seed {seed}"
    return Piece("fuzzing", name, arguments, 60 + 2.0 * examples, examples * 0.3, fresh=fresh)


def control() -> Piece:
    arguments = ("-m", "tests.mutants", "--control")
    return Piece("mutants", "the healthy tree", arguments, 40 * MINUTE_S, 4 * MINUTE_S)


def mutant(name: str) -> Piece:
    arguments = ("-m", "tests.mutants", "--only", name)
    return Piece("mutants", name, arguments, 30 * MINUTE_S, 20)
