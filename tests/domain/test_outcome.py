# SPDX-License-Identifier: Apache-2.0
"""What a vendor said is kept for support, and cannot steer a log, a screen or a printer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.outcome import Saying


@given(st.text(max_size=400), st.text(max_size=400), st.text(max_size=400))
def test_a_saying_is_printable_and_at_most_200_characters(
    code: str, message: str, request_id: str
) -> None:
    said = Saying(409, code, message, request_id)
    for text, given_text in (
        (said.code, code),
        (said.message, message),
        (said.request_id, request_id),
    ):
        assert text.isprintable()
        assert len(text) == min(len(given_text), 200)


@given(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=200))
def test_what_is_printable_is_kept_word_for_word(message: str) -> None:
    assert Saying(message=message).message == message


@pytest.mark.parametrize("wild", ["\x1b@", "a\nb", "a\r\nb", "\x00", "\u202eabc", "\ud800", "\x9b"])
def test_a_command_byte_in_a_saying_becomes_a_question_mark(wild: str) -> None:
    said = Saying(code=wild, message=wild, request_id=wild)
    assert said.message.isprintable()
    assert "?" in said.message
    assert said.code == said.message == said.request_id


def test_cleaning_a_saying_twice_changes_nothing() -> None:
    once = Saying(500, "a\x1b", "b" * 300, "c\n")
    assert Saying(once.status, once.code, once.message, once.request_id) == once
