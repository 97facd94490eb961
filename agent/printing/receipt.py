# SPDX-License-Identifier: Apache-2.0
"""The receipt of a credit that the platform has confirmed.

It never looks like a voucher: no black bar, no QR. Once the card is known to be linked to its
customer the receipt shows the code's last four only, since the customer has it in the account.
Until then the code is the only way to the money, so it stands there whole.
"""

from __future__ import annotations

from agent.domain.record import CreditRecord
from agent.printing.document import Big, Block, Document, Line, Pair, Rule, Side, Title
from agent.printing.options import PaperOptions
from agent.printing.parts import foot, heading, reference, when, where
from agent.words import money_text, say


def receipt(record: CreditRecord, copy: int, options: PaperOptions) -> Document:
    """The receipt of a confirmed record; `copy` counts from 1."""
    language = options.language
    sentence = "paper.receipt.account" if record.linked else "paper.receipt.bearer"
    blocks: tuple[Block, ...] = (
        *heading(options),
        Title(say("paper.receipt.title", language)),
        Line(say("paper.receipt.state", language), Side.CENTER, bold=True),
        Big(money_text(record.request.amount)),
        _code(record, options),
        when(record, "paper.label.issued", options),
        *where(record, options),
        reference(record, options),
        Rule(),
        Line(say(sentence, language)),
        *foot(copy, options),
    )
    return Document(blocks)


def _code(record: CreditRecord, options: PaperOptions) -> Pair:
    language = options.language
    if record.linked:
        return Pair(say("paper.label.code-ends", language), record.code.last_four)
    return Pair(say("paper.label.code", language), record.code.grouped(), strong=True)
