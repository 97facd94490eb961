# SPDX-License-Identifier: Apache-2.0
"""The smaller answers of the API: lists, status, approvals, pairings, managers, problems."""

from __future__ import annotations

import datetime

from pydantic import ConfigDict, Field

from agent.domain.claim import ClaimNews
from agent.domain.record import Answer, ReviewReason, State
from agent.intake.bodies import Scope
from agent.intake.problems import MoneyTold
from agent.intake.resources import AmountTold, CreditTold, Resource
from agent.words import Who


class ProblemTold(Resource):
    """RFC 9457. Further members name what the problem is about: field, key, state, left, ..."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)

    type: str
    title: str
    status: int
    detail: str = Field(description="For the cashier; the money comes first")
    code: str
    hint: str
    who: Who
    retryable: bool
    money: MoneyTold
    paper: str


class RefusedTold(ProblemTold):
    """`platform-refused`: a definite no of the platform, with the credit as it stands."""

    key: str
    link: str
    credit: CreditTold


class CreditList(Resource):
    credits: list[CreditTold]
    next: str | None = Field(description="`after` of the next page; null at the end")


class ApprovalTold(Resource):
    id: str
    expires_at: str


class PairedTold(Resource):
    """The token is told this once and kept nowhere but at the till."""

    token: str = Field(repr=False)
    id: str
    scopes: list[Scope]
    registers: list[str]
    timeout_ms: int
    printing: str


class LinkTold(Resource):
    up: bool
    last_heard_at: str | None
    why: str


class WaitingTold(Resource):
    count: int
    amounts: list[AmountTold]
    oldest_age_s: int | None
    on_paper: int


class BalanceTold(Resource):
    """What the platform said just now; it is kept nowhere."""

    amount: AmountTold
    as_of: str
    code_last_four: str


class PrinterStateTold(Resource):
    name: str | None
    state: str


class RegisterTold(Resource):
    store: str
    id: str
    ring: str
    currency: str
    budget_s: float
    waiting: WaitingTold
    printer: PrinterStateTold


class StatusTold(Resource):
    version: str
    platform: str
    link: LinkTold
    registers: list[RegisterTold]
    started_at: str
    now: str
    trouble: list[str]


class HealthTold(Resource):
    ok: bool


class ReadyTold(Resource):
    ready: bool
    reasons: list[str]


class PairingCodeTold(Resource):
    id: str
    code: str | None = Field(None, description="Told this once", repr=False)
    name: str
    expires_in_s: int


class PairingCodeList(Resource):
    codes: list[PairingCodeTold]


class PairingTold(Resource):
    id: str
    name: str
    scopes: list[str]
    registers: list[str]
    timeout_ms: int
    printing: str
    tested: bool
    created_at: str


class PairingList(Resource):
    pairings: list[PairingTold]


class ManagerTold(Resource):
    name: str
    locked_until: str | None


class ManagerList(Resource):
    managers: list[ManagerTold]


class DoneTold(Resource):
    done: bool


class ClaimLinks(Resource):
    self_: str = Field(alias="self")
    credit: str | None = Field(description="Where the credit was issued by this host")


class ClaimTold(Resource):
    """A voucher that was taken back. Only `state` confirmed is money on the platform."""

    key: str
    state: State
    news: ClaimNews = Field(description="What the scan led to")
    answer: Answer
    title: str = Field(description="The word as the cashier reads it")
    message: str = Field(description="What happened to the customer's money")
    next: str = Field(description="What the cashier does now")
    amount: AmountTold
    store: str
    register_: str = Field(alias="register")
    code_last_four: str
    code: str | None = Field(
        None,
        repr=False,
        description="Of a confirmed card without a customer, to the caller that brought it; "
        "else null",
    )
    linked: bool
    other_customer: bool = Field(description="The card belongs to another customer than named")
    review: ReviewReason | None
    expires_on: datetime.date | None
    claimed_at: str | None
    links: ClaimLinks


class QueueTold(Resource):
    """What waits, with totals over all of it."""

    count: int
    amounts: list[AmountTold]
    oldest_opened_at: str | None
    by_state: dict[str, int]
    on_paper: int
    credits: list[CreditTold]
    next: str | None


class VerifiedTold(Resource):
    """A voucher whose signature is good; `credit` is null where it is not ours."""

    key: str
    amount: AmountTold
    identity: bool
    expires_on: datetime.date | None
    key_id: str
    code_last_four: str
    credit: CreditTold | None
