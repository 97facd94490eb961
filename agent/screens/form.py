# SPDX-License-Identifier: Apache-2.0
"""From the form's fields to a `CreditRequest`, with one sentence for the first field that cannot
be taken. What looks like a card number is never kept, not even to be corrected."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Final

from agent.domain.credit import TEXT_MAX, CreditRequest, PosTransaction
from agent.domain.currency import exponent
from agent.domain.customer import Customer, CustomerPolicy, Malformed, Skipped
from agent.domain.idempotency import Alias, CallerAlias, PosAlias
from agent.domain.money import MINOR_MAX, Money
from agent.flows import identifiers
from agent.flows.register import Register
from agent.screens.desk import NAME_LENGTH, Wrong
from agent.screens.doors import ScreenOptions
from agent.words import say

REASONS: Final = ("return", "exchange", "price", "goodwill", "other")
KINDS: Final = ("email", "phone", "loyalty", "none")
FIELDS: Final = (
    "amount",
    "kind",
    "customer",
    "reason",
    "reason_other",
    "operator",
    "receipt",
    "pos",
    "as_is",
    "distinct",
)
"""What is kept of a form. A PIN is none of it."""
SERIAL: Final = "SCR-"
"""How the page's own transaction numbers begin, where the till gave none."""
_DECIMAL: Final = re.compile(r"([0-9]{1,13})(?:[.,]([0-9]*))?", re.ASCII)
_NAME: Final = re.compile(rf"[0-9A-HJKMNP-TV-Z]{{{NAME_LENGTH}}}", re.ASCII)


class FormWrong(Exception):
    """A field cannot be taken; nothing was left behind. `fields`: what may be shown again."""

    def __init__(self, wrong: Wrong, fields: Mapping[str, str]) -> None:
        super().__init__(wrong.field)
        self.wrong = wrong
        self.fields = dict(fields)


def kept_fields(form: Mapping[str, str]) -> dict[str, str]:
    """The form's own fields, without blanks around them."""
    return {name: form[name].strip() for name in FIELDS if form.get(name, "").strip()}


def known_name(text: str) -> str | None:
    """A name that one of our forms carried, or None."""
    return text if _NAME.fullmatch(text) else None


def business_date(now_ms: int, zone: datetime.tzinfo) -> datetime.date:
    """The store's own day."""
    return datetime.datetime.fromtimestamp(now_ms / 1000, zone).date()


async def read(
    fields: Mapping[str, str],
    name: str,
    caller: str,
    register: Register,
    options: ScreenOptions,
    now_ms: int,
) -> tuple[CreditRequest, tuple[Alias, ...]]:
    """The request and its names; raises `FormWrong`. `now_ms`: UTC milliseconds."""
    reader = _Reader(fields, options.language)
    reader.refuse_cards()
    place = register.place
    date = business_date(now_ms, options.zone)
    number = fields.get("pos") or SERIAL + name
    try:
        pos = PosAlias(place, date, number, "1")
    except ValueError:
        raise reader.wrong("pos", "screen.wrong.pos") from None
    request = CreditRequest(
        place=place,
        amount=reader.amount(register.currency),
        operator=reader.short("operator", "screen.wrong.operator"),
        reason=reader.reason(),
        pos=PosTransaction(date, number, "1"),
        occurred_at_ms=now_ms,
        customer=await reader.customer(register.policy, options.region),
        original_sale=reader.short("receipt", "screen.wrong.receipt") if _has(fields) else None,
        distinct=fields.get("distinct") == "1",
    )
    return request, (CallerAlias(caller, str(place), name), pos)


def example(currency: str) -> str:
    """An amount as it is typed, for a hint."""
    digits = exponent(currency)
    return "48." + "500"[:digits] if digits else "4850"


def _has(fields: Mapping[str, str]) -> bool:
    return bool(fields.get("receipt"))


class _Reader:
    """One form. Every complaint is a `FormWrong`."""

    def __init__(self, fields: Mapping[str, str], language: str) -> None:
        self._fields = fields
        self._language = language

    def wrong(self, field: str, sentence: str, **values: str | int) -> FormWrong:
        said = say(sentence, self._language, **values)
        return FormWrong(Wrong(field, said), self._fields)

    def refuse_cards(self) -> None:
        for field, text in self._fields.items():
            if field != "customer" and identifiers.holds_card_number(text):
                raise self._card(field)
        if self._fields.get("kind") != "phone":
            self._refuse_card_of_customer()

    def amount(self, currency: str) -> Money:
        text = self._fields.get("amount", "").replace(" ", "")
        found = _DECIMAL.fullmatch(text)
        if found is None:
            raise self.wrong("amount", "screen.wrong.amount", example=example(currency))
        digits = exponent(currency)
        if len(found[2] or "") > digits:
            raise self.wrong(
                "amount", "screen.wrong.amount.digits", currency=currency, digits=digits
            )
        minor = int(found[1] + (found[2] or "").ljust(digits, "0"))
        if minor > MINOR_MAX:
            raise self.wrong("amount", "screen.wrong.amount.large")
        if minor == 0:
            raise self.wrong("amount", "screen.wrong.amount.none")
        return Money(minor, currency)

    def short(self, field: str, sentence: str) -> str:
        """1 to 40 printable characters."""
        text = self._fields.get(field, "")
        if not 1 <= len(text) <= TEXT_MAX or not text.isprintable():
            raise self.wrong(field, sentence)
        return text

    def reason(self) -> str:
        chosen = self._fields.get("reason", "")
        if chosen == "other":
            return self.short("reason_other", "screen.wrong.reason")
        if chosen not in REASONS:
            raise self.wrong("reason", "screen.wrong.reason")
        return chosen

    async def customer(self, policy: CustomerPolicy, region: str) -> Customer:
        if policy is CustomerPolicy.ANONYMOUS:
            return Skipped(knowingly=True)
        kind, text = self._fields.get("kind", ""), self._fields.get("customer", "")
        if kind not in KINDS:
            raise self.wrong("customer", "screen.wrong.customer.both")
        if kind == "none":
            if text:
                raise self.wrong("customer", "screen.wrong.customer.both")
            return Skipped(knowingly=True)
        if not text:
            raise self.wrong("customer", "screen.wrong.customer.missing")
        found = await self._identifier(kind, text, region)
        if isinstance(found, Malformed):
            self._refuse_card_of_customer()
            if self._fields.get("as_is") != "1":
                raise self.wrong("customer", f"screen.wrong.customer.{kind}")
        return found

    async def _identifier(self, kind: str, text: str, region: str) -> Customer:
        match kind:
            case "email":
                return identifiers.email(text)
            case "phone":
                return await identifiers.phone(text, region)
            case _:
                return identifiers.loyalty(text)

    def _refuse_card_of_customer(self) -> None:
        """A phone number may look like a card; only one that is no phone number is refused."""
        if identifiers.holds_card_number(self._fields.get("customer", "")):
            raise self._card("customer")

    def _card(self, field: str) -> FormWrong:
        said = say("screen.wrong.card", self._language)
        left = {name: text for name, text in self._fields.items() if name != field}
        return FormWrong(Wrong(field, said), left)
