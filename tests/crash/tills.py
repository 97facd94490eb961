# SPDX-License-Identifier: Apache-2.0
"""Callers at the counter, several at once, and their own book of what they asked and were told.

A till that got no answer knows nothing and asks again under the same `Idempotency-Key`, as real
ones do. What it was told, it holds the register to.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from agent.commands.client import AgentClient, AgentRefused, AgentUnreachable

TIMEOUT_S: Final = 20.0
DATE: Final = "2026-11-21"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A problem document: its status, its code and its sentence."""

    status: int
    code: str
    sentence: str


@dataclass
class Sale:
    """One credit as its till knows it. `words`: every answer that came, in order."""

    number: int
    key: str = ""
    words: list[str | None] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    void_asked: bool = False
    voided: bool = False
    refused: list[Refusal] = field(default_factory=list)
    """The problems it was answered with: nothing was issued then."""

    @property
    def minor(self) -> int:
        return 1_000 + self.number % 7_919

    @property
    def transaction(self) -> str:
        return f"T{self.number:07d}"

    @property
    def acknowledged(self) -> bool:
        return bool(self.key)


class Book:
    """All sales of all tills, by number."""

    def __init__(self) -> None:
        self.sales: dict[int, Sale] = {}
        self.acknowledged = 0
        self.answers = 0
        self._numbers = itertools.count(1)
        self._one = threading.Lock()

    def new(self) -> Sale:
        with self._one:
            sale = Sale(next(self._numbers))
            self.sales[sale.number] = sale
            return sale

    def told(self, sale: Sale, key: str, word: str | None, state: str) -> None:
        with self._one:
            self.acknowledged += not sale.acknowledged
            self.answers += 1
            sale.key = key
            sale.words.append(word)
            sale.states.append(state)


def is_known(sale: Sale) -> bool:
    """Whether the till's newest word is the end of it."""
    return sale.voided or (sale.words[-1:] == ["confirmed"] and not sale.void_asked)


class Tills:
    """`socket`: the daemon's. Every method may be called by many threads."""

    def __init__(self, socket: Path, book: Book) -> None:
        self.book = book
        self._client = AgentClient(socket, TIMEOUT_S)

    def issue(self, sale: Sale) -> bool:
        """Asks for the credit; False where no answer came."""
        body = {
            "register": "03",
            "amount": {"minor": sale.minor, "currency": "USD"},
            "customer": {"skipped": True},
            "reason": "return",
            "operator": "ann",
            "distinct": True,
            "pos": {"business_date": DATE, "transaction": sale.transaction},
        }
        headers = {"Idempotency-Key": f"sale-{sale.number}"}
        return self._told(sale, lambda: self._client.ask("POST", "/v1/credits", body, headers))

    def void(self, sale: Sale) -> bool:
        """Asks for the credit to be undone."""
        sale.void_asked = True
        body = {"operator": "ann", "reason": "changed their mind"}
        answered = self._told(
            sale, lambda: self._client.ask("POST", f"/v1/credits/{sale.key}/void", body)
        )
        sale.voided = sale.voided or sale.states[-1:] in (["voided"], ["withdrawn"])
        return answered

    def ask_until_known(self, rounds: int = 10) -> bool:
        """Each till asks again for what it does not know, until the word is one to rest on."""
        unknown = [sale for sale in self.book.sales.values() if not is_known(sale)]
        for _ in range(rounds):
            for sale in unknown:
                if sale.void_asked:
                    self.void(sale)
                elif self.issue(sale) and sale.key and not is_known(sale):
                    self.wait(sale)
            unknown = [sale for sale in unknown if not is_known(sale)]
            if not unknown:
                return True
        return False

    def claim(self, sale: Sale, token: str) -> bool:
        """Brings its voucher back."""
        body = {"token": token, "register": "03", "operator": "ann"}
        return self._told(sale, lambda: self._client.ask("POST", "/v1/claims", body))

    def wait(self, sale: Sale) -> bool:
        """Looks at a credit, and waits a little for its next change."""
        path, prefer = f"/v1/credits/{sale.key}", {"Prefer": "wait=3"}
        return self._told(sale, lambda: self._client.ask("GET", path, None, prefer))

    def get(self, path: str) -> Any:
        return self._client.get(path)

    def work(self, threads: int, one: Callable[[], bool]) -> list[threading.Thread]:
        """Each thread does `one` after the other until it is False; the caller joins them."""

        def until_no_answer() -> None:
            while one():
                pass

        started = [threading.Thread(target=until_no_answer, daemon=True) for _ in range(threads)]
        for thread in started:
            thread.start()
        return started

    def _told(self, sale: Sale, ask: Callable[[], Any]) -> bool:
        try:
            told = ask()
        except AgentRefused as refused:
            if "state" not in refused.problem:
                code = str(refused.problem.get("code", ""))
                sentence = str(refused.problem.get("detail", ""))
                sale.refused.append(Refusal(refused.status, code, sentence))
                return True
            told = refused.problem
        except (AgentUnreachable, OSError, ValueError):
            return False
        self.book.told(sale, told["key"], told["answer"], told["state"])
        return True
