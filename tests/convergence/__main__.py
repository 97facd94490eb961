# SPDX-License-Identifier: Apache-2.0
"""Walks every order of the events, in one scene or in all scenes of a profile.

    python -m tests.convergence --list
    python -m tests.convergence --profile unique-window-exact/offline/copy-issued
    python -m tests.convergence --profile unique-window-exact
    python -m tests.convergence --profile SCENE --order "issue, void, restore, replay"

Lines for people go to stderr; the last line of stdout is one JSON object with the verdict.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence

from tests.convergence.drain import at_rest
from tests.convergence.events import Event, Happened, Scene, happen, state_of
from tests.convergence.loop import run
from tests.convergence.oracle import wrong_after
from tests.convergence.scenes import scenes
from tests.convergence.walk import Reader, Walk, Walked, start
from tests.convergence.world import Told

DONE = 0
FOUND = 1
USAGE = 2


def main(arguments: Sequence[str]) -> int:
    """0 where every order ends as it must, 1 where one does not."""
    parser = argparse.ArgumentParser(prog="python -m tests.convergence")
    parser.add_argument("--list", action="store_true", help="the names of all scenes")
    parser.add_argument("--profile", metavar="NAME", help="a scene, or the first part of its name")
    parser.add_argument("--events", metavar="E,E,...", help="these events alone")
    parser.add_argument("--order", metavar="E,E,...", help="one order, told step by step")
    given = parser.parse_args(arguments)
    if given.list:
        print("\n".join(scene.name for scene in scenes()))
        return DONE
    chosen = [scene for scene in scenes() if _named(scene, given.profile)]
    if not chosen:
        parser.print_usage(sys.stderr)
        print("no such scene; --list names them all", file=sys.stderr)
        return USAGE
    if given.order is not None:
        return _replayed(chosen[0], _events(given.order))
    events = list(Event) if given.events is None else _events(given.events)
    return _walked(chosen, events)


def _named(scene: Scene, name: str | None) -> bool:
    return name is not None and (scene.name == name or scene.name.startswith(f"{name}/"))


def _events(text: str) -> list[Event]:
    return [Event(each.strip()) for each in text.split(",")]


def _walked(chosen: Sequence[Scene], events: Sequence[Event]) -> int:
    figures: Counter[str] = Counter()
    found: list[dict[str, str]] = []
    most_worlds = 0
    for scene in chosen:
        print(f"{scene.name}: {len(events)} events", file=sys.stderr)
        walked = run(Walk(scene, events, _say).run())
        _tell(walked)
        figures.update(
            orders=walked.orders,
            states=walked.states,
            worlds=walked.worlds,
            ends=len(walked.ends),
            merges_compared=walked.compared,
        )
        most_worlds = max(most_worlds, walked.worlds)
        for breach in walked.found:
            order = ", ".join(breach.order)
            again = f'python -m tests.convergence --profile {scene.name} --order "{order}"'
            found.append({"what": breach.what, "again": again})
            print(f"FOUND {breach.what}\n  {again}", file=sys.stderr)
    verdict = {
        "proof": "convergence",
        "held": not found,
        "figures": {**figures, "worlds_max": most_worlds},
        "found": found,
    }
    print(json.dumps(verdict))
    return FOUND if found else DONE


def _say(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


def _tell(walked: Walked) -> None:
    """39,916,800 orders through N states, M ends."""
    orders = f"{walked.orders:,} orders through {walked.states:,} states"
    cut = f", {walked.cut:,} cut at a breach" if walked.cut else ""
    _say(f"{orders} ({walked.worlds:,} worlds), {len(walked.ends)} ends{cut}")
    for end, orders_there in walked.ends.most_common():
        _say(f"{orders_there:>12,}  {end}")


def _replayed(scene: Scene, events: Sequence[Event]) -> int:
    """One order, with what everybody says after each event."""
    wrong = run(_told(scene, events))
    for what in wrong:
        print(f"FOUND {what}", file=sys.stderr)
    order = ", ".join(events)
    again = f'python -m tests.convergence --profile {scene.name} --order "{order}"'
    found = [{"what": what, "again": again} for what in wrong]
    verdict = {
        "proof": "convergence",
        "held": not found,
        "figures": {"orders": 1},
        "found": found,
    }
    print(json.dumps(verdict))
    return FOUND if found else DONE


async def _told(scene: Scene, events: Sequence[Event]) -> list[str]:
    world, reader, wrong = start(), Reader(), list[str]()
    for event in events:
        happened: Happened = await happen(world, event, scene)
        before, world = world, happened.world
        record = (await reader.read(world.a, world.key)).record
        cards = [
            f"{'live' if card.enabled else 'dead'} {card.balance} of {card.initial}"
            for card in world.shelf.cards
        ]
        refused = "" if happened.refused is None else f" (refused: {happened.refused})"
        told = _told_text(world.told)
        _say(f"{event}{refused}: A {state_of(record)}; cards {cards}; told {told}")
        wrong += wrong_after(before, world, record)
        if happened.lie is not None:
            wrong.append(happened.lie)
    rest = await at_rest(world, scene)
    _say(f"at rest: {rest.end}")
    return wrong + list(rest.wrong)


def _told_text(told: Told) -> str:
    words = {"dead": told.dead, "confirmed": told.confirmed, "a person asked": told.asked}
    said = [word for word, true in words.items() if true]
    return ", ".join([*said, *(["paper"] if told.token is not None else [])]) or "nothing"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
