# SPDX-License-Identifier: Apache-2.0
"""The few replies that an adapter's author writes down: what the vendor says when all goes well.

They are templates: the suite puts its own credits in, and then spoils them one value at a time.
`examples.toml` stands beside the adapter; docs/platforms/your-own.md shows one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.domain.credit import Credit
from agent.domain.money import Money
from agent.platforms.messages import HttpReply

AmountForm = Literal["minor", "decimal", "hundredths"]
CODE: Final = ("<code>", "<code-lower>", "<last4>")
AMOUNT: Final = ("<minor>", "<decimal>", "<hundredths>")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reply(_Table):
    """One reply. `body` is text with placeholders."""

    status: Annotated[int, Field(ge=100, le=599)] = 200
    media: str = "application/json"
    headers: Mapping[str, str] = {}
    body: str = ""

    def filled(self, values: Mapping[str, str]) -> HttpReply:
        headers = {"content-type": self.media, **self.headers}
        named = tuple((name.lower(), _fill(text, values)) for name, text in headers.items())
        return HttpReply(self.status, named, _fill(self.body, values).encode())

    def holds(self, *placeholders: str) -> bool:
        texts = (self.body, *self.headers.values())
        return any(each in text for each in placeholders for text in texts)


class Example(_Table):
    """The replies to one conversation, in order."""

    name: str = ""
    replies: Annotated[tuple[Reply, ...], Field(min_length=1, max_length=16)]

    def filled(self, values: Mapping[str, str]) -> list[HttpReply]:
        return [reply.filled(values) for reply in self.replies]

    def holds(self, *placeholders: str) -> bool:
        return any(reply.holds(*placeholders) for reply in self.replies)


class Examples(_Table):
    """`amount`: how the vendor writes amounts, in minor units, as a decimal, or always times a
    hundred; any of them where it is not said. `customer`: an id as the vendor makes them."""

    amount: AmountForm | None = None
    customer: str = "cus_1"
    issue: tuple[Example, ...] = ()
    find: tuple[Example, ...] = ()
    burn: tuple[Example, ...] = ()

    @classmethod
    def read(cls, file: Path) -> Self:
        """Raises ValueError, one sentence with the place of the first mistake."""
        try:
            return cls.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        except tomllib.TOMLDecodeError as fault:
            raise ValueError(f"{file.name}: is not TOML: {fault}") from None
        except ValidationError as fault:
            first = fault.errors(include_input=False, include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ValueError(f"{file.name}: {where}: {first['msg']}") from None


@dataclass(frozen=True, slots=True)
class Told:
    """What a platform says about a credit: its own values, unless a lie is put in their place."""

    credit: Credit
    customer: str
    lies: Mapping[str, str] = field(default_factory=dict)

    def values(self) -> dict[str, str]:
        code, amount, card = self.credit.code, self.credit.amount, self.credit.plastic
        return {
            "<key>": self.credit.key.text,
            "<code>": code.reveal(),
            "<code-lower>": code.reveal().lower(),
            "<last4>": code.last_four,
            "<card>": "" if card is None else card.number,
            "<card-last4>": "" if card is None else card.last_four,
            "<currency>": amount.currency,
            "<customer>": self.customer,
            **amounts(amount),
            **self.lies,
        }


def amounts(money: Money) -> dict[str, str]:
    """Every form in which a vendor may write an amount."""
    whole, _, rest = money.decimal().partition(".")
    hundredths = f"{whole}{rest.ljust(2, '0')[:2]}" if len(rest) <= 2 else money.decimal()
    return {
        "<minor>": str(money.minor),
        "<decimal>": money.decimal(),
        "<hundredths>": hundredths,
    }


def _fill(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(name, value)
    return text


def named(examples: Sequence[Example]) -> list[tuple[str, Example]]:
    """Each with a name for people."""
    return [(each.name or f"example {at}", each) for at, each in enumerate(examples, start=1)]
