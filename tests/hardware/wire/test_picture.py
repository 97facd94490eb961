# SPDX-License-Identifier: Apache-2.0
"""What a job looks like on paper: lines, places, cuts, dots, and symbols that a phone reads."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.wire.code_pages import CodePage, safe_text
from hardware.wire.escpos_writer import Align, JobWriter
from hardware.wire.paper import Dots, Mark, TextRow
from hardware.wire.picture import draw, lines, to_bitmap, to_svg
from tests.hardware.wire.reading import dark_rows, qr, symbols_on
from tests.hardware.wire.test_escpos_tokens import STREAMS

PAPERS = [(384, 32), (512, 42), (576, 48)]
URL = "HTTPS://C.BRAND.EXAMPLE/V/" + "0123456789ABCDEFGHJKMNPQRSTVWXYZ" * 6


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - our own output, which must be XML


def writer(width: int, columns: int) -> JobWriter:
    return JobWriter(width_dots=width, columns=columns, code_page=CodePage(19, "cp858"))


@pytest.mark.parametrize(("width", "columns"), PAPERS)
@pytest.mark.parametrize("native", [True, False], ids=["native", "raster"])
def test_a_symbol_of_a_long_address_is_read_back_from_every_paper(
    width: int, columns: int, native: bool
) -> None:
    job = writer(width, columns)
    job.align(Align.CENTER)
    job.line(safe_text("above"))
    modules = qr(URL)
    if native:
        job.qr_native(URL, modules=len(modules), module_dots=6)
    else:
        job.qr_raster(modules, 6)
    job.line(safe_text("below"))
    job.cut()
    (paper,) = draw(job.job, width_dots=width, draw_qr=qr)
    assert symbols_on(paper) == [URL]
    assert paper.cut
    assert paper.width == width
    assert any(isinstance(element, Dots) for element in paper.elements)


def test_a_raster_symbol_stands_dot_for_dot_in_the_middle() -> None:
    job = writer(384, 32)
    modules = qr("HTTPS://A.EXAMPLE")
    job.qr_raster(modules, 6)
    (paper,) = draw(job.job, width_dots=384)
    rows = [row for element in paper.elements if isinstance(element, Dots) for row in element.rows]
    quiet, left = 24, (384 - (len(modules) + 8) * 6) // 2 // 8 * 8 + 24
    assert len(rows) == (len(modules) + 8) * 6
    assert not any(any(row) for row in rows[:quiet] + rows[-quiet:])
    seen = dark_rows(rows)
    for y, line in enumerate(modules):
        for x, dark in enumerate(line):
            assert seen[quiet + 6 * y][left + 6 * x] == ("#" if dark else ".")


def test_a_native_symbol_wider_than_the_paper_prints_nothing_and_is_noted() -> None:
    head = b"\x1d(k\x03\x00\x31\x43\x10"
    store = b"\x1d(k" + (len(URL) + 3).to_bytes(2, "little") + b"1P0" + URL.encode()
    (paper,) = draw(b"x\n" + head + store + b"\x1d(k\x03\x001Q0", width_dots=384, draw_qr=qr)
    assert not any(isinstance(element, Dots) for element in paper.elements)
    assert paper.notes == ("QR: wider than the paper, so the printer prints nothing",)


def test_lines_keep_alignment_size_and_tabs() -> None:
    job = writer(384, 32)
    job.line(safe_text("left"))
    job.align(Align.CENTER)
    job.line(safe_text("middle"))
    job.align(Align.RIGHT)
    job.size(2, 2)
    job.line(safe_text("BIG"))
    (paper,) = draw(job.job + b"\x1b@a\tb\x1b$\xf0\x00c\n", width_dots=384)
    assert lines(paper) == [
        "left",
        " " * 13 + "middle",
        " " * 26 + "BIG",
        "a       b           c",
    ]
    rows = [element for element in paper.elements if isinstance(element, TextRow)]
    assert rows[2].height == 48
    assert rows[3].y == rows[2].y + 48


def test_text_longer_than_the_paper_goes_on_in_the_next_line() -> None:
    (paper,) = draw(b"x" * 40 + b"\n", width_dots=384)
    assert lines(paper) == ["x" * 32, "x" * 8]


def test_code_pages_are_followed() -> None:
    (paper,) = draw(b"\x1bt\x13\xd5 5\n\x1bt\x11\x8f\n\x1bt\xc8\x8f\n", width_dots=384)
    assert lines(paper) == ["\u20ac 5", "\u041f", "\ufffd"]
    (other,) = draw(b"\x1bt\x02\xd5\n", width_dots=384, code_pages={2: "cp1252"})
    assert lines(other) == ["\u00d5"]


def test_each_cut_ends_a_paper_and_blank_ones_are_left_out() -> None:
    first, second, rest = draw(b"one\n\x1dV\x00\n\n\x1dV\x00two\x1bi\x1b@three", width_dots=384)
    assert (lines(first), lines(second), lines(rest)) == (["one"], ["two"], ["three"])
    assert (first.cut, second.cut, rest.cut) == (True, True, False)


def test_three_kinds_of_image_show_the_same_dots() -> None:
    raster = b"\x1dv0\x00\x01\x00\x02\x00\xf0\x0f"
    stored = b"\x1d(L\x0c\x00\x30\x70\x30\x01\x01\x31\x08\x00\x02\x00\xf0\x0f\x1d(L\x02\x0002"
    column = b"\x1b*\x21\x08\x00" + b"\x80\0\0" * 4 + b"\x40\0\0" * 4
    for job in (raster, stored, column):
        (paper,) = draw(job, width_dots=384)
        (dots,) = paper.elements
        assert isinstance(dots, Dots)
        assert dark_rows(dots.rows[:2]) == ["####....", "....####"]
        assert dots.width == 8
    (double,) = draw(b"\x1dv0\x03\x01\x00\x01\x00\xf0", width_dots=384)
    (dots,) = double.elements
    assert isinstance(dots, Dots)
    assert dark_rows(dots.rows) == ["########........"] * 2


def test_an_image_beside_the_paper_is_cut_off_and_noted() -> None:
    (paper,) = draw(b"\x1dv0\x00\x40\x00\x01\x00" + b"\xff" * 64, width_dots=384)
    (dots,) = paper.elements
    assert isinstance(dots, Dots)
    assert dots.width == 384
    assert paper.notes == ("image: 128 dots beside the paper",)
    assert {len(row) for row in to_bitmap(paper)} == {384 + 32}


def test_what_is_not_drawn_leaves_a_marked_space() -> None:
    (paper,) = draw(b"\x1dk\x04ABC\x00\x1cp\x01\x00\x1bp\x00\x01\x01", width_dots=384)
    marks = [element.label for element in paper.elements if isinstance(element, Mark)]
    assert marks == ["barcode", "stored image"]
    assert paper.notes == ("pulse to the drawer",)
    assert "barcode" in to_svg(paper)


def test_the_svg_escapes_text_and_carries_no_script() -> None:
    text = '<script>alert("x")</script> & \'<svg onload=1>'
    (paper,) = draw(text.encode() + b"\n\x1dB\x01white\n", width_dots=576)
    root = parsed(to_svg(paper))
    texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == [text, "white"]
    tags = {node.tag.rpartition("}")[2] for node in root.iter()}
    assert tags <= {"svg", "g", "rect", "text", "path", "title"}


def test_inverse_text_is_black_in_the_bitmap() -> None:
    (paper,) = draw(b"\x1dB\x01AB\n", width_dots=384)
    rows = to_bitmap(paper)
    assert rows[16 + 5][16 : 16 + 24] == bytes(24)
    assert rows[16 + 5][16 + 24 :] == b"\xff" * (416 - 40)


def test_feeds_without_end_make_no_paper_without_end() -> None:
    (paper,) = draw(b"x\n" + b"\x1bd\xff" * 100, width_dots=384)
    assert paper.height <= 60_000
    assert paper.notes == ("the rest is longer than any paper",)


@given(STREAMS, st.sampled_from([8, 384, 576]))
@settings(max_examples=200)
def test_any_bytes_can_be_drawn(data: bytes, width: int) -> None:
    for paper in draw(data, width_dots=width, draw_qr=lambda *_: qr("A")):
        assert parsed(to_svg(paper)).tag.endswith("svg")
        rows = to_bitmap(paper)
        assert {len(row) for row in rows} == {width + 32}
        assert len(rows) == paper.height + 32
        assert all(isinstance(line, str) for line in lines(paper))


def test_paper_of_no_width_is_not_drawn_on() -> None:
    with pytest.raises(ValueError, match="dots wide"):
        draw(b"", width_dots=0)
