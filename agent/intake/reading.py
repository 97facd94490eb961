# SPDX-License-Identifier: Apache-2.0
"""From bytes to a body, and from a credit body to a `CreditRequest`.

Every way in which a body can be wrong ends in one `BadField` that names the field and says what
to do. What was sent is never repeated in it: it may be a card number or a PIN.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from agent.domain.credit import CreditRequest, Instrument, PosTransaction, Unit
from agent.domain.customer import Customer, Skipped
from agent.domain.faults import BadField, HeaderMissing
from agent.domain.idempotency import PosAlias
from agent.domain.money import Money
from agent.domain.place import Place
from agent.domain.plastic import Plastic
from agent.flows import identifiers
from agent.intake.bodies import (
    PATTERN_WORDS,
    Body,
    CreditBody,
    CustomerBody,
    OriginalSaleBody,
)
from agent.intake.problems import Refusal

BODY_MAX: Final = 64 * 1024
_Read = TypeVar("_Read", bound=Body)
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
_RFC3339: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_PROBLEMS: Final = {
    "missing": "it must be given",
    "extra_forbidden": "there is no such field; leave it out",
    "int_type": "it must be a whole number",
    "int_from_float": "it must be a whole number",
    "bool_type": "it must be true or false",
    "string_type": "it must be a text",
    "list_type": "it must be a list",
    "model_type": "it must be an object",
    "model_attributes_type": "it must be an object",
}


def read_body(kind: type[_Read], data: bytes) -> _Read:
    """The body; raises `Refusal` (400) where it is no JSON, and `BadField`."""
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        first: Mapping[str, Any] = {**error.errors(include_url=False, include_input=False)[0]}
        if first["type"] == "json_invalid":
            problem = "it must be valid JSON in UTF-8"
            raise Refusal(400, BadField(field="body", problem=problem)) from None
        raise BadField(field=_name(first), problem=_problem(first)) from None


def field_given(data: bytes, field: str) -> bool:
    """Whether a body that may have two shapes is the one with `field`. Never raises."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and field in found


def idempotency_name(header: str | None) -> str:
    """The caller's own name of a request, quoted (RFC 8941) or bare; raises `HeaderMissing`."""
    text = (header or "").strip()
    if text.startswith('"'):
        quoted = _QUOTED.fullmatch(text)
        text = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else ""
    if not 1 <= len(text) <= 255 or not all("!" <= sign <= "~" for sign in text):
        raise HeaderMissing(header="Idempotency-Key (1 to 255 visible ASCII characters)")
    if identifiers.holds_card_number(text, separators=False):
        raise BadField(field="Idempotency-Key", problem=_CARD)
    return text


async def read_credit(
    body: CreditBody, store: str, region: str, now_ms: int
) -> tuple[CreditRequest, PosAlias]:
    """The request and the till's own name of it; raises `BadField`.

    `store` and `region`: this host's own; `now_ms`: UTC milliseconds, for a POS without a clock.
    """
    _refuse_cards(body)
    place = _made("register", Place, body.store or store, body.register_)
    pos = PosTransaction(_date(body.pos.business_date), body.pos.transaction, body.pos.line)
    alias = _made("pos.transaction", PosAlias, place, pos.business_date, pos.number, pos.line)
    request = _made(
        "",
        CreditRequest,
        place=place,
        amount=_made("amount.currency", Money, body.amount.minor, body.amount.currency),
        operator=body.operator,
        reason=body.reason,
        pos=pos,
        occurred_at_ms=_occurred(body.occurred_at, now_ms),
        customer=await read_customer(body.customer, region),
        instrument=body.instrument,
        plastic=_plastic(body),
        original_sale=body.original_sale.receipt if body.original_sale else None,
        units=_units(body.original_sale),
        distinct=body.distinct,
    )
    return request, alias


async def read_customer(given: CustomerBody | None, region: str) -> Customer:
    """Who was named, in the normal form; raises `BadField` where it is a card number."""
    for field, text in _names_of(given):
        if text is not None:
            refuse_card(field, text)
    if given is None:
        return Skipped(knowingly=False)
    if given.email is not None:
        return identifiers.email(given.email)
    if given.phone is not None:
        return await identifiers.phone(given.phone, region)
    if given.loyalty is not None:
        return identifiers.loyalty(given.loyalty)
    return Skipped(knowingly=True)


def _plastic(body: CreditBody) -> Plastic | None:
    """The scanned card. A payment card that was scanned by mistake is refused."""
    card, wanted = body.plastic, body.instrument is Instrument.PLASTIC
    if card is None or not wanted:
        if wanted or card is not None:
            raise BadField(field="plastic", problem="it goes with the instrument plastic, always")
        return None
    refuse_card("plastic.number", card.number)
    try:
        return Plastic.scanned(card.number, card.pin or "")
    except ValueError as error:
        raise BadField(field="plastic", problem=str(error)) from None


def _units(sale: OriginalSaleBody | None) -> tuple[Unit, ...]:
    if sale is None:
        return ()
    if sale.units is not None:
        named = [(unit.line, unit.number) for unit in sale.units]
    else:
        lines = sale.lines or []
        named = [(line, lines[: at + 1].count(line)) for at, line in enumerate(lines)]
    if len(set(named)) != len(named):
        raise BadField(field="original_sale.units", problem="a unit stands in it twice")
    return tuple(_made("", Unit, sale.receipt, *each) for each in named)


def _occurred(text: str | None, now_ms: int) -> int:
    if text is None:
        return now_ms
    problem = "write it like 2026-11-21T14:05:00.250Z, with its offset"
    if _RFC3339.fullmatch(text) is None:
        raise BadField(field="occurred_at", problem=problem)
    try:
        at = datetime.datetime.fromisoformat(text.upper())
        at_ms = (at - _EPOCH) // datetime.timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        raise BadField(field="occurred_at", problem=problem) from None
    if not 0 <= at_ms < 10**13:
        raise BadField(field="occurred_at", problem="it must lie between 1970 and 2286")
    return at_ms


_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_CARD: Final = "it looks like a card number, which must never be sent here; leave it out"


def _date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise BadField(
            field="pos.business_date", problem="there is no such day; write it like 2026-11-21"
        ) from None


def _refuse_cards(body: CreditBody) -> None:
    for field, text in _free_texts(body):
        if text is not None and identifiers.holds_card_number(text):
            raise BadField(field=field, problem=_CARD)


def _free_texts(body: CreditBody) -> Iterable[tuple[str, str | None]]:
    yield "reason", body.reason
    yield "operator", body.operator
    yield "pos.transaction", body.pos.transaction
    yield "pos.line", body.pos.line
    yield from _names_of(body.customer)
    sale = body.original_sale
    if sale is not None:
        yield "original_sale.receipt", sale.receipt
        for unit in sale.units or []:
            yield "original_sale.units", unit.line
        for line in sale.lines or []:
            yield "original_sale.lines", line


def _names_of(given: CustomerBody | None) -> Iterable[tuple[str, str | None]]:
    if given is not None:
        yield "customer.email", given.email
        yield "customer.loyalty", given.loyalty


def refuse_card(field: str, text: str) -> str:
    """`text` as it is; raises `BadField` where it holds a card number."""
    if identifiers.holds_card_number(text):
        raise BadField(field=field, problem=_CARD)
    return text


_Value = TypeVar("_Value")


def _made(field: str, kind: type[_Value], *parts: object, **named: object) -> _Value:
    """A value of the domain, whose constructor's complaint becomes a `BadField`.

    The complaint names the field itself where `field` is empty ("amount.minor must ...").
    """
    try:
        return kind(*parts, **named)
    except ValueError as error:
        said = str(error)
        if not field:
            first, _, rest = said.partition(" ")
            raise BadField(field=first, problem=f"it {rest}") from None
        raise BadField(field=field, problem=said) from None


def _name(error: Mapping[str, Any]) -> str:
    return ".".join(str(part) for part in error["loc"]) or "body"


def _problem(error: Mapping[str, Any]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    match kind:
        case "value_error":
            return str(context.get("error", "it is not allowed"))
        case "string_too_long":
            return f"it has at most {context['max_length']} characters"
        case "string_too_short":
            return f"it has at least {context['min_length']} characters"
        case "too_long":
            return f"it holds at most {context['max_length']}"
        case "too_short":
            return f"it holds at least {context['min_length']}"
        case "greater_than":
            return f"it must be above {context['gt']}"
        case "greater_than_equal":
            return f"it must be at least {context['ge']}"
        case "less_than_equal" | "int_parsing_size":
            return f"it must be at most {context.get('le', 10**12)}"
        case "literal_error" | "enum":
            return f"it must be {context['expected']}"
        case "string_pattern_mismatch":
            return PATTERN_WORDS.get(str(context["pattern"]), f"it must fit {context['pattern']}")
        case _:
            said = str(error["msg"])
            return _PROBLEMS.get(kind, said[:1].lower() + said[1:])
