# SPDX-License-Identifier: Apache-2.0
"""What proves to a platform who we are: a secret that is sent as it is, or something fetched.

Secrets stay in memory, and out of every `repr`, fault and log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from agent.platforms.transport import Transport

Prove = Callable[[], Mapping[str, str]]
"""Gives the headers that carry a secret, at each request. Raises OSError or ValueError when it
cannot."""


class Unproved(Exception):
    """There is nothing to prove with, so nothing is sent. `why` is that of the `NotSent`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Credentials(Protocol):
    """What proves who we are. A transport opens it, asks it for each request, and closes it."""

    @property
    def trouble(self) -> str:
        """What went wrong when it last fetched something, in a short code; empty for nothing."""
        ...

    async def opened(self, beside: Transport) -> None:
        """`beside`: the transport whose requests it will prove."""
        ...

    async def headers(self, deadline: float) -> Mapping[str, str]:
        """Suspends only where something must be fetched, and never past the deadline (a moment
        of the loop's clock). Raises Unproved, OSError or ValueError where there are none."""
        ...

    def refused(self, headers: Mapping[str, str]) -> None:
        """A request that carried these very headers was answered 401."""
        ...

    async def closed(self) -> None: ...


class Static:
    """A secret that is sent as it is: what to do about a 401 only people know."""

    trouble = ""

    def __init__(self, prove: Prove) -> None:
        self._prove = prove

    async def opened(self, beside: Transport) -> None:
        return None

    async def headers(self, deadline: float) -> Mapping[str, str]:
        return self._prove()

    def refused(self, headers: Mapping[str, str]) -> None:
        return None

    async def closed(self) -> None:
        return None
