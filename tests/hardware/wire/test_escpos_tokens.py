# SPDX-License-Identifier: Apache-2.0
"""The tokenizer against every command length, arbitrary bytes and arbitrary cuts."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hardware.wire.escpos_lengths import DLE, ESC, FS, GS, MEASURES
from hardware.wire.escpos_tokens import (
    COMPLETION_MAX,
    HELD_MAX,
    PIECE_BYTES,
    Command,
    Control,
    Incomplete,
    Piece,
    RealTime,
    Text,
    Token,
    Tokenizer,
    realtime_in,
)

BITMAP = b"BM" + (30).to_bytes(4, "little") + bytes(24)

WHOLE_COMMANDS = [
    ("ESC @", b"\x1b@"),
    ("ESC FF", b"\x1b\x0c"),
    ("ESC SP", b"\x1b \x05"),
    ("ESC !", b"\x1b!\x38"),
    ("ESC $", b"\x1b$\x10\x00"),
    ("ESC \\", b"\x1b\\\x10\x00"),
    ("ESC =", b"\x1b=\x01"),
    ("ESC R", b"\x1bR\x00"),
    ("ESC W", b"\x1bW" + bytes(8)),
    ("ESC c 5", b"\x1bc5\x01"),
    ("ESC d", b"\x1bd\x1b"),
    ("ESC f", b"\x1bf\x01\x02"),
    ("ESC i", b"\x1bi"),
    ("ESC m", b"\x1bm"),
    ("ESC p", b"\x1bp\x00\x19\xfa"),
    ("ESC t", b"\x1bt\x10"),
    ("ESC v", b"\x1bv"),
    ("ESC ( A", b"\x1b(A\x04\x00\x30\x31\x03\x05"),
    ("ESC *", b"\x1b*\x00\x04\x00\x1b\x1d\x0a\x0c"),
    ("ESC *", b"\x1b*\x21\x02\x00\x1b\x1d\x0a\x0c\x10\x04"),
    ("ESC D", b"\x1bD\x04\x08\x10\x00"),
    ("ESC D", b"\x1bD\x00"),
    ("ESC D", b"\x1bD" + bytes(range(1, 33)) + b"\x00"),
    ("ESC &", b"\x1b&\x03\x41\x42\x02abcdef\x01ghi"),
    ("GS !", b"\x1d!\x11"),
    ("GS $", b"\x1d$\x01\x02"),
    ("GS :", b"\x1d:"),
    ("GS c", b"\x1dc"),
    ("GS *", b"\x1d*\x02\x01" + bytes(16)),
    ("GS B", b"\x1dB\x01"),
    ("GS L", b"\x1dL\x10\x00"),
    ("GS P", b"\x1dP\xb4\xb4"),
    ("GS ^", b"\x1d^\x01\x02\x00"),
    ("GS z", b"\x1dz0\x01\x02"),
    ("GS g", b"\x1dg0\x00\x14\x00"),
    ("GS I", b"\x1dI\x42"),
    ("GS a", b"\x1da\xff"),
    ("GS r", b"\x1dr\x01"),
    ("GS C", b"\x1dC0\x05\x01"),
    ("GS C", b"\x1dC1\x01\x00\xff\x00\x01\x01"),
    ("GS C", b"\x1dC2\x01\x00"),
    ("GS C", b"\x1dC;1;999;1;1;1;"),
    ("GS D", b"\x1dD\x30\x43\x30\x20\x20\x30\x31" + BITMAP),
    ("GS V", b"\x1dV\x00"),
    ("GS V", b"\x1dV1"),
    *(("GS V", b"\x1dV" + bytes([m, 3])) for m in (65, 66, 97, 98, 103, 104)),
    ("GS k", b"\x1dk\x04CODE39\x00"),
    ("GS k", b"\x1dk\x49\x06{A1234"),
    ("GS ( k", b"\x1d(k\x05\x00\x31\x50\x30\x1d\x56"),
    ("GS ( H", b"\x1d(H\x06\x00\x30\x300001"),
    ("GS ( L", b"\x1d(L\x02\x00\x30\x32"),
    ("GS ( D", b"\x1d(D\x03\x00\x14\x01\x00"),
    ("GS 8 L", b"\x1d8L\x03\x00\x00\x00abc"),
    ("GS v 0", b"\x1dv0\x00\x02\x00\x03\x00\x1b\x40\x1d\x56\x00\x0c"),
    ("GS Q 0", b"\x1dQ0\x00\x01\x00\x02\x00ab"),
    ("FS &", b"\x1c&"),
    ("FS .", b"\x1c."),
    ("FS !", b"\x1c!\x00"),
    ("FS ?", b"\x1c?\x77\x21"),
    ("FS S", b"\x1cS\x01\x02"),
    ("FS p", b"\x1cp\x01\x00"),
    ("FS ( E", b"\x1c(E\x02\x00\x3d\x02"),
    ("FS q", b"\x1cq\x02\x01\x00\x01\x00abcdefgh\x01\x00\x01\x00abcdefgh"),
    ("FS 2", b"\x1c2\x77\x21" + bytes(72)),
    ("FS a", b"\x1ca0\x01"),
    ("FS a", b"\x1ca1"),
    ("FS g", b"\x1cg1\x00\x01\x00\x00\x00\x02\x00ab"),
    ("FS g", b"\x1cg2\x00\x01\x00\x00\x00\x02\x00"),
]

REAL_TIMES = [
    ("DLE EOT", b"\x10\x04\x01"),
    ("DLE EOT", b"\x10\x04\x07\x01"),
    ("DLE EOT", b"\x10\x04\x12\x01"),
    ("DLE ENQ", b"\x10\x05\x02"),
    ("DLE DC4", b"\x10\x14\x01\x00\x05"),
    ("DLE DC4", b"\x10\x14\x02\x01\x08"),
    ("DLE DC4", b"\x10\x14\x03\x01\x01\x01\x01\x01"),
    ("DLE DC4", b"\x10\x14\x07\x01"),
    ("DLE DC4", b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"),
]

UNKNOWN = [
    (b"\x1bZ\x01", [Command("ESC Z", b"\x1bZ\x01", known=False)]),
    (b"\x1d~\x01", [Command("GS ~", b"\x1d~\x01", known=False)]),
    (b"\x1b\x1b@", [Control(b"\x1b"), Command("ESC @", b"\x1b@")]),
    (b"\x1d\xff", [Control(b"\x1d"), Text(b"\xff")]),
    (b"\x10A", [Control(b"\x10"), Text(b"A")]),
    (b"\x1dv1", [Command("GS v 1", b"\x1dv1", known=False)]),
    (b"\x1dV\x07", [Command("GS V", b"\x1dV\x07", known=False)]),
    (b"\x1dk\x14A", [Command("GS k", b"\x1dk\x14", known=False), Text(b"A")]),
    (b"\x1dC;1x", [Command("GS C", b"\x1dC;1", known=False), Text(b"x")]),
    (b"\x1b&\x00AB", [Command("ESC &", b"\x1b&\x00AB", known=False)]),
    (b"\x1b*\x05\x01\x00", [Command("ESC *", b"\x1b*\x05\x01\x00", known=False)]),
]

# Bytes that make commands likely: prefixes, letters, small counts, real-time commands.
LIKELY = sorted({DLE, ESC, FS, GS, 0, 1, 2, 4, 10, 0x14, 0x30, 0x31, 65, 66, 67, 200})
LIKELY += sorted({letter for table in MEASURES.values() for letter in table})
STREAMS = st.lists(
    st.one_of(
        st.binary(max_size=12),
        st.lists(st.sampled_from(LIKELY), max_size=24).map(bytes),
        st.sampled_from([raw for _, raw in WHOLE_COMMANDS + REAL_TIMES]),
        st.sampled_from([b"\x1c(A\x02\x00\x300", b"\x1c(A\x02\x00\x302", b"\x1c2\x77\x21"]),
        st.just(b"Total 12.50\n"),
    ),
    max_size=12,
).map(b"".join)


def tokens_of(data: bytes, cuts: list[int]) -> list[Token]:
    """The tokens of ``data`` fed in pieces, adjacent texts joined."""
    tokenizer, tokens = Tokenizer(), []
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, end in pairwise(places):
        tokens += tokenizer.feed(data[start:end])
    return joined([*tokens, *tokenizer.finish()])


def joined(tokens: list[Token]) -> list[Token]:
    merged: list[Token] = []
    for token in tokens:
        if isinstance(token, Text) and merged and isinstance(merged[-1], Text):
            merged[-1] = Text(merged[-1].raw + token.raw)
        else:
            merged.append(token)
    return merged


@pytest.mark.parametrize(("name", "raw"), WHOLE_COMMANDS)
def test_a_whole_command_is_one_token_and_what_follows_is_text(name: str, raw: bytes) -> None:
    assert tokens_of(raw + b"next", []) == [Command(name, raw), Text(b"next")]


@pytest.mark.parametrize(("name", "raw"), REAL_TIMES)
def test_a_real_time_command_between_texts_is_its_own_token(name: str, raw: bytes) -> None:
    assert tokens_of(b"a" + raw + b"b", []) == [Text(b"a"), RealTime(name, raw), Text(b"b")]


@pytest.mark.parametrize(("raw", "expected"), UNKNOWN)
def test_what_no_table_knows_degrades_by_rule(raw: bytes, expected: list[Token]) -> None:
    assert tokens_of(raw, []) == expected


@given(STREAMS, st.lists(st.integers(0, 400), max_size=12))
@settings(max_examples=400)
@example(b"\x1bD\x05\x03A", [3])
@example(b"\x1dk\x04" + b"A" * 300, [100, 258])
@example(b"\x1b&\x02AC\x01ab\x00\x02abcd", [4, 6, 9])
def test_how_the_bytes_were_cut_makes_no_difference(data: bytes, cuts: list[int]) -> None:
    whole = tokens_of(data, [])
    assert b"".join(token.raw for token in whole) == data
    assert tokens_of(data, cuts) == whole
    assert tokens_of(data, list(range(len(data)))) == whole


@given(STREAMS)
@settings(max_examples=300)
def test_the_completion_closes_what_is_open_and_nothing_else(data: bytes) -> None:
    tokenizer = Tokenizer()
    tokenizer.feed(data)
    was_open, missing = tokenizer.open, tokenizer.missing()
    completion = tokenizer.completion()
    assert tokenizer.missing() == missing, "asking changes nothing"
    if completion is None:
        assert missing is None or missing > 0
        return
    assert bool(completion) == was_open
    if missing is not None:
        assert len(completion) == missing
    tokens = tokenizer.feed(completion)
    assert not tokenizer.open
    assert not any(isinstance(token, Incomplete) for token in tokens)
    # A following ESC @ stands alone: nothing swallowed it.
    assert tokenizer.feed(b"\x1b@") == [Command("ESC @", b"\x1b@")]


@pytest.mark.parametrize(
    ("raw", "missing", "completion"),
    [
        (b"", 0, b""),
        (b"text\n", 0, b""),
        (b"\x1b", None, b"@"),
        (b"\x1d", None, b"!\x00"),
        (b"\x1c", None, b"."),
        (b"\x1dV", None, b"\x05"),
        (b"\x1b=", 1, b"\x01"),
        (b"\x1dk\x04CODE", None, b"\x00"),
        (b"\x1dv0\x00\x02\x00\x03\x00\xff", 5, bytes(5)),
        (b"\x1d(k\x05\x00\x31", 4, bytes(4)),
        (b"\x1bp\x00", 2, bytes(2)),
    ],
)
def test_missing_is_exact_where_it_can_be_known(
    raw: bytes, missing: int | None, completion: bytes
) -> None:
    tokenizer = Tokenizer()
    tokenizer.feed(raw)
    assert tokenizer.missing() == missing
    assert tokenizer.completion() == completion


def test_a_giant_image_is_streamed_in_pieces_and_never_gathered() -> None:
    body = 1024 * 3000
    head = b"\x1dv0\x00" + (1024).to_bytes(2, "little") + (3000).to_bytes(2, "little")
    data = head + bytes(body)
    tokenizer, tokens = Tokenizer(), []
    for at in range(0, len(data), 50_000):
        tokens += tokenizer.feed(data[at : at + 50_000])
        assert tokenizer.missing() == len(data) - min(at + 50_000, len(data))
    assert all(isinstance(token, Piece) and token.name == "GS v 0" for token in tokens)
    assert [token.last for token in tokens if isinstance(token, Piece)].count(True) == 1
    assert {len(token.raw) for token in tokens[:-1]} == {PIECE_BYTES}
    assert b"".join(token.raw for token in tokens) == data
    assert len(data) > HELD_MAX
    assert tokens_of(data, [7, 9, 70_000, 2_000_000]) == tokens


def test_a_giant_chain_of_images_goes_on_after_each_one() -> None:
    image = (1023).to_bytes(2, "little") + (100).to_bytes(2, "little") + bytes(8 * 1023 * 100)
    data = b"\x1cq\x03" + image * 3 + b"after"
    whole = tokens_of(data, [])
    assert whole[-1] == Text(b"after")
    assert isinstance(whole[-2], Piece)
    assert whole[-2].last
    assert b"".join(token.raw for token in whole) == data
    assert tokens_of(data, [2, 818_406, 818_408, 1_636_813]) == whole


def test_an_image_of_four_gigabytes_is_declared_without_memory_and_not_completed() -> None:
    tokenizer = Tokenizer()
    assert tokenizer.feed(b"\x1d8L\xff\xff\xff\xff0p") == []
    assert tokenizer.missing() == 0xFFFFFFFF - 2
    assert tokenizer.completion() is None
    assert tokenizer.missing() > COMPLETION_MAX  # type: ignore[operator]
    assert [type(token) for token in tokenizer.finish()] == [Incomplete]
    assert tokenizer.feed(b"A") == [Text(b"A")]


def test_the_kanji_font_decides_how_long_a_user_defined_character_is() -> None:
    small = b"\x1c(A\x02\x00\x30\x02"
    glyph = b"\x1c2\x77\x21" + bytes(32)
    assert tokens_of(small + glyph + b"A", [])[1:] == [Command("FS 2", glyph), Text(b"A")]
    reset = tokens_of(small + b"\x1b@" + glyph + bytes(40) + b"A", [])
    assert reset[2:] == [Command("FS 2", glyph + bytes(40)), Text(b"A")]


def test_finish_hands_out_what_is_open_and_starts_anew() -> None:
    tokenizer = Tokenizer()
    assert tokenizer.feed(b"A\x1d(k\x05\x00\x31") == [Text(b"A")]
    assert tokenizer.finish() == [Incomplete("GS ( k", b"\x1d(k\x05\x00\x31", 4)]
    assert not tokenizer.open
    assert tokenizer.finish() == []


def test_parameters_and_data_are_views_behind_the_name_and_the_count() -> None:
    qr = Command("GS ( k", b"\x1d(k\x04\x00\x31\x50\x30A")
    assert bytes(qr.params) == b"\x04\x00\x31\x50\x30A"
    assert bytes(qr.data) == b"\x31\x50\x30A"
    assert bytes(Command("ESC t", b"\x1bt\x13").params) == b"\x13"
    assert bytes(Command("GS v 0", b"\x1dv0\x00\x01\x00\x01\x00\xaa").data) == b"\xaa"


@pytest.mark.parametrize(("name", "raw"), REAL_TIMES)
def test_real_time_commands_inside_an_image_are_found(name: str, raw: bytes) -> None:
    image = b"\x1b*\x21\x10\x00" + b"\xff" * 9 + raw + b"\xff" * 20
    spots = realtime_in(image)
    assert [(spot.offset, spot.name) for spot in spots] == [(14, name)]
    assert image[14:].startswith(spots[0].raw)


def test_a_stray_sixteen_in_an_image_is_not_a_real_time_command() -> None:
    assert realtime_in(b"\x10\x10\x04\x00\x10\x05\xff\x10\x14\x01\x05\x05" + b"\x10") == ()


@given(st.binary(max_size=64))
def test_looking_for_real_time_commands_never_fails_and_never_invents(data: bytes) -> None:
    for spot in realtime_in(data):
        assert data[spot.offset : spot.offset + len(spot.raw)] == spot.raw


def test_images_are_passed_over_at_twenty_megabytes_a_second_or_more() -> None:
    band = b"\x1dv0\x00" + (72).to_bytes(2, "little") + (96).to_bytes(2, "little")
    data = (band + bytes(range(256)) * 27) * 600
    best_s = 1e9
    for _ in range(3):
        tokenizer, began = Tokenizer(), time.perf_counter()
        for at in range(0, len(data), 1460):
            tokenizer.feed(data[at : at + 1460])
        best_s = min(best_s, time.perf_counter() - began)
    assert len(data) / best_s > 20e6


def test_what_is_printed_shows_in_no_representation() -> None:
    tokenizer = Tokenizer()
    tokens = tokenizer.feed(b"SECRET\x1d(k\x09\x001P0SECRET\x1dk\x04SECRET")
    tokens += tokenizer.finish()
    assert len(tokens) == 3
    assert "SECRET" not in repr(tokens)
