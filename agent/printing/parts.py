# SPDX-License-Identifier: Apache-2.0
"""Blocks that several papers share: whose paper it is, when and where, and its foot.

No personal data stands on paper: neither the customer nor the operator is ever among them.
"""

from __future__ import annotations

import datetime
from typing import Final

from agent.domain.moment import Moment
from agent.domain.record import CreditRecord
from agent.printing.document import Block, Cut, Feed, Line, Pair, Rule, Side
from agent.printing.options import PaperOptions
from agent.words import say

FEED_BEFORE_CUT: Final = 1
LASTS_DAYS: Final = 30
"""A paper to be kept longer than this says how to keep it: thermal print fades."""


def heading(options: PaperOptions) -> tuple[Block, ...]:
    """Brand, store, rule."""
    blocks: list[Block] = []
    if options.brand:
        blocks.append(Line(options.brand, Side.CENTER, bold=True))
    if options.store_line:
        blocks.append(Line(options.store_line, Side.CENTER))
    return (*blocks, Rule()) if blocks else ()


def when(record: CreditRecord, label: str, options: PaperOptions) -> Pair:
    """The time it was opened, local with its zone.

    A clock that is not trusted prints no time; the till's business date then stands for it.
    """
    opened = record.opened
    if not opened.trusted:
        date = record.request.pos.business_date.isoformat()
        return Pair(say("paper.label.business-date", options.language), date)
    local = opened.utc().astimezone(options.zone)
    return Pair(say(label, options.language), f"{local:%Y-%m-%d %H:%M %Z}")


def where(record: CreditRecord, options: PaperOptions) -> tuple[Block, ...]:
    """Store, register and the till's number; the original sale, where one was named."""
    request = record.request
    place, language = request.place, options.language
    number = f"{place.store}/{place.register}/{request.pos.number}"
    blocks = [Pair(say("paper.label.transaction", language), number)]
    if request.original_sale is not None:
        blocks.append(Pair(say("paper.label.sale", language), request.original_sale))
    return tuple(blocks)


def reference(record: CreditRecord, options: PaperOptions) -> Pair:
    """The credit's key: what staff look it up by. It is no secret and no value."""
    return Pair(say("paper.label.reference", options.language), record.key.text)


def foot(copy: int, options: PaperOptions) -> tuple[Block, ...]:
    """The store's own lines, which copy it is, and the cut."""
    language = options.language
    blocks: list[Block] = [
        Line(text, Side.CENTER) for text in (options.legal_line, options.help_line) if text
    ]
    blocks.append(Line(say("paper.foot.copy", language, copy=copy), Side.CENTER, bold=copy > 1))
    if copy > 1:
        blocks.append(Line(say("paper.foot.copy-again", language), Side.CENTER))
    return (*blocks, Feed(FEED_BEFORE_CUT), Cut())


def keeps_long(opened: Moment, expires_on: datetime.date | None) -> bool:
    """Whether the paper has to last: no last day, or one over thirty days away."""
    if expires_on is None:
        return True
    return expires_on - opened.utc().date() > datetime.timedelta(days=LASTS_DAYS)
