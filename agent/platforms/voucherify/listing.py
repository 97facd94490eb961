# SPDX-License-Identifier: Apache-2.0
"""The list for audits: every gift voucher since a moment, page by page, oldest first. Pure.

Voucherify shows 99 pages of 100 vouchers; after that the list begins anew at the last moment
that was read. The cursor says where: the moment, the page, and which vouchers of that very moment
were told before, so that none comes twice. A page that cannot be read ends the list as unknown:
an audit must never take a part for the whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from agent.domain.outcome import Unknown
from agent.platforms.adapter import Page
from agent.platforms.exchange import Exchange, Look
from agent.platforms.reading import as_unknown
from agent.platforms.voucherify import wire

PAGES_MAX: Final = 99
_CURSOR: Final = re.compile(r"([0-9]{1,14})\.([0-9]{1,2})\.((?:[0-9A-Za-z_-]{1,64}(?:,|$))*)")


@dataclass(frozen=True, slots=True)
class _Place:
    """`since_ms`: what was asked for from the start of these pages on; `told` of that moment."""

    since_ms: int
    page: int
    told: frozenset[str]

    def text(self) -> str:
        return f"{self.since_ms}.{self.page}.{','.join(sorted(self.told))}"


def page(since_ms: int, cursor: str | None, currency: str) -> Exchange[Page | Unknown]:
    """One page. Raises ValueError for a cursor that is not ours or a time out of range."""
    at = _Place(since_ms, 1, frozenset()) if cursor is None else _read(cursor)
    # Whether `after` takes its own moment in is not documented: ask from a moment before.
    reply = yield Look(wire.list_since(at.since_ms - 1, at.page))
    read = wire.read(reply, wire.PageReply)
    if not isinstance(read, wire.PageReply):
        return as_unknown(read)
    if not read.vouchers:  # only an empty page is the end: a short one may hide deleted vouchers
        return Page((), None)
    cards, last_ms = [], at.since_ms
    for voucher in read.vouchers:
        if voucher.created_ms is None or voucher.created_ms < last_ms - 1:
            return Unknown("not-in-order")
        last_ms = max(last_ms, voucher.created_ms)
        old = voucher.created_ms < at.since_ms or voucher.id in at.told
        if old or voucher.type != "GIFT_VOUCHER":
            continue
        card = wire.card_of(voucher, currency)
        if isinstance(card, str):
            return Unknown(card)
        cards.append(card)
    onwards = _onwards(at, read.vouchers, last_ms)
    return Unknown("too-many-at-once") if onwards is None else Page(tuple(cards), onwards.text())


def _onwards(at: _Place, vouchers: list[wire.VoucherReply], last_ms: int) -> _Place | None:
    """The next page, or the first one of a new beginning; None where that would not move."""
    if at.page < PAGES_MAX:
        return _Place(at.since_ms, at.page + 1, at.told)
    if last_ms == at.since_ms:
        return None
    told = frozenset(each.id for each in vouchers if each.created_ms == last_ms)
    return _Place(last_ms, 1, told)


def _read(cursor: str) -> _Place:
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise ValueError("a cursor of this list looks like 1763600000000.2.")
    told = frozenset(each for each in found[3].split(",") if each)
    return _Place(int(found[1]), int(found[2]), told)
