# SPDX-License-Identifier: Apache-2.0
"""The settings of `[platform] name = "rest"`, checked. They hold no secret."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agent.platforms.options import PlatformOptions


class RestOptions(PlatformOptions):
    """Where the retailer's middleware is (the address up to /v1), and how far its look-ups lag."""

    settling_ms: Annotated[int, Field(ge=0, le=600_000)] = 5_000
    """How long after a send a look-up's *absent* is not believed yet."""
    key_window_s: Annotated[int, Field(ge=86_400, le=31_536_000)] = 86_400
    """How long the middleware remembers an Idempotency-Key; the contract wants 24 hours."""
