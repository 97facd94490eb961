# SPDX-License-Identifier: Apache-2.0
"""One thread a device: calls in order, results and faults brought back, no waiting at the end."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from hardware.printers.device_thread import DeviceThread


def fail() -> None:
    raise LookupError("gone")


async def test_calls_run_in_order_in_one_named_thread_that_is_not_ours() -> None:
    device = DeviceThread("printer front")
    seen: list[int] = []
    calls = [device.submit(lambda n=n: seen.append(n)) for n in range(20)]  # type: ignore[misc]
    await asyncio.gather(*calls)
    assert seen == list(range(20))
    thread = await device.submit(threading.current_thread)
    assert thread.name == "printer front"
    assert thread.daemon
    await device.stop(1.0)
    assert not thread.is_alive()


async def test_a_fault_comes_back_and_the_thread_goes_on() -> None:
    device = DeviceThread("printer")
    with pytest.raises(LookupError, match="gone"):
        await device.submit(fail)
    assert await device.submit(lambda: 7) == 7
    await device.stop(1.0)


async def test_work_cancelled_before_its_turn_is_not_done() -> None:
    device, free, done = DeviceThread("printer"), threading.Event(), []
    begun = threading.Event()

    def hold() -> None:
        begun.set()
        free.wait()

    first = device.submit(hold)
    assert await asyncio.to_thread(begun.wait, 30)  # what follows is queued behind a busy device
    before = device.submit(lambda: done.append(0))
    second = device.submit(lambda: done.append(1))
    second.cancel()
    await asyncio.sleep(0)  # the loop carries the news to the thread
    free.set()
    await first
    await before
    await device.submit(lambda: None)
    assert done == [0]
    assert second.cancelled()
    await device.stop(1.0)


async def test_stopping_does_not_wait_for_a_device_that_hangs() -> None:
    device, free = DeviceThread("printer"), threading.Event()
    hanging = device.submit(lambda: free.wait(30))
    began = time.perf_counter()
    await device.stop(0.05)
    assert time.perf_counter() - began < 1.0
    free.set()
    assert await hanging is True
    await device.stop(0.05)
