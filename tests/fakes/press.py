# SPDX-License-Identifier: Apache-2.0
"""A press without a printer: it remembers every paper that came out."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from agent.domain.record import CreditRecord, Paper, PaperKind
from agent.ports import Composed, PrintEnd


class FakePress:
    """`agent.ports.Press`. `ends` are used up in order, then every paper is proved.

    While `jammed` is set, papers wait in front of the printer until it is cleared.
    """

    def __init__(self) -> None:
        self.ends: deque[PrintEnd] = deque()
        self.out_of: list[tuple[str, bytes]] = []
        self.composed: list[tuple[str, PaperKind, int]] = []
        self.free = asyncio.Event()
        self.free.set()

    def has(self, route: str) -> bool:
        return True

    def compose(
        self, record: CreditRecord, kind: PaperKind, copy: int, token: str | None
    ) -> Composed:
        self.composed.append((record.key.text, kind, copy))
        made = token
        if kind.is_money and made is None:
            made = f"TOKEN-OF-{record.key}"
        code = record.code.grouped() if kind is not PaperKind.SLIP else ""
        lines = (kind.value, f"COPY {copy}", str(record.request.amount), code, made or "")
        return Composed(
            escpos="\n".join(lines).encode(),
            svg=f"<svg><text>{kind.value} {copy}</text></svg>",
            lines=lines,
            token=made,
        )

    async def out(
        self, route: str, composed: Composed, before_first_byte: Callable[[], Awaitable[None]]
    ) -> PrintEnd:
        await self.free.wait()
        end = self.ends.popleft() if self.ends else PrintEnd(Paper.PRINTED, "process-id")
        if end.paper is Paper.FAILED:
            return end
        await before_first_byte()
        self.out_of.append((route, composed.escpos))
        return end
