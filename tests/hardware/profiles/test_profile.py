# SPDX-License-Identifier: Apache-2.0
"""Profiles load, say where they come from, and refuse what does not fit."""

from __future__ import annotations

from importlib.resources import files

import pytest

from hardware.profiles import load, names
from hardware.profiles.profile import parse
from hardware.wire.escpos_writer import fitting_module_dots


def source(name: str = "generic-58") -> str:
    return files("hardware.profiles").joinpath(f"{name}.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "columns", "width_dots"),
    [
        ("epson-tm-t20iii", 48, 576),
        ("epson-tm-t88v", 42, 512),
        ("generic-58", 32, 384),
        ("generic-80", 48, 576),
    ],
)
def test_each_profile_has_its_paper(name: str, columns: int, width_dots: int) -> None:
    profile = load(name)
    assert (profile.name, profile.columns, profile.width_dots) == (name, columns, width_dots)
    assert profile.learned
    assert profile.slots[profile.code_page.slot] == profile.code_page.codec
    assert fitting_module_dots(53, profile.width_dots) == 6, "a long address fits at six dots"


def test_every_file_of_the_folder_is_a_profile_and_is_listed() -> None:
    assert names() == ("epson-tm-t20iii", "epson-tm-t88v", "generic-58", "generic-80")
    assert [load(name).name for name in names()] == list(names())


def test_clones_are_not_counted_on_for_what_they_may_not_know() -> None:
    for name in ("generic-58", "generic-80"):
        profile = load(name)
        assert not profile.native_qr
        assert not profile.process_id
        assert profile.cancel_kanji


def test_an_unknown_name_is_refused_with_the_list_and_a_suggestion() -> None:
    with pytest.raises(ValueError, match=r"did you mean 'epson-tm-t88v'\?") as refused:
        load("epson-tm-t88")
    assert "generic-58" in str(refused.value)
    with pytest.raises(ValueError, match="There are: epson-tm-t20iii"):
        load("zzz")
    with pytest.raises(ValueError, match="no printer profile"):
        load("../profiles/generic-58")


def test_a_code_page_is_found_by_its_codec_or_refused() -> None:
    assert load("epson-tm-t88v").find_code_page("cp1252").slot == 16
    with pytest.raises(ValueError, match="has no code page 'cp858'"):
        load("generic-58").find_code_page("cp858")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("columns = 32", "", "columns missing"),
        ("columns = 32", "columns = 48", "more than its width"),
        ("columns = 32", "columns = true", "whole number"),
        ("cutter = false", "cutter = 0", "true or false"),
        ("cutter = false", "cutter = false\ncuter = true", "unknown cuter"),
        ("width_dots = 384", "width_dots = 9999", "out of bounds"),
        ("slot = 2,", "slot = 0,", "named twice"),
        ("slot = 2,", "slot = 300,", "0 to 255"),
        ('codec = "cp850"', 'codec = "gb18030"', "single-byte codec"),
        ('codec = "cp850"', 'codec = "cp850", x = 1', "a slot and a codec"),
        ("code_pages = [", "code_pages = []\nx = [", "unknown x"),
    ],
)
def test_a_profile_that_is_wrong_is_refused(old: str, new: str, complaint: str) -> None:
    good = source()
    assert old in good
    with pytest.raises(ValueError, match=complaint):
        parse("generic-58", good.replace(old, new, 1))
