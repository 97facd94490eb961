# SPDX-License-Identifier: Apache-2.0
"""Recorded replies of Adyen, cleaned of secrets, and the credit that they are about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from agent.domain.credit import Credit, Instrument
from agent.domain.plastic import Plastic
from agent.platforms.adyen.adapter import AdyenAdapter
from agent.platforms.adyen.options import AdyenOptions
from agent.platforms.messages import HttpReply
from tests.platforms import talking
from tests.platforms.talking import reply

CARD: Final = Plastic("6036280000001234", "9876")
CREDIT: Final = replace(talking.CREDIT, instrument=Instrument.PLASTIC, plastic=CARD)
SALE_MS: Final = CREDIT.key.timestamp_ms
PSP: Final = "KHQC5N7G84BLNK43"
URL: Final = "https://credit.example"
PATH: Final = "/pal/servlet/StoredValue/v46/"
LOOK: Final = f"look POST {PATH}checkBalance"
LOAD: Final = f"load POST {PATH}load"
ACTIVATE: Final = f"activate POST {PATH}changeStatus"
VOID: Final = f"burn-void POST {PATH}voidTransaction"
DEACTIVATE: Final = f"burn-deactivate POST {PATH}changeStatus"


def options(**more: Any) -> AdyenOptions:
    table = {"url": URL, "merchant_account": "ShopPOS", "brand": "svs", "put": "load", **more}
    return AdyenOptions.read(table)


SVS: Final = AdyenAdapter(options())
GIVEX: Final = AdyenAdapter(options(brand="givex", put="activate"))


def success(value: int | None, currency: str = "USD", psp: str = PSP, **headers: str) -> HttpReply:
    """A Success; `value`: what is on the card."""
    body: dict[str, object] = {"pspReference": psp, "resultCode": "Success", "authCode": "869423"}
    if value is not None:
        body["currentBalance"] = {"value": value, "currency": currency}
    return reply(200, body, **headers)


def no(result: str = "Refused", reason: str = "Refused", raw: str = "") -> HttpReply:
    """A no inside a 200."""
    body = {"pspReference": PSP, "resultCode": result, "refusalReason": reason}
    return reply(200, {**body, "thirdPartyRefusalReason": raw} if raw else body)


def error(
    status: int, code: str, kind: str = "validation", message: str = "No", **headers: str
) -> HttpReply:
    """A ServiceError."""
    body = {
        "status": status,
        "errorCode": code,
        "message": message,
        "errorType": kind,
        "pspReference": PSP,
    }
    return reply(status, body, **headers)


def dated(heard: HttpReply, after_ms: int = 60_000) -> HttpReply:
    """The reply with Adyen's clock so long after the sale."""
    return replace(heard, date_ms=SALE_MS + after_ms)


def of(minor: int, currency: str, **more: Any) -> Credit:
    return replace(CREDIT, amount=type(CREDIT.amount)(minor, currency), **more)


EMPTY: Final = success(0)
FULL: Final = success(4850)
