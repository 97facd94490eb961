# SPDX-License-Identifier: Apache-2.0
"""Looking up and filling sentences: strict where we call it, forgiving where a fault is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.faults import (
    AliasConflict,
    ApprovalInvalid,
    BadField,
    JournalDamaged,
    NotNow,
    VoucherInvalid,
    all_faults,
)
from agent.words import (
    ENGLISH,
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

FAULTS_PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
# What is no column of a console's list and no prompt.
SENTENCES = ("answer.", "manager.", "review.", "state.", "paper", "fault.", "problem.")
ID = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)+")


def test_a_sentence_is_filled_with_its_values() -> None:
    assert say("queue.line", key="K", amount="USD 1.00", state="parked", paper="none") == (
        "K  USD 1.00  parked  paper none"
    )
    assert say("paper.foot.copy", copy=2) == "COPY 2"


def test_an_unknown_id_is_an_error() -> None:
    with pytest.raises(KeyError):
        say("no.such-sentence")


@pytest.mark.parametrize("values", [{}, {"copies": 1}, {"copy": 1, "more": 2}])
def test_values_that_do_not_fit_the_sentence_are_an_error(values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"paper\.foot\.copy"):
        say("paper.foot.copy", ENGLISH, **values)


def test_an_unknown_language_is_an_error_that_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="en_US"):
        say("paper.foot.copy", "xx_XX", copy=1)


@given(value=st.text())
def test_a_value_is_inserted_as_text_whatever_it_holds(value: str) -> None:
    assert say("answer.confirmed.sentence", amount=value) == (
        f"{value} of store credit is confirmed."
    )


@pytest.mark.parametrize("value", ["{amount}", "{amount.__class__}", "{0}", "%s", "\\1"])
def test_a_value_is_never_taken_for_a_placeholder(value: str) -> None:
    assert say("answer.confirmed.sentence", amount=value).startswith(value)


def test_every_language_has_the_same_ids_and_the_same_placeholders() -> None:
    for language in languages():
        assert message_ids(language) == message_ids(ENGLISH)
        for message_id in message_ids(ENGLISH):
            assert placeholders(message_id, language) == placeholders(message_id, ENGLISH)


def test_every_id_and_every_sentence_is_well_formed() -> None:
    for language in languages():
        for message_id in message_ids(language):
            text = template(message_id, language)
            assert ID.fullmatch(message_id), message_id
            if message_id.startswith(SENTENCES):
                assert " ".join(text.split()) == text, message_id
            left = re.sub(r"\{[a-z_]+\}", "", text)
            assert "{" not in left, message_id
            assert "}" not in left, message_id
            assert left.isprintable(), message_id


def test_every_paper_sentence_can_be_printed_on_every_printer() -> None:
    for language in languages():
        for message_id in message_ids(language):
            if not message_id.startswith("paper."):
                continue
            text = template(message_id, language)
            if language == ENGLISH:
                assert text.isascii(), message_id
            if text.isascii():
                for code_page in ("cp437", "cp858"):
                    assert text.encode(code_page) == text.encode("ascii")


def test_paper_speaks_of_an_account_only_where_its_name_says_so() -> None:
    for message_id in message_ids():
        if message_id.startswith("paper."):
            speaks = "account" in template(message_id).lower()
            assert speaks is message_id.endswith(".account"), message_id


@pytest.mark.parametrize("fault", list(all_faults()), ids=lambda fault: fault.code)
def test_every_fault_says_what_happened_what_to_do_and_who(fault: type) -> None:
    code: str = fault.code  # type: ignore[attr-defined]
    words = fault_words(code)
    assert words.sentence.endswith(".")
    assert words.hint.endswith(".")
    assert words.who in Who
    assert re.match(r"(Nothing|No |This credit)", words.sentence), "the money comes first"
    assert problem_title(code)
    assert placeholders(f"problem.{code}") == frozenset()


def test_there_are_no_words_for_faults_that_are_gone() -> None:
    codes = {fault.code for fault in all_faults()}
    worded = {part.split(".")[1] for part in message_ids() if part.startswith("fault.")}
    assert worded == codes


def test_a_fault_is_told_with_its_own_values() -> None:
    words = explain(BadField(field="amount.minor", problem="it must be above zero"))
    assert words.sentence == (
        "Nothing was issued or changed: amount.minor is wrong: it must be above zero."
    )
    assert words.hint == "Correct amount.minor and send the request again."
    assert words.who is Who.POS_VENDOR


def test_a_reason_picks_the_more_exact_sentence() -> None:
    assert "five minutes" in explain(ApprovalInvalid(why="too-old")).sentence
    assert "two credits" in explain(AliasConflict(key="K", why="two-records")).sentence
    assert explain(VoucherInvalid(why="unknown-key")).who is Who.MANAGER
    assert explain(VoucherInvalid(why="new-reason")) == explain(VoucherInvalid())


def test_a_state_is_told_by_its_title() -> None:
    told = explain(NotNow(state="parked", event="void-asked", case="")).sentence
    assert told == "Nothing was changed: a credit that is PARKED does not allow this."


def test_a_fault_without_its_values_is_told_all_the_same() -> None:
    assert explain(JournalDamaged()).sentence.endswith("changed or cut at unknown.")


def test_the_page_of_faults_says_what_the_catalogue_says() -> None:
    rows = {
        f"| `{fault.code}` | {words.sentence} | {words.hint} | {words.who.value} |"
        for fault in all_faults()
        for words in [fault_words(fault.code)]
    }
    page = FAULTS_PAGE.read_text(encoding="utf-8")
    listed = {line for line in page.splitlines() if line.startswith("| `")}
    assert listed == rows
