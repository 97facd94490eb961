# SPDX-License-Identifier: Apache-2.0
"""Replies in Voucherify's shapes (OpenAPI document v2018-08-01), cleaned of everything real."""

from __future__ import annotations

from typing import Final

from agent.platforms.messages import HttpReply
from agent.platforms.voucherify.adapter import VoucherifyAdapter
from agent.platforms.voucherify.options import VoucherifyOptions
from tests.platforms.talking import CODE, KEY, reply

URL: Final = "https://credit.example"
USD: Final = VoucherifyAdapter(VoucherifyOptions(url=URL, app_id="app-1", currency="USD"))
JPY: Final = VoucherifyAdapter(VoucherifyOptions(url=URL, app_id="app-1", currency="JPY"))
ID: Final = "v_tVkcOhjHCz9W7q8QnuJnTGPBR2hdaYrC"
CUSTOMER: Final = "cust_eWgXlBBiY6THFRJwX45Iakv4"
OTHER_KEY: Final = "0421-03-1763600000000-ZZZZZZZZ"
OTHER_CODE: Final = "D" * 16

CREATE: Final = "create POST /v1/vouchers"
GET: Final = f"look GET /v1/vouchers/{CODE.reveal()}"
BURN: Final = "burn POST /v1/vouchers"
DISABLE: Final = f"burn-disable POST /v1/vouchers/{ID}/disable"


def gift(amount: int = 4850, balance: int | None = None) -> dict[str, object]:
    left = amount if balance is None else balance
    return {"amount": amount, "subtracted_amount": 0, "balance": left, "effect": "APPLY_TO_ORDER"}


def metadata(key: str | None = KEY.text, currency: str | None = "USD") -> dict[str, object]:
    named = {"countermark_key": key, "countermark_currency": currency}
    return {name: value for name, value in named.items() if value is not None}


def resource(**changes: object) -> dict[str, object]:
    """The gift voucher of CREDIT as Voucherify shows it, with changes."""
    return {
        "id": ID,
        "code": CODE.reveal(),
        "campaign": None,
        "campaign_id": None,
        "category": None,
        "category_id": None,
        "categories": [],
        "type": "GIFT_VOUCHER",
        "discount": None,
        "gift": gift(),
        "loyalty_card": None,
        "start_date": None,
        "expiration_date": None,
        "validity_timeframe": None,
        "validity_day_of_week": None,
        "active": True,
        "additional_info": None,
        "metadata": metadata(),
        "is_referral_code": False,
        "created_at": "2025-11-20T00:53:20.000Z",
        "updated_at": None,
        "holder_id": None,
        "redemption": {"quantity": None, "redeemed_quantity": 0, "redeemed_amount": 0},
        "object": "voucher",
        **changes,
    }


def voucher(status: int = 200, /, **changes: object) -> HttpReply:
    return reply(status, resource(**changes))


def error(status: int, key: str = "", /, **changes: object) -> HttpReply:
    """Voucherify's error object; `headers` in `changes` are the reply's."""
    headers = changes.pop("headers", {})
    assert isinstance(headers, dict)
    body = {"code": status, "message": "No", "request_id": "v-0bb3403b9a158c87b2", **changes}
    return reply(status, {**body, "key": key} if key else body, **headers)


def not_found(what: str = "voucher", name: str = "it") -> HttpReply:
    details = f"Cannot find {what} with id {name}"
    return error(
        404,
        "not_found",
        message="Resource not found",
        details=details,
        resource_id=name,
        resource_type=what,
    )


def publication(**changes: object) -> HttpReply:
    body = {
        "id": "pub_ocaXCa023ayJ3WL1ARxUeKgIvg3JcEGh",
        "object": "publication",
        "customer_id": CUSTOMER,
        "tracking_id": "track",
        "channel": "countermark",
        "result": "SUCCESS",
        "voucher": resource(holder_id=CUSTOMER),
        **changes,
    }
    return reply(200, body)


TAKEN: Final = error(409, "duplicate_found", message="Duplicate resource found")
NOT_FOUND: Final = not_found()
ODD: Final = [
    reply(200, b""),
    reply(200, {"status": "PENDING"}),
    reply(200, [resource()]),
    reply(200, b"{"),
    reply(200, b"<h1>Sign in</h1>", content_type="text/html"),
    reply(200, resource(), content_type="text/html"),
    reply(200, resource(), content_type=""),
    reply(201, resource()),
    reply(202, {"async_action_id": "aa_0ab2df092385be5ca5"}),
    reply(204, b""),
    reply(302, b"", location="http://portal.example/"),
    voucher(id=""),
    voucher(id="../campaigns"),
    voucher(id=CODE.reveal()),
    voucher(active="true"),
    voucher(gift={"amount": "4850", "balance": 4850}),
    voucher(gift={"amount": 4850.0, "balance": 4850.0}),
    voucher(gift={"amount": True, "balance": True}),
    voucher(gift={"amount": -1, "balance": -1}),
    voucher(gift=gift(4850, 4851)),
    voucher(gift=gift(4850, -1)),
    voucher(gift=None),
    voucher(type="DISCOUNT_VOUCHER"),
    voucher(metadata=metadata(currency=None)),
    voucher(metadata=metadata(currency="KWD")),
    voucher(metadata=metadata(currency="XXX")),
    voucher(metadata={"countermark_key": KEY.text, "countermark_currency": 7}),
    error(400),
    error(400, "something_new"),
    error(400, "multiple_requests"),
    error(400, "a key that is none"),
    reply(400, b"Bad request", content_type="text/plain"),
    reply(402, b""),
    reply(403, b"<h1>Blocked</h1>", content_type="text/html"),
    reply(404, b"<h1>404</h1>", content_type="text/html"),
    reply(404, {"code": 404}),
    reply(404, {"code": 200, "message": "not the status it came with"}),
    reply(409, b"", content_type="text/plain"),
    error(410, "gone"),
    error(422, "invalid_voucher"),
    error(500),
    error(500, "internal_error"),
    error(502),
    error(503, "unavailable"),
    reply(503, b"upstream connect error", content_type="text/plain"),
]
"""Neither a yes nor a documented no."""
NOT_EXECUTED: Final = [
    (error(401), "auth"),
    (reply(401, b""), "auth"),
    (error(403, "integration_api_key_required", message="Forbidden"), "auth"),
    (error(404, message="Resource not found"), "no-such-path"),
    (error(405, message="HTTP Method Not Allowed"), "status-405"),
    (error(406), "status-406"),
    (error(415), "status-415"),
]
"""Documented as failed, and not about this credit."""
DATE_MS: Final = 1_763_600_000_000
WAITS: Final = [
    (error(429, headers={"retry_after": "17"}), 17),
    (error(429, headers={"retry_after": "999999"}), 86_400),
    (error(429, headers={"retry_after": "-1"}), 5),
    (error(429), 5),
    (reply(429, b""), 5),
    (error(402, message="Payment Required"), 3_600),
    (error(402, headers={"retry_after": "60"}), 60),
]
"""Documented as failed, and to be asked again."""
