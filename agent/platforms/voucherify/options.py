# SPDX-License-Identifier: Apache-2.0
"""The settings of `[platform] name = "voucherify"`, checked. They hold no secret."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, field_validator

from agent.domain.currency import exponent
from agent.platforms.options import URL_MAX, PlatformOptions

DIGITS: Final = 2
"""A voucher's amount is its value times 100, whatever the currency."""


class VoucherifyOptions(PlatformOptions):
    """Which project. A voucher names no currency, so the project's is said here."""

    url: Annotated[str, Field(min_length=8, max_length=URL_MAX)] = "https://api.voucherify.io"
    """Europe's cluster; https://us1.api.voucherify.io and https://as1.api.voucherify.io too."""
    app_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$")]
    """The application's id, which goes with the secret key of the credential."""
    currency: str
    """What the project's amounts are in. Currencies with three decimals have no exact form."""
    settling_ms: Annotated[int, Field(ge=0, le=600_000)] = 5_000
    """How long after a send a look-up's *absent* is not believed yet."""

    @field_validator("currency")
    @classmethod
    def _has_an_exact_form(cls, currency: str) -> str:
        if exponent(currency) > DIGITS:
            raise ValueError(f"{currency} has more decimals than a voucher's amount")
        return currency
