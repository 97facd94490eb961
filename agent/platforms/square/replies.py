# SPDX-License-Identifier: Apache-2.0
"""What Square answers about gift cards, customers and its account, read strictly. Pure.

A gift card knows neither what it was issued with nor our key: both stand in its ACTIVATE activity.
So a card is `Held` until its activation is beside it, and only then `Seen` and comparable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agent.domain.code import Code
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.money import MINOR_MAX, Money
from agent.domain.outcome import Card, Saying
from agent.platforms.exchange import Keep
from agent.platforms.messages import HttpReply
from agent.platforms.reading import (
    Model,
    Negative,
    No,
    Odd,
    Seen,
    hidden,
    json_model,
    shown,
)
from agent.platforms.square import errors

READ: Final = "GIFTCARDS_READ"
WRITE: Final = "GIFTCARDS_WRITE"
CUSTOMERS: Final = "CUSTOMERS_READ"
_DIGITS_MIN: Final = 7
_UNKNOWN_GAN: Final = frozenset({"not-found", "bad-request", "invalid-value"})

Id = Annotated[str, Field(pattern=r"^[!-~]{1,255}$")]


class Reply(BaseModel):
    """A body of Square's. One with `errors` beside a 200 is not the contract."""

    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)

    errors: Annotated[list[object], Field(max_length=0)] = Field(default_factory=list)


class MoneyReply(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)

    amount: Annotated[int, Field(ge=0, le=MINOR_MAX)]
    currency: str

    @model_validator(mode="after")
    def _checked(self) -> Self:
        self.money()
        return self

    def money(self) -> Money:
        return Money(self.amount, self.currency)


class _GiftCard(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)

    id: Id
    state: Literal["PENDING", "ACTIVE", "DEACTIVATED", "BLOCKED"]
    balance_money: MoneyReply
    gan: Annotated[str, Field(repr=False)]
    gan_source: str | None = None
    customer_ids: Annotated[list[Id] | None, Field(max_length=100)] = None


class CardReply(Reply):
    gift_card: _GiftCard


class CardsReply(Reply):
    gift_cards: Annotated[list[_GiftCard], Field(max_length=200)] = Field(default_factory=list)


class _Activation(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)

    amount_money: MoneyReply
    reference_id: str | None = None


class _Activity(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)

    id: Id
    type: str
    gift_card_id: Id
    gift_card_gan: Annotated[str, Field(repr=False)]
    gift_card_balance_money: MoneyReply
    activate_activity_details: _Activation | None = None


class ActivityReply(Reply):
    gift_card_activity: _Activity


class ActivitiesReply(Reply):
    gift_card_activities: Annotated[list[_Activity], Field(max_length=100)] = Field(
        default_factory=list
    )
    cursor: Annotated[str, Field(max_length=2000)] | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A gift card as it stands now. Empty while it is PENDING."""

    reference: str
    code: str = field(repr=False)
    state: str
    balance: Money
    customer_ids: tuple[str, ...]
    saying: Saying

    @property
    def empty(self) -> bool:
        return self.state == "PENDING"


@dataclass(frozen=True, slots=True)
class Activity:
    """What was done to a card. `amount` and `key` are those of an activation, else None."""

    type: str
    reference: str
    code: str = field(repr=False)
    balance: Money
    amount: Money | None
    key: str | None
    saying: Saying


def read(
    reply: HttpReply, model: type[Model], hide: Code | None = None, scope: str = READ
) -> Model | Negative:
    """The body as `model`, or what stands in its place. Square answers yes with 200 alone."""
    if reply.status != 200:
        return errors.negative(reply, hide, scope)
    return json_model(reply, model, errors.saying(reply, hide))


def read_card(reply: HttpReply, hide: Code, scope: str = READ) -> Held | Negative:
    model = read(reply, CardReply, hide, scope)
    if not isinstance(model, CardReply):
        return model
    held = _held(model.gift_card, errors.saying(reply, hide), hide)
    if held.empty and held.balance.minor:
        return Odd("empty-with-money", held.saying)
    if held.state == "BLOCKED":  # for now, by Square: it says nothing of what will be
        return Odd("blocked", held.saying)
    return held


def held(body: CardReply, reply: HttpReply) -> Held:
    """The card of a list, whose code is nobody's business here."""
    return _held(body.gift_card, errors.saying(reply, None), None)


def read_from_gan(reply: HttpReply, hide: Code) -> Held | Negative:
    """A look-up by code. Its body is nothing but our well-formed code, so "bad request" says no
    more than "not found", which Square documents for it nowhere."""
    match read_card(reply, hide):
        case No(code, saying) if code in _UNKNOWN_GAN:
            return No("not-found", saying)
        case other:
            return other


def read_activity(reply: HttpReply, hide: Code) -> Activity | Negative:
    model = read(reply, ActivityReply, hide, WRITE)
    if not isinstance(model, ActivityReply):
        return model
    return _activity(model.gift_card_activity, errors.saying(reply, hide), hide)


def read_activities(
    reply: HttpReply, hide: Code | None = None
) -> tuple[tuple[Activity, ...], str | None] | Negative:
    """The activities and the cursor to the next ones."""
    model = read(reply, ActivitiesReply, hide)
    if not isinstance(model, ActivitiesReply):
        return model
    said = errors.saying(reply, hide)
    found = tuple(_activity(each, said, hide) for each in model.gift_card_activities)
    return found, model.cursor or None


def seen(held: Held, activation: Activity, balance: Money | None = None) -> Seen | Odd:
    """A card with what it was issued with. `balance`: before it was deactivated, for a dead one,
    where that is known: what Square shows then is documented nowhere."""
    initial = activation.balance if activation.amount is None else activation.amount
    left = held.balance if balance is None else balance
    if left.currency != initial.currency:
        return Odd("two-currencies", held.saying)
    card = Card(
        reference=held.reference,
        initial=initial,
        balance=left,
        enabled=held.state == "ACTIVE",
        key=activation.key,
        customer_id=held.customer_ids[0] if held.customer_ids else None,
    )
    return Seen(card, held.saying, held.code)


def beside(held: Held, done: Sequence[Activity], more: bool) -> Seen | Odd:
    """A card that is not empty, with its activities, oldest first. `more`: there are others."""
    ours = [each for each in done if each.reference == held.reference]
    if held.state == "DEACTIVATED" and all(each.type == "DEACTIVATE" for each in ours):
        never = Money(0, held.balance.currency)
        return Seen(Card(held.reference, never, held.balance, False, None), held.saying, held.code)
    if not ours:
        return Odd("not-listed", held.saying)  # the list lags: a card is not active by itself
    activation = next((each for each in ours if each.type == "ACTIVATE"), ours[0])
    before = [each for each in ours if each.type != "DEACTIVATE"]
    dead = held.state == "DEACTIVATED" and not more
    return seen(held, activation, before[-1].balance if dead else None)


def _held(model: _GiftCard, said: Saying, hide: Code | None) -> Held:
    return Held(
        reference=hidden(model.id, hide),
        code=model.gan,
        state=model.state,
        balance=model.balance_money.money(),
        customer_ids=tuple(model.customer_ids or ()),
        saying=said,
    )


def _activity(model: _Activity, said: Saying, hide: Code | None) -> Activity:
    details = model.activate_activity_details
    return Activity(
        type=model.type,
        reference=hidden(model.gift_card_id, hide),
        code=model.gift_card_gan,
        balance=model.gift_card_balance_money.money(),
        amount=None if details is None else details.amount_money.money(),
        key=None if details is None else details.reference_id,
        saying=said,
    )


def ids(hide: Code) -> Keep:
    """Takes Square's ids worth a commit from a reply: never the code."""

    def keep(reply: HttpReply) -> Mapping[str, str]:
        found = {"status": str(reply.status)}
        said = errors.saying(reply, hide)
        if said.request_id:
            found["request_id"] = said.request_id
        if reply.status == 200:
            found.update(_references(reply, hide))
        return found

    return keep


def _references(reply: HttpReply, hide: Code) -> Mapping[str, str]:
    card = read_card(reply, hide)
    if isinstance(card, Held):
        return {"reference": card.reference}
    activity = read_activity(reply, hide)
    return {"reference": activity.reference} if isinstance(activity, Activity) else {}


# ---- customers


class _Customer(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)

    id: Annotated[str, Field(min_length=1, max_length=191)]
    given_name: str | None = None
    family_name: str | None = None
    email_address: Annotated[str | None, Field(repr=False)] = None
    phone_number: Annotated[str | None, Field(repr=False)] = None
    reference_id: Annotated[str | None, Field(repr=False)] = None

    def answers_to(self, asked: CustomerReference) -> bool:
        """A filter that Square passed over would bring the whole directory."""
        match asked.kind:
            case CustomerKind.EMAIL:
                return (self.email_address or "").casefold() == asked.value.casefold()
            case CustomerKind.LOYALTY:
                return (self.reference_id or "").casefold() == asked.value.casefold()
            case CustomerKind.PHONE:  # kept as the seller typed it, country code or not
                kept = re.sub(r"[^0-9]", "", self.phone_number or "").lstrip("0")
                return len(kept) >= _DIGITS_MIN and asked.value.endswith(kept)

    def masked(self) -> str:
        given, family = shown(self.given_name or ""), shown(self.family_name or "")
        parts = (f"{given[:1]}***" if given else "", f"{family[:1]}." if family else "")
        return " ".join(part for part in parts if part)


class CustomersReply(Reply):
    customers: Annotated[list[_Customer], Field(max_length=100)] = Field(default_factory=list)
    cursor: str | None = None


# ---- the account


class TokenReply(Reply):
    scopes: Annotated[list[str], Field(max_length=500)] = Field(default_factory=list)
    expires_at: str | None = None


class _Location(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)

    id: Id
    status: str = ""
    currency: str = ""


class LocationReply(Reply):
    location: _Location
