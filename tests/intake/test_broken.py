# SPDX-License-Identifier: Apache-2.0
"""A mistake of ours at the door: the till learns that nothing is certain, the log where it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.domain.code import Code
from agent.domain.money import Money
from tests.fakes.platform import FakePlatform
from tests.intake.till import house

SECRET = "what-the-caller-sent"


class BrokenPlatform(FakePlatform):
    """Raises what no platform may raise."""

    async def balance(self, code: Code, deadline_s: float) -> Money:
        raise KeyError(SECRET)


async def test_a_mistake_of_ours_is_a_problem_that_says_nothing_is_certain(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, balance=BrokenPlatform().balance) as here:
        till = await here.till()
        code = Code.draw(3, tuple(range(14))).grouped()
        answer = await till.get("/v1/balance", {"Countermark-Code": code})
        assert (answer.status, answer["code"], answer["money"], answer["paper"]) == (
            500,
            "internal",
            "unknown",
            "unknown",
        )
        assert answer["retryable"] is True
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        assert SECRET not in answer.text
        (line,) = [line for line in here.lines if json.loads(line)["event"] == "internal"]
        assert json.loads(line)["fault"] == "KeyError"
        assert "BrokenPlatform.balance:" in json.loads(line)["where"]
        assert SECRET not in "".join(here.lines)
        metrics = await here.stranger().get("/metrics")
        assert 'route="/v1/balance",status="500"' in metrics.text
        assert (await till.credit()).status == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_wrong_request_is_no_mistake_of_ours(tmp_path: Path, method: str) -> None:
    async with house(tmp_path) as here:
        answer = await (await here.till()).ask(method, "/v1/nowhere")
        assert answer.status == 404
        assert not [line for line in here.lines if json.loads(line)["event"] == "internal"]
