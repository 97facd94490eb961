# SPDX-License-Identifier: Apache-2.0
"""BigCommerce's answers, in the form of its documentation."""

from __future__ import annotations

from agent.platforms.bigcommerce.adapter import BigcommerceAdapter
from agent.platforms.bigcommerce.options import BigcommerceOptions
from agent.platforms.messages import HttpReply
from tests.platforms.talking import CODE, KEY, reply

HOUSE = "credit@brand.example"
OPTIONS = {"store_hash": "abc123", "house_email": HOUSE}
ADAPTER = BigcommerceAdapter(BigcommerceOptions.read(OPTIONS))
FIND = f"look GET /v2/gift_certificates?code={CODE.reveal()}"
CREATE = "create POST /v2/gift_certificates"
LINKS = f"look GET /v3/customers/metafields?namespace=countermark&key={KEY}"
OTHER_KEY = "0421-03-1763600000000-ZZZZZZZZ"
ABSENT = reply(204, b"")
EMPTY = reply(200, [])


def fields(**changes: object) -> dict[str, object]:
    """The certificate of CREDIT, with changes."""
    return {
        "id": 24,
        "code": CODE.reveal(),
        "amount": "48.5000",
        "balance": "48.5000",
        "status": "active",
        "currency_code": "USD",
        "message": KEY.text,
        "to_name": "Store credit",
        "to_email": HOUSE,
        "from_name": "Store credit",
        "from_email": HOUSE,
        "template": "general.html",
        "customer_id": 0,
        "order_id": 0,
        "expiry_date": "0",
        "purchase_date": "1763600000",
        **changes,
    }


def made(status: int = 201, /, **changes: object) -> HttpReply:
    return reply(status, fields(**changes))


def listed(*certificates: dict[str, object]) -> HttpReply:
    return reply(200, list(certificates))


def found(**changes: object) -> HttpReply:
    return listed(fields(**changes))


def v2(status: int, message: str = "No", /, **headers: str) -> HttpReply:
    """A V2 error: a list of one."""
    return reply(status, [{"status": status, "message": message}], **headers)


def v3(status: int, title: str = "No", /, **headers: str) -> HttpReply:
    """A V3 error: an object."""
    body = {"status": status, "title": title, "type": "/api-status-codes", "errors": {}}
    return reply(status, body, **headers)


def metafield(customer: int = 7, key: str = KEY.text) -> dict[str, object]:
    return {"id": 3, "namespace": "countermark", "key": key, "resource_id": customer, "value": "x"}


def carried(*customers: int, key: str = KEY.text) -> HttpReply:
    return reply(200, {"data": [metafield(each, key) for each in customers], "meta": {}})


def linked(customer: int = 7, key: str = KEY.text) -> HttpReply:
    return reply(200, {"data": metafield(customer, key), "meta": {}})
