# SPDX-License-Identifier: Apache-2.0
"""What is left on a card: asked of the platform each time, and never remembered.

A code is cash. It comes in a header, because paths and queries are written down by whatever
stands in between, and it is in no answer, log line or fault.
"""

from __future__ import annotations

from typing import Final

from agent.domain.code import Code
from agent.domain.faults import BadField, HeaderMissing, PlatformUnavailable, UnknownCard
from agent.domain.money import Money
from agent.domain.outcome import Unknown
from agent.domain.record import OPEN
from agent.intake.calls import Call, Reply
from agent.intake.resources import amount_told, rfc3339
from agent.intake.told import BalanceTold

CODE_HEADER: Final = "Countermark-Code"


async def show_balance(call: Call) -> Reply:
    """GET /v1/balance: the live balance, or a fault that says why it is not known now."""
    code = _code(call)
    guesses, caller = call.service.guesses, call.caller.id
    guesses.begin(caller, call.arrived_s)
    guessed = False
    try:
        left = await _asked(call, code)
        if left is None:
            await _refuse_on_its_way(call, code)
            guessed = True
            raise UnknownCard
    finally:
        if not guessed:
            guesses.take_back(caller, call.arrived_s)
    as_of = rfc3339(call.steps.clock.now().wall_ms)
    return Reply(BalanceTold(amount=amount_told(left), as_of=as_of, code_last_four=code.last_four))


def _code(call: Call) -> Code:
    """The code of the header; raises `HeaderMissing` and `BadField`, neither of which shows it."""
    given = call.request.headers.getall(CODE_HEADER, [])
    if not given or not given[0].strip():
        raise HeaderMissing(header=CODE_HEADER)
    if len(given) > 1:
        raise BadField(field=CODE_HEADER, problem="it must stand once")
    try:
        return Code.typed(given[0].strip())
    except ValueError as error:
        raise BadField(field=CODE_HEADER, problem=str(error)) from None


async def _asked(call: Call, code: Code) -> Money | None:
    """What the platform says; None where it knows no such code. Raises `PlatformUnavailable`.

    Where the link is known to be down nobody is asked: the forwarder finds out when it is back.
    """
    if not call.steps.link.is_up:
        raise PlatformUnavailable(why="balance")
    left_s = _budget_s(call) - call.passed_s()
    found = await call.doors.balance(code, call.steps.clock.monotonic_s() + max(left_s, 0.0))
    if isinstance(found, Unknown):
        call.doors.log.info("balance-unknown", why=found.why)
        raise PlatformUnavailable(why="balance")
    return found


def _budget_s(call: Call) -> float:
    """As long as a credit of this caller may take, at the fastest of its registers."""
    own = [each for each in call.steps.registers if call.caller.may_see(each.place)]
    return min((call.caller.budget_s(each) for each in own), default=call.options.look_up_s)


async def _refuse_on_its_way(call: Call, code: Code) -> None:
    """A credit of ours that still waits for the platform is not unknown."""
    record = await call.steps.journal.by_code(code)
    if record is None or record.state not in OPEN or not call.caller.may_see(record.request.place):
        return
    raise UnknownCard(why="on-its-way", key=record.key.text)
