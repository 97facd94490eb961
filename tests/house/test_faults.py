# SPDX-License-Identifier: Apache-2.0
"""Every fault has words for people and a line in the documents, under its own stable code."""

from __future__ import annotations

import re

from agent.domain.faults import all_faults
from agent.words import fault_words
from tests.house.texts import find_unlisted
from tests.house.tree import read

LANGUAGE = "en_US"
CODE = re.compile(r"[a-z]+(-[a-z]+)*")


def test_every_fault_has_a_code_of_its_own() -> None:
    codes = [fault.code for fault in all_faults()]
    assert len(codes) > 5
    assert len(set(codes)) == len(codes)
    assert [code for code in codes if not CODE.fullmatch(code)] == []


def test_every_fault_has_words() -> None:
    words = {fault.code: fault_words(fault.code, LANGUAGE) for fault in all_faults()}
    wordless = [code for code, said in words.items() if not (said.sentence and said.hint)]
    assert wordless == []


def test_every_fault_has_a_line_in_the_documents() -> None:
    codes = {fault.code for fault in all_faults()}
    assert find_unlisted(codes, read("docs/faults.md"), "docs/faults.md") == []
    listed = set(re.findall(r"^\| `([a-z-]+)` \|", read("docs/faults.md"), re.M))
    assert listed - codes == set(), "docs/faults.md names faults that no longer exist"
