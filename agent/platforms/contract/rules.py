# SPDX-License-Identifier: Apache-2.0
"""The rules that an adapter must keep, by name, and what proves them.

A rule is a function that yields one sentence for each breach. What a rule means stands in
`agent.words` under `contract.rule.NAME`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from agent.platforms.contract import bytes_rules, money_rules, reply_rules
from agent.platforms.contract.subject import Subject

Rule = Callable[[Subject], Iterator[str]]
RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "abilities-agree": bytes_rules.abilities_agree,
        "opening-is-pure": bytes_rules.opening_is_pure,
        "steps-are-stable": bytes_rules.steps_are_stable,
        "equal-steps-equal-bytes": bytes_rules.equal_steps_equal_bytes,
        "burns-are-named": bytes_rules.burns_are_named,
        "looks-only-look": bytes_rules.looks_only_look,
        "codes-off-the-envelope": bytes_rules.codes_off_the_envelope,
        "codes-stay-hidden": bytes_rules.codes_stay_hidden,
        "nothing-from-nonsense": reply_rules.nothing_from_nonsense,
        "only-this-credit": reply_rules.only_this_credit,
        "cut-off-decides-nothing": reply_rules.cut_off_decides_nothing,
        "conversations-end": reply_rules.conversations_end,
        "amounts-cross-exactly": money_rules.amounts_cross_exactly,
    }
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one rule went: `breaches` are sentences, empty where it holds."""

    rule: str
    breaches: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.breaches


def prove(subject: Subject) -> tuple[Verdict, ...]:
    """Every rule, in their order. Never raises for what an adapter does in a conversation."""
    return tuple(Verdict(name, tuple(dict.fromkeys(rule(subject)))) for name, rule in RULES.items())
