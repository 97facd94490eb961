# SPDX-License-Identifier: Apache-2.0
"""Paper: its jobs, its bytes and its ends, and who signs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from agent.domain.idempotency import IdempotencyKey
from agent.domain.record import CreditRecord, Paper, PaperKind
from agent.domain.voucher import VoucherToken


@dataclass(frozen=True, slots=True)
class PrintJob:
    """A durable line of the spool. `state`: queued, sent, printed, uncertain or failed."""

    id: int
    key: IdempotencyKey
    kind: PaperKind
    copy: int
    state: Paper
    by: str
    reason: str
    queued_ms: int
    route: str
    proof: str | None = None


@dataclass(frozen=True, slots=True)
class JobSpan:
    """Which jobs are asked for: with `after < id < before`, at most `limit`, in the order of
    queueing; the newest of them where `newest`, else the oldest."""

    after: int = 0
    before: int = 2**62
    limit: int = 2**31
    newest: bool = False


@dataclass(frozen=True, slots=True)
class PrintedBytes:
    """What is about to leave for the printer; sealed at rest, like the token in it."""

    data: bytes = field(repr=False)
    token: str | None = field(default=None, repr=False)


class Signer(Protocol):
    """The register's own key. Signing happens only when paper is made."""

    def sign(self, token: VoucherToken) -> VoucherToken:
        """The token with this register's key id and signature."""
        ...


@dataclass(frozen=True, slots=True)
class PrintEnd:
    """How a print ended: printed, sent, uncertain or failed; `proof` or `why` as a short code."""

    paper: Paper
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Composed:
    """A paper ready to leave, in the forms that printers and tills can take."""

    escpos: bytes = field(repr=False)
    svg: str = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)
    token: str | None = field(default=None, repr=False)


class Press(Protocol):
    """Makes papers and gets them out, one printer route per register."""

    def has(self, route: str) -> bool:
        """Whether a printer stands at the end of this route: nothing can come out without."""
        ...

    def compose(
        self, record: CreditRecord, kind: PaperKind, copy: int, token: str | None
    ) -> Composed:
        """The same record, kind and copy give the same paper; `token` where one was printed."""
        ...

    async def out(
        self, route: str, composed: Composed, before_first_byte: Callable[[], Awaitable[None]]
    ) -> PrintEnd:
        """Sends a paper; `before_first_byte` commits first, and nothing leaves if it raises."""
        ...
