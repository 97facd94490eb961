# SPDX-License-Identifier: Apache-2.0
"""ESC/POS from a till, to and from a printer: bytes in are bytes out, and text is no command."""

from __future__ import annotations

import functools
from dataclasses import replace
from itertools import pairwise
from typing import Final

from hypothesis import strategies as st

from agent.domain.record import PaperKind, State
from agent.printing.options import PaperOptions, VoucherMode
from hardware.wire.escpos_status import PrinterStatus, StatusReader, learn
from hardware.wire.escpos_tokens import (
    Command,
    Incomplete,
    RealTime,
    Text,
    Token,
    Tokenizer,
    realtime_in,
)
from tests.fuzzing.effort import fuzzed
from tests.fuzzing.strategies import HOSTILE
from tests.printing.samples import a_press, a_record
from tests.printing.test_render import assert_only_ours

PIECES: Final = (
    b"\x1b@",
    b"\x1d(k\x03\x00\x31\x43\x06",
    b"\x1dv0\x00\x02\x00\x02\x00abcd",
    b"\x1d(L\x06\x000p0\x01\x011",
    b"\x1b*\x00\x02\x00ab",
    b"\x10\x04\x01",
    b"\x10\x14\x01\x03\x14\x01\x06\x02\x08",
    b"\x1dV\x42\x00",
    b"\x1cq\x01\x01\x00\x01\x00abcdefgh",
    b"TOTAL  48.50\n",
    b"\x1d8L\xff\xff\x00\x00",
)
streams = st.lists(
    st.sampled_from(PIECES) | st.binary(max_size=30) | st.text(max_size=20).map(str.encode),
    max_size=12,
).map(b"".join)
words = st.sampled_from([each for each in HOSTILE if each.strip()]) | st.text(
    min_size=1, max_size=40
)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(place, len(data)) for place in places), len(data)]
    return [data[one:other] for one, other in pairwise(edges)]


def tokens_of(reads: list[bytes]) -> list[Token]:
    tokenizer = Tokenizer()
    found = [token for read in reads for token in tokenizer.feed(read)]
    return found + tokenizer.finish()


def joined(tokens: list[Token]) -> list[tuple[str, bytes]]:
    """Adjacent texts as one: how a stream was cut must make no other difference."""
    whole: list[tuple[str, bytes]] = []
    for token in tokens:
        name = type(token).__name__
        if isinstance(token, Text) and whole and whole[-1][0] == name:
            whole[-1] = (name, whole[-1][1] + token.raw)
        else:
            whole.append((name, bytes(token.raw)))
    return whole


@fuzzed(data=streams, places=st.lists(st.integers(0, 400), max_size=20))
def test_bytes_in_are_bytes_out_however_they_were_cut(data: bytes, places: list[int]) -> None:
    at_once, in_pieces = tokens_of([data]), tokens_of(cut(data, places))
    assert b"".join(bytes(token.raw) for token in at_once) == data
    assert joined(at_once) == joined(in_pieces)
    assert all(data[each.offset :].startswith(each.raw) for each in realtime_in(data))


@fuzzed(data=streams)
def test_what_was_printed_is_in_no_repr(data: bytes) -> None:
    secret = b"K7Q2MD4TX9HNPW3E"
    shown = repr(tokens_of([data + secret]))
    assert secret.decode() not in shown


@fuzzed(data=st.binary(max_size=200), places=st.lists(st.integers(0, 200), max_size=8))
def test_a_printer_may_answer_anything(data: bytes, places: list[int]) -> None:
    status = PrinterStatus()
    reader, other = StatusReader(), StatusReader()
    for each in (reader, other):
        each.asked_realtime(1)
    whole = reader.feed(data)
    pieces = [answer for read in cut(data, places) for answer in other.feed(read)]
    assert [type(each) for each in whole if type(each).__name__ != "Noise"] == [
        type(each) for each in pieces if type(each).__name__ != "Noise"
    ]
    known = functools.reduce(learn, whole, status)
    assert known.ready in (True, False)


@fuzzed(brand=words, help_line=words, kind=st.sampled_from(PaperKind))
def test_text_of_the_settings_never_becomes_a_command(
    brand: str, help_line: str, kind: PaperKind
) -> None:
    options = PaperOptions(VoucherMode.CODE_ONLY, brand=brand[:40], help_line=help_line[:40])
    only_text(options, kind, "118274", "RET-1")


@fuzzed(number=words, sale=words, kind=st.sampled_from((PaperKind.VOUCHER, PaperKind.SLIP)))
def test_text_of_the_till_never_becomes_a_command(number: str, sale: str, kind: PaperKind) -> None:
    printable = ["".join(c for c in each if c.isprintable())[:40] or "x" for each in (number, sale)]
    options = PaperOptions(VoucherMode.CODE_ONLY, brand="Brand")
    only_text(options, kind, *printable)


def only_text(options: PaperOptions, kind: PaperKind, number: str, sale: str) -> None:
    """The paper has the commands of a plain one, and none that a printer would obey besides."""
    states = {PaperKind.RECEIPT: State.CONFIRMED, PaperKind.IDENTITY: State.REVIEW}
    record = a_record(states.get(kind, State.PARKED), pos_number=number, sale=sale)
    record = replace(record, paper_kind=kind)
    job = a_press("epson-tm-t20iii", options).compose(record, kind, 1, None).escpos
    assert_only_ours(job)
    found = tokens_of([job])
    assert not any(isinstance(token, RealTime | Incomplete) for token in found)
    assert all(token.known for token in found if isinstance(token, Command))
