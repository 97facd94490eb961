# SPDX-License-Identifier: Apache-2.0
"""Papers: what a print's progress means for its record, and what people say about paper.

The spool moves bytes; here each step is committed: *leaving* before the first byte, *ended*
with what came out. A paper that cannot be proved is a person's word.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from agent.domain.event import (
    CodeShown,
    PaperAffirmed,
    PaperApproved,
    PaperEnded,
    PaperLeaving,
    ReprintAsked,
)
from agent.domain.faults import ApprovalRequired, PaperRefused, UnknownCredit
from agent.domain.idempotency import IdempotencyKey
from agent.domain.record import CreditRecord, Paper, PaperKind
from agent.flows.steps import Steps
from agent.ports import Composed, Press, PrintedBytes, PrintEnd, PrintJob


class Papers:
    """Everything about prints but the moving of bytes."""

    def __init__(self, steps: Steps, press: Press) -> None:
        self._steps = steps
        self._press = press

    async def load(self, job: PrintJob) -> tuple[CreditRecord, str | None]:
        """The record of a job, and the token of its first paper where one was printed."""
        record = await self._steps.journal.get(job.key)
        if record is None:
            raise UnknownCredit(key=job.key.text)
        return record, await self._steps.journal.token(job.key)

    async def leaving(self, job: PrintJob, composed: Composed) -> None:
        """Committed before the first byte; raises `NotNow` where the paper must not leave."""
        sealed = PrintedBytes(composed.escpos, composed.token)
        await self._steps.advance_print(job.id, PaperLeaving(job.kind), Paper.SENT, sealed)

    async def ended(self, job: PrintJob, end: PrintEnd) -> CreditRecord:
        """What came out."""
        event = PaperEnded(job.kind, end.paper, job.copy)
        proof = end.detail or None
        return (await self._steps.advance_print(job.id, event, end.paper, proof=proof)).record

    async def hand_over(self, key: IdempotencyKey) -> tuple[PrintJob, Composed] | None:
        """For a POS that owns the printer: the newest paper to print, already counted as out.

        The same bytes for the same job, however often it is asked for; None where none waits.
        """
        jobs = await self._steps.journal.prints(key)
        waiting = [job for job in jobs if job.state in (Paper.QUEUED, Paper.SENT)]
        if not waiting:
            return None
        job = waiting[-1]
        record, token = await self.load(job)
        composed = await asyncio.to_thread(self._press.compose, record, job.kind, job.copy, token)
        if job.state is Paper.QUEUED:
            await self.leaving(job, composed)
        return job, composed

    async def reported(self, key: IdempotencyKey, job_id: int, paper: Paper) -> CreditRecord:
        """What the POS says came out of its own printer."""
        for job in await self._steps.journal.prints(key):
            if job.id == job_id:
                if job.state not in (Paper.SENT, Paper.UNCERTAIN):
                    raise PaperRefused(state=job.state.value, paper=paper.value)
                return await self.ended(job, PrintEnd(paper, "pos"))
        raise UnknownCredit(key=key.text)

    async def approve(self, key: IdempotencyKey, manager: str) -> CreditRecord:
        """A manager lets money paper out though there is no room."""
        return (await self._steps.advance(key, PaperApproved(manager))).record

    async def affirm(self, key: IdempotencyKey, by: str, came_out: bool) -> CreditRecord:
        """A person looked whether the paper came out."""
        return (await self._steps.advance(key, PaperAffirmed(by, came_out))).record

    async def show(self, key: IdempotencyKey, manager: str) -> Composed:
        """The voucher for a screen, where no paper comes out: paper owed.

        Committed as out before it is returned. Whether the customer has the code is then said
        by `affirm`. Raises `PaperRefused`, `NotNow` and `UnknownCredit`.
        """
        record = (await self._steps.advance(key, CodeShown(manager))).record
        return await self.shown(record)

    async def shown(self, record: CreditRecord) -> Composed:
        """The same again for whoever asked: nothing new leaves."""
        token = await self._steps.journal.token(record.key)
        kind = record.paper_kind or PaperKind.RECEIPT
        copy = max(record.copies, 1)
        return await asyncio.to_thread(self._press.compose, record, kind, copy, token)

    async def reprint(
        self, key: IdempotencyKey, by: str, reason: str, approved_by: str | None
    ) -> CreditRecord:
        """COPY n of the same paper; over the register's amount only with approval."""
        record = await self._steps.journal.get(key)
        if record is None:
            raise UnknownCredit(key=key.text)
        register = self._steps.registers.at(record.request.place)
        over = register.reprint_over
        if over is not None and record.request.amount.minor > over and approved_by is None:
            raise ApprovalRequired(amount=str(record.request.amount))
        return (await self._steps.advance(key, ReprintAsked(by, reason, approved_by))).record

    async def waiting(self) -> Sequence[PrintJob]:
        """What a restart finds: jobs not yet sent, and jobs of which nobody knows the end."""
        return await self._steps.journal.waiting_prints((Paper.QUEUED, Paper.SENT))
