# SPDX-License-Identifier: Apache-2.0
"""Vouchers that are brought back: a till sends what its scanner read, as it is.

Signature first: what nobody trusted here signed leads nowhere, and few tries are allowed. The
token and the code in it are in no log line, fault or address.
"""

from __future__ import annotations

from agent.domain.claim import ClaimNews
from agent.domain.faults import ScopeMissing, VoucherInvalid, VoucherVoid
from agent.domain.place import Place
from agent.domain.record import State
from agent.domain.voucher import VoucherToken
from agent.flows.claim import ClaimOrder, ClaimResult
from agent.intake.bodies import ClaimBody
from agent.intake.calls import Call, Reply
from agent.intake.reading import read_customer, refuse_card
from agent.intake.resources import amount_told, rfc3339
from agent.intake.told import ClaimLinks, ClaimTold
from agent.words import claim_words, money_text

BUDGET_MIN_S = 0.05


async def claim_voucher(call: Call) -> Reply:
    """POST /v1/claims: 200 once the platform has this very credit; 409 where it is void."""
    body = call.body(ClaimBody)
    place = Place(body.store or call.options.store, body.register_)
    call.caller.need_register(place)
    register = call.steps.registers.at(place)
    operator = refuse_card("operator", body.operator)
    customer = await read_customer(body.customer, call.options.region)
    token = await _verified(call, body.token)
    manager = None
    if body.manager is not None and body.pin is not None:
        manager = await call.doors.approvals.manager(body.manager, body.pin)
    left_s = max(call.caller.budget_s(register) - call.passed_s(), BUDGET_MIN_S)
    order = ClaimOrder(token, operator, place, customer, manager, left_s)
    result = await call.doors.claims.claim(order)
    call.doors.log.info(
        "claim",
        key=result.key.text,
        state=result.state.value,
        news=result.news.value,
        register=str(place),
        code=result.last_four,
    )
    if result.news is ClaimNews.VOID:
        raise VoucherVoid(key=result.key.text)
    told = claim_told(result, place, call.options.language, token)
    if result.state is State.CONFIRMED:
        return Reply(told)
    return Reply(told, 202 if call.caller.tested else 504, headers={"Retry-After": "5"})


async def show_claim(call: Call) -> Reply:
    """GET /v1/claims/{key}: always 200, with the state that is known now."""
    result = await call.doors.claims.look(call.key())
    places = _places(result)
    if not any(call.caller.may_see(place) for place in places):
        raise ScopeMissing(scope=f"register {places[0]}")
    return Reply(claim_told(result, places[-1], call.options.language))


def claim_told(
    result: ClaimResult, place: Place, language: str, token: VoucherToken | None = None
) -> ClaimTold:
    """The resource. `token`: as it was brought by this very call, so its code is no secret."""
    words = claim_words(
        result.news, result.answer, money_text(result.amount), _variant(result), language
    )
    bearer = result.state is State.CONFIRMED and not result.linked and not result.other_customer
    credit = None if result.record is None else f"/v1/credits/{result.key}"
    return ClaimTold(
        key=result.key.text,
        state=result.state,
        news=result.news,
        answer=result.answer,
        title=words.title,
        message=words.sentence,
        next=words.next_step,
        amount=amount_told(result.amount),
        store=place.store,
        register_=place.register,
        code_last_four=result.last_four,
        code=token.code.grouped() if bearer and token is not None else None,
        linked=result.linked,
        other_customer=result.other_customer,
        review=result.review,
        expires_on=result.expires_on,
        claimed_at=None if result.claimed_ms is None else rfc3339(result.claimed_ms),
        links=ClaimLinks(self_=f"/v1/claims/{result.key}", credit=credit),
    )


async def _verified(call: Call, text: str) -> VoucherToken:
    """The token, whose signature is good; a try that was none is not counted."""
    guesses, caller = call.service.guesses, f"claims:{call.caller.id}"
    guesses.begin(caller, call.arrived_s)
    try:
        token = call.doors.verify(text)
    except VoucherInvalid as fault:
        remembered = await _remembered(call, text, fault)
        if remembered is None:
            call.doors.log.warning("claim-invalid", why=str(fault.values.get("why", "")))
            raise
        token = remembered
    guesses.take_back(caller, call.arrived_s)
    return token


async def _remembered(call: Call, text: str, fault: VoucherInvalid) -> VoucherToken | None:
    """Our own paper under a key that was replaced: the journal knows its code, which nobody
    guesses. A signature that is wrong under a known key is never excused."""
    if fault.values.get("why") != "unknown-key":
        return None
    try:
        token = VoucherToken.from_text(text)
    except ValueError:
        return None
    return token if await call.doors.claims.remembers(token) else None


def _variant(result: ClaimResult) -> str | None:
    """How card and customer belong together, where that is worth a sentence of its own."""
    if result.other_customer:
        return "other-customer"
    if result.linked:
        return "linked"
    return "unlinked" if result.link_wanted else None


def _places(result: ClaimResult) -> tuple[Place, ...]:
    """The registers that may ask about it; the last one took it back."""
    if result.claim is not None:
        return (result.claim.place,)
    if result.record is None:
        return (result.key.place,)
    first = result.record.claimed
    own = result.record.request.place
    return (own,) if first is None else (own, first.place)
