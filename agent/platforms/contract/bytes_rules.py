# SPDX-License-Identifier: Apache-2.0
"""Rules about what an adapter says: which bytes, under which names, and where codes stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import unquote

from agent.domain.credit import Credit
from agent.domain.money import Money
from agent.platforms.abilities import contradictions
from agent.platforms.contract.subject import (
    CARD,
    CODE,
    MINOR,
    OTHER_CARD,
    OTHER_CODE,
    OTHER_KEY,
    Explored,
    Subject,
)
from agent.platforms.exchange import Do, Look
from agent.platforms.messages import HttpRequest
from agent.words import say

_CASH: Final = (CODE.reveal(), CODE.grouped(), CARD.number)
_STEP: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def abilities_agree(subject: Subject) -> Iterator[str]:
    """What it says that it can do has no contradiction."""
    for each in contradictions(subject.adapter.abilities):
        yield say("contract.breach.abilities", what=each)


def opening_is_pure(subject: Subject) -> Iterator[str]:
    """The first bytes of an issue come from key, code, amount and currency, and all of them
    matter; nothing else does, so that whoever verifies a voucher sends the very same."""
    opening = subject.adapter.opening(subject.credit)
    if subject.make().adapter.opening(subject.credit) != opening:
        yield say("contract.breach.opening.chance")
    yield from _by_whom(subject, opening)
    yield from _what_matters(subject)


def _what_matters(subject: Subject) -> Iterator[str]:
    """Over all steps of an issue: a platform may create first and load the amount then."""
    right = _sent(subject, subject.credit)
    for name, other in _others(subject.credit):
        told = subject.examples.issue or name in ("key", "code", "card")
        if right and told and _sent(subject, other) == right:
            yield say("contract.breach.opening.same", what=name)


def _sent(subject: Subject, credit: Credit) -> list[HttpRequest]:
    return [do.request for held in subject.issued(credit) for do in held.does]


def _by_whom(subject: Subject, opening: Do | None) -> Iterator[str]:
    """Held with the same replies, an issue opens alike whoever the customer is."""
    first: dict[str, Do] = {}
    for each in subject.explored:
        if not each.conversation.name.startswith("issue") or not each.held.does:
            continue
        asked, done = each.held.asks[0], each.held.does[0]
        if opening is not None and asked != opening:
            yield say("contract.breach.opening.other", talk=each.conversation.name)
        if first.setdefault(each.fed, done) != done:
            yield say("contract.breach.opening.customer", talk=each.conversation.name)


def _others(credit: Credit) -> list[tuple[str, Credit]]:
    named = ("code", replace(credit, code=OTHER_CODE))
    if credit.plastic is not None:
        named = ("card", replace(credit, plastic=OTHER_CARD))
    return [
        ("key", replace(credit, key=OTHER_KEY)),
        named,
        ("amount", replace(credit, amount=Money(MINOR + 1, "USD"))),
        ("currency", replace(credit, amount=Money(MINOR, "EUR"))),
    ]


def steps_are_stable(subject: Subject) -> Iterator[str]:
    """Asked again with the same replies it wants the same, under the same plain names."""
    again = replace(subject).explored
    for one, two in zip(subject.explored, again, strict=True):
        if one.held.asks != two.held.asks:
            yield say("contract.breach.steps.change", talk=one.conversation.name, fed=one.fed)
        for do in one.held.does:
            if _STEP.fullmatch(do.step) is None or _shows(do.step):
                yield say("contract.breach.steps.name", talk=one.conversation.name)


def equal_steps_equal_bytes(subject: Subject) -> Iterator[str]:
    """A step's name stands for its bytes, for each credit: whatever differs is another step."""
    bytes_of: dict[tuple[str, str], HttpRequest] = {}
    for each in subject.explored:
        for do in each.held.does:
            known = bytes_of.setdefault((each.fed, do.step), do.request)
            if _frozen(known) != _frozen(do.request):
                yield say("contract.breach.bytes", step=do.step, talk=each.conversation.name)


def _frozen(request: HttpRequest) -> tuple[str, str, bytes, tuple[tuple[str, str], ...]]:
    return request.method, request.path, request.body, request.headers


def burns_are_named(subject: Subject) -> Iterator[str]:
    """Every step that may kill a code begins with "burn", and no other does."""
    for each in subject.explored:
        burning = each.conversation.name == "burn"
        for do in each.held.does:
            if do.step.startswith("burn") is not burning:
                yield say("contract.breach.burn", step=do.step, talk=each.conversation.name)


def looks_only_look(subject: Subject) -> Iterator[str]:
    """What only asks changes nothing."""
    for each in subject.explored:
        if not each.conversation.changes and each.held.does:
            step = each.held.does[0].step
            yield say("contract.breach.look", step=step, talk=each.conversation.name)


def codes_off_the_envelope(subject: Subject) -> Iterator[str]:
    """No code in a header; none in a path, unless the scale says why it must."""
    for each in subject.explored:
        for ask in each.held.asks:
            yield from _envelope(subject, each, ask)


def _envelope(subject: Subject, each: Explored, ask: Look | Do) -> Iterator[str]:
    talk = each.conversation.name
    if any(_shows(value) for _, value in ask.request.headers):
        yield say("contract.breach.header", talk=talk)
    if not subject.codes_in_paths and _shows(unquote(ask.request.path)):
        yield say("contract.breach.path", talk=talk)


def codes_stay_hidden(subject: Subject) -> Iterator[str]:
    """Whatever an answer echoes: no code in a `repr`, a saying, a kept id or a fault's text."""
    for each in subject.explored:
        held, talk = each.held, each.conversation.name
        if not each.conversation.about_a_credit:
            continue
        if _shows(repr(held.value)) or _shows(held.fault):
            yield say("contract.breach.hidden.value", talk=talk, fed=each.fed)
        if any(_shows(repr(ask)) for ask in held.asks):
            yield say("contract.breach.hidden.ask", talk=talk)
    if _shows(repr(subject.make())):
        yield say("contract.breach.hidden.plugin")
    yield from _kept(subject)


def _kept(subject: Subject) -> Iterator[str]:
    """The vendor's ids that a step keeps are on disk without a seal."""
    from agent.platforms.contract.nonsense import NONSENSE

    asked = {do.step: do for each in subject.explored for do in each.held.does}
    for do in asked.values():
        for junk in NONSENSE:
            if _shows(repr(dict(do.keep(junk.reply(do, subject.cash))))):
                yield say("contract.breach.hidden.kept", step=do.step)


def _shows(text: str) -> bool:
    """Whether the code, or the number of the scanned card, stands there in any form."""
    plain = text.upper()
    return any(each in plain for each in _CASH)
