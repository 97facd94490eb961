# SPDX-License-Identifier: Apache-2.0
"""What is cash or personal never gets through; what support needs does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.code import Code
from agent.telemetry import redact

CODES = st.builds(
    Code.draw,
    st.integers(0, 21),
    st.tuples(*[st.integers(0, 31)] * 14),
)


@given(CODES, st.sampled_from([" ", "-", "", ":"]))
def test_a_code_is_masked_in_every_form_but_for_its_last_four(code: Code, around: str) -> None:
    whole = code.reveal()
    for form in (whole, whole.lower(), code.grouped(), code.grouped().replace("-", " ")):
        said = redact(f"card{around or ' '}{form}{around or ' '}done")
        assert form not in said
        assert whole[:12] not in said.replace("-", "").replace(" ", "").upper()
        assert code.last_four in said


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("GET /V/MEYDCMRTGQ2TMNZY HTTP", "GET /V/*** HTTP"),
        ("CM1:" + "A" * 191, "CM1:***"),
        ("A" * 191, "***"),
        ("Authorization: Bearer abc.def-1", "Authorization: Bearer ***"),
        ("token " + "aB3-_" * 8 + "xyz", "token ***"),
        ("to jane.doe@example.com now", "to *** now"),
        ("call +1 (212) 555-0100 back", "call *** back"),
    ],
)
def test_tokens_and_personal_data_are_masked(text: str, left: str) -> None:
    assert redact(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "0421-03-1763600000000-7K3QF2ZD",
        "ABCD-EF01-1763600000000-7K3QF2ZD",
        "USD 48.50",
        "POST /v1/credits/{key}",
        "ABCDEFGHJKMNPQRS",
        "request_id 8f14e45f-ceea-467f-a1d2-91f6e2b4c5aa",
    ],
)
def test_what_support_must_read_stays(text: str) -> None:
    assert redact(text) == text
