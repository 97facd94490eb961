# SPDX-License-Identifier: Apache-2.0
"""Every error code that Square documents (ErrorCode, API version 2025-08-20), and what it means
for a request that was answered so. Pure.

Square says of a category, not of a code, whether something was carried out: AUTHENTICATION_ERROR
(the request was not let in), INVALID_REQUEST_ERROR ("the request was invalid"), RATE_LIMIT_ERROR
("resend the requests"). Those are documented noes. What its own servers or a bank failed at
(API_ERROR, EXTERNAL_VENDOR_ERROR) is neither a yes nor a no, and TEMPORARY_ERROR is only said to
be safe to repeat. So is what is not in these lists.
"""

from __future__ import annotations

from dataclasses import replace
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
    retry_after,
)

BUSY_S: Final = 60
"""How long we leave a payment alone that has a refund under way."""


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


AUTHENTICATION: Final = _codes(
    "UNAUTHORIZED ACCESS_TOKEN_EXPIRED ACCESS_TOKEN_REVOKED CLIENT_DISABLED FORBIDDEN "
    "INSUFFICIENT_SCOPES APPLICATION_DISABLED V1_APPLICATION V1_ACCESS_TOKEN"
)
"""Nothing was let in: store IT must act, and the queue keeps every row."""
SCOPES: Final = frozenset({"FORBIDDEN", "INSUFFICIENT_SCOPES"})
"""Of those: the token is good, and may too little."""
SETTINGS: Final = _codes(
    "BAD_CERTIFICATE INVALID_SQUARE_VERSION_FORMAT API_VERSION_INCOMPATIBLE LOCATION_MISMATCH "
    "MERCHANT_SUBSCRIPTION_NOT_FOUND METHOD_NOT_ALLOWED NOT_ACCEPTABLE UNSUPPORTED_MEDIA_TYPE "
    "INVALID_CONTENT_TYPE SANDBOX_NOT_SUPPORTED CARD_PROCESSING_NOT_ENABLED"
)
"""Not about this credit: the account, the address or the version is wrong for every one."""
REUSED: Final = "IDEMPOTENCY_KEY_REUSED"
NOT_FOUND: Final = "NOT_FOUND"
NO_CUSTOMER: Final = "CUSTOMER_NOT_FOUND"
REFUND_BUSY: Final = "REFUND_ALREADY_PENDING"
LIMITS: Final = _codes(
    "PAYMENT_LIMIT_EXCEEDED AMOUNT_TOO_HIGH TRANSACTION_LIMIT VALUE_TOO_HIGH VALUE_TOO_LOW"
)
CURRENCIES: Final = _codes("CURRENCY_MISMATCH UNSUPPORTED_CURRENCY")
REFUSED: Final = _codes(
    "BAD_REQUEST MISSING_REQUIRED_PARAMETER INCORRECT_TYPE INVALID_TIME INVALID_TIME_RANGE "
    "INVALID_VALUE INVALID_CURSOR UNKNOWN_QUERY_PARAMETER CONFLICTING_PARAMETERS "
    "EXPECTED_JSON_BODY INVALID_SORT_ORDER VALUE_REGEX_MISMATCH VALUE_TOO_SHORT VALUE_TOO_LONG "
    "VALUE_EMPTY ARRAY_LENGTH_TOO_LONG ARRAY_LENGTH_TOO_SHORT ARRAY_EMPTY EXPECTED_BOOLEAN "
    "EXPECTED_INTEGER EXPECTED_FLOAT EXPECTED_STRING EXPECTED_OBJECT EXPECTED_ARRAY EXPECTED_MAP "
    "EXPECTED_BASE64_ENCODED_BYTE_ARRAY INVALID_ARRAY_VALUE INVALID_ENUM_VALUE INVALID_FORM_VALUE "
    "ONE_INSTRUMENT_EXPECTED NO_FIELDS_SET TOO_MANY_MAP_ENTRIES MAP_KEY_LENGTH_TOO_SHORT "
    "MAP_KEY_LENGTH_TOO_LONG CUSTOMER_MISSING_NAME CUSTOMER_MISSING_EMAIL INVALID_PAUSE_LENGTH "
    "INVALID_DATE UNSUPPORTED_COUNTRY INVALID_EXPIRATION_YEAR INVALID_EXPIRATION_DATE "
    "DELAYED_TRANSACTION_EXPIRED DELAYED_TRANSACTION_CANCELED DELAYED_TRANSACTION_CAPTURED "
    "DELAYED_TRANSACTION_FAILED CARD_TOKEN_EXPIRED CARD_TOKEN_USED UNSUPPORTED_INSTRUMENT_TYPE "
    "INVALID_CARD_DATA SOURCE_USED SOURCE_EXPIRED UNSUPPORTED_LOYALTY_REWARD_TIER "
    "ORDER_UNPAID_NOT_RETURNABLE UNEXPECTED_VALUE INVALID_EMAIL_ADDRESS INVALID_PHONE_NUMBER "
    "CHECKOUT_EXPIRED CARD_PRESENCE_REQUIRED UNSUPPORTED_SOURCE_TYPE UNKNOWN_BODY_PARAMETER "
    "APPLE_PAYMENT_PROCESSING_CERTIFICATE_HASH_NOT_FOUND REQUEST_ENTITY_TOO_LARGE "
    "UNPROCESSABLE_ENTITY NOT_FOUND CUSTOMER_NOT_FOUND "
    # of a way to pay, and of refunds
    "APPLE_TTP_PIN_TOKEN CARD_EXPIRED INVALID_EXPIRATION UNSUPPORTED_CARD_BRAND "
    "UNSUPPORTED_ENTRY_METHOD INVALID_ENCRYPTED_CARD INVALID_CARD PAYMENT_AMOUNT_MISMATCH "
    "GENERIC_DECLINE CVV_FAILURE ADDRESS_VERIFICATION_FAILURE INVALID_ACCOUNT INSUFFICIENT_FUNDS "
    "INSUFFICIENT_PERMISSIONS CARDHOLDER_INSUFFICIENT_PERMISSIONS INVALID_LOCATION VOICE_FAILURE "
    "PAN_FAILURE EXPIRATION_FAILURE CARD_NOT_SUPPORTED READER_DECLINED INVALID_PIN MISSING_PIN "
    "MISSING_ACCOUNT_TYPE INVALID_POSTAL_CODE INVALID_FEES MANUALLY_ENTERED_PAYMENT_NOT_SUPPORTED "
    "GIFT_CARD_AVAILABLE_AMOUNT ACCOUNT_UNUSABLE BUYER_REFUSED_PAYMENT CARD_DECLINED "
    "VERIFY_CVV_FAILURE VERIFY_AVS_FAILURE CARD_DECLINED_CALL_ISSUER "
    "CARD_DECLINED_VERIFICATION_REQUIRED BAD_EXPIRATION CHIP_INSERTION_REQUIRED "
    "ALLOWABLE_PIN_TRIES_EXCEEDED REFUND_AMOUNT_INVALID PAYMENT_NOT_REFUNDABLE "
    "PAYMENT_NOT_REFUNDABLE_DUE_TO_DISPUTE REFUND_ERROR_PAYMENT_NEEDS_COMPLETION REFUND_DECLINED "
    "INSUFFICIENT_PERMISSIONS_FOR_REFUND CARD_MISMATCH RESERVATION_DECLINED"
)
"""Permanent: asking again brings the same answer. `REFUSED`, `LIMITS` and `CURRENCIES` are noes."""
NEITHER: Final = _codes(
    "INTERNAL_SERVER_ERROR NOT_IMPLEMENTED BAD_GATEWAY SERVICE_UNAVAILABLE GATEWAY_TIMEOUT "
    "TEMPORARY_ERROR REQUEST_TIMEOUT CONFLICT GONE PLAID_ERROR PLAID_ERROR_ITEM_LOGIN_REQUIRED "
    "PLAID_ERROR_RATE_LIMIT"
)
"""Documented, and still nobody knows whether it was carried out. Named so that a test may show
that no documented code was forgotten; a code that nobody documented is read the same way."""
RATE_LIMITED: Final = "RATE_LIMITED"


class _ErrorReply(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)

    category: str = ""
    code: Annotated[str, Field(pattern=r"^[A-Z0-9_]{1,80}$")]
    detail: str | None = None
    field: str | None = None


class _ErrorsReply(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)

    errors: Annotated[list[_ErrorReply], Field(min_length=1, max_length=100)]


def negative(reply: HttpReply, hide: Code | None, scope: str) -> Negative:
    """What an answer that is no 200 means. `scope`: the permission that the request needs, which a
    refusal for want of it then names."""
    said = saying(reply, hide)
    first = _first(reply)
    code = "" if first is None else first.code
    if reply.status == 401 or (reply.status < 500 and code in AUTHENTICATION):
        named = scope if code in SCOPES else ""
        message = ": ".join(part for part in (named, said.message) if part)
        return NotExecuted(AUTH, replace(said, message=message))
    if not 400 <= reply.status < 500:
        return Odd(code.lower() or f"status-{reply.status}", said)
    if code == RATE_LIMITED:
        return Wait(retry_after(reply), said)
    if code == REFUND_BUSY:
        return Wait(BUSY_S, said)
    if code in SETTINGS:
        return NotExecuted("settings", said)
    if code == REUSED:
        return No("key-reused", said)
    if code in LIMITS:
        return No("limit", said, RefusalReason.LIMIT)
    if code in CURRENCIES:
        return No("currency", said, RefusalReason.CURRENCY)
    if code in REFUSED:
        return No(code.lower().replace("_", "-"), said)
    return Odd(code.lower() or f"status-{reply.status}", said)


def saying(reply: HttpReply, hide: Code | None) -> Saying:
    """Square's own words for support, without the code should it have echoed it."""
    first = _first(reply)
    code, message = "", ""
    if first is not None:
        code = first.code
        message = ": ".join(part for part in (first.detail, first.field) if part)
    request_id = reply.header("x-request-id") or ""
    return Saying(
        status=reply.status,
        code=hidden(code, hide),
        message=hidden(message, hide),
        request_id=hidden(request_id, hide),
    )


def _first(reply: HttpReply) -> _ErrorReply | None:
    """The first error: "if multiple errors are returned, the status code matches the first"."""
    if reply.status < 400 or media_type(reply) != "application/json":
        return None
    try:
        return _ErrorsReply.model_validate_json(reply.body).errors[0]
    except ValidationError:
        return None
