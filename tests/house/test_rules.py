# SPDX-License-Identifier: Apache-2.0
"""Sizes, names, heads, broad excepts, floats near money, and what hardware must not hear of."""

from __future__ import annotations

import pytest

from tests.house.rules import (
    FUNCTION_LINES_MAX,
    LICENSE_LINE,
    LINES_MAX,
    find_broad_excepts,
    find_headless,
    find_money_floats,
    find_money_words,
    find_names,
    find_sizes,
)
from tests.house.tree import breaches, files, python_files

HEADED = (".py", ".sql", ".toml")


def test_files_and_functions_stay_small() -> None:
    assert breaches("size", find_sizes, python_files()) == []


def test_every_module_has_a_name_of_its_own() -> None:
    assert breaches("name", find_names, python_files()) == []


def test_every_file_begins_with_its_licence_and_says_what_it_is_for() -> None:
    assert breaches("spdx", find_headless, files(*HEADED)) == []


def test_nothing_swallows_what_it_does_not_know() -> None:
    assert breaches("broad-except", find_broad_excepts, python_files()) == []


def test_no_float_stands_near_money() -> None:
    assert breaches("float", find_money_floats, python_files("agent")) == []


def test_hardware_never_hears_of_money() -> None:
    assert breaches("money-word", find_money_words, python_files("hardware")) == []


def test_a_long_file_is_found() -> None:
    assert find_sizes("x = 1\n" * LINES_MAX, "agent/a.py") == []
    assert "401 lines" in find_sizes("x = 1\n" * (LINES_MAX + 1), "agent/a.py")[0]


@pytest.mark.parametrize("head", ["def", "async def"])
def test_a_long_function_is_found(head: str) -> None:
    fits = f"{head} long():\n" + "    x = 1\n" * (FUNCTION_LINES_MAX - 1)
    assert find_sizes(fits, "agent/a.py") == []
    assert "long has 71 lines" in find_sizes(fits + "    x = 1\n", "agent/a.py")[0]
    inside = "class A:\n" + "".join(f"    {line}\n" for line in (fits + "    x = 1").splitlines())
    assert "long has 71 lines" in find_sizes(inside, "agent/a.py")[0]


@pytest.mark.parametrize(
    "path", ["agent/utils.py", "agent/common/x.py", "hardware/base.py", "tests/helpers/__init__.py"]
)
def test_a_name_that_says_nothing_is_found(path: str) -> None:
    assert len(find_names("", path)) == 1
    assert find_names("", "agent/domain/baseline.py") == []


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("", "agent/a.py"),
        ('"""Says."""\n', "agent/a.py"),
        (f'"""Says."""\n{LICENSE_LINE}\n', "agent/a.py"),
        (f"{LICENSE_LINE}\nx = 1\n", "agent/a.py"),
        ("x = 1\n", "hardware/profiles/a.toml"),
        (f"{LICENSE_LINE}\n", "agent/journal/a.sql"),
    ],
)
def test_a_file_without_its_head_is_found(source: str, path: str) -> None:
    assert len(find_headless(source, path)) == 1


@pytest.mark.parametrize(
    ("source", "path"),
    [
        (f'{LICENSE_LINE}\n"""Says."""\n', "agent/a.py"),
        (f'#!/usr/bin/env python3\n{LICENSE_LINE}\n"""Says."""\n', "agent/a.py"),
        (f"{LICENSE_LINE}\nx = 1\n", "a.toml"),
        ("-- SPDX-License-Identifier: Apache-2.0\n", "agent/journal/a.sql"),
    ],
)
def test_a_file_with_its_head_is_left_alone(source: str, path: str) -> None:
    assert find_headless(source, path) == []


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    try:\n        x()\n    except:\n        pass",
        "def f():\n    try:\n        x()\n    except Exception:\n        pass",
        "def f():\n    try:\n        x()\n    except (OSError, Exception) as e:\n        log(e)",
        "def f():\n    try:\n        x()\n    except builtins.BaseException:\n        return",
        "def f():\n    try:\n        x()\n    except Exception as e:\n        raise E from e",
        "def f():\n    try:\n        x()\n    except* Exception:\n        pass",
        "def f():\n    with contextlib.suppress(Exception):\n        x()",
    ],
)
def test_a_broad_except_is_found_with_its_function(source: str) -> None:
    findings = find_broad_excepts(source, "agent/a.py")
    assert len(findings) == 1
    assert findings[0].endswith("in f")


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    x()\nexcept OSError:\n    pass",
        "try:\n    x()\nexcept BaseException:\n    undo()\n    raise",
        "with suppress(OSError, ValueError):\n    x()",
    ],
)
def test_a_narrow_except_is_left_alone(source: str) -> None:
    assert find_broad_excepts(source, "agent/a.py") == []


@pytest.mark.parametrize(
    "source",
    [
        "x: float",
        "x = 1.5",
        "def f(x: int) -> float: ...",
        "y = float(x)",
        "y = x / 100",
        "x /= 100",
        "x: dict[str, float | None]",
    ],
)
def test_a_float_in_a_file_of_money_is_found(source: str) -> None:
    assert len(find_money_floats(source, "agent/domain/money.py")) == 1
    assert len(find_money_floats(source, "agent/platforms/square/wire.py")) == 1
    assert find_money_floats(source, "agent/decisions/retry.py") == []


@pytest.mark.parametrize(
    "source",
    [
        "amount: float",
        "def f(amount_minor: float | None): ...",
        "self.balance: float = x",
        "y = float(reply.amount)",
        "y = float(amount)",
        "total = 0.0",
        "f(price=1.5)",
    ],
)
def test_a_float_of_money_is_found_in_any_file(source: str) -> None:
    assert len(find_money_floats(source, "agent/flows/issue.py")) == 1


@pytest.mark.parametrize(
    "source", ["wait_s: float = 1.5", "y = float(seconds)", "amount: int = 5", "x = amount // 100"]
)
def test_floats_of_time_are_left_alone(source: str) -> None:
    assert find_money_floats(source, "agent/flows/issue.py") == []


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("voucher = 1", "voucher"),
        ("def print_credit(): ...", "credit"),
        ("class ShopperSlip: ...", "shopper"),
        ("x.openMoneyDrawer()", "money"),
        ("def f(credits): ...", "credits"),
        ("f(money=1)", "money"),
        ("from a import b as voucher", "voucher"),
        ("import money", "money"),
    ],
)
def test_a_word_of_money_in_hardware_is_found(source: str, word: str) -> None:
    findings = find_money_words(source, "hardware/printers/network.py")
    assert [finding.split()[-1] for finding in findings] == [word]
    assert find_money_words(source, "agent/printing/spool.py") == []


def test_the_name_of_a_hardware_file_is_read_too() -> None:
    assert len(find_money_words("x = 1", "hardware/wire/voucher_paper.py")) == 1
    assert find_money_words("accredited = 1", "hardware/wire/paper.py") == []
