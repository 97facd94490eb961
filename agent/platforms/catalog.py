# SPDX-License-Identifier: Apache-2.0
"""Which platforms are installed, and how one is opened. Built-in ones enter by the same door.

An adapter is an entry point of the group `countermark.platforms`: a callable that takes its
table of settings and gives a `Plugin`. One that fails to load is named with its reason; the
others work.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from agent.platforms.abilities import contradictions
from agent.platforms.adapter import DrivenPlatform, Plugin
from agent.platforms.transport import Roads, Transport, over_tcp

GROUP: Final = "countermark.platforms"

Factory = Callable[[Mapping[str, object]], Plugin]


class PlatformMissing(ValueError):
    """No platform of that name is installed, or it failed to load; the text says which."""


@dataclass(frozen=True, slots=True)
class Broken:
    """An adapter that cannot be used. `why` holds no secret: a kind of fault and its text."""

    name: str
    why: str


class Catalog:
    """The platforms that are installed. Loads an adapter only when it is asked for."""

    def __init__(self, points: Iterable[EntryPoint] | None = None) -> None:
        found = entry_points(group=GROUP) if points is None else points
        self._points = {point.name: point for point in found}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._points))

    def factory(self, name: str) -> Factory | Broken:
        """The factory of a platform, or why there is none. Never raises for a bad plug-in."""
        point = self._points.get(name)
        if point is None:
            known = ", ".join(self.names) or "none"
            return Broken(name, f"no such platform; installed: {known}")
        try:
            loaded: object = point.load()
        except Exception as fault:  # the edge of a plug-in: recorded, and shown by its name
            return Broken(name, f"{type(fault).__name__}: {fault}"[:300])
        return loaded if callable(loaded) else Broken(name, "its entry point is not callable")

    def distribution(self, name: str) -> str:
        """Whose adapter it is: a distribution's name and version, empty where nobody says."""
        point = self._points.get(name)
        dist = None if point is None else point.dist
        return "" if dist is None else f"{dist.name} {dist.version}"

    def broken(self) -> tuple[Broken, ...]:
        """Every installed adapter that does not load; loads them all (for `doctor`)."""
        tried = (self.factory(name) for name in self.names)
        return tuple(each for each in tried if isinstance(each, Broken))

    def plugin(self, name: str, table: Mapping[str, object]) -> Plugin:
        """A platform with its settings. Raises PlatformMissing, or ValueError for a setting."""
        factory = self.factory(name)
        if isinstance(factory, Broken):
            raise PlatformMissing(f"{factory.name}: {factory.why}")
        made = factory(table)
        if not isinstance(made, Plugin):
            raise PlatformMissing(f"{name}: its factory gives no plug-in")
        against = contradictions(made.adapter.abilities)
        if against:
            raise PlatformMissing(f"{name}: {'; '.join(against)}")
        return made


@asynccontextmanager
async def open_platform(
    plugin: Plugin,
    read_secret: Callable[[], str],
    read_proxy_secret: Callable[[], str] | None = None,
    *,
    roads: Roads = over_tcp,
    now_s: Callable[[], float] = time.monotonic,
) -> AsyncIterator[DrivenPlatform]:
    """A platform that can be asked, until the block ends.

    `read_secret` is called for each request and raises OSError when the credential is not there
    (the request is then *unsent*). `read_proxy_secret` gives a whole Proxy-Authorization value.
    `roads` and `now_s` are the machine's, unless a simulation gives its own.
    """
    proxy = None
    if read_proxy_secret is not None:
        read = read_proxy_secret

        def proxy() -> Mapping[str, str]:
            return {"Proxy-Authorization": read()}

    credentials = plugin.credentials(read_secret, now_s)
    transport = Transport(plugin.transport, credentials, proxy, roads)
    async with transport:
        yield DrivenPlatform(plugin.adapter, transport, plugin.pause_s, now_s)
