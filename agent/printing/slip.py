# SPDX-License-Identifier: Apache-2.0
"""The pending slip: a look-up handle for something that is not money yet.

It carries no code, no token and no signature, so that nothing on it can be claimed, and it says
at its very head that it is not money. This module is never given a token.
"""

from __future__ import annotations

from agent.domain.record import CreditRecord
from agent.domain.voucher import slip_text
from agent.printing.document import Banner, Block, Document, Feed, Line, Pair, Qr, Side, Title
from agent.printing.options import PaperOptions
from agent.printing.parts import foot, heading, when, where
from agent.words import money_text, say


def slip(record: CreditRecord, copy: int, options: PaperOptions) -> Document:
    """The slip of a record; `copy` counts from 1."""
    language = options.language
    blocks: tuple[Block, ...] = (
        Banner(say("paper.slip.banner", language)),
        Feed(),
        *heading(options),
        Title(say("paper.slip.title", language)),
        Pair(say("paper.label.amount", language), money_text(record.request.amount)),
        when(record, "paper.label.asked", options),
        *where(record, options),
        Line(say("paper.label.reference", language)),
        Line(record.key.text, Side.CENTER, bold=True),
        Qr(slip_text(record.key)),
        Line(say("paper.slip.why", language)),
        Line(say("paper.slip.next", language)),
        *foot(copy, options),
    )
    return Document(blocks)
