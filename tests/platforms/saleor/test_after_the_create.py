# SPDX-License-Identifier: Apache-2.0
"""What follows a create: reading back what is already there, and the link; by recorded replies."""

from __future__ import annotations

import pytest

from agent.domain.outcome import (
    Confirmed,
    Refused,
    Unanswered,
)
from agent.platforms.exchange import Do
from agent.platforms.messages import HttpReply, NoAnswer, NotSent
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
    failed,
    found,
    issued,
    listed,
    made,
    money,
    node,
    payload,
    refused,
    variables,
    voucher,
)
from tests.platforms.talking import CODE, CREDIT, KEY, talk

CREATE = "create POST /graphql/"
LOOK = "look POST /graphql/"


@pytest.mark.parametrize("taken", TAKEN)
def test_each_shape_of_already_there_is_read_back_and_equal_is_confirmed(
    taken: HttpReply,
) -> None:
    heard = talk(SALEOR.issue(CREDIT, None), taken, found(node(currentBalance=money(0))))
    assert heard.said == [CREATE, LOOK]
    assert variables(heard.asked[1].request) == {"code": CODE.reveal(), "key": KEY.text}
    assert isinstance(heard.result, Confirmed)


@pytest.mark.parametrize("taken", TAKEN)
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"isActive": False}, "disabled"),
        ({"metafield": OTHER_KEY}, "key"),
        ({"issued": issued(1)}, "amount"),
    ],
)
def test_already_there_and_different_is_for_the_look_up_and_a_person(
    taken: HttpReply, changes: dict[str, object], message: str
) -> None:
    heard = talk(SALEOR.issue(CREDIT, None), taken, found(node(**changes)))
    assert isinstance(heard.result, Unanswered)
    assert heard.result.differs
    assert heard.result.saying.message == message


@pytest.mark.parametrize("proof", [voucher(CODE.reveal()), voucher(None, "A", CODE.reveal())])
def test_a_code_that_belongs_to_a_voucher_is_refused(proof: HttpReply) -> None:
    heard = talk(SALEOR.issue(CREDIT, None), TAKEN[0], NOWHERE, proof)
    assert heard.said == [CREATE, LOOK, LOOK]
    assert isinstance(heard.result, Refused)
    assert heard.result.saying.code == "ALREADY_EXISTS"


@pytest.mark.parametrize(
    "unproved",
    [
        NO_VOUCHER,
        voucher(CODE.reveal().lower(), "SUMMER"),
        failed("PermissionDenied", "vouchers", data={"vouchers": None}),
        answer({"vouchers": {"edges": ["no"]}}),
        BROKEN,
        THROTTLED,
    ],
)
def test_already_there_and_nowhere_to_be_seen_is_unanswered(unproved: HttpReply) -> None:
    """A replica that lags hides a card: only a voucher that is seen may refuse it."""
    outcome = talk(SALEOR.issue(CREDIT, None), TAKEN[0], NOWHERE, unproved).result
    assert isinstance(outcome, Unanswered)
    assert outcome.why == "taken"
    assert not outcome.differs


@pytest.mark.parametrize("nothing", [BROKEN, THROTTLED, NO_PERMISSION, answer({"byCode": None})])
def test_already_there_and_unreadable_is_unanswered(nothing: HttpReply) -> None:
    outcome = talk(SALEOR.issue(CREDIT, None), TAKEN[1], nothing).result
    assert isinstance(outcome, Unanswered)
    assert outcome.why == "taken"


def linked(customer: str | None, **changes: object) -> dict[str, object]:
    to = None if customer is None else {"id": customer}
    return {"id": CARD_ID, "code": CODE.reveal(), "assignedTo": to, **changes}


def test_a_confirmed_create_goes_on_to_the_link() -> None:
    assigned = payload("giftCardAssignUser", giftCard=linked("VXNlcjox"))
    heard = talk(SALEOR.issue(CREDIT, "VXNlcjox"), made(), listed(linked(None)), assigned)
    link = heard.asked[2]
    assert isinstance(link, Do)
    assert link.step.startswith("link-")
    assert variables(link.request) == {"id": CARD_ID, "userId": "VXNlcjox"}
    assert isinstance(heard.result, Confirmed)
    assert heard.result.linked


@pytest.mark.parametrize(
    "replies",
    [
        (NotSent("connect"),),
        (NoAnswer("deadline"),),
        (BROKEN,),
        (listed(linked("VXNlcjoy")),),
        (listed(linked(None)), NoAnswer("reset")),
        (listed(linked(None)), BROKEN),
        (listed(linked(None)), refused("giftCardAssignUser", "CANNOT_ASSIGN", "id")),
        (listed(linked(None)), payload("giftCardAssignUser", giftCard=linked("VXNlcjoy"))),
    ],
    ids=str,
)
def test_a_link_that_fails_leaves_the_credit_confirmed_and_unlinked(
    replies: tuple[HttpReply | NotSent | NoAnswer, ...],
) -> None:
    heard = talk(SALEOR.issue(CREDIT, "VXNlcjox"), made(), *replies)
    assert isinstance(heard.result, Confirmed)
    assert not heard.result.linked


def test_the_burnt_card_of_another_is_not_this_credit() -> None:
    outcome = talk(SALEOR.issue(CREDIT, None), TAKEN[0], found(burnt(isActive=False))).result
    assert isinstance(outcome, Unanswered)
    assert outcome.differs
