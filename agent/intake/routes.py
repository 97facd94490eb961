# SPDX-License-Identifier: Apache-2.0
"""Version 1 of the local API: every route there is, once.

The server makes its routes from this table and the OpenAPI document is made from it, so that
neither can know a route which the other does not.
"""

from __future__ import annotations

import asyncio
from typing import Final

from agent.domain.record import State
from agent.intake import access, acts, balance, claims, counter, desk, watch
from agent.intake.bodies import (
    AffirmBody,
    ApprovalBody,
    ByBody,
    ClaimBody,
    ConfirmBody,
    CreditBody,
    LinkBody,
    ManagerBody,
    PairingBody,
    PairingCodeBody,
    PinBody,
    ReasonBody,
    ReportBody,
    ReprintBody,
    TestedBody,
    TokenBody,
    VoidBody,
)
from agent.intake.calls import LIMIT_MAX, WAIT_MAX_S, Call, Reply
from agent.intake.resources import CreditTold, WholeCredit
from agent.intake.table import Answers, Handler, Parameter, Plain, Route
from agent.intake.told import (
    ApprovalTold,
    BalanceTold,
    ClaimTold,
    CreditList,
    DoneTold,
    HealthTold,
    ManagerList,
    ManagerTold,
    PairedTold,
    PairingCodeList,
    PairingCodeTold,
    PairingList,
    ProblemTold,
    QueueTold,
    ReadyTold,
    RefusedTold,
    StatusTold,
    VerifiedTold,
)

_PREFER: Final = Parameter(
    "Prefer",
    f"wait=N: answer at the next change of state, word or paper, at most {WAIT_MAX_S} seconds",
    {"type": "string", "examples": ["wait=20"]},
    place="header",
)
_KEY_HEADER: Final = Parameter(
    "Idempotency-Key",
    "The caller's own name of this credit, quoted or bare: 1 to 255 visible ASCII characters. "
    "The same name and body give the same credit, whatever happened in between.",
    {"type": "string", "minLength": 1, "maxLength": 257},
    place="header",
    required=True,
)
_CODE_HEADER: Final = Parameter(
    balance.CODE_HEADER,
    "The code as it stands on the paper, with or without dashes. It is cash: never in an address.",
    {"type": "string", "minLength": 16, "maxLength": 40},
    place="header",
    required=True,
)
_SEEN: Final = Parameter(
    "seen",
    "With Prefer: the `revision` that the caller has; a newer one is answered at once",
    {"type": "integer", "minimum": 0},
)
_LISTING: Final = (
    Parameter(
        "state",
        "One state or more, parted by commas",
        {"type": "string", "examples": [f"{State.PARKED.value},{State.UNSETTLED.value}"]},
    ),
    Parameter("after", "`next` of the page before", {"type": "string"}),
    Parameter("limit", "", {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": 50}),
    Parameter(
        "unheard", "1: only credits whose word nobody took", {"type": "string", "enum": ["0", "1"]}
    ),
)
_ISSUED: Final[Answers] = {200: CreditTold, 202: CreditTold, 422: RefusedTold, 504: CreditTold}
_ACTED: Final[Answers] = {200: CreditTold, 202: CreditTold, 504: CreditTold}


async def _openapi(call: Call) -> Reply:
    """GET /openapi.json."""
    del call
    # Schemas of sixty models take tens of milliseconds: too long for the loop of a counter.
    return Reply((await asyncio.to_thread(openapi_text)).encode())


def openapi_text() -> str:
    """The OpenAPI document of this table, as it is kept in docs/openapi.json."""
    from agent.intake.openapi import text  # its schema machinery only when somebody asks

    return text(ROUTES, PROBLEM)


def _desk(path: str, handler: Handler, summary: str, *bodies: type) -> Route:
    return Route(
        "POST",
        f"/v1/admin/queue/{{key}}/{path}",
        handler,
        "admin",
        summary,
        {200: WholeCredit},
        bodies=bodies,
        tag="admin",
    )


_CREDITS: Final = (
    Route(
        "POST",
        "/v1/credits",
        counter.issue_credit,
        "issue",
        "Issue a store credit: 200 means confirmed by the platform, and nothing else does",
        _ISSUED,
        bodies=(CreditBody,),
        parameters=(_KEY_HEADER,),
        issuing=True,
    ),
    Route(
        "GET",
        "/v1/credits",
        counter.list_credits,
        "read",
        "List credits; with unheard=1 those whose caller had gone before the word",
        {200: CreditList},
        parameters=_LISTING,
    ),
    Route(
        "GET",
        "/v1/credits/{key}",
        counter.show_credit,
        "read",
        "Look at one credit, or wait for its next change",
        {200: CreditTold},
        parameters=(_PREFER, _SEEN),
    ),
    Route(
        "POST",
        "/v1/credits/{key}/void",
        acts.void_credit,
        "void",
        "Undo a credit: 200 once nobody can spend it any more; pay nothing out before",
        _ACTED,
        bodies=(VoidBody,),
    ),
    Route(
        "POST",
        "/v1/credits/{key}/approval",
        acts.approve_paper,
        "approve",
        "A manager lets the voucher out though this register has no room for it",
        _ISSUED,
        bodies=(PinBody,),
    ),
    Route(
        "POST",
        "/v1/credits/{key}/prints",
        acts.print_credit,
        "issue",
        "Print the same paper again, or report what came out of the printer",
        {200: CreditTold},
        bodies=(ReprintBody, ReportBody),
        told_by="result",
    ),
    Route(
        "POST",
        "/v1/approvals",
        counter.approve_body,
        "approve",
        "A manager's yes to one body before it is sent; the id goes into its `approval`",
        {201: ApprovalTold},
        bodies=(ApprovalBody,),
        issuing=True,
    ),
    Route(
        "POST",
        "/v1/claims",
        claims.claim_voucher,
        "issue",
        "Take a voucher back: 200 means that its money is on the platform, once",
        {200: ClaimTold, 202: ClaimTold, 504: ClaimTold},
        bodies=(ClaimBody,),
        tag="claims",
    ),
    Route(
        "GET",
        "/v1/claims/{key}",
        claims.show_claim,
        "read",
        "How a voucher that was taken back stands now; asks the platform nothing",
        {200: ClaimTold},
        tag="claims",
    ),
    Route(
        "POST",
        "/v1/pairings",
        access.pair,
        None,
        "Take a pairing code up: the bearer token is told this once",
        {201: PairedTold},
        bodies=(PairingBody,),
        tag="pairing",
    ),
)
_WATCHING: Final = (
    Route(
        "GET",
        "/v1/balance",
        balance.show_balance,
        "read",
        "What is left on a card, asked of the platform now; offline it is not known",
        {200: BalanceTold},
        parameters=(_CODE_HEADER,),
        tag="balance",
    ),
    Route("GET", "/v1/status", watch.status, "read", "How things stand", {200: StatusTold}),
    Route(
        "GET",
        "/v1/events",
        watch.events,
        "read",
        "Changes as server-sent events: credit, and reread where some were missed",
        {200: Plain("text/event-stream", "An endless stream")},
    ),
    Route("GET", "/healthz", watch.alive, None, "The process answers", {200: HealthTold}),
    Route(
        "GET",
        "/readyz",
        watch.ready,
        None,
        "A credit can be taken",
        {200: ReadyTold, 503: ReadyTold},
    ),
    Route(
        "GET",
        "/metrics",
        watch.metrics,
        None,
        "Numbers, in the text format of Prometheus",
        {200: Plain("text/plain", "Metrics")},
    ),
    Route(
        "GET",
        "/openapi.json",
        _openapi,
        None,
        "This document",
        {200: Plain("application/json", "OpenAPI 3.1")},
    ),
    Route(
        "GET",
        "/v1/openapi.json",
        _openapi,
        None,
        "This document, under its version",
        {200: Plain("application/json", "OpenAPI 3.1")},
    ),
)


def _admin(
    method: str,
    path: str,
    handler: Handler,
    summary: str,
    status: int,
    model: type,
    *bodies: type,
) -> Route:
    responses = {status: model}
    return Route(
        method, f"/v1/admin/{path}", handler, "admin", summary, responses, bodies, tag="admin"
    )


_ADMIN: Final = (
    _admin(
        "POST",
        "pairing-codes",
        access.make_code,
        "Make a pairing code",
        201,
        PairingCodeTold,
        PairingCodeBody,
    ),
    _admin("GET", "pairing-codes", access.list_codes, "Open pairing codes", 200, PairingCodeList),
    _admin("DELETE", "pairing-codes/{id}", access.close_code, "Take a code back", 200, DoneTold),
    _admin("GET", "pairings", access.list_pairings, "Tills that are paired", 200, PairingList),
    _admin(
        "POST",
        "pairings/{id}",
        access.set_tested,
        "Say whether a till passed its test: only then it gets 202 instead of 504",
        200,
        DoneTold,
        TestedBody,
    ),
    _admin("DELETE", "pairings/{id}", access.revoke, "End a pairing", 200, DoneTold),
    _admin("GET", "managers", access.list_managers, "Who may approve", 200, ManagerList),
    _admin(
        "POST",
        "managers",
        access.add_manager,
        "Add a manager, or give one a new PIN",
        201,
        ManagerTold,
        ManagerBody,
    ),
    _admin("DELETE", "managers/{name}", access.remove_manager, "Remove one", 200, DoneTold),
    Route(
        "GET",
        "/v1/admin/queue",
        desk.queue,
        "admin",
        "What waits, with totals",
        {200: QueueTold},
        parameters=_LISTING,
        tag="admin",
    ),
    _admin("GET", "queue/{key}", desk.whole, "One credit whole", 200, WholeCredit),
    _desk("retry", desk.retry, "Try it now", ByBody),
    _desk("link", desk.link, "Name its customer", LinkBody),
    _desk("confirm", desk.confirm, "Take the platform's own card for it", ConfirmBody),
    _desk("write-off", desk.write_off, "Write off what was spent", ReasonBody),
    _desk("withdraw", desk.withdraw, "Withdraw what nobody knows of", ReasonBody),
    _desk("void", desk.void, "Void it", ReasonBody),
    _desk("affirm", desk.affirm, "Say whether its paper came out", AffirmBody),
    _admin("POST", "limits/lift", desk.lift_limits, "Lift reduced limits", 200, DoneTold, ByBody),
    _admin(
        "POST",
        "vouchers/verify",
        desk.verify_voucher,
        "Whether a voucher's signature is good, and what became of it",
        200,
        VerifiedTold,
        TokenBody,
    ),
)

ROUTES: Final[tuple[Route, ...]] = (*_CREDITS, *_WATCHING, *_ADMIN)
PROBLEM: Final = ProblemTold
