# SPDX-License-Identifier: Apache-2.0
"""The pure floors meet nothing of the world, and the rule sees every way in which they could."""

from __future__ import annotations

import pytest

from tests.house.purity import find_impurities
from tests.house.tree import breaches, python_files

PURE = ("agent/domain", "agent/decisions", "agent/words", "hardware/wire")

IMPURE = (
    *(
        (f"import {module}", f"a pure floor may not import {module}")
        for module in (
            "aiohttp",
            "asyncio",
            "logging",
            "os",
            "os.path",
            "pathlib",
            "phonenumbers",
            "pydantic",
            "random",
            "secrets",
            "socket",
            "sqlite3",
            "subprocess",
            "threading",
            "time",
            "urllib.request",
        )
    ),
    ("def f():\n    from random import choice", "2: a pure floor may not import random.choice"),
    ("from datetime import datetime\nx = datetime.now()", "may not call now"),
    ("import datetime\nx = datetime.datetime.utcnow()", "may not call utcnow"),
    ("from datetime import date\nx = date.today()", "may not call today"),
    ("import uuid\nx = uuid.uuid4()", "may not call uuid4"),
    ("x = open('y')", "may not call open"),
    ("print('x')", "may not call print"),
    ("async def f(): ...", "may not be async"),
    ("x = 1\ndef f():\n    global x", "may not keep global state"),
)


def test_the_pure_floors_meet_nothing_of_the_world() -> None:
    assert breaches("purity", find_impurities, python_files(*PURE)) == []


@pytest.mark.parametrize(("source", "said"), IMPURE)
@pytest.mark.parametrize("floor", PURE)
def test_the_world_is_found_in_a_pure_floor(source: str, said: str, floor: str) -> None:
    findings = find_impurities(source, f"{floor}/some.py")
    assert len(findings) == 1
    assert said in findings[0]


@pytest.mark.parametrize(("source", "said"), IMPURE)
def test_other_floors_may_meet_the_world(source: str, said: str) -> None:
    del said
    assert find_impurities(source, "agent/flows/issue.py") == []


def test_values_need_nothing_that_is_forbidden() -> None:
    source = (
        "from __future__ import annotations\n"
        "import hashlib, re, struct\n"
        "from collections.abc import Mapping\n"
        "from datetime import UTC, datetime\n"
        "from uuid import UUID\n"
        "from agent.domain.money import Money\n"
        "x = datetime.fromtimestamp(0, UTC)\n"
    )
    assert find_impurities(source, "agent/domain/credit.py") == []
