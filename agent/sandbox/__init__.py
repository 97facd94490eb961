# SPDX-License-Identifier: Apache-2.0
"""A gift-card platform to practise on: Countermark's platform contract with a durable ledger.

For demos, tests and training. It holds no real money and listens on loopback only.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from agent.sandbox.faults import Fault, Faults
from agent.sandbox.server import SandboxPlatform

__all__ = ["Fault", "Faults", "RunningSandbox", "SandboxPlatform", "start_sandbox"]


def _system_clock() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True, repr=False)
class RunningSandbox:
    """A sandbox that serves. `url` is the platform; `control_url` answers also while it is down."""

    platform: SandboxPlatform

    @property
    def url(self) -> str:
        return self.platform.url

    @property
    def control_url(self) -> str:
        return self.platform.control_url

    @property
    def faults(self) -> Faults:
        """The switches. Use `switch` for `down` and to end a `hang`: they move the door."""
        return self.platform.faults

    async def switch(self, name: Fault | str, *, on: bool = True, **options: object) -> None:
        """Switch one fault on or off. Raises ValueError, changing nothing."""
        await self.platform.switch(name, on=on, **options)

    def ledger(self) -> list[dict[str, object]]:
        """Every credit as the contract's resource, oldest first."""
        return self.platform.ledger()

    async def aclose(self) -> None:
        await self.platform.close()


async def start_sandbox(
    ledger_path: Path,
    host: str,
    port: int,
    token: str,
    *,
    control_port: int = 0,
    clock: Callable[[], int] = _system_clock,
    key_window_ms: int = 86_400_000,
    sleep: Callable[[float], Awaitable[None]] | None = None,
) -> RunningSandbox:
    """Open the ledger at `ledger_path` and serve it on `host` (loopback) and `port` (0: free).

    Raises ValueError for a host off loopback or an empty token, OSError for a taken port.
    """
    options = {} if sleep is None else {"sleep": sleep}
    platform = SandboxPlatform(ledger_path, token, clock, key_window_ms=key_window_ms, **options)
    try:
        await platform.serve(host, port, control_port)
    except BaseException:
        await platform.close()
        raise
    return RunningSandbox(platform)
