# SPDX-License-Identifier: Apache-2.0
"""The words for a voucher that came back: title, sentence and next step."""

from __future__ import annotations

from typing import Final

from agent.domain.claim import ClaimNews
from agent.domain.record import Answer
from agent.words.cashier import Told, answer_words
from agent.words.catalogue import ENGLISH, placeholders, say

LINKED: Final = "linked"
UNLINKED: Final = "unlinked"
OTHER_CUSTOMER: Final = "other-customer"
VARIANTS: Final = (LINKED, UNLINKED, OTHER_CUSTOMER)
"""What else may be said of a confirmation: how the card and the customer belong together."""


def claim_words(
    news: ClaimNews,
    answer: Answer,
    amount: str,
    variant: str | None = None,
    language: str = ENGLISH,
) -> Told:
    """What is said of a scan. `variant`: one of `VARIANTS`, for a confirmation only."""
    more = f".{variant}" if variant is not None and news is ClaimNews.CONFIRMED else ""
    title = answer_words(answer, amount, language).title
    name = f"claim.{news.value}{more}"
    return Told(
        title, _part(f"{name}.sentence", amount, language), _part(f"{name}.next", amount, language)
    )


def _part(message_id: str, amount: str, language: str) -> str:
    takes = placeholders(message_id, language)
    return say(message_id, language, **({"amount": amount} if takes else {}))
