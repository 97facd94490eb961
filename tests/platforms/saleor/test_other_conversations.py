# SPDX-License-Identifier: Apache-2.0
"""Finding, burning, linking, noting and balances at Saleor, by recorded replies."""

from __future__ import annotations

import pytest

from agent.domain.credit import Credit
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    BurnRefused,
    Burnt,
    BurnUnknown,
    Found,
    FoundDifferent,
    FoundVoid,
    LinkResult,
    SpentInPart,
    Unknown,
)
from agent.platforms.exchange import Do
from agent.platforms.messages import HttpReply
from tests.platforms.saleor.answers import (
    BROKEN,
    CARD_ID,
    NO_PERMISSION,
    NO_VOUCHER,
    NOWHERE,
    OTHER_KEY,
    SALEOR,
    TAKEN,
    THROTTLED,
    answer,
    burnt,
    dead,
    edges,
    failed,
    found,
    issued,
    listed,
    money,
    node,
    payload,
    refused,
    variables,
    voucher,
)
from tests.platforms.talking import CODE, CREDIT, KEY, reply, talk

LOOK = "look POST /graphql/"
BURN = "burn POST /graphql/"
CUSTOMER = "VXNlcjox"
FAILURES = [
    (BROKEN, "status-500", None),
    (THROTTLED, "throttled", 60),
    (reply(429, b"", retry_after="9"), "throttled", 9),
    (failed("PermissionDenied", "byCode", data={"byCode": None, "byKey": None}), "auth", None),
    (failed("InvalidTokenError", "byCode", data=None), "auth", None),
    (failed("OperationalError", "byCode", data={"byCode": None}), "server-error", None),
    (failed("GraphQLError", status=400), "status-400", None),
    (reply(200, b""), "empty", None),
    (reply(200, b"<p>", content_type="text/html"), "not-json", None),
    (reply(200, {}), "not-graphql", None),
    (answer({}), "not-the-contract", None),
    (answer({"byCode": edges()}), "not-the-contract", None),
    (answer({"byCode": {"edges": [None]}, "byKey": edges()}), "not-the-contract", None),
    (found(node(), node()), "not-the-contract", None),
    (found(node(code=None)), "not-the-contract", None),
    (found(None), "not-the-contract", None),
    (reply(302, b""), "status-302", None),
]


def test_a_look_up_asks_for_code_and_key_in_one_question() -> None:
    spent = node(currentBalance=money(0))
    heard = talk(SALEOR.find(CREDIT), found(spent, by_key=(spent,)))
    assert heard.said == [LOOK]
    assert variables(heard.asked[0].request) == {"code": CODE.reveal(), "key": KEY.text}
    assert isinstance(heard.result, Found)
    assert heard.result.card.balance == Money(0, "USD")


def test_absent_only_when_neither_code_nor_key_is_known() -> None:
    assert talk(SALEOR.find(CREDIT), NOWHERE).result == Absent()


def test_a_card_under_our_key_with_another_code_is_different() -> None:
    other = node(code="D" * 16)
    result = talk(SALEOR.find(CREDIT), found(by_key=(other,))).result
    assert isinstance(result, FoundDifferent)
    assert result.saying.message == "code"


@pytest.mark.parametrize(
    "card",
    [
        node(isActive=False),
        node(isActive=False, issued=issued(1)),
        burnt(isActive=False, metafield=OTHER_KEY),
        burnt(isActive=False, metafield=None),
    ],
)
def test_deactivated_under_our_key_or_at_the_burns_amount_is_void(card: dict[str, object]) -> None:
    assert isinstance(talk(SALEOR.find(CREDIT), found(card)).result, FoundVoid)


@pytest.mark.parametrize(
    "card",
    [
        burnt(),
        node(issued=issued(48.5, "EUR")),
        node(metafield=OTHER_KEY),
        node(metafield=None),
        node(code=CODE.reveal().lower()),
        node(metafield=OTHER_KEY, isActive=False),
    ],
)
def test_anything_else_under_our_code_is_different(card: dict[str, object]) -> None:
    result = talk(SALEOR.find(CREDIT), found(card)).result
    assert isinstance(result, FoundDifferent)
    assert result.saying.code == "differs"
    assert result.saying.message


@pytest.mark.parametrize(("failure", "why", "wait"), FAILURES)
def test_a_look_up_that_fails_has_learnt_nothing(
    failure: HttpReply, why: str, wait: int | None
) -> None:
    result = talk(SALEOR.find(CREDIT), failure).result
    assert isinstance(result, Unknown)
    assert (result.why, result.retry_after_s) == (why, wait)


def test_burning_what_is_there_deactivates_it_by_its_id() -> None:
    heard = talk(SALEOR.burn(CREDIT), found(node()), dead())
    step = heard.asked[1]
    assert isinstance(step, Do)
    assert step.step.startswith("burn-deactivate-")
    assert variables(step.request) == {"id": CARD_ID}
    assert isinstance(heard.result, Burnt)
    assert not heard.result.card.enabled


def test_burning_what_is_dead_already_does_nothing() -> None:
    heard = talk(SALEOR.burn(CREDIT), found(node(isActive=False)))
    assert heard.said == [LOOK]
    assert isinstance(heard.result, Burnt)


def test_burning_what_is_absent_takes_the_code_at_the_smallest_amount() -> None:
    made = payload("giftCardCreate", giftCard=burnt())
    gone = payload("giftCardDeactivate", giftCard=burnt(isActive=False))
    heard = talk(SALEOR.burn(CREDIT), NOWHERE, made, gone)
    assert heard.said[:2] == [LOOK, BURN]
    assert variables(heard.asked[1].request)["input"]["balance"]["amount"] == "0.01"
    assert isinstance(heard.result, Burnt)


def test_a_currency_that_saleor_keeps_without_digits_is_burnt_at_one_whole() -> None:
    credit = Credit(KEY, CODE, Money(700, "AFN"))
    one = money(1.0, "AFN")
    small = {"initialBalance": one, "currentBalance": one, "issued": issued(1.0, "AFN")}
    heard = talk(
        SALEOR.burn(credit),
        NOWHERE,
        payload("giftCardCreate", giftCard=node(**small)),
        dead(**small),
    )
    assert variables(heard.asked[1].request)["input"]["balance"]["amount"] == "1.00"
    assert isinstance(heard.result, Burnt)
    theirs = node(**small, isActive=False, metafield=None)
    assert isinstance(talk(SALEOR.find(credit), found(theirs)).result, FoundVoid)


@pytest.mark.parametrize("taken", TAKEN)
def test_a_burn_that_somebody_overtook_deactivates_what_they_made(taken: HttpReply) -> None:
    heard = talk(SALEOR.burn(CREDIT), NOWHERE, taken, found(node()), dead())
    assert isinstance(heard.result, Burnt)
    hidden = talk(SALEOR.burn(CREDIT), NOWHERE, taken, NOWHERE, NO_VOUCHER).result
    assert isinstance(hidden, BurnUnknown)
    assert hidden.why == "taken"


def test_a_code_that_a_voucher_owns_cannot_be_burnt() -> None:
    proof = voucher(CODE.reveal())
    result = talk(SALEOR.burn(CREDIT), NOWHERE, TAKEN[0], NOWHERE, proof).result
    assert isinstance(result, BurnRefused)


@pytest.mark.parametrize("already", [True, False])
def test_a_burn_says_what_was_spent_before(already: bool) -> None:
    left = money(40)
    replies = (
        [found(node(isActive=False, currentBalance=left))]
        if already
        else [found(node()), dead(currentBalance=left)]
    )
    result = talk(SALEOR.burn(CREDIT), *replies).result
    assert isinstance(result, SpentInPart)
    assert result.spent == Money(850, "USD")


@pytest.mark.parametrize(
    "changes", [{"metafield": OTHER_KEY}, {"metafield": None}, {"code": "D" * 16}]
)
def test_another_cards_code_is_never_deactivated(changes: dict[str, object]) -> None:
    heard = talk(SALEOR.burn(CREDIT), found(node(**changes)))
    assert heard.said == [LOOK]
    assert isinstance(heard.result, BurnRefused)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (payload("giftCardDeactivate", giftCard=node()), "not-deactivated"),
        (dead(code="D" * 16), "not-deactivated"),
        (refused("giftCardDeactivate", "NOT_FOUND", "giftCardId"), "not-found"),
        (refused("giftCardDeactivate", "SOMETHING_NEW"), "unknown-code"),
        (BROKEN, "status-500"),
        (THROTTLED, "throttled"),
        (failed("PermissionDenied", "giftCardDeactivate", data=None), "auth"),
    ],
)
def test_a_deactivation_without_proof_is_unknown(said: HttpReply, why: str) -> None:
    result = talk(SALEOR.burn(CREDIT), found(node()), said).result
    assert isinstance(result, BurnUnknown)
    assert result.why == why
    assert result.perhaps_sent


def test_a_deactivation_that_is_refused_goes_to_a_person() -> None:
    no = refused("giftCardDeactivate", "INVALID", "giftCardId")
    assert isinstance(talk(SALEOR.burn(CREDIT), found(node()), no).result, BurnRefused)


@pytest.mark.parametrize(("failure", "why", "_wait"), FAILURES)
def test_a_burn_that_cannot_look_has_sent_nothing(
    failure: HttpReply, why: str, _wait: int | None
) -> None:
    heard = talk(SALEOR.burn(CREDIT), failure)
    assert not any(isinstance(ask, Do) for ask in heard.asked)
    assert isinstance(heard.result, BurnUnknown)
    assert heard.result.why == why
    assert not heard.result.perhaps_sent


@pytest.mark.parametrize(
    ("said", "sent"), [(BROKEN, True), (THROTTLED, False), (NO_PERMISSION, False)]
)
def test_a_burn_whose_create_has_no_answer_is_unknown(said: HttpReply, sent: bool) -> None:
    result = talk(SALEOR.burn(CREDIT), NOWHERE, said).result
    assert isinstance(result, BurnUnknown)
    assert result.perhaps_sent is sent


def test_a_burn_that_saleor_refuses_goes_to_a_person() -> None:
    no = refused("giftCardCreate", "INVALID", "balance")
    result = talk(SALEOR.burn(CREDIT), NOWHERE, no).result
    assert isinstance(result, BurnRefused)
    assert result.saying.code == "INVALID"


def linked(customer: str | None, **changes: object) -> dict[str, object]:
    to = None if customer is None else {"id": customer}
    return {"id": CARD_ID, "code": CODE.reveal(), "assignedTo": to, **changes}


def assigned(customer: str | None, **changes: object) -> HttpReply:
    return payload("giftCardAssignUser", giftCard=linked(customer, **changes))


@pytest.mark.parametrize(
    ("said", "result"),
    [
        (assigned(CUSTOMER), LinkResult.LINKED),
        (assigned("VXNlcjoy"), LinkResult.UNKNOWN),
        (assigned(None), LinkResult.UNKNOWN),
        (assigned(CUSTOMER, code="D" * 16), LinkResult.UNKNOWN),
        (assigned(CUSTOMER, id="R2lmdENhcmQ6Mg=="), LinkResult.UNKNOWN),
        (refused("giftCardAssignUser", "CANNOT_ASSIGN", "id"), LinkResult.REFUSED),
        (refused("giftCardAssignUser", "NOT_FOUND", "userId"), LinkResult.REFUSED),
        (refused("giftCardAssignUser", "NOT_FOUND", "id"), LinkResult.UNKNOWN),
        (refused("giftCardAssignUser", "SOMETHING_NEW"), LinkResult.UNKNOWN),
        (failed("PermissionDenied", "giftCardAssignUser", data=None), LinkResult.UNKNOWN),
        (BROKEN, LinkResult.UNKNOWN),
        (THROTTLED, LinkResult.UNKNOWN),
    ],
)
def test_how_a_link_ends(said: HttpReply, result: LinkResult) -> None:
    assert talk(SALEOR.link(CREDIT, CUSTOMER), listed(linked(None)), said).result is result


@pytest.mark.parametrize(
    ("said", "result"),
    [
        (listed(linked(CUSTOMER)), LinkResult.LINKED),
        (listed(linked("VXNlcjoy")), LinkResult.ELSEWHERE),
        (listed(), LinkResult.UNKNOWN),
        (listed(linked(None, code="D" * 16)), LinkResult.UNKNOWN),
        (listed(linked(None), linked(None)), LinkResult.UNKNOWN),
        (failed("PermissionDenied", "giftCards", "edges", data=None), LinkResult.UNKNOWN),
        (BROKEN, LinkResult.UNKNOWN),
    ],
)
def test_a_card_that_belongs_to_somebody_is_never_handed_on(
    said: HttpReply, result: LinkResult
) -> None:
    heard = talk(SALEOR.link(CREDIT, CUSTOMER), said)
    assert heard.said == [LOOK]
    assert heard.result is result


def test_another_customer_another_card_or_another_note_is_another_step() -> None:
    steps = set()
    for card, who in (("a", "b"), ("a", "c"), ("d", "b")):
        free = listed(linked(None, id=card))
        heard = talk(SALEOR.link(CREDIT, who), free, BROKEN)
        steps |= {ask.step for ask in heard.asked if isinstance(ask, Do)}
    for text in ("x", "y"):
        heard_note = talk(SALEOR.annotate(CREDIT, {"reason": text}), found(node()), BROKEN)
        steps |= {ask.step for ask in heard_note.asked if isinstance(ask, Do)}
    assert len(steps) == 5


def test_a_note_goes_into_the_cards_private_metadata() -> None:
    noted = payload("updatePrivateMetadata", item={"id": CARD_ID, "code": CODE.reveal()})
    heard = talk(SALEOR.annotate(CREDIT, {"b": "x" * 300, "a": "y"}), found(node()), noted)
    assert heard.result is True
    assert variables(heard.asked[1].request) == {
        "id": CARD_ID,
        "input": [
            {"key": "countermark_a", "value": "y"},
            {"key": "countermark_b", "value": "x" * 200},
        ],
    }


@pytest.mark.parametrize(
    "replies",
    [
        (NOWHERE,),
        (BROKEN,),
        (found(node(metafield=OTHER_KEY)),),
        (found(node()), BROKEN),
        (found(node()), payload("updatePrivateMetadata", item=None)),
        (found(node()), payload("updatePrivateMetadata", item={"id": "b", "code": CODE.reveal()})),
        (found(node()), payload("updatePrivateMetadata", item={"id": CARD_ID, "code": "D" * 16})),
        (found(node()), refused("updatePrivateMetadata", "NOT_UPDATED")),
    ],
)
def test_a_note_is_kept_only_when_our_card_comes_back(replies: tuple[HttpReply, ...]) -> None:
    assert talk(SALEOR.annotate(CREDIT, {"a": "y"}), *replies).result is False


def test_a_balance_is_what_can_be_spent() -> None:
    card = {
        "id": CARD_ID,
        "code": CODE.reveal(),
        "isActive": True,
        "currentBalance": money(5),
    }
    assert talk(SALEOR.balance(CODE), listed(card)).result == Money(500, "USD")
    gone = listed({**card, "isActive": False})
    assert talk(SALEOR.balance(CODE), gone).result == Money(0, "USD")
    assert talk(SALEOR.balance(CODE), listed()).result is None
    for odd in (listed({**card, "code": "D" * 16}), listed({**card, "currentBalance": None})):
        assert isinstance(talk(SALEOR.balance(CODE), odd).result, Unknown)
    assert isinstance(talk(SALEOR.balance(CODE), BROKEN).result, Unknown)
