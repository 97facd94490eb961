# SPDX-License-Identifier: Apache-2.0
"""Tells the till's side what to do and asks it: a person in sentences, a program in JSON lines."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import threading
from collections.abc import Mapping
from typing import Any, Final

from agent.commands.conformance.between import Exchange
from agent.commands.conformance.ground import Failed
from agent.commands.conformance.play import Result
from agent.words import say

YES: Final = frozenset({"y", "yes", "true", "1"})
NO: Final = frozenset({"n", "no", "false", "0"})
TRIES_MAX: Final = 3
READ_BYTES: Final = 4096


class Spoken:
    """Sentences on standard output; `as_json`: one JSON object a line instead."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json

    def step(self, name: str, text: str, **values: Any) -> None:
        if self._as_json:
            self._line({"step": name, "do": text, **values})
        else:
            print(f"\n{say('pos-test.step', name=name)}\n  {text}", flush=True)

    def result(self, result: Result) -> None:
        if self._as_json:
            told = {"result": result.result, "seen": result.seen, "advice": result.advice}
            self._line({"step": result.step, **told})
            return
        print(f"  {result.result}: {result.seen}", flush=True)
        if result.advice:
            print(f"  {result.advice}", flush=True)

    def saw(self, exchange: Exchange) -> None:
        """One request that went by; keys are the till's own names and no secret."""
        if self._as_json or not exchange.path.startswith("/v1/"):
            return
        ended = str(exchange.status) if exchange.cut is None else say("pos-test.cut")
        word = exchange.code or str(exchange.answer.get("answer") or "")
        key = f" {exchange.key}" if exchange.key else ""
        print(f"    {exchange.method} {exchange.path}{key} -> {ended} {word}".rstrip(), flush=True)

    def question(self, name: str) -> None:
        text = say(f"pos-test.ask.{name}")
        if self._as_json:
            self._line({"ask": name, "question": text})
        else:
            print(f"  {text} {say('pos-test.yes-or-no')}", flush=True)

    def _line(self, value: Mapping[str, Any]) -> None:
        print(json.dumps(value), flush=True)


class Answers:
    """Yes or no: from a file's answers where it has one, else from standard input."""

    def __init__(self, spoken: Spoken, given: Mapping[str, bool], descriptor: int = 0) -> None:
        self._spoken = spoken
        self._given = given
        self._descriptor = descriptor
        self._lines: asyncio.Queue[str | None] | None = None

    async def ask(self, name: str) -> bool:
        """Raises `Failed` where nobody answers."""
        self._spoken.question(name)
        if name in self._given:
            return self._given[name]
        for _ in range(TRIES_MAX):
            line = await self._next()
            if line is None:
                break
            word = line.strip().lower()
            if word in YES | NO:
                return word in YES
        raise Failed("no-answer", question=name)

    async def _next(self) -> str | None:
        """The next line, read by a thread that nobody waits for: reading cannot be stopped."""
        if self._lines is None:
            self._lines = asyncio.Queue()
            loop = asyncio.get_running_loop()
            arguments = (self._descriptor, loop, self._lines)
            threading.Thread(target=_read_lines, args=arguments, daemon=True).start()
        line = await self._lines.get()
        if line is None:
            self._lines.put_nowait(None)
        return line


def _read_lines(
    descriptor: int, loop: asyncio.AbstractEventLoop, lines: asyncio.Queue[str | None]
) -> None:
    rest = b""
    while not loop.is_closed():
        try:
            read = os.read(descriptor, READ_BYTES)
        except OSError:
            read = b""
        *whole, rest = (rest + read).split(b"\n")
        if not read:
            whole = [rest] if rest else []
        for each in whole:
            _put(loop, lines, each.decode("utf-8", "replace"))
        if not read:
            _put(loop, lines, None)
            return


def _put(
    loop: asyncio.AbstractEventLoop, lines: asyncio.Queue[str | None], line: str | None
) -> None:
    with contextlib.suppress(RuntimeError):  # the test is over, and its loop closed
        loop.call_soon_threadsafe(lines.put_nowait, line)


def read_answers(text: str) -> dict[str, bool]:
    """Answers from a JSON object of yes and no, or true and false; ValueError for anything else."""
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("answers are a JSON object")
    answers: dict[str, bool] = {}
    for name, value in found.items():
        word = str(value).strip().lower()
        if word not in YES | NO:
            raise ValueError(f"the answer to {name} is yes or no")
        answers[name] = word in YES
    return answers
