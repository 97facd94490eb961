# SPDX-License-Identifier: Apache-2.0
"""The settings of `[platform] name = "square"`, checked. They hold no secret."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from agent.platforms.options import URL_MAX, PlatformOptions

PRODUCTION: Final = "https://connect.squareup.com"


class SquareOptions(PlatformOptions):
    """Which of the seller's locations issues. The sandbox is `https://connect.squareupsandbox.com`
    with its own token and locations."""

    url: Annotated[str, Field(min_length=8, max_length=URL_MAX)] = PRODUCTION
    location_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,50}$")]
    """The location that gift cards are registered at, for Square's reports. It is a part of the
    issuing body, so every register and hub of a store has the same one."""
    settling_ms: Annotated[int, Field(ge=0, le=600_000)] = 30_000
    """How long after a send a look-up's *absent* is not believed yet."""
