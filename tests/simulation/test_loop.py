# SPDX-License-Identifier: Apache-2.0
"""The virtual loop: its time, its order, its trace, and what it refuses to overlook."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from tests.simulation.loop import START_S, Stuck, Unheard, moment, passes, run, running

DAY_S = 86_400


def test_ten_days_pass_in_no_time_and_in_order() -> None:
    heard: list[tuple[str, float]] = []

    async def waits(name: str, seconds: float) -> None:
        await passes(seconds)
        heard.append((name, running().time() - START_S))

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(waits("late", 10 * DAY_S))
            group.create_task(waits("soon", 0.5))
            group.create_task(waits("between", DAY_S))

    began = time.monotonic()
    run(1, main)
    assert heard == [("soon", 0.5), ("between", DAY_S), ("late", 10 * DAY_S)]
    assert time.monotonic() - began < 5


def test_a_deadline_falls_at_its_moment_exactly() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(4.0):
                await asyncio.Event().wait()
        return running().time()

    assert run(1, main) == START_S + 4.0


def _order(seed: int) -> tuple[str, ...]:
    heard: list[str] = []

    async def one(name: str) -> None:
        for turn in range(3):
            heard.append(f"{name}{turn}")
            await asyncio.sleep(0)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            for name in "abcd":
                group.create_task(one(name))

    run(seed, main)
    return tuple(heard)


def test_the_seed_draws_the_order_of_tasks_and_draws_it_again() -> None:
    drawn = {_order(seed) for seed in range(12)}
    assert len(drawn) > 9
    assert {_order(7) for _ in range(3)} == {_order(7)}


def test_every_task_has_its_turn_before_any_has_a_second() -> None:
    for seed in range(8):
        heard = _order(seed)
        assert {name[0] for name in heard[:4]} == set("abcd")
        assert {name[1] for name in heard[:4]} == {"0"}


def test_plain_callbacks_of_one_origin_keep_their_order_among_tasks() -> None:
    def told(seed: int) -> list[int]:
        heard: list[int] = []

        async def main() -> None:
            loop = running()
            others = [asyncio.create_task(asyncio.sleep(0)) for _ in range(5)]
            for number in range(10):
                loop.call_soon(heard.append, number)
            await asyncio.gather(*others)
            await passes(1)

        run(seed, main)
        return heard

    assert all(told(seed) == list(range(10)) for seed in range(8))


def test_who_waits_for_what_never_comes_is_stuck_and_is_told_so() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stuck, match="nothing is scheduled"):
        run(1, main)


def test_who_spins_until_a_time_comes_is_stuck() -> None:
    async def main() -> None:
        until = running().time() + 1
        while running().time() < until:  # noqa: ASYNC110 - this is the mistake to be seen
            await asyncio.sleep(0)

    with pytest.raises(Stuck, match="stands still"):
        run(1, main)


def test_what_is_due_runs_beside_what_never_rests() -> None:
    async def main() -> int:
        loop, rung, turns = running(), asyncio.Event(), 0
        loop.call_later(0, rung.set)
        while not rung.is_set():
            await asyncio.sleep(0)
            turns += 1
        return turns

    assert run(1, main) < 5


def test_an_exception_that_nobody_took_is_a_failure() -> None:
    async def fails() -> None:
        raise OSError("the disk is gone")

    async def forgets() -> None:
        task = asyncio.create_task(fails())
        await passes(1)
        del task

    async def main() -> None:
        await forgets()

    with pytest.raises(Unheard) as heard:
        run(1, main)
    assert [str(each) for each in heard.value.exceptions] == ["the disk is gone"]


def test_an_exception_in_a_plain_callback_is_a_failure() -> None:
    async def main() -> None:
        running().call_soon(lambda: [][1])
        await passes(1)

    with pytest.raises(Unheard):
        run(1, main)


def test_what_is_left_running_is_cancelled_and_may_clean_up() -> None:
    cleaned: list[float] = []

    async def left() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await passes(2)
            cleaned.append(running().time() - START_S)

    async def main() -> asyncio.Task[None]:
        task = asyncio.create_task(left())
        await passes(1)
        return task

    assert run(1, main).cancelled()
    assert cleaned == [3.0]


def test_work_for_another_thread_is_done_in_this_one() -> None:
    async def main() -> tuple[int, int]:
        ident = await asyncio.to_thread(os.getpid)
        return ident, len(await asyncio.to_thread(sorted, [3, 1, 2]))

    assert run(1, main) == (os.getpid(), 3)


def test_a_moment_that_has_passed_still_lets_the_others_run() -> None:
    heard: list[str] = []

    async def other() -> None:
        heard.append("other")

    async def main() -> None:
        task = asyncio.create_task(other())
        await moment(0.0)
        await passes(0)
        await task

    run(1, main)
    assert heard == ["other"]


def test_garbage_is_collected_at_the_end_and_never_in_between() -> None:
    async def main() -> bool:
        return gc.isenabled()

    assert gc.isenabled()
    assert run(1, main) is False
    assert gc.isenabled()


STORY = """
import asyncio, random
from tests.simulation.loop import passes, run, running
dice = random.Random(9)
async def one(lock, number):
    for _ in range(20):
        await passes(dice.choice([0, 0, 0.1, 1]))
        async with lock:
            await passes(0.05)
async def main():
    lock = asyncio.Lock()
    waiting = {asyncio.create_task(asyncio.Event().wait()) for _ in range(20)}
    async with asyncio.TaskGroup() as group:
        for number in range(10):
            group.create_task(one(lock, number))
    for each in waiting:
        each.cancel()
        await passes(0.1)
    running().note(b"the end")
    return running().trace
print(run(5, main))
"""


def _in_a_process(text: str, hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-c", text]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return said.stdout


def test_two_processes_with_other_hash_seeds_have_the_same_trace() -> None:
    first, second = _in_a_process(STORY, "1"), _in_a_process(STORY, "2")
    assert first == second
    assert first.strip().lstrip("-").isdigit()


@pytest.mark.parametrize("leave", [lambda: None, lambda: running().note(b"a word more")])
def test_the_trace_tells_what_was_noted_apart(leave: Callable[[], None]) -> None:
    async def main() -> int:
        await passes(1)
        leave()
        return running().trace

    async def plain() -> int:
        await passes(1)
        return running().trace

    same = run(1, main) == run(1, plain)
    assert same is (leave.__code__.co_names == ())
