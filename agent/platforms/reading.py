# SPDX-License-Identifier: Apache-2.0
"""How replies of any vendor are read: what a reading may come to, and what that means. Pure.

A vendor's `wire` turns a reply into one of these values. Only `Seen` may lead to *confirmed*, and
only after `comparing`; everything that is neither a yes nor a documented no is `Odd`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from agent.domain import outcome
from agent.domain.code import Code
from agent.domain.outcome import (
    BurnUnknown,
    Card,
    Outcome,
    RefusalReason,
    Refused,
    Saying,
    Throttled,
    Unanswered,
    Unknown,
    Unsent,
)
from agent.platforms.messages import HttpReply

RETRY_AFTER_MAX_S: Final = 86_400
RETRY_AFTER_S: Final = 5
"""What we wait when a platform throttles without saying for how long."""
AUTH: Final = outcome.AUTH
"""Why of a `NotExecuted` that store IT must mend: the token is missing, wrong, revoked, or lacks
a scope. The queue pauses and keeps every row."""
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Seen:
    """A whole card; which one it is has still to be compared. `code` is the one that the answer
    named, or the one that was exactly asked for where the vendor names only its last characters.
    """

    card: Card
    saying: Saying
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class No:
    """A documented no: not executed, or somebody was first. `code`: a word of ours or theirs."""

    code: str
    saying: Saying
    reason: RefusalReason = RefusalReason.PLATFORM


@dataclass(frozen=True, slots=True)
class NotExecuted:
    """Documented as not executed, and not about this credit: `why` is `AUTH` or a short word."""

    why: str
    saying: Saying


@dataclass(frozen=True, slots=True)
class Wait:
    """Documented as not executed; ask again after so long."""

    retry_after_s: int
    saying: Saying


@dataclass(frozen=True, slots=True)
class Odd:
    """Neither a yes nor a no: a `Do` answered so may have been carried out."""

    why: str
    saying: Saying


Negative = No | NotExecuted | Wait | Odd


def json_model(
    reply: HttpReply, model: type[Model], said: Saying, media: str = "application/json"
) -> Model | Odd:
    """The body as `model`. `media`: the one media type that the vendor answers in."""
    if not reply.body:
        return Odd("empty", said)
    if media_type(reply) != media:
        return Odd("not-json", said)
    try:
        return model.model_validate_json(reply.body)
    except ValidationError:
        return Odd("not-the-contract", said)


def media_type(reply: HttpReply) -> str:
    """Without its parameters, in lower case; empty where the reply names none."""
    return (reply.header("content-type") or "").partition(";")[0].strip().lower()


def retry_after(reply: HttpReply, otherwise: int = RETRY_AFTER_S) -> int:
    """Whole seconds of `Retry-After` (RFC 9110 10.2.3), at most a day; a date is not read."""
    text = reply.header("retry-after") or ""
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return min(int(text), RETRY_AFTER_MAX_S)
    return otherwise


def hidden(text: str, hide: Code | None) -> str:
    """Vendors echo what they were sent: the text with the code's last four in its place."""
    if hide is None or not text:
        return text
    return re.sub(
        f"{hide.reveal()}|{hide.grouped()}", f"…{hide.last_four}", text, flags=re.IGNORECASE
    )


def as_outcome(negative: Negative) -> Outcome:
    """What a negative answer to an issuing `Do` comes to. Somebody-was-first is the adapter's."""
    match negative:
        case No(_, saying, reason):
            return Refused(reason, saying)
        case NotExecuted(why, saying):
            return Unsent(why, saying)
        case Wait(retry_after_s, saying):
            return Throttled(retry_after_s, saying)
        case Odd(why, saying):
            return Unanswered(why, saying)


def as_unknown(negative: Negative) -> Unknown:
    """What a negative answer to a `Look` comes to. An exact *absent* is the adapter's."""
    match negative:
        case Wait(retry_after_s, saying):
            return Unknown("throttled", saying, retry_after_s)
        case No(code, saying):
            return Unknown(code, saying)
        case NotExecuted(why, saying) | Odd(why, saying):
            return Unknown(why, saying)


def as_not_burnt(negative: Negative, *, perhaps_sent: bool) -> BurnUnknown:
    """What a negative answer on the way to a burn comes to; a documented no may be `BurnRefused`,
    which is the adapter's."""
    unknown = as_unknown(negative)
    return BurnUnknown(unknown.why, unknown.saying, perhaps_sent)


def shown(text: str) -> str:
    """A vendor's text as a person may see it: printable characters alone."""
    return "".join(each for each in text if each.isprintable())
