# SPDX-License-Identifier: Apache-2.0
"""What a walk asks of a platform, whichever it is: an adapter to speak with it, and the platform
itself as a value."""

from __future__ import annotations

from typing import Any, Protocol

from agent.platforms.adapter import Adapter
from agent.platforms.messages import HttpReply, HttpRequest
from tests.convergence.shelf import Shelf


class Kind(Protocol):
    """A kind of platform."""

    @property
    def name(self) -> str:
        """The first part of a scene's name."""
        ...

    def adapter(self) -> Adapter: ...

    def serve(self, shelf: Shelf, request: HttpRequest, at_ms: int) -> tuple[Shelf, HttpReply]:
        """The shelf after the request, and what is said."""
        ...

    def is_effect(self, request: HttpRequest) -> bool:
        """Whether a request changes something, so that its answer may be lost."""
        ...

    def spend(self, shelf: Shelf, code: str, minor: int) -> Shelf:
        """What a shop takes from the live card under a code; the same where none covers."""
        ...

    def form(self, shelf: Shelf, at_ms: int) -> tuple[Any, ...]:
        """The shelf's normal form: all of it that decides the future."""
        ...
