# SPDX-License-Identifier: Apache-2.0
"""Documents on every width: nothing over the edge, and no text that acts as a command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.printing.document import (
    Banner,
    Big,
    Block,
    Cut,
    Document,
    Feed,
    Line,
    Pair,
    Qr,
    Rule,
    Side,
    Title,
)
from agent.printing.render import VALUE_MAX, paper_of, plain_lines, render, svg, wrapped
from hardware.profiles import load
from hardware.wire.code_pages import CodePage
from hardware.wire.escpos_tokens import Command, Control, Text, Token, Tokenizer, realtime_in
from hardware.wire.paper import TextRow
from tests.printing.samples import PROFILES, symbols_on

# What a paper of ours is made of. The drawer (ESC p), modes and macros are not among it.
OURS: Final = frozenset(
    {
        "ESC @",
        "ESC E",
        "ESC R",
        "ESC a",
        "ESC d",
        "ESC t",
        "FS .",
        "GS !",
        "GS ( k",
        "GS B",
        "GS V",
        "GS v 0",
    }
)
HOSTILE: Final = (
    "Anna\x1bp\x00\x19\xfaB",
    "cut\x1dV\x00",
    "status\x10\x04\x01",
    "\x9b2J",
    "right\u202eto left",
    "zero\u200bwidth\ufeff",
    "e" + "\u0301" * 500,
    "{INIT}{CUT}",
    "line\nline\r\nline\ttab",
    "x" * 10_000,
    "你好 Zoë €",
)


def tokens_of(job: bytes) -> list[Token]:
    tokenizer = Tokenizer()
    return [*tokenizer.feed(job), *tokenizer.finish()]


def assert_only_ours(job: bytes) -> None:
    """Only our commands, whole and known; line ends; text without a control byte."""
    for token in tokens_of(job):
        if isinstance(token, Command):
            assert token.known
            assert token.name in OURS, token.name
        elif isinstance(token, Control):
            assert token.byte == 0x0A
        else:
            assert isinstance(token, Text), token
            assert all(value >= 0x20 and value != 0x7F for value in token.raw)
    assert realtime_in(job) == ()


def assert_on_paper(job: bytes, name: str) -> None:
    paper = paper_of(job, load(name))
    assert paper.notes == ()
    for row in paper.elements:
        if isinstance(row, TextRow):
            for span in row.spans:
                assert span.x + span.width <= paper.width


def every_block(text: str) -> Sequence[Block]:
    return (
        Title(text),
        Line(text),
        Line(text, Side.CENTER, bold=True),
        Pair(text, text),
        Pair("Sale", text, strong=True),
        Banner(text),
        Feed(),
        Rule(),
        Cut(),
    )


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_reaches_no_printer_as_a_command(name: str, text: str) -> None:
    job = render(Document(tuple(every_block(text))), load(name))
    assert_only_ours(job)
    assert_on_paper(job, name)


@given(text=st.text(max_size=700), name=st.sampled_from(PROFILES))
def test_any_text_stays_text_and_on_the_paper(text: str, name: str) -> None:
    job = render(Document((*every_block(text), Line("end"))), load(name))
    assert_only_ours(job)
    assert_on_paper(job, name)


def test_a_ten_kilobyte_name_does_not_eat_the_roll() -> None:
    job = render(Document((Pair("Sale", "9" * 10_000), Line("end"))), load("generic-58"))
    shown = "".join(plain_lines(paper_of(job, load("generic-58"))))
    assert shown.count("9") == VALUE_MAX


@given(text=st.text(max_size=300), columns=st.integers(min_value=1, max_value=60))
def test_wrapping_loses_no_character_and_keeps_every_line_in_bounds(
    text: str, columns: int
) -> None:
    rows = wrapped(text, columns)
    assert all(0 < len(row) <= columns for row in rows)
    assert "".join("".join(rows).split()) == "".join(text.split())


def test_wrapping_breaks_between_words_and_long_numbers_behind_a_dash() -> None:
    assert wrapped("one two three", 7) == ["one two", "three"]
    assert wrapped("0421-03-1763600000000-7K3QF2ZD", 24) == ["0421-03-1763600000000-", "7K3QF2ZD"]
    assert wrapped("", 10) == []


def test_a_value_that_does_not_fit_beside_its_name_takes_lines_of_its_own() -> None:
    job = render(Document((Pair("Sale", "4" * 30),)), load("generic-58"))
    assert plain_lines(paper_of(job, load("generic-58"))) == ("Sale", "  " + "4" * 30)


@pytest.mark.parametrize(("text", "wide"), [("USD 48.50", 2), ("USD 10000000000.00", 1)])
def test_an_amount_gets_narrower_and_is_never_wrapped(text: str, wide: int) -> None:
    paper = paper_of(render(Document((Big(text),)), load("generic-58")), load("generic-58"))
    (row,) = paper.elements
    assert isinstance(row, TextRow)
    (span,) = row.spans
    assert (span.text, span.cell_width) == (text, 12 * wide)


def test_an_amount_wider_than_the_paper_is_refused() -> None:
    with pytest.raises(ValueError, match="wider"):
        render(Document((Big("9" * 33),)), load("generic-58"))


@pytest.mark.parametrize("name", PROFILES)
def test_a_symbol_is_read_back_from_the_dots(name: str) -> None:
    profile = load(name)
    job = render(Document((Line("above"), Qr("CM1:ABCDEF0123"), Line("below"))), profile)
    assert symbols_on(paper_of(job, profile)) == ["CM1:ABCDEF0123"]


def test_the_printers_own_symbol_is_used_only_where_its_profile_proves_it() -> None:
    document = Document((Qr("CM1:ABCDEF0123"),))
    assert b"\x1d(k" in render(document, load("epson-tm-t20iii"))
    assert b"\x1d(k" not in render(document, load("generic-80"))
    assert b"\x1dv0" in render(document, load("generic-80"))


def test_paper_without_a_cutter_is_fed_past_the_tear_bar() -> None:
    assert b"\x1dV" not in render(Document((Line("x"), Cut())), load("generic-58"))
    assert b"\x1dV" in render(Document((Line("x"), Cut())), load("epson-tm-t20iii"))


def test_letters_go_out_in_the_code_page_asked_for() -> None:
    document = Document((Line("Zoë"),))
    profile = load("epson-tm-t20iii")
    assert "Zoë".encode("cp858") in render(document, profile)
    assert "Zoë".encode("cp1252") in render(document, profile, CodePage(16, "cp1252"))


def test_a_picture_escapes_its_text_and_holds_no_script() -> None:
    profile = load("generic-80")
    picture = svg(paper_of(render(Document((Line("<script>&"),)), profile), profile))
    assert "&lt;script&gt;&amp;" in picture
    assert "<script" not in picture


def test_a_job_that_prints_nothing_is_no_paper() -> None:
    with pytest.raises(ValueError, match="nothing"):
        paper_of(render(Document(()), load("generic-80")), load("generic-80"))


def test_neither_a_document_nor_its_symbol_shows_its_content() -> None:
    assert "SECRET" not in repr(Document((Line("SECRET"),)))
    assert "SECRET" not in repr(Qr("SECRET"))
