# SPDX-License-Identifier: Apache-2.0
"""Jobs as our own tokenizer reads them, and the sizes that are refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hardware.wire.code_pages import CodePage, safe_text
from hardware.wire.escpos_tokens import Command, Control, Text, Tokenizer, realtime_in
from hardware.wire.escpos_writer import (
    BAND_ROWS,
    Align,
    JobWriter,
    ask_in_order,
    ask_process_id,
    ask_real_time,
    fitting_module_dots,
    mending,
    qr_dots,
    report_changes,
)
from tests.hardware.wire.reading import qr

PAPERS = [(384, 32), (512, 42), (576, 48)]


def writer(width: int = 576, columns: int = 48, *, cancel_kanji: bool = False) -> JobWriter:
    return JobWriter(
        width_dots=width,
        columns=columns,
        code_page=CodePage(19, "cp858"),
        cancel_kanji=cancel_kanji,
    )


def names(job: bytes) -> list[str]:
    tokenizer = Tokenizer()
    tokens = tokenizer.feed(job)
    assert not tokenizer.open
    return [token.name for token in tokens if isinstance(token, Command)]


def test_a_job_begins_by_forgetting_what_others_set() -> None:
    assert writer().job == b"\x1b@\x1bR\x00\x1bt\x13"
    assert writer(cancel_kanji=True).job == b"\x1b@\x1bR\x00\x1bt\x13\x1c."


def test_every_call_is_the_command_that_manuals_name() -> None:
    job = writer()
    job.align(Align.CENTER)
    job.bold(True)
    job.size(2, 3)
    job.inverse(True)
    job.line(safe_text("Hi"))
    job.feed(3)
    job.cut()
    job.cut(full=True)
    job.report_changes()
    tokenizer = Tokenizer()
    raws = [token.raw for token in tokenizer.feed(job.job)][3:]
    assert raws == [
        b"\x1ba\x01",
        b"\x1bE\x01",
        b"\x1d!\x12",
        b"\x1dB\x01",
        b"Hi",
        b"\n",
        b"\x1bd\x03",
        b"\x1dV\x42\x00",
        b"\x1dV\x41\x00",
        b"\x1da\xff",
    ]


@pytest.mark.parametrize(("width", "columns"), PAPERS)
def test_a_line_wider_than_the_paper_is_refused_and_nothing_is_written(
    width: int, columns: int
) -> None:
    job = writer(width, columns)
    job.line(safe_text("x" * columns))
    before = job.job
    with pytest.raises(ValueError, match="characters on a line"):
        job.line(safe_text("x" * (columns + 1)))
    assert job.job == before
    job.size(2, 1)
    with pytest.raises(ValueError, match="characters on a line"):
        job.line(safe_text("x" * (columns // 2 + 1)))


@given(st.text(max_size=48))
def test_a_line_of_any_text_is_text_and_a_line_feed(raw: str) -> None:
    job = writer()
    start = len(job.job)
    text = safe_text(raw, 12)
    try:
        job.line(text)
    except ValueError:
        assert len(job.job) == start
        return
    tokens = Tokenizer().feed(job.job[start:])
    assert isinstance(tokens[-1], Control)
    assert tokens[-1].byte == 0x0A
    assert all(isinstance(token, Text) for token in tokens[:-1])


@pytest.mark.parametrize(
    ("modules", "dots", "total"), [(21, 6, 174), (33, 6, 246), (49, 6, 342), (53, 5, 305)]
)
def test_a_symbol_is_its_modules_and_eight_more_times_their_dots(
    modules: int, dots: int, total: int
) -> None:
    assert qr_dots(modules, dots) == total


@pytest.mark.parametrize(("modules", "dots"), [(33, 4), (33, 17), (20, 6), (34, 6), (181, 6)])
def test_modules_under_five_dots_and_impossible_symbols_are_refused(
    modules: int, dots: int
) -> None:
    with pytest.raises(ValueError, match="QR"):
        qr_dots(modules, dots)


def test_the_largest_module_that_fits_is_taken_down_to_five_dots() -> None:
    assert fitting_module_dots(49, 576) == 6
    assert fitting_module_dots(49, 384) == 6
    assert fitting_module_dots(61, 384) == 5
    assert fitting_module_dots(33, 576, wanted=8) == 8
    with pytest.raises(ValueError, match="needs 405 dots"):
        fitting_module_dots(73, 384)


@pytest.mark.parametrize("native", [True, False])
def test_a_symbol_that_does_not_fit_is_refused_before_a_byte_is_written(native: bool) -> None:
    job = writer(384, 32)
    before = job.job
    modules = qr("A" * 400)

    def put() -> None:
        if native:
            job.qr_native("A" * 400, modules=len(modules))
        else:
            job.qr_raster(modules)

    with pytest.raises(ValueError, match="the paper has 384"):
        put()
    assert job.job == before


def test_a_native_symbol_sets_model_size_level_and_data_and_then_prints() -> None:
    job = writer()
    job.qr_native("HTTPS://A.EXAMPLE/V/1", modules=25, module_dots=6, level="M")
    tokenizer = Tokenizer()
    symbols = [
        bytes(token.data)
        for token in tokenizer.feed(job.job)
        if isinstance(token, Command) and token.name == "GS ( k"
    ]
    assert symbols == [b"1A2\x00", b"1C\x06", b"1E1", b"1P0HTTPS://A.EXAMPLE/V/1", b"1Q0"]
    assert names(job.job).count("ESC d") == 2


@pytest.mark.parametrize("payload", ["", "a\x1b@", "z\x10\x04\x01", "\u00e9", "A" * 2954])
def test_a_native_symbol_takes_printable_ascii_only(payload: str) -> None:
    job = writer()
    before = job.job
    with pytest.raises(ValueError, match="QR payload"):
        job.qr_native(payload, modules=25)
    with pytest.raises(ValueError, match="levels"):
        job.qr_native("A", modules=25, level="X")
    assert job.job == before


def test_an_image_goes_in_bands_with_its_dots_unchanged() -> None:
    job = writer()
    start = len(job.job)
    rows = [[(x * y) % 3 == 0 for x in range(100)] for y in range(BAND_ROWS + 5)]
    job.raster(rows)
    bands = [t for t in Tokenizer().feed(job.job[start:]) if isinstance(t, Command)]
    assert [band.raw[6] for band in bands] == [BAND_ROWS, 5]
    data = b"".join(bytes(band.data) for band in bands)
    for y, row in enumerate(rows):
        bits = "".join(f"{value:08b}" for value in data[13 * y : 13 * y + 13])
        assert bits == "".join("1" if dot else "0" for dot in row) + "0000"


def test_an_image_never_carries_a_real_time_command() -> None:
    pulse = [
        bool(int(bit)) for byte in b"\x10\x14\x01\x00\x05\x10\x05\x02" for bit in f"{byte:08b}"
    ]
    job = writer()
    start = len(job.job)
    job.raster([pulse] * 3)
    assert realtime_in(job.job[start:]) == ()
    bands = Tokenizer().feed(job.job[start:])
    assert isinstance(bands[0], Command)
    assert bytes(bands[0].data)[:8] == b"\x11\x14\x01\x00\x05\x11\x05\x02"


@pytest.mark.parametrize("rows", [[[True] * 577], [[True] * 8, [True] * 9], [[]]])
def test_an_image_that_is_too_wide_or_ragged_is_refused(rows: list[list[bool]]) -> None:
    job = writer()
    before = job.job
    with pytest.raises(ValueError, match="equal rows"):
        job.raster(rows)
    assert job.job == before


def test_an_empty_image_is_nothing_at_all() -> None:
    job = writer()
    before = job.job
    job.raster([])
    assert job.job == before


def test_questions_are_the_bytes_that_manuals_give() -> None:
    assert ask_real_time(4) == b"\x10\x04\x04"
    assert ask_in_order(1) == b"\x1dr\x01"
    assert ask_process_id(b"A1 ~") == b"\x1d(H\x06\x0000A1 ~"
    assert report_changes(0) == b"\x1da\x00"


def test_questions_outside_their_bounds_are_refused() -> None:
    questions: list[Callable[[], bytes]] = [
        lambda: ask_real_time(5),
        lambda: ask_in_order(3),
        lambda: report_changes(256),
    ]
    for wrong in questions:
        with pytest.raises(ValueError, match=r"status|mask"):
            wrong()
    for process_id in (b"", b"12345", b"\x1b123", b"123\x7f"):
        with pytest.raises(ValueError, match="process id"):
            ask_process_id(process_id)


def test_sizes_and_feeds_outside_their_bounds_are_refused() -> None:
    job = writer()
    before = job.job
    calls: list[Callable[[], None]] = [
        lambda: job.size(9, 1),
        lambda: job.size(1, 0),
        lambda: job.feed(0),
    ]
    for wrong in calls:
        with pytest.raises(ValueError, match="1 to"):
            wrong()
    assert job.job == before


def test_paper_of_no_width_is_refused() -> None:
    with pytest.raises(ValueError, match="columns"):
        writer(0, 48)
    with pytest.raises(ValueError, match="columns"):
        writer(576, 0)


@given(st.integers(0, 700))
@example(603)
def test_mending_closes_a_job_that_broke_anywhere(broke_at: int) -> None:
    job = writer()
    job.line(safe_text("before"))
    job.raster([[True] * 40] * 100)
    job.qr_native("HTTPS://A.EXAMPLE", modules=25)
    job.cut()
    broken = job.job
    arrived = broken[: min(broke_at, len(broken))]
    tokenizer = Tokenizer()
    tokenizer.feed(arrived)
    tokens = tokenizer.feed(mending(broken) + b"next")
    assert tokens[-2:] == [Command("ESC @", b"\x1b@"), Text(b"next")]
    assert not any(isinstance(token, Command) and token.name == "GS V" for token in tokens) or (
        arrived.endswith((b"\x1dV", b"\x1dV\x42"))
    )
