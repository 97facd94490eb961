# SPDX-License-Identifier: Apache-2.0
"""The settings of `[platform] name = "saleor"`, checked. They hold no secret."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from agent.platforms.options import PlatformOptions


class SaleorOptions(PlatformOptions):
    """Where the shop's API is (the address up to /graphql/), and how it names its customers."""

    settling_ms: Annotated[int, Field(ge=1_000, le=600_000)] = 5_000
    """How long after a send a look-up's *absent* is not believed yet: Saleor answers queries from
    a read replica where it has one, and a replica lags."""
    loyalty_metadata: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] | None = None
    """The metadata key of customers that holds the loyalty number; without it, it is their
    external reference."""

    @field_validator("url")
    @classmethod
    def _up_to_graphql(cls, url: str) -> str:
        if urlsplit(url).path.rstrip("/").endswith("/graphql"):
            raise ValueError("the address ends before /graphql/")
        return url.rstrip("/")
