# SPDX-License-Identifier: Apache-2.0
"""The settings of `[platform] name = "shopify"`, checked. They hold no secret."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from agent.platforms.oauth import OAuthOptions
from agent.platforms.options import PlatformOptions


class ShopifyOptions(PlatformOptions):
    """One shop. `shop` is the part before .myshopify.com, and makes `url` where none is given."""

    shop: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")] | None = None
    client_id: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,200}$")] | None = None
    """Of an app in Shopify's developer dashboard: the credential file then holds its client
    secret, and access tokens, which live for a day, are fetched with it. Without it the file
    holds the Admin API access token of an app that was made in the shop's own admin."""
    loyalty_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{2,64}$")] | None = None
    """Key of the customers' metafield that holds the loyalty number: of the type `id`, so that
    the shop keeps it unique. Without it nobody is found by a loyalty number."""
    loyalty_namespace: Annotated[str, Field(pattern=r"^[A-Za-z0-9_$:-]{2,64}$")] | None = None
    """Where the metafield lives; left out, it is the app's own reserved namespace."""
    location_id: Annotated[int, Field(ge=1, le=10**18)] | None = None
    """Where returned goods are put back into stock; without it a refund restocks nothing."""
    settling_ms: Annotated[int, Field(ge=0, le=600_000)] = 60_000
    """How long after a send the search may not show a card yet."""

    @model_validator(mode="before")
    @classmethod
    def _with_address(cls, given: Any) -> Any:
        shop = given.get("shop") if isinstance(given, dict) else None
        if isinstance(shop, str) and "url" not in given:
            return {**given, "url": f"https://{shop}.myshopify.com"}
        return given

    def oauth(self) -> OAuthOptions | None:
        """The client credentials grant, which Shopify takes as form fields. Raises ValueError for
        an address that would send the secret in the clear."""
        if self.client_id is None:
            return None
        token_url = f"{self.url.rstrip('/')}/admin/oauth/access_token"
        return OAuthOptions(token_url, self.client_id, in_body=True)
