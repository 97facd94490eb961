# SPDX-License-Identifier: Apache-2.0
"""What stands in the way of issuing in a shop: token, scopes, address, version, limit of a card.

Only looks. The words are for store IT.
"""

from __future__ import annotations

from typing import Final

from pydantic import Field

from agent.domain.currency import EXPONENTS
from agent.domain.outcome import Saying
from agent.platforms.exchange import Exchange, Look
from agent.platforms.messages import HttpReply
from agent.platforms.probe import Probed, ProbeResult
from agent.platforms.reading import AUTH, Negative, as_unknown
from agent.platforms.shopify import documents, wire
from agent.platforms.shopify.answers import answered, saying
from agent.platforms.shopify.options import ShopifyOptions

NEEDED: Final = ("write_gift_cards", "read_gift_cards", "read_customers")
"""Without one of them no credit can be issued, found again and shown to be whose it is."""
USEFUL: Final = {
    "write_customers": "customers cannot be linked to their cards",
    "read_orders": "sales cannot be found by their receipt",
    "write_orders": "returns cannot be paid back through the order",
    "read_all_orders": "sales older than 60 days cannot be found",
}
_WRONG: Final = {
    AUTH: "Shopify refuses the token: put the app's Admin API access token into the file",
    "no-such-path": "there is no shop at this address: check platform.shop",
    "shop-frozen": "the shop is frozen: its owner must pay the outstanding balance",
    "shop-locked": "the shop is locked by Shopify: its owner must contact Shopify",
    "shop-inactive": "the shop is not active: its owner must contact Shopify",
    "throttled": "the shop's request limit is used up just now: try again in a minute",
}


class _Scope(wire.Reply):
    handle: str


class InstallationReply(wire.Reply):
    access_scopes: list[_Scope]

    def grants(self, scope: str) -> bool:
        """A write scope contains the read scope of the same thing."""
        granted = {each.handle for each in self.access_scopes}
        return scope in granted or scope.replace("read_", "write_", 1) in granted


class _ShopReply(wire.Reply):
    myshopify_domain: str
    currency_code: str


class _ConfigurationReply(wire.Reply):
    issue_limit: wire.MoneyReply = Field()


def probe(options: ShopifyOptions) -> Exchange[tuple[Probed, ...]]:
    reply = yield Look(wire.say(documents.INSTALLATION, {}))
    match wire.read_as(reply, "currentAppInstallation", InstallationReply):
        case InstallationReply() as installed:
            pass
        case None:
            return (_wrong(None, saying(reply, None)),)
        case other:
            return (_wrong(other, other.saying),)
    found = [Probed("credentials", ProbeResult.OK, "the token is accepted")]
    found += _account(options, reply) + _version(reply) + _scopes(installed)
    reply = yield Look(wire.say(documents.LIMIT, {}))
    found.append(_limit(reply))
    return tuple(found)


def _wrong(negative: Negative | None, said: Saying) -> Probed:
    why = "" if negative is None else as_unknown(negative).why
    detail = _WRONG.get(why, "the answer is not one of Shopify's Admin API")
    return Probed("credentials", ProbeResult.WRONG, detail, said)


def _account(options: ShopifyOptions, reply: HttpReply) -> list[Probed]:
    shop = wire.read_as(reply, "shop", _ShopReply)
    if not isinstance(shop, _ShopReply):
        return []
    domain = f"{options.shop}.myshopify.com"
    if options.shop is not None and shop.myshopify_domain != domain:
        detail = f"the token is one of {shop.myshopify_domain}, and the settings say {domain}"
        return [Probed("account", ProbeResult.WRONG, detail)]
    if shop.currency_code in EXPONENTS and not wire.taken(shop.currency_code):
        detail = f"{shop.currency_code} is not exact at Shopify: no credit can be issued in it"
        return [Probed("account", ProbeResult.WRONG, detail)]
    detail = f"{shop.myshopify_domain}, which sells in {shop.currency_code}"
    return [Probed("account", ProbeResult.OK, detail)]


def _version(reply: HttpReply) -> list[Probed]:
    """Shopify answers by another version once ours is retired (a year after it came)."""
    spoken = reply.header("x-shopify-api-version")
    if spoken is None or spoken == documents.VERSION:
        return []
    detail = f"Shopify answers by version {spoken[:20]}, we speak {documents.VERSION}: update us"
    return [Probed("version", ProbeResult.WEAK, detail)]


def _scopes(installed: InstallationReply) -> list[Probed]:
    missing = [scope for scope in NEEDED if not installed.grants(scope)]
    found = []
    if missing:
        detail = f"grant the app {', '.join(missing)}: no credit can be issued without"
        found.append(Probed("scope", ProbeResult.WRONG, detail))
    for scope, what in USEFUL.items():
        if not installed.grants(scope):
            found.append(Probed("scope", ProbeResult.WEAK, f"without {scope} {what}"))
    return found or [Probed("scope", ProbeResult.OK, "every scope is granted")]


def _limit(reply: HttpReply) -> Probed:
    match wire.read_as(reply, "giftCardConfiguration", _ConfigurationReply):
        case _ConfigurationReply(issue_limit=limit):
            detail = f"one card may hold at most {limit.money()}: keep limits.per_credit below"
            return Probed("limit", ProbeResult.OK, detail)
        case _:
            detail = "the shop does not say how much one card may hold"
            return Probed("limit", ProbeResult.WEAK, detail, saying(reply, None))


def sees_every_order(reply: HttpReply) -> bool:
    """Whether the token may see orders of any age, by an answer that names its scopes."""
    installed = answered(reply, "currentAppInstallation", None)
    if not isinstance(installed, dict):
        return False
    return any(
        isinstance(each, dict) and each.get("handle") == "read_all_orders"
        for each in installed.get("accessScopes") or ()
    )
