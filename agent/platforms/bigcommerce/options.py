# SPDX-License-Identifier: Apache-2.0
"""The settings of `[platform] name = "bigcommerce"`, checked. They hold no secret."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, model_validator

from agent.platforms.options import PlatformOptions


class Receipts(StrEnum):
    """What is printed on a receipt: BigCommerce's order number, or the till's own number that
    the order carries as `external_order_id`."""

    ORDER_NUMBER = "order-number"
    EXTERNAL_ORDER_ID = "external-order-id"


class BigcommerceOptions(PlatformOptions):
    """One store. `store_hash` is the part of the API path that names it, and makes `url` where
    none is given."""

    store_hash: Annotated[str, Field(pattern=r"^[a-z0-9]{3,32}$")] | None = None
    house_email: Annotated[str, Field(pattern=r"^[^\s@<>\"]{1,64}@[A-Za-z0-9.-]{3,185}$")]
    """Whom a certificate is made out to and from: BigCommerce wants an address, a store credit
    has none. It should be one that the retailer reads; nothing is mailed when an API creates."""
    house_name: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,60}$")] = "Store credit"
    """The name beside that address."""
    unique_codes: bool = False
    """Whether this store was seen to refuse a second certificate under one code. BigCommerce calls
    codes unique and documents no answer to a second one, so by default nothing rests on it."""
    settling_ms: Annotated[int, Field(ge=1_000, le=600_000)] = 120_000
    """How long after a send a look-up's *absent* is not believed yet."""
    receipts: Receipts = Receipts.ORDER_NUMBER
    """What a sale is looked up by."""
    loyalty_is_customer_id: bool = False
    """Whether the loyalty number is BigCommerce's customer id. Else nobody is found by one."""

    @model_validator(mode="before")
    @classmethod
    def _with_address(cls, given: Any) -> Any:
        store = given.get("store_hash") if isinstance(given, dict) else None
        if isinstance(store, str) and "url" not in given:
            return {**given, "url": f"https://api.bigcommerce.com/stores/{store}"}
        return given
