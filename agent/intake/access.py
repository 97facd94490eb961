# SPDX-License-Identifier: Apache-2.0
"""Who may call and who may approve: pairing a till, revoking it, and the managers with PINs."""

from __future__ import annotations

from typing import cast

from agent.domain.approval import Pairing
from agent.domain.faults import BadField
from agent.flows.pairing import SCOPES, Offer, OpenCode
from agent.intake.bodies import ManagerBody, PairingBody, PairingCodeBody, Scope, TestedBody
from agent.intake.calls import Call, Reply
from agent.intake.reading import refuse_card
from agent.intake.resources import rfc3339
from agent.intake.told import (
    DoneTold,
    ManagerList,
    ManagerTold,
    PairedTold,
    PairingCodeList,
    PairingCodeTold,
    PairingList,
    PairingTold,
)


async def pair(call: Call) -> Reply:
    """POST /v1/pairings: the code for a token. Open to all, and few may try."""
    body = call.body(PairingBody)
    token, pairing = await call.doors.pairings.redeem(body.code, body.timeout_ms, body.printing)
    call.doors.log.info("paired", pairing=pairing.id, name=pairing.name)
    told = PairedTold(
        token=token,
        id=pairing.id,
        scopes=cast("list[Scope]", _scopes(pairing)),
        registers=sorted(pairing.registers),
        timeout_ms=pairing.timeout_ms,
        printing=pairing.printing,
    )
    return Reply(told, 201)


async def make_code(call: Call) -> Reply:
    """POST /v1/admin/pairing-codes."""
    body = call.body(PairingCodeBody)
    served = {each.place.register for each in call.steps.registers}
    unknown = sorted(set(body.registers) - served)
    if unknown:
        raise BadField(field="registers", problem=f"{', '.join(unknown)} is not served here")
    offer = Offer(
        name=refuse_card("name", body.name),
        scopes=frozenset(body.scopes),
        registers=frozenset(body.registers),
        timeout_ms=body.timeout_ms,
        printing=body.printing,
    )
    code = call.doors.pairings.offer(offer)
    return Reply(_code_told(call, code, code.digits), 201)


async def list_codes(call: Call) -> Reply:
    """GET /v1/admin/pairing-codes: which are open; the digits were told once."""
    found = call.doors.pairings.open_codes()
    return Reply(PairingCodeList(codes=[_code_told(call, each, None) for each in found]))


async def close_code(call: Call) -> Reply:
    """DELETE /v1/admin/pairing-codes/{id}."""
    return Reply(DoneTold(done=call.doors.pairings.close_code(call.request.match_info["id"])))


async def list_pairings(call: Call) -> Reply:
    """GET /v1/admin/pairings."""
    found = [each for each in await call.doors.access.pairings() if each.revoked_ms is None]
    return Reply(PairingList(pairings=[_pairing_told(each) for each in found]))


async def revoke(call: Call) -> Reply:
    """DELETE /v1/admin/pairings/{id}: its token is worth nothing from the next request on."""
    pairing_id = call.request.match_info["id"]
    done = await call.doors.pairings.revoke(pairing_id)
    if done:
        call.doors.log.info("pairing-revoked", pairing=pairing_id, by=call.caller.name)
    return Reply(DoneTold(done=done))


async def set_tested(call: Call) -> Reply:
    """POST /v1/admin/pairings/{id}: whether the till passed its test."""
    tested = call.body(TestedBody).tested
    done = await call.doors.pairings.set_tested(call.request.match_info["id"], tested)
    return Reply(DoneTold(done=done))


async def list_managers(call: Call) -> Reply:
    """GET /v1/admin/managers: names, never hashes."""
    told = [
        ManagerTold(name=each.name, locked_until=_or_none(each.tries.locked_until_ms))
        for each in await call.doors.access.managers()
    ]
    return Reply(ManagerList(managers=told))


async def add_manager(call: Call) -> Reply:
    """POST /v1/admin/managers: a new one, or a known one's new PIN and clean tries."""
    body = call.body(ManagerBody)
    await call.doors.approvals.add_manager(refuse_card("name", body.name), body.pin)
    call.doors.log.info("manager-kept", by=call.caller.name)
    return Reply(ManagerTold(name=body.name, locked_until=None), 201)


async def remove_manager(call: Call) -> Reply:
    """DELETE /v1/admin/managers/{name}."""
    done = await call.doors.access.remove_manager(call.request.match_info["name"])
    return Reply(DoneTold(done=done))


def _code_told(call: Call, code: OpenCode, digits: str | None) -> PairingCodeTold:
    left_s = max(code.ends_s - call.steps.clock.monotonic_s(), 0)
    return PairingCodeTold(id=code.id, code=digits, name=code.offer.name, expires_in_s=int(left_s))


def _pairing_told(pairing: Pairing) -> PairingTold:
    return PairingTold(
        id=pairing.id,
        name=pairing.name,
        scopes=_scopes(pairing),
        registers=sorted(pairing.registers),
        timeout_ms=pairing.timeout_ms,
        printing=pairing.printing,
        tested=pairing.tested,
        created_at=rfc3339(pairing.created_ms),
    )


def _scopes(pairing: Pairing) -> list[str]:
    return [scope for scope in SCOPES if scope in pairing.scopes]


def _or_none(at_ms: int | None) -> str | None:
    return None if at_ms is None else rfc3339(at_ms)
