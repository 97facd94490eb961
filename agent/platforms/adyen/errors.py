# SPDX-License-Identifier: Apache-2.0
"""What Adyen's refusals and errors mean. Pure.

A no inside a 200 is a `resultCode`; any other status carries a ServiceError (`errorCode`,
`errorType`, `message`, `pspReference`). Nothing here is taken for *not executed* that Adyen does
not document so: a code that is not known is neither a yes nor a no.
"""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from agent.domain.outcome import RefusalReason, Saying
from agent.domain.plastic import Plastic
from agent.platforms.messages import HttpReply
from agent.platforms.reading import AUTH, Negative, No, NotExecuted, Odd, media_type, retry_after

REFUSED: Final = "refused"
BALANCE_LOW: Final = "not-enough-balance"
UNSURE: Final = "provider-error"
"""Adyen says *Error*: it does not know what the card's provider did."""
_PROVIDER_DOWN: Final = frozenset({"acquirer error", "issuer unavailable", "pending"})
"""Refusal reasons that speak of the road to the provider and not of the card
(docs.adyen.com, development-resources/refusal-reasons)."""
_LIMITS: Final = frozenset({"invalid amount"})
_IN_PROGRESS: Final = "704"
"""The key was processed already or is in progress: ask again under the same key."""
_KEY_STORE: Final = "703"
"""The keys' own store could not be asked."""
_BUSY: Final = frozenset({429, 503})
_CURRENCY: Final = "138"
_AMOUNT: Final = frozenset({"100", "137"})
"""Of the generic error codes (docs.adyen.com, development-resources/error-codes)."""


class _ServiceError(BaseModel):
    """Of every API of Adyen's; a refusal inside a 200 has the last three members instead."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, alias_generator=to_camel)

    error_code: str = ""
    error_type: str = ""
    message: str = ""
    psp_reference: str = ""
    result_code: str = ""
    refusal_reason: str = ""
    third_party_refusal_reason: str = ""


def saying_of(reply: HttpReply, plastic: Plastic | None) -> Saying:
    """Adyen's own words for support, without the card should they have echoed it."""
    error = _error(reply)
    if error is None:
        return Saying(status=reply.status)
    raw = error.third_party_refusal_reason
    parts = (error.refusal_reason, raw, error.message) if error.result_code else (error.message,)
    code = error.error_code or error.result_code

    def shown(text: str) -> str:
        return text if plastic is None else plastic.hidden(text)

    return Saying(
        status=reply.status,
        code=shown(code),
        message=shown(": ".join(part for part in parts if part)),
        request_id=shown(error.psp_reference),
    )


def refused(result: str, said: Saying) -> Negative:
    """A `resultCode` that is not Success."""
    reason = said.message.partition(":")[0].strip().lower()
    match result:
        case "Refused" if reason in _PROVIDER_DOWN:
            return Odd(UNSURE, said)
        case "Refused":
            limit = reason in _LIMITS
            return No(REFUSED, said, RefusalReason.LIMIT if limit else RefusalReason.PLATFORM)
        case "NotEnoughBalance":
            return No(BALANCE_LOW, said)
        case "Error":
            return Odd(UNSURE, said)
        case _:
            return Odd("not-the-contract", said)


def negative(reply: HttpReply, plastic: Plastic | None) -> Negative:
    """Any status that is no yes."""
    said, error = saying_of(reply, plastic), _error(reply)
    if reply.status in (401, 403):
        return NotExecuted(AUTH, said)
    if error is None or not error.error_code:
        return Odd(f"status-{reply.status}", said)
    if error.error_code == _IN_PROGRESS:
        return Odd("in-progress", said)
    if error.error_code == _KEY_STORE:
        return Odd("key-store", said)
    if _will_pass(reply):
        return Odd("transient", said)
    if reply.status in (400, 422) and error.error_type == "validation":
        return No(said.code, said, _reason(error.error_code))
    return Odd(f"error-{reply.status}", said)


def pause_s(reply: HttpReply) -> float:
    """How long the backlog leaves Adyen alone: it publishes no rate, but says what is passing."""
    busy = _will_pass(reply) or reply.status in _BUSY
    return float(retry_after(reply)) if busy else 0.0


def _will_pass(reply: HttpReply) -> bool:
    """Adyen's word that the same key may be tried again later; it is no word on what was done."""
    return (reply.header("transient-error") or "").strip().lower() == "true"


def _reason(code: str) -> RefusalReason:
    if code == _CURRENCY:
        return RefusalReason.CURRENCY
    return RefusalReason.LIMIT if code in _AMOUNT else RefusalReason.PLATFORM


def _error(reply: HttpReply) -> _ServiceError | None:
    if media_type(reply) != "application/json":
        return None
    try:
        return _ServiceError.model_validate_json(reply.body)
    except ValidationError:
        return None
