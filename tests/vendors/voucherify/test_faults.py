# SPDX-License-Identifier: Apache-2.0
"""Hundreds of faults of Voucherify, each aimed at one request of one conversation, through the
real adapter, driver and transport: none ends in a double credit or in a false word.

After every conversation what it said is held against the ledger, at once and when everything
late has come. Then the fault is over, the same is asked again, and must end well.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest

from agent.domain.outcome import (
    Absent,
    BurnRefused,
    Burnt,
    BurnUnknown,
    Confirmed,
    Found,
    FoundDifferent,
    FoundVoid,
    LinkResult,
    Refused,
    SpentInPart,
    Throttled,
    Unanswered,
    Unknown,
    Unsent,
)
from tests.contracts.test_platform_contract import credit
from tests.simulation.loop import passes
from tests.simulation.platform_cards import SimCard, json_reply
from tests.simulation.platform_faults import PLATFORM_FAULTS
from tests.simulation.wire import Reply, Silence
from tests.vendors.voucherify.bodies import CURRENCY, KEY, TITLES, voucher
from tests.vendors.voucherify.shop import Instead, Shop, done_and_said, said, visit

CREDIT: Final = credit()
CODE: Final = CREDIT.code.reveal()
LATE_S: Final = 1_200
"""Longer than anything of Voucherify's comes late."""


# ---- what may come instead of an answer


def example(**changes: object) -> Reply:
    """Our voucher, but for one thing: what no reading may take for ours."""
    card = SimCard(1, CREDIT.key.text, CODE, 4850, "USD", 4850, 0, "us")
    return json_reply({**voucher(card), **changes})


def no(status: int, key: str = "", **more: object) -> Reply:
    body = {"code": status, "message": TITLES.get(status, "No"), **more}
    return json_reply({**body, "key": key} if key else body, status)


def money(amount: int, balance: int) -> dict[str, object]:
    return {"gift": {"amount": amount, "balance": balance, "effect": "APPLY_TO_ORDER"}}


FALSE: Final[dict[str, Reply]] = {
    "pending": json_reply({"status": "PENDING"}),
    "async_action": json_reply({"async_action_id": "aa_0ab2df092385be5ca5"}),
    "foreign_code": example(code="D" * 16),
    "example_object": example(id="v_example", code="New-GIFT-CARD-8tqB6FcyhE0", metadata={}),
    "another_amount": example(**money(4851, 4851)),
    "a_hundredfold": example(**money(485_000, 485_000)),
    "nonsense_balance": example(**money(4850, 9999)),
    "negative_balance": example(**money(4850, -1)),
    "fractional_amount": example(gift={"amount": 4850.5, "balance": 4850.5}),
    "amount_as_text": example(gift={"amount": "4850", "balance": "4850"}),
    "another_currency": example(metadata={KEY: CREDIT.key.text, CURRENCY: "EUR"}),
    "no_currency": example(metadata={KEY: CREDIT.key.text}),
    "another_key": example(metadata={KEY: credit(5).key.text, CURRENCY: "USD"}),
    "no_key": example(metadata={}),
    "discount_voucher": example(type="DISCOUNT_VOUCHER", gift=None),
    "loyalty_card": example(type="LOYALTY_CARD", gift=None, metadata={}),
    "truncated_list": json_reply({"object": "list", "vouchers": []}),
    "null": json_reply(None),
    "created_201": replace(example(), status=201),
    "moved_301": Reply(301, (("Location", "https://api.example/v1"),)),
}
"""They name nothing that may be believed, whether the request was carried out or not."""
UNCLEAR: Final[dict[str, Reply]] = {
    "unknown_400": no(400, "something_new"),
    "locked_400": no(400, "multiple_requests"),
    "unknown_418": no(418),
    "server_500": no(500),
    "server_500_keyed": no(500, "internal_server_error"),
    "gateway_502": Reply(502, (("Content-Type", "text/html"),), b"<h1>502</h1>"),
    "gateway_504": Reply(504, (("Content-Type", "text/html"),), b"<h1>504</h1>"),
    "portal_403": Reply(403, (("Content-Type", "text/html"),), b"<h1>Blocked</h1>"),
    "portal_404": Reply(404, (("Content-Type", "text/html"),), b"<h1>404</h1>"),
    "portal_402": Reply(402, (("Content-Type", "text/html"),), b"<h1>Pay for WiFi</h1>"),
}
"""Answers that no documentation explains: carried out, or not."""
DOCUMENTED: Final[dict[str, Reply]] = {
    "plan_402": no(402),
    "forbidden_403": no(403, "integration_api_key_required"),
    "path_404": no(404),
    "method_405": no(405),
    "accept_406": no(406),
    "media_415": no(415),
    "limit_429": Reply(429, (("Retry-After", "7"),)),
    "gift_400": no(400, "invalid_gift"),
    "metadata_400": no(400, "metadata_validation_failed"),
    "amount_400": no(400, "gift_amount_exceeded"),
    "duplicate_409": no(409, "duplicate_found"),
    "duplicate_400": no(400, "duplicate_resource_key"),
}
"""Documented as failed: nothing was done."""


def _instead() -> Iterator[tuple[str, str | Instead]]:
    for name in PLATFORM_FAULTS:
        if name != "key_forgotten":  # there are no keys that could be forgotten
            yield name, name
    for name, reply in FALSE.items() | UNCLEAR.items():
        yield f"{name}-done", done_and_said(reply)
        yield f"{name}-not-done", said(reply)
    for name, reply in DOCUMENTED.items():
        yield name, said(reply)
    yield "dropped-done", lambda request, carry_out: (carry_out(), Silence(dropped=True))[1]
    yield "dropped-not-done", lambda request, carry_out: Silence(dropped=True)


INSTEAD: Final[dict[str, str | Instead]] = dict(sorted(_instead()))


# ---- what may never be


def live(shop: Shop) -> list[SimCard]:
    return [card for card in shop.simulated.cards if card.enabled]


@dataclass
class Judge:
    """What a conversation said, held against the ledger. `before`: how many vouchers stood when
    it began, for a no speaks of its own request alone."""

    shop: Shop
    before: int = 0

    def one(self) -> None:
        """Never two under our code or our key."""
        cards = list(self.shop.simulated.cards)
        assert len(cards) <= 1, "a double credit"

    def issued(self, outcome: object) -> None:
        self.one()
        match outcome:
            case Confirmed(card, linked):
                (real,) = live(self.shop)
                told = (card.initial.minor, card.initial.currency, card.key)
                assert told == (real.minor, real.currency, real.key)
                assert (real.code, real.minor) == (CODE, CREDIT.amount.minor)
                assert not linked or real.customer_id == "cus_1"
            case Refused() | Unsent() | Throttled():
                made = len(self.shop.simulated.cards) - self.before
                assert made == 0, "it said that nothing was done"
            case _:
                assert isinstance(outcome, Unanswered)

    def found(self, finding: object) -> None:
        match finding:
            case Found(card):
                (real,) = live(self.shop)
                assert (card.initial.minor, card.key) == (real.minor, CREDIT.key.text)
            case FoundVoid() | Absent():
                assert not live(self.shop)
            case _:
                assert isinstance(finding, FoundDifferent | Unknown)

    def burnt(self, burn: object) -> None:
        self.one()
        match burn:
            case Burnt() | SpentInPart():
                (real,) = list(self.shop.simulated.cards)
                assert (real.code, real.enabled) == (CODE, False), "it was told dead"
            case BurnUnknown(perhaps_sent=False):
                assert not self.shop.simulated.cards.of_code(CODE) or live(self.shop)
            case _:
                assert isinstance(burn, BurnUnknown | BurnRefused)

    def linked(self, result: object) -> None:
        if result is LinkResult.LINKED:
            (real,) = list(self.shop.simulated.cards)
            assert real.customer_id == "cus_1"


# ---- the conversations that a fault is aimed at

Talk = Callable[[Shop, Judge], Awaitable[None]]


async def _issue(shop: Shop, judge: Judge) -> None:
    judge.before = len(shop.simulated.cards)
    outcome = await shop.issue(CREDIT, "cus_1")
    judge.issued(outcome)
    await passes(LATE_S)
    judge.issued(outcome)


async def _lost_then_issue(shop: Shop, judge: Judge) -> None:
    """The first answer is lost; the fault waits for the second send or its read-back."""
    await shop.issue(CREDIT)
    await passes(LATE_S)
    await _issue(shop, judge)


async def _find(shop: Shop, judge: Judge) -> None:
    await shop.issue(CREDIT)
    await passes(5)
    judge.found(await shop.find(CREDIT))


async def _link(shop: Shop, judge: Judge) -> None:
    await shop.issue(CREDIT)
    await passes(5)
    for _ in range(2):
        judge.linked(await shop.link(CREDIT, "cus_1"))


async def _burn(shop: Shop, judge: Judge) -> None:
    burn = await shop.burn(CREDIT)
    judge.burnt(burn)
    await passes(LATE_S)
    judge.burnt(burn)


async def _issue_then_burn(shop: Shop, judge: Judge) -> None:
    await shop.issue(CREDIT)
    await passes(5)
    await _burn(shop, judge)


async def _note(shop: Shop, judge: Judge) -> None:
    await shop.issue(CREDIT)
    await passes(5)
    if await shop.annotate(CREDIT, {"pos": "T1"}):
        (card,) = shop.simulated.cards
        assert card.note == {"countermark_pos": "T1"}


MOMENTS: Final[dict[str, tuple[Talk, str, int]]] = {
    "the create": (_issue, "create", 1),
    "the create that is sent again": (_lost_then_issue, "create", 2),
    "the read-back of a taken code": (_lost_then_issue, "find", 1),
    "the link of an issue": (_issue, "link", 1),
    "the look-up": (_find, "find", 1),
    "the look before a link": (_link, "find", 1),
    "the link": (_link, "link", 1),
    "the read-back of a link": (_link, "find", 2),
    "the look before a burn": (_issue_then_burn, "find", 1),
    "the burn of nothing": (_burn, "create", 1),
    "the look before a burn of nothing": (_burn, "find", 1),
    "the disable": (_issue_then_burn, "disable", 1),
    "the look before a note": (_note, "find", 1),
    "the note": (_note, "annotate", 1),
}
"""What is talked about, and which request of which kind is hit."""
BURNS: Final = frozenset(name for name, (talk, _, _) in MOMENTS.items() if "burn" in talk.__name__)


def faults() -> Iterator[Any]:
    for moment, (_, operation, _) in MOMENTS.items():
        for name, instead in INSTEAD.items():
            kind = PLATFORM_FAULTS.get(name)
            if kind is None or operation in kind.where:
                yield pytest.param(moment, instead, id=f"{moment}-{name}")


FAULTS: Final = list(faults())


@pytest.mark.parametrize(("moment", "fault"), FAULTS)
def test_no_fault_doubles_a_credit_or_makes_a_false_word(moment: str, fault: str | Instead) -> None:
    talk, operation, number = MOMENTS[moment]

    async def script(shop: Shop) -> None:
        shop.aim.operation, shop.aim.number, shop.aim.fault = operation, number, fault
        judge = Judge(shop)
        await talk(shop, judge)
        assert shop.aim.hit or shop.aim.asked[operation] < number
        await passes(LATE_S)
        judge.one()
        if moment in BURNS:
            await _ends_dead(shop, judge)
        else:
            await _ends_once(shop, judge)

    visit(script)


async def _ends_once(shop: Shop, judge: Judge) -> None:
    """The fault is over: the same credit is asked for again, and stands once."""
    judge.before = len(shop.simulated.cards)
    outcome = await shop.issue(CREDIT, "cus_1")
    judge.issued(outcome)
    if any(
        card.minor != CREDIT.amount.minor for card in live(shop)
    ):  # Voucherify keeps another amount: for a person
        assert isinstance(outcome, Unanswered)
        assert outcome.differs
        return
    assert isinstance(outcome, Confirmed)
    assert outcome.linked
    await passes(5)
    found = await shop.find(CREDIT)
    judge.found(found)
    assert isinstance(found, Found)
    assert len(live(shop)) == 1


async def _ends_dead(shop: Shop, judge: Judge) -> None:
    """The fault is over: burnt again, the code is dead, and no issue brings it back."""
    burn = await shop.burn(CREDIT)
    judge.burnt(burn)
    assert isinstance(burn, Burnt)
    judge.before = len(shop.simulated.cards)
    await passes(5)
    judge.issued(await shop.issue(CREDIT))
    assert isinstance(await shop.find(CREDIT), FoundVoid)
    assert not live(shop)


def test_there_are_more_than_a_hundred_faults_at_every_kind_of_moment() -> None:
    assert len(FAULTS) > 700
    assert {each.id.split("-")[0] for each in FAULTS} >= {"the create", "the link", "the disable"}


def test_every_common_fault_is_tried_where_it_may_bite() -> None:
    tried = {fault for each in FAULTS for fault in [each.values[1]] if isinstance(fault, str)}
    only_of_resolving = {"customer_double"}
    assert tried | only_of_resolving | {"key_forgotten"} == set(PLATFORM_FAULTS)
