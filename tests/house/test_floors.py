# SPDX-License-Identifier: Apache-2.0
"""The tree obeys the table of floors, and the reader of imports sees every way to import."""

from __future__ import annotations

import pytest

from tests.house.floors import MAY_IMPORT, find_wrong_imports, module_of
from tests.house.tree import breaches, python_files

SOURCES = ("agent", "hardware")

WRONG = (
    ("import agent.flows", "agent/domain/money.py", "agent.domain may not import agent.flows"),
    ("from agent import journal", "agent/flows/issue.py", "may not import agent.journal"),
    ("from agent.journal.core import append", "agent/intake/pos_api.py", "agent.journal"),
    ("from agent.platforms import rest", "agent/screens/cashier.py", "agent.platforms"),
    ("def f():\n    import agent.words", "agent/decisions/decide.py", "2: agent.decisions"),
    (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from agent.ports import Clock",
        "agent/decisions/decide.py",
        "3: agent.decisions may not import agent.ports",
    ),
    ("from .. import flows", "agent/domain/money.py", "may not import agent.flows"),
    ("from ..flows import issue", "agent/words/__init__.py", "may not import agent.flows"),
    ("import_module('agent.daemon')", "agent/flows/issue.py", "may not import agent.daemon"),
    ("importlib.import_module('agent.hub')", "agent/flows/issue.py", "agent.hub"),
    ("from agent.domain import money", "hardware/wire/tokens.py", "may not import agent.domain"),
    ("import agent", "hardware/printers/network.py", "may not import agent"),
    ("from hardware.printers import network", "hardware/wire/writer.py", "hardware.printers"),
    ("from hardware.scanners import serial", "hardware/printers/usb.py", "hardware.scanners"),
    ("from hardware.tap import jobs", "hardware/printers/usb.py", "hardware.tap"),
    ("from hardware.wire import tokens", "agent/journal/rows.py", "hardware.wire"),
    ("from agent.intake import pos_api", "agent/screens/live.py", "agent.intake"),
    ("from agent.daemon import serve", "agent/settings/model.py", "agent.daemon"),
    ("from agent.platforms.square import wire", "agent/platforms/rest/wire.py", "square"),
    ("import agent.platforms.adyen.wire", "agent/platforms/rest/adapter.py", "adyen"),
    ("x = 1", "agent/drawer/odds.py", "agent.drawer stands on no floor"),
    ("from agent.drawer import odds", "agent/commands/run.py", "may not import agent.drawer"),
)
RIGHT = (
    ("from agent.domain.money import Money", "agent/flows/issue.py"),
    ("from agent.flows import issue", "agent/flows/recover.py"),
    ("from agent import __version__", "agent/telemetry/log.py"),
    ("from agent.platforms import exchange", "agent/platforms/rest/adapter.py"),
    ("from agent.platforms.rest.wire import read", "agent/platforms/rest/adapter.py"),
    ("from hardware.wire import tokens", "hardware/printers/network.py"),
    ("from hardware.printers import network", "agent/printing/spool.py"),
    ("from agent import daemon, settings", "agent/commands/run.py"),
    ("import asyncio, aiohttp", "agent/intake/pos_api.py"),
)


def test_imports_go_downwards_only() -> None:
    assert breaches("floor", find_wrong_imports, python_files(*SOURCES)) == []


@pytest.mark.parametrize(("source", "path", "said"), WRONG)
def test_an_import_across_the_table_is_found(source: str, path: str, said: str) -> None:
    findings = find_wrong_imports(source, path)
    assert len(findings) == 1
    assert said in findings[0]


@pytest.mark.parametrize(("source", "path"), RIGHT)
def test_an_import_downwards_is_left_alone(source: str, path: str) -> None:
    assert find_wrong_imports(source, path) == []


def test_the_table_has_no_circle() -> None:
    def below(part: str, seen: tuple[str, ...] = ()) -> None:
        assert part not in seen, f"{' -> '.join((*seen, part))} is a circle"
        for other in MAY_IMPORT[part]:
            below(other, (*seen, part))

    for part in MAY_IMPORT:
        below(part)


def test_a_path_is_read_as_its_module() -> None:
    assert module_of("agent/words/__init__.py") == "agent.words"
    assert module_of("agent/__main__.py") == "agent.__main__"
