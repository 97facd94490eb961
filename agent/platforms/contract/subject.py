# SPDX-License-Identifier: Apache-2.0
"""What is examined: a factory with its table, its examples, and the credits it is asked for."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any, Final

from agent.domain.code import Code
from agent.domain.credit import Credit, Instrument
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.domain.plastic import Plastic
from agent.platforms.adapter import Adapter, Plugin
from agent.platforms.contract.examples import Example, Examples, Told
from agent.platforms.contract.holding import Feed, Held, How, cut_off, hold, script
from agent.platforms.contract.nonsense import NONSENSE, Nonsense
from agent.platforms.exchange import Do, Exchange, Look
from agent.platforms.messages import HttpReply

KEY: Final = IdempotencyKey("0421-03-1763600000000-7K3QF2ZD")
OTHER_KEY: Final = IdempotencyKey("0421-03-1763600000001-7K3QF2ZX")
CODE: Final = Code.draw(3, tuple(range(14)))
OTHER_CODE: Final = Code.draw(5, tuple(range(14, 28)))
MINOR: Final = 481_357
"""An amount whose digits stand nowhere else in a request, whatever the currency's decimals."""
CREDIT: Final = Credit(KEY, CODE, Money(MINOR, "USD"))
CARD: Final = Plastic("6006491260550218073", "8531")
OTHER_CARD: Final = Plastic("6006491260550218198", "7642")
ON_PLASTIC: Final = replace(CREDIT, instrument=Instrument.PLASTIC, plastic=CARD)
"""What an adapter is asked for that puts credits on scanned cards alone."""
SINCE_MS: Final = 1_763_600_000_000
WHO: Final = CustomerReference(CustomerKind.EMAIL, "alice@example.com")

NO_EXAMPLES: Final = Examples()
Start = Callable[[Adapter, Credit, str], Exchange[Any]]


@dataclass(frozen=True, slots=True)
class Conversation:
    """One question. `changes`: whether it may change anything at the platform;
    `about_a_credit`: whether it knows a code, which it must then hide."""

    name: str
    start: Start
    changes: bool = True
    about_a_credit: bool = True


CONVERSATIONS: Final = (
    Conversation("issue", lambda a, c, _: a.issue(c, None)),
    Conversation("issue-for", lambda a, c, who: a.issue(c, who)),
    Conversation("issue-for-another", lambda a, c, who: a.issue(c, another(who))),
    Conversation("burn", lambda a, c, _: a.burn(c)),
    Conversation("link", lambda a, c, who: a.link(c, who)),
    Conversation("link-another", lambda a, c, who: a.link(c, another(who))),
    Conversation("annotate", lambda a, c, _: a.annotate(c, {"reason": "return", "pos": "1001"})),
    Conversation("annotate-again", lambda a, c, _: a.annotate(c, {"reason": "goodwill"})),
    Conversation("find", lambda a, c, _: a.find(c), changes=False),
    Conversation("resolve", lambda a, _, __: a.resolve(WHO), changes=False, about_a_credit=False),
    Conversation("balance", lambda a, c, _: a.balance(c.code), changes=False),
    Conversation(
        "list", lambda a, _, __: a.list_page(SINCE_MS, None), changes=False, about_a_credit=False
    ),
    Conversation("probe", lambda a, _, __: a.probe(SINCE_MS), changes=False, about_a_credit=False),
)
BY_NAME: Final = {each.name: each for each in CONVERSATIONS}


def another(customer: str) -> str:
    """Another id of the same form."""
    return customer[:-1] + ("2" if customer[-1:] != "2" else "3")


@dataclass(frozen=True, slots=True)
class Explored:
    """One conversation that was held. `fed`: what it was fed with, the same name for the same;
    `junk`: whether all of it was nonsense, and `learnt` whether an absence may be read from it."""

    conversation: Conversation
    fed: str
    held: Held
    junk: bool = True
    learnt: bool = False


@dataclass(frozen=True)
class Subject:
    """`make` gives a new plug-in at each call. `codes_in_paths`: the written reason why codes
    stand in this vendor's paths, empty where they must not."""

    make: Callable[[], Plugin]
    examples: Examples = NO_EXAMPLES
    codes_in_paths: str = ""

    @cached_property
    def adapter(self) -> Adapter:
        return self.make().adapter

    @cached_property
    def credit(self) -> Credit:
        """What it is asked for: under a code of ours where it can, else on a scanned card."""
        instruments = self.adapter.abilities.instruments
        plastic = Instrument.PLASTIC in instruments and Instrument.CARD not in instruments
        return ON_PLASTIC if plastic else CREDIT

    @property
    def cash(self) -> str:
        """What the vendor is told and nobody else may see."""
        card = self.credit.plastic
        return self.credit.code.reveal() if card is None else card.number

    def hold(self, name: str, feed: Feed, credit: Credit | None = None) -> Held:
        """One conversation."""
        asked = credit or self.credit
        return hold(BY_NAME[name].start(self.adapter, asked, self.examples.customer), feed)

    def told(self, example: Example, credit: Credit, lies: Mapping[str, str]) -> list[HttpReply]:
        """The replies of an example about a credit, with lies in the place of some values."""
        return example.filled(Told(credit, self.examples.customer, lies).values())

    def play(
        self, name: str, example: Example, credit: Credit, lies: Mapping[str, str] | None = None
    ) -> Held:
        """A conversation with an example's replies; whatever is asked beyond them falls."""
        replies = self.told(example, credit, lies or {})
        return self.hold(name, script(replies, cut_off), credit)

    @cached_property
    def explored(self) -> tuple[Explored, ...]:
        """Every conversation with every nonsense, with every two in a row where the first does
        not end it, and with nonsense after each part of an example."""
        found = []
        for conversation, first in product(CONVERSATIONS, NONSENSE):
            held = self.hold(conversation.name, one_then(first, first, self.cash))
            found.append(Explored(conversation, first.name, held, learnt=first.learnt))
            for then in NONSENSE if len(held.asks) > 1 else ():
                held = self.hold(conversation.name, one_then(first, then, self.cash))
                fed, learnt = f"{first.name}, {then.name}", first.learnt or then.learnt
                found.append(Explored(conversation, fed, held, learnt=learnt))
        for name, example in self.exemplified():
            replies = self.told(example, self.credit, {})
            for at, then in product(range(len(replies) + 1), NONSENSE):
                held = self.hold(name, script(replies[:at], one_then(then, then, self.cash)))
                fed = f"{at} replies of {name}, {then.name}"
                found.append(Explored(BY_NAME[name], fed, held, junk=at == 0, learnt=then.learnt))
        return tuple(found)

    def exemplified(self) -> list[tuple[str, Example]]:
        """Every example with the conversation that it belongs to."""
        given = self.examples
        return [
            *(("issue", each) for each in given.issue),
            *(("find", each) for each in given.find),
            *(("burn", each) for each in given.burn),
        ]

    def issued(self, credit: Credit) -> list[Held]:
        """Issues with each example; without any, with nonsense, which shows the first step at
        least."""
        if self.examples.issue:
            return [self.play("issue", each, credit) for each in self.examples.issue]
        held = [self.hold("issue", one_then(junk, junk, self.cash), credit) for junk in NONSENSE]
        return [each for each in held if each.how is not How.BROKE]

    def in_currency(self, currency: str) -> Credit:
        return replace(self.credit, amount=Money(MINOR, currency))


def one_then(first: Nonsense, then: Nonsense, cash: str) -> Feed:
    """One nonsense, and another for ever."""

    def feed(at: int, ask: Look | Do) -> HttpReply:
        return (first if at == 0 else then).reply(ask, cash)

    return feed


def beside(factory: object) -> Path | None:
    """The folder of an adapter's module, where its examples and its scale stand."""
    import sys

    module = sys.modules.get(getattr(factory, "__module__", ""))
    file = getattr(module, "__file__", None)
    return None if file is None else Path(file).parent


def written_exception(folder: Path | None) -> str:
    """Why codes stand in the paths, as the adapter's scale says; empty where it says no such."""
    file = None if folder is None else folder / "scale.toml"
    if file is None or not file.is_file():
        return ""
    rules = tomllib.loads(file.read_text(encoding="utf-8")).get("rules", {})
    rule = rules.get("code-never-in-a-url", {})
    return str(rule.get("why", "")) if rule.get("is") in ("exempt", "todo") else ""
