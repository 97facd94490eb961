# SPDX-License-Identifier: Apache-2.0
"""No text from outside ever becomes a command, and what a code page lacks stays readable."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.wire.code_pages import (
    EPSON_SLOTS,
    TEXT_MAX,
    CodePage,
    SafeText,
    encode,
    printable,
    safe_text,
)
from hardware.wire.escpos_tokens import Text, Tokenizer

PAGES = [CodePage(slot, codec) for slot, codec in EPSON_SLOTS.items()]
CP437, CP1252, CP858, CP866 = (
    CodePage(0, "cp437"),
    CodePage(16, "cp1252"),
    CodePage(19, "cp858"),
    CodePage(17, "cp866"),
)

NASTY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x1b\x1d\x1c\x10\x04\x00\x7f\x9b\u202e\u2066\u200b\u0301\ufeffp@€ß"),
    ),
    max_size=80,
)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Anna\x1bp\x00\x19\xfaB\x1dV\x00", "Annap\u00faBV"),
        ("two\nlines\tand\ra tab", "two lines and a tab"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("zero\u200bwidth\u200d\ufeff\u00ad", "zerowidth"),
        ("Zo\u00eb", "Zo\u00eb"),
        ("e\u0301", "\u00e9"),
        ("\u0301\u0301abc", "abc"),
        ("\u3164\u115f\u034f\ufe0f", ""),
        ("C1: \x85\x9b31m", "C1:  31m"),
        ("\ud800lone", "lone"),
    ],
)
def test_what_steers_printers_or_eyes_is_stripped(raw: str, clean: str) -> None:
    assert safe_text(raw).value == clean


def test_a_flood_of_marks_leaves_two_of_them_on_the_letter() -> None:
    assert safe_text("q" + "\u0336" * 500 + "z").value == "q\u0336\u0336z"
    assert safe_text("q" + "\u0336" * 500_000, limit=12).value == "q\u0336\u0336"


def test_length_is_bounded_however_long_the_name() -> None:
    assert len(safe_text("n" * 10_000)) == TEXT_MAX
    assert safe_text("abcdef", limit=3).value == "abc"
    assert safe_text("abc", limit=0).value == ""
    assert safe_text("abc", limit=-5).value == ""


@pytest.mark.parametrize("bad", ["\x1b", "\x00", "\x7f", "\x9b", "\u202e", "\u200b", "\n"])
def test_safe_text_cannot_be_made_of_unsafe_text(bad: str) -> None:
    with pytest.raises(ValueError, match="do not print"):
        SafeText(f"a{bad}b")


def test_safe_text_longer_than_the_bound_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than"):
        SafeText("x" * (TEXT_MAX + 1))


@pytest.mark.parametrize(
    ("text", "page", "data"),
    [
        ("Zo\u00eb", CP437, b"Zo\x89"),
        ("\u20ac 5", CP437, b"EUR 5"),
        ("\u20ac 5", CP858, b"\xd5 5"),
        ("\u20ac 5", CP1252, b"\x80 5"),
        ("1\u202f000\u00a0$", CP1252, b"1 000 $"),
        ("\u201chi\u201d \u2018x\u2019", CP437, b"\"hi\" 'x'"),
        ("a\u2013b\u2026", CP437, b"a-b..."),
        ("\u0141\u00f3d\u017a", CP437, b"L\xa2dz"),
        ("\u041f\u0440\u0438", CP866, b"\x8f\xe0\xa8"),
        ("\u041f\u0440\u0438", CP437, b"???"),
        ("\u4f60\u597d", CP1252, b"??"),
        ("\ufb01n", CP437, b"fin"),
        ("\u1e9e\u00df", CP866, b"SSss"),
        ("e\u0301x\u0302", CP437, b"\x82x"),
    ],
)
def test_text_is_written_with_what_the_page_has(text: str, page: CodePage, data: bytes) -> None:
    assert encode(SafeText(text), page) == data


@given(NASTY, st.sampled_from(PAGES))
@settings(max_examples=400)
def test_no_text_from_outside_can_carry_a_command(raw: str, page: CodePage) -> None:
    clean = safe_text(raw)
    data = encode(clean, page)
    assert all(value >= 0x20 and value != 0x7F for value in data)
    tokens = Tokenizer().feed(data)
    assert tokens == ([Text(data)] if data else [])
    shown = printable(clean, page)
    assert len(shown) == len(data), "one column a character"
    assert printable(shown, page) == shown


@given(NASTY)
def test_cleaning_twice_is_cleaning_once(raw: str) -> None:
    once = safe_text(raw)
    assert safe_text(once.value) == once
    assert unicodedata.is_normalized("NFC", once.value) or once.value


@pytest.mark.parametrize(
    "page", [CP437, CP1252, CodePage(37, "cp864")], ids=lambda page: page.codec
)
def test_every_character_of_the_basic_plane_can_be_asked_for(page: CodePage) -> None:
    for start in range(0x20, 0x10000, TEXT_MAX):
        text = safe_text("".join(map(chr, range(start, start + TEXT_MAX))))
        data = encode(text, page)
        assert all(value >= 0x20 and value != 0x7F for value in data)


@pytest.mark.parametrize(
    ("slot", "codec"), [(-1, "cp437"), (256, "cp437"), (0, "gb18030"), (0, "utf-8")]
)
def test_a_code_page_of_two_bytes_or_of_no_slot_is_refused(slot: int, codec: str) -> None:
    with pytest.raises(ValueError, match=r"slot|codec"):
        CodePage(slot, codec)


def test_safe_text_does_not_show_what_it_says() -> None:
    text = safe_text("SECRET")
    assert "SECRET" not in f"{text!r} {text}"
    assert text.value == "SECRET"
