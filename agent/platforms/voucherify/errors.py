# SPDX-License-Identifier: Apache-2.0
"""Voucherify's documented errors, and what each comes to. Pure.

An error is JSON with `code` (the HTTP status), `message`, mostly a `key`, and `resource_type`
where something was not found (docs.voucherify.io, Errors; the OpenAPI document v2018-08-01).
Responses with 4xx are documented as failed; a 5xx is nobody's promise.
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.domain.code import Code
from agent.domain.outcome import RefusalReason, Saying
from agent.platforms.messages import HttpReply
from agent.platforms.reading import (
    AUTH,
    Negative,
    No,
    NotExecuted,
    Odd,
    Wait,
    hidden,
    media_type,
)
from agent.platforms.voucherify.limits import PLAN_S, wait_s

TAKEN: Final = "taken"
NO_VOUCHER: Final = "no-voucher"
NO_CUSTOMER: Final = "no-customer"
NO_SCHEMA: Final = "no-metadata_schema"
PUBLISHED: Final = frozenset({"voucher_already_published", "duplicate_source_id"})

_DUPLICATES: Final = frozenset({"duplicate_found", "duplicate_resource_key"})
_LIMITS: Final = frozenset({"gift_amount_exceeded"})
REFUSALS: Final = (
    frozenset(
        {
            "customer_rules_violated",
            "invalid_amount",
            "invalid_campaign",
            "invalid_campaign_params",
            "invalid_code_config",
            "invalid_customer",
            "invalid_gift",
            "invalid_payload",
            "invalid_publish_params",
            "invalid_query_params",
            "invalid_validation_rules",
            "invalid_voucher",
            "metadata_validation_failed",
            "missing_amount",
            "missing_customer",
            "missing_vouchers",
            "no_voucher_suitable_for_publication",
            "query_too_large",
            "too_many_vouchers_requested",
            "voucher_cannot_be_published",
            "voucher_disabled",
            "voucher_expired",
            "voucher_not_active",
            "voucher_not_active_now",
        }
    )
    | PUBLISHED
    | _LIMITS
)
"""A request that is answered so was not carried out, and will not be as it is."""


class _ErrorReply(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)

    code: int
    message: str
    key: Annotated[str, Field(pattern=r"^[a-z0-9_]{0,60}$")] = ""
    details: str = ""
    request_id: str = ""
    resource_type: Annotated[str, Field(pattern=r"^[a-z0-9_]{0,40}$")] = ""


def negative(reply: HttpReply, hide: Code | None) -> Negative:
    """What an answer that is no yes comes to. `hide`: a code that it may echo."""
    error = _error(reply)
    said = saying(reply, hide)
    match reply.status:
        case 401:
            return NotExecuted(AUTH, said)
        case 429:
            return Wait(wait_s(reply), said)
        case _ if error is None:
            return Odd(f"status-{reply.status}", said)
        case 402:  # the plan is used up: nothing was done, and nothing is wrong with the credit
            return Wait(wait_s(reply, PLAN_S), said)
        case 403:
            return NotExecuted(AUTH, said)
        case 404 if error.resource_type:
            return No(f"no-{error.resource_type}", said)
        case 404:
            return NotExecuted("no-such-path", said)
        case 405 | 406 | 415:
            return NotExecuted(f"status-{reply.status}", said)
        case 409:
            return No(TAKEN, said)
        case 400 if error.key in _DUPLICATES:
            return No(TAKEN, said)
        case 400 if error.key in REFUSALS:
            limit = error.key in _LIMITS
            reason = RefusalReason.LIMIT if limit else RefusalReason.PLATFORM
            return No(error.key, said, reason)
        case _:
            return Odd(error.key or f"status-{reply.status}", said)


def saying(reply: HttpReply, hide: Code | None) -> Saying:
    """The vendor's own words for support, without the code should they have echoed it."""
    error = _error(reply)
    if error is None:
        return Saying(status=reply.status)
    message = ": ".join(part for part in (error.message, error.details) if part)
    return Saying(
        status=reply.status,
        code=error.key,
        message=hidden(message, hide),
        request_id=hidden(error.request_id, hide),
    )


def _error(reply: HttpReply) -> _ErrorReply | None:
    """Voucherify's own error, and nobody else's page: its `code` is the status it came with."""
    if reply.status < 400 or media_type(reply) != "application/json":
        return None
    try:
        error = _ErrorReply.model_validate_json(reply.body)
    except ValidationError:
        return None
    return error if error.code == reply.status else None
