# SPDX-License-Identifier: Apache-2.0
"""Callers that take a contender through whole cycles: threads for those that block, tasks else."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from tests.bench.contenders import Blocking, Waiting
from tests.bench.samples import Cycles


def by_threads(contender: Blocking, numbers: range, callers: int, cycles: Cycles) -> None:
    """Each number once, by whichever caller is free. One caller needs no thread."""
    waiting, lock = iter(numbers), threading.Lock()

    def work() -> None:
        for number in _taken(waiting, lock):
            began = time.perf_counter()
            contender.enqueue(number)
            between = time.perf_counter()
            contender.finish(number)
            cycles.finish.seconds.append(time.perf_counter() - between)
            cycles.enqueue.seconds.append(between - began)

    began = time.perf_counter()
    if callers == 1:
        work()
    else:
        with ThreadPoolExecutor(callers) as pool:
            for each in [pool.submit(work) for _ in range(callers)]:
                each.result()
    cycles.took(time.perf_counter() - began)


async def by_tasks(contender: Waiting, numbers: range, callers: int, cycles: Cycles) -> None:
    """The same with tasks of one event loop."""
    waiting = iter(numbers)

    async def work() -> None:
        for number in waiting:
            began = time.perf_counter()
            await contender.enqueue(number)
            between = time.perf_counter()
            await contender.finish(number)
            cycles.finish.seconds.append(time.perf_counter() - between)
            cycles.enqueue.seconds.append(between - began)

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(callers)))
    cycles.took(time.perf_counter() - began)


def _taken(waiting: Iterator[int], lock: threading.Lock) -> Iterator[int]:
    while True:
        with lock:
            number = next(waiting, None)
        if number is None:
            return
        yield number
