# SPDX-License-Identifier: Apache-2.0
"""Plays the steps one after the other, tells the till what to do, and keeps what came of each."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from agent.commands.client import AgentRefused
from agent.commands.conformance.between import Exchange
from agent.commands.conformance.ground import Failed, Ground
from agent.commands.conformance.register import MANAGER, PIN
from agent.commands.conformance.steps import PAIR, STEPS, Step
from agent.words import say

CODE_S = 110.0
"""How long one pairing code is waited for; it lives two minutes."""
SCOPES = ("issue", "read", "void", "approve")


@dataclass(frozen=True, slots=True)
class Result:
    """How a step ended: passed, failed or skipped; `seen` and `advice` are sentences."""

    step: str
    result: str
    required: bool
    seen: str
    advice: str = ""


class Teller(Protocol):
    """Who tells the person or the program at the till what to do."""

    def step(self, name: str, text: str, **values: Any) -> None: ...

    def result(self, result: Result) -> None: ...

    def saw(self, exchange: Exchange) -> None: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """`only`: the steps to play, all where it is empty; `without`: what the till does not do."""

    name: str
    printing: str = "agent"
    only: Collection[str] = ()
    without: Collection[str] = ()


async def play(ground: Ground, plan: Plan, teller: Teller) -> list[Result]:
    """Every step of the plan. Nothing is raised for what a till does wrong."""
    results = [await _ended(PAIR, True, teller, lambda: _pair(ground, plan, teller))]
    paired = results[0].result == "passed"
    for step in STEPS:
        if plan.only and step.name not in plan.only:
            continue
        skipped = _why_skipped(ground, plan, step) if paired else "pos-test.skip.not-paired"
        if skipped is not None:
            result = Result(step.name, "skipped", step.required, say(skipped))
            teller.result(result)
        else:
            result = await _play(ground, step, teller)
        results.append(result)
    return results


async def _play(ground: Ground, step: Step, teller: Teller) -> Result:
    amount = ground.money(step.minor)
    values = {"amount": str(amount)}
    if step.name == "approval":
        values |= {"manager": MANAGER, "pin": PIN}
    text = say(f"pos-test.do.{step.name}", **values)
    ground.line.reset()

    def announce() -> None:
        teller.step(step.name, text, minor=amount.minor, currency=amount.currency)

    ground.announce = announce
    try:
        return await _ended(step.name, step.required, teller, lambda: step.play(ground, step.minor))
    finally:
        ground.line.reset()


async def _ended(name: str, required: bool, teller: Teller, work: Callable[[], Any]) -> Result:
    try:
        await work()
        result = Result(name, "passed", required, say(f"pos-test.good.{name}"))
    except Failed as failed:
        result = Result(name, "failed", required, failed.sentence(), failed.advice())
    except (AgentRefused, aiohttp.ClientError, TimeoutError) as error:
        broken = Failed("broken", why=f"{type(error).__name__}: {error}"[:200])
        result = Result(name, "failed", required, broken.sentence(), broken.advice())
    teller.result(result)
    return result


def _why_skipped(ground: Ground, plan: Plan, step: Step) -> str | None:
    if step.name == "prints" and ground.printing != "pos":
        return "pos-test.skip.agent-prints"
    if step.name in plan.without:
        return "pos-test.skip.without"
    return None


async def _pair(ground: Ground, plan: Plan, teller: Teller) -> None:
    """A code, and another where it ran out, until the till has taken one up."""
    offer = {
        "name": plan.name[:40],
        "registers": [ground.register.kind.register],
        "scopes": list(SCOPES),
        "printing": plan.printing,
    }

    def paired() -> bool:
        return any(each.path == "/v1/pairings" and each.status == 201 for each in ground.line.seen)

    codes = max(1, math.ceil(ground.pace.patience_s / CODE_S))
    for _ in range(codes):
        made = await ground.register.ask("POST", "/v1/admin/pairing-codes", offer)
        text = say("pos-test.do.pair", address=ground.line.address, code=made["code"])
        teller.step(PAIR, text, address=ground.line.address, code=made["code"])
        if await ground.line.until(paired, min(CODE_S, ground.pace.patience_s)):
            break
    else:
        raise Failed("not-paired")
    told = next(each.answer for each in ground.line.seen if each.status == 201)
    ground.pairing, ground.printing = str(told["id"]), str(told["printing"])
