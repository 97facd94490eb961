# SPDX-License-Identifier: Apache-2.0
"""The settings of `[platform] name = "adyen"`, checked. They hold no secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field

from agent.platforms.options import URL_MAX, PlatformOptions
from agent.platforms.transport import TransportOptions

PREFIX_OPTION: Final = "live_prefix"
CHECKOUT: Final = "/checkout"
"""How the paths of the Checkout API begin here; what follows is asked at `refunds_url`."""
_LIVE: Final = "https://{prefix}-pal-live.adyenpayments.com"


class Put(StrEnum):
    """How a credit gets onto a card: by activating a fresh one with the amount, or by loading an
    active and empty one as a merchandise return."""

    ACTIVATE = "activate"
    LOAD = "load"


class AdyenOptions(PlatformOptions):
    """Which account and which kind of card. `url` or `live_prefix` is needed: nobody should
    issue test money by a default."""

    live_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{3,100}$")] | None = None
    """The company's own part of live addresses (Customer Area, Developers, API URLs)."""
    merchant_account: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,80}$")]
    """The merchant account that the cards belong to."""
    brand: Annotated[str, Field(pattern=r"^[a-z0-9_-]{2,40}$")]
    """The cards' type at Adyen: givex, svs, valuelink, or a brand of Intersolve."""
    put: Put = Put.ACTIVATE
    """What is done to a scanned card: activate it with the amount, or load it."""
    store: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,16}$")] | None = None
    """The store's id at Adyen, where transactions are flagged as in-store."""
    refunds_url: Annotated[str, Field(min_length=8, max_length=URL_MAX)] | None = None
    """Address of the Checkout API, up to /v72; refunds are offered only where it is given."""

    @classmethod
    def read(cls, table: Mapping[str, object]) -> Self:
        """As every platform's. The live address follows from the prefix."""
        prefix = table.get(PREFIX_OPTION)
        if "url" not in table and isinstance(prefix, str):
            table = {**table, "url": _LIVE.format(prefix=prefix)}
        return super().read(table)

    def transport(self) -> TransportOptions:
        """With the Checkout API's own host beside, where it is given."""
        plain = super().transport()
        if self.refunds_url is None:
            return plain
        return replace(plain, beside=((CHECKOUT, self.refunds_url),))

    @property
    def deactivates(self) -> bool:
        """In a store Adyen takes cards out of use for Givex alone; the others are undone by a
        void (docs.adyen.com, stored-value-api/change-status and /void, read 2026-11-21)."""
        return self.brand == "givex"
