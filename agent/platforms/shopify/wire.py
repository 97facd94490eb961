# SPDX-License-Identifier: Apache-2.0
"""Shopify's gift cards as requests, and answers as cards. Pure.

The issuance body is a function of key, code and amount alone: our key is the first line of the
note, which no customer sees. Of a card's code Shopify shows the last four characters ever after;
the whole code comes back once, from the request that made it. Codes do not tell upper from lower
case there.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Final, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from agent.domain.code import Code
from agent.domain.credit import Credit
from agent.domain.currency import exponent
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.domain.outcome import Card, RefusalReason, Saying
from agent.platforms import graphql
from agent.platforms.messages import HttpReply, HttpRequest
from agent.platforms.reading import Negative, No, Odd, Seen, hidden
from agent.platforms.shopify import documents
from agent.platforms.shopify.answers import NEGATIVES, answered, saying, short
from agent.platforms.shopify.options import ShopifyOptions

NOTE_MAX: Final = 200
_KEY: Final = re.compile(r"\b[0-9A-Z]{1,6}-[0-9A-Z]{1,6}-[0-9]{13}-[0-9A-HJKMNP-TV-Z]{8}\b")
_UNKNOWN_TO_SHOPIFY: Final = frozenset({"CUP", "KPW", "SLE", "SVC", "UYI", "XCG", "ZWG"})
"""Of the currencies we issue in, those that the pinned version's CurrencyCode does not name."""


# ---- amounts


def taken(currency: str) -> bool:
    """Whether amounts of a currency are exact at Shopify. How it rounds a third digit behind the
    point is documented nowhere, so currencies with three of them are not."""
    return currency not in _UNKNOWN_TO_SHOPIFY and exponent(currency) < 3


def money_input(amount: Money) -> dict[str, str]:
    return {"amount": amount.decimal(), "currencyCode": amount.currency}


# ---- what we say


def say(document: str, variables: Mapping[str, object]) -> HttpRequest:
    return graphql.request(documents.PATH, document, variables)


def create(credit: Credit, amount: Money) -> HttpRequest:
    issued = {
        "code": credit.code.reveal(),
        "initialAmount": money_input(amount),
        "note": credit.key.text,
    }
    return say(documents.CREATE, {"input": issued})


def find(code: Code) -> HttpRequest:
    """A search over several fields, codes among them; there is no filter for the code alone."""
    return say(documents.FIND, {"query": code.reveal()})


def read(reference: str) -> HttpRequest:
    return say(documents.READ, {"id": reference})


def deactivate(reference: str) -> HttpRequest:
    return say(documents.DEACTIVATE, {"id": reference})


def link(reference: str, customer_id: str) -> HttpRequest:
    return say(documents.UPDATE, {"id": reference, "input": {"customerId": customer_id}})


def annotate(reference: str, note: str) -> HttpRequest:
    return say(documents.UPDATE, {"id": reference, "input": {"note": note}})


def noted(note: str, key: IdempotencyKey, fields: Mapping[str, str]) -> str:
    """The note with a line for each field; what else stands in it stays."""
    lines = note.splitlines() or [key.text]
    for name in sorted(fields):
        lines = [line for line in lines if not line.startswith(f"{name}: ")]
        lines.append(f"{name}: {' '.join(fields[name].split())[:NOTE_MAX]}")
    return "\n".join(lines)


def resolve(customer: CustomerReference, options: ShopifyOptions) -> HttpRequest | None:
    """None for a loyalty number where the settings name no metafield."""
    match customer.kind:
        case CustomerKind.EMAIL:
            identifier: dict[str, object] = {"emailAddress": customer.value}
        case CustomerKind.PHONE:
            identifier = {"phoneNumber": customer.value}
        case CustomerKind.LOYALTY if options.loyalty_key is not None:
            within = options.loyalty_namespace
            place = {} if within is None else {"namespace": within}
            custom = {**place, "key": options.loyalty_key, "value": customer.value}
            identifier = {"customId": custom}
        case _:
            return None
    return say(documents.CUSTOMER, {"identifier": identifier})


def list_since(since_ms: int, cursor: str | None) -> HttpRequest:
    """Cards that people or apps issued; those that customers bought are no credits. Raises
    OverflowError for a time out of range."""
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    since = epoch + datetime.timedelta(seconds=since_ms // 1000)
    query = f"(source:api_client OR source:manual) AND created_at:>='{since:%Y-%m-%dT%H:%M:%SZ}'"
    return say(documents.LIST, {"query": query, "after": cursor})


def step_of(name: str, request: HttpRequest) -> str:
    """A step's name that changes with its bytes: another customer is another step."""
    return f"{name}-{hashlib.sha256(request.body).hexdigest()[:12]}"


# ---- what we hear


class Reply(BaseModel):
    """Of the vendor's: it may grow, and what we read of it must be of the very type."""

    model_config = ConfigDict(
        extra="ignore",
        strict=True,
        hide_input_in_errors=True,
        alias_generator=to_camel,
        populate_by_name=False,
    )


Model = TypeVar("Model", bound=Reply)
Gid = Annotated[str, Field(min_length=1, max_length=120)]


class MoneyReply(Reply):
    """A decimal text: Shopify writes "1200.0" for a yen and "48.5" for a dollar amount."""

    amount: Annotated[str, Field(max_length=40)]
    currency_code: str

    @model_validator(mode="after")
    def _checked(self) -> Self:
        self.money()
        return self

    def money(self) -> Money:
        whole, point, digits = self.amount.partition(".")
        digits = digits.rstrip("0") if digits.isdigit() else digits
        if point and not digits:
            point = ""
        return Money.parse(f"{whole}{point}{digits}", self.currency_code)


class CustomerReply(Reply):
    id: Gid
    first_name: str | None = None
    last_name: str | None = None

    def masked(self) -> str:
        """Enough to recognise one's own: "A*** B***"."""
        parts = ((self.first_name or "").strip(), (self.last_name or "").strip())
        return " ".join(f"{each[0]}***" for each in parts if each and each[0].isprintable())


class CardReply(Reply):
    id: Gid
    last_characters: str
    enabled: bool
    note: str | None
    initial_value: MoneyReply
    balance: MoneyReply
    customer: CustomerReply | None = None

    def card(self) -> Card:
        key = _KEY.search(self.note or "")
        return Card(
            reference=self.id,
            initial=self.initial_value.money(),
            balance=self.balance.money(),
            enabled=self.enabled,
            key=None if key is None else key[0],
            customer_id=None if self.customer is None else self.customer.id,
        )

    def ends_like(self, code: Code) -> bool:
        return self.last_characters.upper() == code.last_four


@dataclass(frozen=True, slots=True)
class Noted(Seen):
    """A card with its whole note."""

    note: str = field(default="", repr=False)


class UserErrorReply(Reply):
    message: str
    field: list[str] | None = None
    code: str | None = None


_LIMITS: Final = frozenset({"GIFT_CARD_LIMIT_EXCEEDED"})
_REFUSALS: Final = _LIMITS | {
    "CUSTOMER_NOT_FOUND",
    "GREATER_THAN",
    "INVALID",
    "MISSING_ARGUMENT",
    "RECIPIENT_NOT_FOUND",
    "TOO_LONG",
    "TOO_SHORT",
    "GIFT_CARD_NOT_FOUND",
    "TAKEN",
}
"""GiftCardErrorCode and GiftCardDeactivateUserErrorCode but INTERNAL_ERROR, which may mean that
the card was made."""


class _CreatedReply(Reply):
    gift_card: CardReply | None
    gift_card_code: str | None
    user_errors: list[UserErrorReply]


class _ChangedReply(Reply):
    gift_card: CardReply | None
    user_errors: list[UserErrorReply]


class PageInfoReply(Reply):
    has_next_page: bool
    end_cursor: Annotated[str, Field(max_length=1000)] | None


class _FoundReply(Reply):
    nodes: Annotated[list[CardReply], Field(max_length=documents.FOUND_MAX)]


class PageReply(Reply):
    nodes: Annotated[list[CardReply], Field(max_length=documents.PAGE)]
    page_info: PageInfoReply


def read_as(
    reply: HttpReply, root: str, model: type[Model], hide: Code | None = None
) -> Model | Negative | None:
    """The operation's value as `model`; None where Shopify says null."""
    payload = answered(reply, root, hide)
    if payload is None or isinstance(payload, NEGATIVES):
        return payload
    try:
        return model.model_validate(payload)
    except ValidationError:
        return Odd("not-the-contract", saying(reply, hide))


def in_words(errors: list[UserErrorReply], hide: Code | None, said: Saying) -> Saying:
    """The first error, with the field that it names."""
    first = next((each for each in errors if each.code == "TAKEN"), errors[0])
    named = ".".join(first.field or ())
    message = f"{first.message} ({named})" if named else first.message
    return replace(said, code=hidden(first.code or "", hide), message=hidden(message, hide))


def user_errors(errors: list[UserErrorReply], hide: Code | None, said: Saying) -> No | Odd | None:
    """The documented noes of a gift card's mutation: it was not executed, or somebody was first.
    Everything else may have been carried out."""
    if not errors:
        return None
    first = next((each for each in errors if each.code == "TAKEN"), errors[0])
    code, words = first.code or "", in_words(errors, hide, said)
    if code == "TAKEN" and first.field is not None and first.field[-1:] != ["code"]:
        return Odd(code, words)
    if all(each.code in _REFUSALS for each in errors):
        limit = code in _LIMITS
        return No(code, words, RefusalReason.LIMIT if limit else RefusalReason.PLATFORM)
    return Odd(short(code, "user-error"), words)


def read_created(reply: HttpReply, code: Code) -> Noted | Negative:
    """The card that a request made, with its whole code as Shopify names it."""
    read = read_as(reply, "giftCardCreate", _CreatedReply, code)
    said = saying(reply, code)
    if not isinstance(read, _CreatedReply):
        return Odd("null", said) if read is None else read
    against = user_errors(read.user_errors, code, said)
    if against is not None:
        return against if read.gift_card is None else Odd("card-and-errors", against.saying)
    if read.gift_card is None or read.gift_card_code is None:
        return Odd("no-card", said)
    seen = _found(read.gift_card, said, code)
    return seen if read.gift_card_code.upper() == code.reveal() else replace(seen, code="")


def read_changed(reply: HttpReply, root: str, code: Code) -> Noted | Negative:
    """The card after an update or a deactivation. An update's errors carry no code: Shopify
    documents them as what kept the operation from completing."""
    read = read_as(reply, root, _ChangedReply, code)
    said = saying(reply, code)
    if not isinstance(read, _ChangedReply):
        return Odd("null", said) if read is None else read
    if read.user_errors and all(each.code is None for each in read.user_errors):
        return No("user-error", in_words(read.user_errors, code, said))
    against = user_errors(read.user_errors, code, said)
    if against is not None:
        return against
    return _found(read.gift_card, said, code) if read.gift_card else Odd("no-card", said)


def read_found(reply: HttpReply, code: Code) -> Noted | Negative:
    """The one card of a search whose code ends as ours; `No("not-found")` where there is none.
    The search may answer with cards that only mention the text: those are passed over."""
    read = read_as(reply, "giftCards", _FoundReply, code)
    said = saying(reply, code)
    if not isinstance(read, _FoundReply):
        return Odd("null", said) if read is None else read
    fitting = [each for each in read.nodes if each.ends_like(code)]
    match fitting:
        case []:
            return No("not-found", said)
        case [one]:
            return _found(one, said, code)
        case _:
            return Odd("several", said)


def read_card(reply: HttpReply, code: Code) -> Noted | Negative:
    """A card that was asked for by its id."""
    read = read_as(reply, "giftCard", CardReply, code)
    said = saying(reply, code)
    if read is None:
        return No("not-found", said)
    return _found(read, said, code) if isinstance(read, CardReply) else read


def _found(card: CardReply, said: Saying, code: Code) -> Noted:
    """The code is the one that was asked for where its end is, and empty where it is not."""
    kept = card.card()
    kept = replace(kept, reference=hidden(kept.reference, code))
    return Noted(kept, said, code.reveal() if card.ends_like(code) else "", card.note or "")
