# SPDX-License-Identifier: Apache-2.0
"""What comes out of the printer, as pictures; and the receipt of a POS that knows no Countermark.

Every paper is drawn from the bytes that the printer took. A thread waits for the next one.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Final

from agent.commands.demo.cast import Json, Printer
from agent.commands.demo.eyes import NoEyes, read_qr
from agent.domain.money import Money
from agent.domain.voucher import VoucherToken
from agent.printing.document import Big, Cut, Document, Feed, Line, Rule, Side, Title
from agent.printing.render import render
from agent.words import money_text, say
from hardware.profiles.profile import load

KEPT_MAX: Final = 200
WAIT_S: Final = 1.0
SEND_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper: its picture, its lines, and what its QR was read back with.

    `qr_key` and `qr_amount` are None without a QR, and where no decoder is installed.
    """

    number: int
    svg: str = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)
    qr_key: str | None = None
    qr_amount: Money | None = None

    def shows(self, text: str) -> bool:
        return any(text in line for line in self.lines)


class PaperFeed:
    """The papers of one printer, newest last. `came` is called after each, from the thread."""

    def __init__(self, printer: Printer, came: Callable[[], None] = lambda: None) -> None:
        self._printer = printer
        self._came = came
        self._papers: deque[Paper] = deque(maxlen=KEPT_MAX)
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="papers", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread; to be called before the printer is stopped."""
        self._stopping.set()
        self._thread.join(WAIT_S + 5)

    def papers(self) -> list[Paper]:
        with self._changed:
            return list(self._papers)

    def paper(self, number: int) -> Paper | None:
        return next((each for each in self.papers() if each.number == number), None)

    @property
    def eyes(self) -> bool:
        """Whether a decoder is installed that reads the QR back."""
        return find_spec("zxingcpp") is not None and find_spec("PIL") is not None

    @property
    def last_number(self) -> int:
        papers = self.papers()
        return papers[-1].number if papers else 0

    def wait_for(self, key: str | None, count: int = 1, timeout_s: float = 10.0) -> list[Paper]:
        """The papers that name this credit: `count` of them, or what there is in time."""

        def papers() -> list[Paper]:
            return [each for each in self._papers if key is not None and each.shows(key)]

        with self._changed:
            self._changed.wait_for(lambda: len(papers()) >= count, timeout_s)
            return papers()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                found = self._printer.next_paper(WAIT_S)
            except (OSError, ValueError):
                self._stopping.wait(WAIT_S)  # the printer's process is gone: the page says so
                continue
            if found is not None:
                self._keep(_paper(found))

    def _keep(self, paper: Paper) -> None:
        with self._changed:
            self._papers.append(paper)
            self._changed.notify_all()
        self._came()


def print_as_today(port: int, amount: Money, transaction: str) -> None:
    """The POS's own receipt, sent straight to the printer as its software always did."""
    document = Document(
        (
            Line(say("stage.today.brand"), Side.CENTER, bold=True),
            Rule(),
            Title(say("stage.today.title")),
            Big(money_text(amount)),
            Line(say("stage.today.transaction", number=transaction), Side.CENTER),
            Rule(),
            Line(say("stage.today.promise")),
            Feed(1),
            Cut(),
        )
    )
    job = render(document, load("epson-tm-t20iii"))
    with socket.create_connection(("127.0.0.1", port), timeout=SEND_S) as line:
        line.sendall(job)


def _paper(found: Json) -> Paper:
    pictures = found["svg"] or [""]
    amount: Money | None = None
    key: str | None = None
    with contextlib.suppress(NoEyes, ValueError):
        text = read_qr(found)
        if text is not None:
            token = VoucherToken.from_text(text)
            key, amount = token.key.text, token.amount
    return Paper(int(found["number"]), str(pictures[0]), tuple(found["lines"]), key, amount)
