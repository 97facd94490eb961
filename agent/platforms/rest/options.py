# SPDX-License-Identifier: Apache-2.0
"""The settings of `[platform] name = "rest"`, checked. They hold no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from agent.platforms.options import URL_MAX, PlatformOptions

if TYPE_CHECKING:
    from agent.platforms.oauth import OAuthOptions


class RestOptions(PlatformOptions):
    """Where the retailer's middleware is (the address up to /v1), and how far its look-ups lag."""

    settling_ms: Annotated[int, Field(ge=0, le=600_000)] = 5_000
    """How long after a send a look-up's *absent* is not believed yet."""
    key_window_s: Annotated[int, Field(ge=86_400, le=31_536_000)] = 86_400
    """How long the middleware remembers an Idempotency-Key; the contract wants 24 hours."""
    token_url: Annotated[str, Field(min_length=8, max_length=URL_MAX)] | None = None
    """Where OAuth 2.0 tokens come from; the credential file then holds the client's secret."""
    client_id: str | None = None
    """Who we are at `token_url`."""
    scope: str = ""
    """What the token is asked for; empty for what the client has by itself."""

    def oauth(self) -> OAuthOptions | None:
        """None with a static token. Raises ValueError for options that do not fit together, or
        an address that would send the secret in the clear."""
        if self.token_url is None:
            if self.client_id is not None or self.scope:
                raise ValueError(
                    "platform.token_url: client_id and scope are for OAuth, and need it"
                )
            return None
        if self.client_id is None:
            raise ValueError("platform.client_id: token_url needs it")
        from agent.platforms.oauth import OAuthOptions  # for the few that have it

        return OAuthOptions(self.token_url, self.client_id, self.scope)
