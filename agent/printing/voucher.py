# SPDX-License-Identifier: Apache-2.0
"""Money on paper: the offline voucher and the identity voucher, in three modes.

The order is fixed: what it is, its state, the amount, the code, when and where, the QR, what to
do, the law. Amount and code stand above the symbol and are readable without it. Only the offline
paper of somebody who was named speaks of an account.
"""

from __future__ import annotations

from agent.domain.customer import CustomerReference, Forgotten
from agent.domain.record import CreditRecord, PaperKind, State
from agent.domain.voucher import VoucherToken, qr_text
from agent.printing.document import (
    Banner,
    Big,
    Block,
    Document,
    Feed,
    Line,
    Pair,
    Qr,
    Side,
    Title,
)
from agent.printing.options import PaperOptions
from agent.printing.parts import foot, heading, keeps_long, reference, when, where
from agent.words import money_text, say


def voucher(
    record: CreditRecord, kind: PaperKind, copy: int, token: VoucherToken, options: PaperOptions
) -> Document:
    """The voucher of a record; `kind` is VOUCHER or IDENTITY, `copy` counts from 1.

    A copy has the QR, the code and the last day of the first paper: they come from its token.
    """
    if not kind.is_money:
        raise ValueError(f"a {kind} is no voucher")
    language = options.language
    again: tuple[Block, ...] = ()
    if copy > 1:
        again = (Line(say("paper.foot.copy", language, copy=copy), Side.CENTER, bold=True),)
    blocks: tuple[Block, ...] = (
        *heading(options),
        Title(say("paper.voucher.title", language)),
        *again,
        _state(record, kind, options),
        Feed(),
        Big(money_text(token.amount)),
        Pair(say("paper.label.code", language), token.code.grouped(), strong=True),
        when(record, "paper.label.issued", options),
        *_last_day(token, options),
        *where(record, options),
        reference(record, options),
        Qr(qr_text(token, options.host)),
        *(Line(text) for text in _sentences(record, kind, options)),
        *_address(options),
        *_keeping(record, token, options),
        *foot(copy, options),
    )
    return Document(blocks)


def _state(record: CreditRecord, kind: PaperKind, options: PaperOptions) -> Block:
    """A black bar until the platform has confirmed, and no bar on anything that it has."""
    if record.state is State.CONFIRMED:
        return Line(say("paper.voucher.confirmed", options.language), Side.CENTER, bold=True)
    if kind is PaperKind.IDENTITY:
        return Banner(say("paper.identity.banner", options.language))
    return Banner(say("paper.voucher.banner", options.language))


def _sentences(record: CreditRecord, kind: PaperKind, options: PaperOptions) -> tuple[str, ...]:
    """What the shopper has to know and do."""
    language, mode = options.language, options.mode.value
    if record.state is State.CONFIRMED:
        owner = "account" if record.linked and kind is PaperKind.VOUCHER else "bearer"
        return (say(f"paper.confirmed.{owner}", language),)
    if kind is PaperKind.IDENTITY:
        return say("paper.identity.why", language), say(f"paper.identity.{mode}", language)
    named = isinstance(record.request.customer, CustomerReference | Forgotten)
    owner = "account" if named else "bearer"
    return (
        say("paper.offline.why", language),
        say(f"paper.offline.{owner}", language),
        say(f"paper.offline.{mode}", language),
    )


def _last_day(token: VoucherToken, options: PaperOptions) -> tuple[Block, ...]:
    """When the paper stops being claimable. It is not the credit's own expiry."""
    if token.expires_on is None:
        return ()
    return (Pair(say("paper.label.claim-by", options.language), token.expires_on.isoformat()),)


def _address(options: PaperOptions) -> tuple[Block, ...]:
    """Where to type the code, for people without a scanner."""
    if options.host is None:
        return ()
    return (Line(f"{options.host.lower()}/v", Side.CENTER),)


def _keeping(record: CreditRecord, token: VoucherToken, options: PaperOptions) -> tuple[Block, ...]:
    if not keeps_long(record.opened, token.expires_on):
        return ()
    return (Line(say("paper.foot.heat", options.language)),)
