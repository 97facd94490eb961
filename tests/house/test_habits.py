# SPDX-License-Identifier: Apache-2.0
"""Tests assert, never sleep, and leave our own modules as they are."""

from __future__ import annotations

import pytest

from tests.house.habits import find_empty_tests, find_mocks, find_sleeps, find_unspoken_tests
from tests.house.tree import breaches, python_files

PATH = "tests/flows/test_issue.py"


def test_no_test_patches_our_own_modules() -> None:
    assert breaches("mock", find_mocks, python_files("tests")) == []


def test_no_test_sleeps() -> None:
    assert breaches("sleep", find_sleeps, python_files("tests")) == []


def test_every_test_asserts_something() -> None:
    assert breaches("empty-test", find_empty_tests, python_files("tests")) == []


def test_the_name_of_every_test_is_a_sentence() -> None:
    assert breaches("unspoken-test", find_unspoken_tests, python_files("tests")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import unittest.mock",
        "from unittest import mock",
        "from unittest.mock import patch",
        "from pytest_mock import MockerFixture",
        "from agent.flows import issue\nmonkeypatch.setattr(issue, 'send', None)",
        "from agent.flows import issue\nmonkeypatch.setattr(issue.Sender, 'send', None)",
        "import agent.flows\nmonkeypatch.delattr(agent.flows, 'send')",
        "monkeypatch.setattr('agent.flows.issue.send', None)",
        "monkeypatch.setattr(record, 'state', None)",
        "from agent.flows import issue\nissue.send = None",
    ],
)
def test_a_mock_or_a_patch_is_found(source: str) -> None:
    assert len(find_mocks(source, PATH)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "import sys\nmonkeypatch.setattr(sys, 'argv', [])",
        "monkeypatch.setattr('sys.argv', [])",
        "monkeypatch.setenv('LANG', 'C')",
        "from agent.flows import issue\nfake.send = issue.send",
    ],
)
def test_what_is_not_ours_may_be_set(source: str) -> None:
    assert find_mocks(source, PATH) == []


@pytest.mark.parametrize(
    "source",
    [
        "time.sleep(0.1)",
        "async def f():\n    await asyncio.sleep(1)",
        "from time import sleep\nsleep(x)",
        "asyncio.sleep(wait_s)",
    ],
)
def test_a_sleep_is_found(source: str) -> None:
    assert len(find_sleeps(source, PATH)) == 1


def test_a_turn_of_the_loop_is_no_sleep() -> None:
    assert find_sleeps("async def f():\n    await asyncio.sleep(0)", PATH) == []


@pytest.mark.parametrize(
    "source",
    [
        "def test_a_thing_works():\n    f()",
        "async def test_a_thing_works():\n    await f()",
        "class TestX:\n    def test_a_thing_works(self):\n        f()",
        "def helper():\n    g()\ndef test_a_thing_works():\n    helper()",
        "def a():\n    b()\ndef b():\n    a()\ndef test_a_thing_works():\n    a()",
    ],
)
def test_a_test_without_an_assertion_is_found(source: str) -> None:
    findings = find_empty_tests(source, PATH)
    assert len(findings) == 1
    assert "asserts nothing" in findings[0]


@pytest.mark.parametrize(
    "source",
    [
        "def test_a_thing_works():\n    assert f()",
        "def test_a_thing_works():\n    with pytest.raises(ValueError):\n        f()",
        "def proved():\n    assert f()\ndef test_a_thing_works():\n    proved()",
        "def test_a_thing_works():\n    assert_same(f(), g())",
    ],
)
def test_a_test_with_an_assertion_is_left_alone(source: str) -> None:
    assert find_empty_tests(source, PATH) == []


def test_a_name_that_is_no_sentence_is_found() -> None:
    assert len(find_unspoken_tests("def test_issue(): ...", PATH)) == 1
    assert len(find_unspoken_tests("def test_issue_ok(): ...", PATH)) == 1
    assert find_unspoken_tests("def test_a_credit_is_issued(): ...", PATH) == []
