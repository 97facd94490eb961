# SPDX-License-Identifier: Apache-2.0
"""Every sentence that a person reads, per language. Pure; the only place of such sentences.

A screen sentence says first what happened to the customer's money, then what to do. Nothing here
decides: what is true of a credit comes in as values.
"""

from agent.words.cashier import Told, answer_words, paper_words, state_words, told
from agent.words.catalogue import (
    ENGLISH,
    FaultWords,
    Who,
    explain,
    fault_words,
    languages,
    message_ids,
    placeholders,
    problem_title,
    say,
    template,
)
from agent.words.claim import claim_words
from agent.words.link import link_notice, link_words
from agent.words.money_text import money_text

__all__ = [
    "ENGLISH",
    "FaultWords",
    "Told",
    "Who",
    "answer_words",
    "claim_words",
    "explain",
    "fault_words",
    "languages",
    "link_notice",
    "link_words",
    "message_ids",
    "money_text",
    "paper_words",
    "placeholders",
    "problem_title",
    "say",
    "state_words",
    "template",
    "told",
]
