# SPDX-License-Identifier: Apache-2.0
"""The desk: what waits, one record whole, and the ways in which a person ends it."""

from __future__ import annotations

from agent.domain.record import OPEN, CreditRecord, VoidRequest
from agent.domain.voucher import TokenFlag
from agent.intake.bodies import (
    AffirmBody,
    ByBody,
    ConfirmBody,
    LinkBody,
    ReasonBody,
    TokenBody,
)
from agent.intake.calls import Call, Reply
from agent.intake.counter import page, states
from agent.intake.reading import refuse_card
from agent.intake.resources import amount_told, credit_told, job_told, rfc3339, whole_told
from agent.intake.told import DoneTold, QueueTold, VerifiedTold
from agent.intake.watch import amounts


async def queue(call: Call) -> Reply:
    """GET /v1/admin/queue: open credits, with totals over all of this host."""
    records, following = await page(call, states(call, OPEN))
    totals = await call.steps.journal.totals(None)
    oldest = totals.oldest_opened_ms
    language = call.options.language
    told = QueueTold(
        count=totals.count,
        amounts=amounts(totals.minor_by_currency),
        oldest_opened_at=None if oldest is None else rfc3339(oldest),
        by_state={state.value: count for state, count in sorted(totals.by_state.items())},
        on_paper=totals.on_paper,
        credits=[credit_told(record, language) for record in records],
        next=following,
    )
    return Reply(told)


async def whole(call: Call) -> Reply:
    """GET /v1/admin/queue/{key}: one record, open or settled, with its prints."""
    return await _whole(call, await call.record())


async def retry(call: Call) -> Reply:
    """POST .../retry: one try of the forwarder, now."""
    record = await call.record()
    return await _whole(call, await call.doors.forwarder.forward(record.key))


async def link(call: Call) -> Reply:
    """POST .../link: names the customer; the issue goes on."""
    body = call.body(LinkBody)
    record = await call.record()
    by = call.by(body.by)
    return await _whole(call, await call.doors.closing.link(record.key, by, body.customer_id))


async def confirm(call: Call) -> Reply:
    """POST .../confirm: takes the platform's own card, if it stands under our key or code."""
    body = call.body(ConfirmBody)
    record = await call.record()
    by = call.by(body.by)
    return await _whole(call, await call.doors.closing.confirm(record.key, by, body.reference))


async def write_off(call: Call) -> Reply:
    """POST .../write-off: the rest is lost; the code is burnt first all the same."""
    record, by, reason = await _reasoned(call)
    return await _whole(call, await call.doors.closing.write_off(record.key, by, reason))


async def withdraw(call: Call) -> Reply:
    """POST .../withdraw: only what was told to nobody and sent to nobody."""
    record, by, reason = await _reasoned(call)
    return await _whole(call, await call.doors.closing.withdraw(record.key, by, reason))


async def void(call: Call) -> Reply:
    """POST .../void."""
    record, by, reason = await _reasoned(call)
    asked = VoidRequest(by, reason)
    return await _whole(call, await call.doors.closing.void(record.key, asked))


async def affirm(call: Call) -> Reply:
    """POST .../affirm: whether the paper came out."""
    body = call.body(AffirmBody)
    record = await call.record()
    by = call.by(body.by)
    return await _whole(call, await call.doors.papers.affirm(record.key, by, body.came_out))


async def lift_limits(call: Call) -> Reply:
    """POST /v1/admin/limits/lift: ends a fresh journal's reduced limits."""
    await call.steps.journal.lift_limits(call.by(call.body(ByBody).by))
    return Reply(DoneTold(done=True))


async def verify_voucher(call: Call) -> Reply:
    """POST /v1/admin/vouchers/verify: whether we, or a register we trust, signed it."""
    token = call.doors.verify(call.body(TokenBody).text)
    record = await call.steps.journal.get(token.key)
    ours = record if record is not None and record.code == token.code else None
    told = VerifiedTold(
        key=token.key.text,
        amount=amount_told(token.amount),
        identity=bool(token.flags & TokenFlag.IDENTITY),
        expires_on=token.expires_on,
        key_id=token.key_id.hex(),
        code_last_four=token.code.last_four,
        credit=None if ours is None else credit_told(ours, call.options.language),
    )
    return Reply(told)


async def _reasoned(call: Call) -> tuple[CreditRecord, str, str]:
    body = call.body(ReasonBody)
    record = await call.record()
    return record, call.by(body.by), refuse_card("reason", body.reason)


async def _whole(call: Call, record: CreditRecord) -> Reply:
    jobs = [job_told(job) for job in await call.steps.journal.prints(record.key)]
    return Reply(whole_told(record, jobs, call.options.language))
