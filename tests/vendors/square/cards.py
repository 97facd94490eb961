# SPDX-License-Identifier: Apache-2.0
"""Gift cards as Square keeps them: empty ones, activated ones, and what was done to each.

The ledger of the simulation (`SimCard`) begins with the money: an empty card is none of it. What
Square shows of a card is made from both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.simulation.platform_bodies import Problem, moment
from tests.simulation.platform_cards import Cards, SimCard


@dataclass(slots=True, eq=False)
class SquareCard(SimCard):
    """A card with money, by Square's own id."""

    gift_card_id: str = ""

    @property
    def id(self) -> str:
        return self.gift_card_id


class SquareCards(Cards):
    """Codes are unique per seller, for ever; `reference_id` may be anything."""

    def __init__(self) -> None:
        super().__init__(unique_codes=True, unique_keys=False)

    def create(
        self,
        key: str | None,
        code: str,
        minor: int,
        currency: str,
        at_ms: int,
        *,
        by: str = "us",
        gift_card_id: str = "",
    ) -> SimCard:
        if code in self._by_code:
            raise Problem(409, "code-taken")
        number = len(self._all) + 1
        named = gift_card_id or f"gftc:other{number:06d}"
        card = SquareCard(number, key, code, minor, currency, minor, at_ms, by, gift_card_id=named)
        self._all.append(card)
        self._by_code[code] = card
        if key is not None:
            self._by_key.setdefault(key, card)
        self._note(card, at_ms, "created", minor, by)
        return card


@dataclass(slots=True)
class Shell:
    """A gift card's number and state. `money`: what stands on it, once it was activated.
    `visible_ms`: from when look-ups see it; `active_ms`: from when they see that it is active."""

    id: str
    code: str
    source: str
    created_ms: int
    visible_ms: int = 0
    active_ms: int = 0
    dead: bool = False
    blocked: bool = False
    customer_ids: list[str] = field(default_factory=list)
    money: SimCard | None = None

    def state(self, now_ms: int) -> str:
        if self.blocked:
            return "BLOCKED"
        if self.dead or (self.money is not None and not self.money.enabled):
            return "DEACTIVATED"
        return "PENDING" if self.money is None or now_ms < self.active_ms else "ACTIVE"

    def as_json(self, now_ms: int, currency: str) -> dict[str, object]:
        """What a dead card shows as its balance is documented nowhere: here it is nothing."""
        state = self.state(now_ms)
        minor = self.money.balance if self.money is not None and state == "ACTIVE" else 0
        shown: dict[str, object] = {
            "id": self.id,
            "type": "DIGITAL",
            "gan_source": self.source,
            "state": state,
            "balance_money": {"amount": minor, "currency": self.currency(currency)},
            "gan": self.code,
            "created_at": moment(self.created_ms),
        }
        if self.customer_ids:
            shown["customer_ids"] = list(self.customer_ids)
        return shown

    def currency(self, sellers: str) -> str:
        return sellers if self.money is None else self.money.currency

    def activities(self, location: str, off: int = 0) -> Iterator[tuple[int, dict[str, object]]]:
        """Each with its time, oldest first. `off`: what a lying answer adds to the amount."""
        card = self.money
        if card is None:
            return
        balance, started = 0, False
        for number, each in enumerate(card.history):
            shown: dict[str, object] = {
                "id": f"gcact_{card.number:06d}_{number:03d}",
                "location_id": location,
                "created_at": moment(each.at_ms),
                "gift_card_id": self.id,
                "gift_card_gan": self.code,
            }
            match each.what:
                case "created":
                    balance, started = each.minor + off, True
                    amount = {"amount": balance, "currency": card.currency}
                    details: dict[str, object] = {"amount_money": amount}
                    if card.key is not None:
                        details["reference_id"] = card.key
                    shown |= {"type": "ACTIVATE", "activate_activity_details": details}
                case "spent":
                    balance -= each.minor
                    amount = {"amount": each.minor, "currency": card.currency}
                    shown |= {"type": "REDEEM", "redeem_activity_details": {"amount_money": amount}}
                case "disabled":
                    balance = 0
                    reason = {"reason": "SUSPICIOUS_ACTIVITY"}
                    shown |= {"type": "DEACTIVATE", "deactivate_activity_details": reason}
                case _:
                    continue
            assert started
            shown["gift_card_balance_money"] = {"amount": balance, "currency": card.currency}
            yield each.at_ms, shown
