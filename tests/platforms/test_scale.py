# SPDX-License-Identifier: Apache-2.0
"""Every platform carries every quality rule: done, todo, or exempt with the reason."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import agent.platforms

FOLDER = Path(agent.platforms.__file__).parent
NO_VENDORS = {"contract"}
"""What every adapter is proved by."""
VENDORS = sorted(
    each.parent for each in FOLDER.glob("*/__init__.py") if each.parent.name not in NO_VENDORS
)
FILES = {"__init__.py", "options.py", "wire.py", "adapter.py", "scale.toml"}
RULES = {
    "a-test-for-every-branch",
    "same-contract-suite-as-the-fake",
    "ran-against-the-real-thing",
    "only-this-credit-is-confirmed",
    "body-from-token-alone",
    "frozen-bytes-are-replayed",
    "not-executed-only-where-documented",
    "retry-after-is-honoured",
    "code-never-in-a-url",
    "code-never-in-a-saying",
    "look-up-by-key-and-code",
    "burn",
    "customer-link",
    "customer-resolve",
    "annotate",
    "balance",
    "list-for-audits",
    "account-credits",
    "refunds-to-tender",
    "oauth",
    "documented",
}


def test_there_is_at_least_our_own_platform() -> None:
    assert "rest" in [each.name for each in VENDORS]


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda each: each.name)
def test_a_platform_has_the_same_files_as_every_other(vendor: Path) -> None:
    assert {each.name for each in vendor.iterdir()} >= FILES


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda each: each.name)
def test_every_rule_is_done_todo_or_exempt_with_its_reason(vendor: Path) -> None:
    rules = tomllib.loads((vendor / "scale.toml").read_text(encoding="utf-8"))["rules"]
    assert set(rules) == RULES
    for name, rule in rules.items():
        assert rule["is"] in ("done", "todo", "exempt"), name
        assert rule["is"] == "done" or len(rule["why"].split()) >= 4, name
