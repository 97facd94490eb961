# SPDX-License-Identifier: Apache-2.0
"""Rules about what an adapter makes of replies: a 200 is not a confirmation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Accepted,
    BurnRefused,
    Burnt,
    Confirmed,
    Found,
    FoundDifferent,
    FoundVoid,
    LinkResult,
    Matched,
    Refused,
    SpentInPart,
)
from agent.platforms.contract.examples import AMOUNT, CODE, Example, amounts, named
from agent.platforms.contract.holding import Feed, How, script
from agent.platforms.contract.nonsense import NONSENSE
from agent.platforms.contract.subject import (
    MINOR,
    OTHER_CARD,
    OTHER_CODE,
    OTHER_KEY,
    Explored,
    Subject,
)
from agent.platforms.exchange import Do, Look
from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent
from agent.words import say

_CLAIMS: Final = (Confirmed, Accepted, Found, FoundVoid, Burnt, SpentInPart, Matched)
"""What no nonsense may come to."""
_SAY_NOTHING: Final = ("empty-", "html-", "portal", "half", "text")
_CUT_SHORT: Final = (NotSent("connect"), NoAnswer("reset"))
_DECIDED: Final[Mapping[str, tuple[type, ...]]] = {
    "issue": (Confirmed, Accepted, Refused),
    "find": (Found, FoundVoid, FoundDifferent, Absent),
    "burn": (Burnt, SpentInPart, BurnRefused),
}
"""What nobody may know whose last question got no answer."""


def nothing_from_nonsense(subject: Subject) -> Iterator[str]:
    """Empty bodies, pages for people, examples, echoes: nothing is believed of them."""
    for each in subject.explored:
        if not each.junk and each.conversation.name != "issue":
            continue
        if not each.junk and _whole(subject, each):
            continue
        value = each.held.value
        believed = isinstance(value, _CLAIMS) or value is LinkResult.LINKED
        absent = isinstance(value, Absent) and not each.learnt
        if believed or absent or (isinstance(value, Refused) and _says_nothing(each)):
            yield _said(each, value)


def _says_nothing(each: Explored) -> bool:
    """Whether all that it heard was empty, or a page for people: no such reply refuses."""
    return all(name.startswith(_SAY_NOTHING) for name in each.fed.split(", "))


def _whole(subject: Subject, each: Explored) -> bool:
    """Whether it ended before any nonsense came: it heard the example alone."""
    heard = int(each.fed.partition(" ")[0])
    return len(each.held.asks) <= heard


def _said(each: Explored, value: object) -> str:
    word = value.value if isinstance(value, LinkResult) else type(value).__name__
    return say("contract.breach.nonsense", talk=each.conversation.name, fed=each.fed, word=word)


def only_this_credit(subject: Subject) -> Iterator[str]:
    """The vendor's own yes is a yes; the same words about another code, key, amount or currency
    are none."""
    wanted = {"issue": (subject.examples.issue, Confirmed), "find": (subject.examples.find, Found)}
    for talk, (examples, yes) in wanted.items():
        needed = talk == "issue" or subject.adapter.abilities.exact_lookup
        if not examples and needed:
            yield say("contract.breach.example.none", talk=talk)
        for name, example in named(examples):
            yield from _one_example(subject, talk, name, example, yes)


def _one_example(
    subject: Subject, talk: str, name: str, example: Example, yes: type[Confirmed | Found]
) -> Iterator[str]:
    held = subject.play(talk, example, subject.credit)
    if not isinstance(held.value, yes):
        word = type(held.value).__name__ if held.how is How.ENDED else held.fault or held.how.value
        yield say("contract.breach.example.no", talk=talk, name=name, word=word)
        return
    if held.value.card.initial != subject.credit.amount:
        yield say("contract.breach.example.amount", talk=talk, name=name)
    told = False
    for what, (places, lies) in _LIES.items():
        if not example.holds(*places):
            continue
        told = told or what in ("code", "key", "card")
        spoilt = subject.play(talk, example, subject.credit, lies)
        if isinstance(spoilt.value, yes):
            yield say("contract.breach.example.lie", talk=talk, name=name, what=what)
    if not told or not example.holds(*AMOUNT):
        yield say("contract.breach.example.silent", talk=talk, name=name)


_LIES: Final[Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]]] = {
    "code": (
        CODE,
        {
            "<code>": OTHER_CODE.reveal(),
            "<code-lower>": OTHER_CODE.reveal().lower(),
            "<last4>": OTHER_CODE.last_four,
        },
    ),
    "key": (("<key>",), {"<key>": OTHER_KEY.text}),
    "card": (
        ("<card>", "<card-last4>"),
        {"<card>": OTHER_CARD.number, "<card-last4>": OTHER_CARD.last_four},
    ),
    "amount": (AMOUNT, amounts(Money(MINOR + 100, "USD"))),
    "currency": (("<currency>",), {"<currency>": "EUR"}),
}
"""By what is spoilt: where it stands in a template, and what is put there."""


def cut_off_decides_nothing(subject: Subject) -> Iterator[str]:
    """Wherever a conversation is cut off, it has not found out, confirmed or refused anything."""
    for talk, decided in _DECIDED.items():
        for feed, at, fed in _cuts(subject, talk):
            held = subject.hold(talk, feed)
            if len(held.asks) > at and isinstance(held.value, decided):
                word = type(held.value).__name__
                yield say("contract.breach.cut", talk=talk, fed=fed, word=word)


def _cuts(subject: Subject, talk: str) -> Iterator[tuple[Feed, int, str]]:
    """At the first question, after each part of an example, and after each nonsense."""
    examples = [example for name, example in subject.exemplified() if name == talk]
    for cause in _CUT_SHORT:
        yield script([], _for_ever(cause)), 0, cause.why
        for example in examples:
            replies = subject.told(example, subject.credit, {})
            for at in range(1, len(replies)):
                yield script(replies[:at], _for_ever(cause)), at, f"{at} replies, {cause.why}"
        for junk in NONSENSE:
            first = junk.reply(Look(HttpRequest("GET", "/")), subject.cash)
            yield script([first], _for_ever(cause)), 1, f"{junk.name}, {cause.why}"


def _for_ever(cause: NotSent | NoAnswer) -> Feed:
    def feed(at: int, ask: Look | Do) -> HttpReply | NotSent | NoAnswer:
        del at, ask
        return cause

    return feed


def conversations_end(subject: Subject) -> Iterator[str]:
    """Each ends within its bound, and by a value: an adapter that raises has made a mistake."""
    for each in subject.explored:
        talk = each.conversation.name
        if each.held.how is How.ENDLESS:
            yield say("contract.breach.endless", talk=talk, fed=each.fed)
        elif each.held.how is How.BROKE:
            yield say("contract.breach.broke", talk=talk, fed=each.fed, fault=_name(each))


def _name(each: Explored) -> str:
    return each.held.fault.partition(":")[0]
