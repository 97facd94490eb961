# SPDX-License-Identifier: Apache-2.0
"""Makes papers and gets them out: `agent.ports.Press` over the printers of `hardware`.

Composing is a pure function of the record, the kind, the copy, the token and the options: the
same paper gives the same bytes. It takes milliseconds and the first one imports a library, so a
task with others beside it calls it in a thread. Nothing is sent twice from here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

from agent.domain.faults import PaperRefused
from agent.domain.record import CreditRecord, Paper, PaperKind, State
from agent.domain.voucher import TokenFlag, VoucherToken
from agent.ports import Composed, PrintEnd, Signer
from agent.printing.options import PaperOptions
from agent.printing.spool import NO_PRINTER
from hardware.printers.printer import Failed, Printed, Printer, PrintResult, Sent, Uncertain
from hardware.profiles import Profile

if TYPE_CHECKING:
    from agent.printing.document import Document

DEADLINE_S: Final = 15.0
"""Seconds for one paper, proof included. A voucher drawn in dots has up to 20 kB: nothing to a
network, 1.8 s behind a print server at 115200 baud, and at 9600 too slow (20 s)."""

MAY_PRINT: Final = {
    PaperKind.RECEIPT: frozenset({State.CONFIRMED}),
    **dict.fromkeys(
        (PaperKind.VOUCHER, PaperKind.IDENTITY, PaperKind.SLIP),
        frozenset({State.SENDING, State.PARKED, State.UNSETTLED, State.REVIEW, State.CONFIRMED}),
    ),
}
"""States in which a kind of paper says something true. The table of transitions allows the same;
this is the last look, at what is about to be read by a customer."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a register's papers go. `deadline_s`: for one paper, proof included."""

    printer: Printer
    profile: Profile
    deadline_s: float = DEADLINE_S


class Press:
    """One printer route per register, by register id."""

    def __init__(
        self,
        routes: Mapping[str, Route],
        options: PaperOptions,
        signer: Signer,
        *,
        without_printer: Profile,
    ) -> None:
        """`without_printer`: the paper to compose for where the till owns the printer."""
        self._routes = dict(routes)
        self._options = options
        self._signer = signer
        self._without_printer = without_printer

    def has(self, route: str) -> bool:
        return route in self._routes

    def compose(
        self, record: CreditRecord, kind: PaperKind, copy: int, token: str | None
    ) -> Composed:
        """The same record, kind and copy give the same paper; `token` where one was printed.

        Raises `PaperRefused` where the record is not in a state for this kind or its instrument
        cannot be on paper; ValueError for a token that is not this credit's.
        """
        from agent.printing.render import paper_of, plain_lines, render, svg  # with first paper

        self._check(record, kind)
        signed = self._token(record, kind, token) if kind.is_money else None
        profile = self._profile_for(record)
        job = render(self._document(record, kind, copy, signed), profile)
        paper = paper_of(job, profile)
        return Composed(
            escpos=job,
            svg=svg(paper),
            lines=plain_lines(paper),
            token=None if signed is None else signed.text(),
        )

    async def out(
        self, route: str, composed: Composed, before_first_byte: Callable[[], Awaitable[None]]
    ) -> PrintEnd:
        """Sends a paper once, after `before_first_byte`; nothing leaves where that raises."""
        found = self._routes.get(route)
        if found is None:
            return PrintEnd(Paper.FAILED, NO_PRINTER)
        result = await found.printer.print_job(
            composed.escpos, deadline_s=found.deadline_s, before_first_byte=before_first_byte
        )
        return end_of(result)

    def profile(self, route: str) -> Profile:
        """The paper that a register's printer has."""
        found = self._routes.get(route)
        return self._without_printer if found is None else found.profile

    def _profile_for(self, record: CreditRecord) -> Profile:
        """Where the till owns the printer, nobody here knows which one it is."""
        if record.pos_prints:
            return self._without_printer
        return self.profile(record.request.place.register)

    def _check(self, record: CreditRecord, kind: PaperKind) -> None:
        payable = record.request.instrument.on_paper or not kind.is_money
        if record.state not in MAY_PRINT[kind] or not payable:
            raise PaperRefused(state=record.state.value, paper=record.paper.value)

    def _token(self, record: CreditRecord, kind: PaperKind, printed: str | None) -> VoucherToken:
        if printed is None:
            flags = TokenFlag.IDENTITY if kind is PaperKind.IDENTITY else TokenFlag.NONE
            unsigned = VoucherToken(
                key_id=bytes(4),
                key=record.key,
                code=record.code,
                amount=record.request.amount,
                expires_on=record.expires_on,
                business=record.request.business_digest(),
                flags=flags,
            )
            return self._signer.sign(unsigned)
        token = VoucherToken.from_text(printed)
        mine = (record.key, record.code, record.request.amount)
        if (token.key, token.code, token.amount) != mine:
            raise ValueError("the token that was printed is not this credit's")
        return token

    def _document(
        self, record: CreditRecord, kind: PaperKind, copy: int, token: VoucherToken | None
    ) -> Document:
        from agent.printing.receipt import receipt
        from agent.printing.slip import slip
        from agent.printing.voucher import voucher

        match kind:
            case PaperKind.RECEIPT:
                return receipt(record, copy, self._options)
            case PaperKind.SLIP:
                return slip(record, copy, self._options)
            case PaperKind.VOUCHER | PaperKind.IDENTITY:
                if token is None:
                    raise ValueError("a voucher has a token")
                return voucher(record, kind, copy, token, self._options)
            case _:
                assert_never(kind)


def end_of(result: PrintResult) -> PrintEnd:
    """A printer's own ending in the journal's words."""
    match result:
        case Printed(proof):
            return PrintEnd(Paper.PRINTED, proof)
        case Sent():
            return PrintEnd(Paper.SENT)
        case Uncertain(why):
            return PrintEnd(Paper.UNCERTAIN, why.value)
        case Failed(why):
            return PrintEnd(Paper.FAILED, why.value)
        case _:
            assert_never(result)
