# SPDX-License-Identifier: Apache-2.0
"""Sealing, and the file that holds the key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.faults import JournalDamaged, SettingsWrong
from agent.journal import load_or_make_key
from agent.journal.seal import KEY_SIZE, Seal
from tests.journal.building import SEAL_KEY, Bench


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_was_sealed_opens_for_its_purpose_alone(plain: bytes, purpose: str) -> None:
    seal = Bench().seal()
    sealed = seal.close(purpose, plain)
    assert seal.open(purpose, sealed) == plain
    with pytest.raises(JournalDamaged):
        seal.open(purpose + "x", sealed)


@given(st.binary(min_size=1, max_size=50), st.integers(0, 10_000))
def test_a_changed_byte_does_not_open(plain: bytes, place: int) -> None:
    seal = Bench().seal()
    sealed = bytearray(seal.close("p", plain))
    sealed[place % len(sealed)] ^= 1
    with pytest.raises(JournalDamaged):
        seal.open("p", bytes(sealed))


def test_a_cut_value_or_another_key_does_not_open() -> None:
    bench = Bench()
    sealed = bench.seal().close("p", b"secret")
    other = Seal(bytes(KEY_SIZE), lambda count: bytes(count))
    for wrong in (b"", sealed[:5], sealed[:-1]):
        with pytest.raises(JournalDamaged):
            bench.seal().open("p", wrong)
    with pytest.raises(JournalDamaged):
        other.open("p", sealed)


def test_the_same_value_is_sealed_differently_each_time() -> None:
    seal = Bench().seal()
    assert seal.close("p", b"same") != seal.close("p", b"same")


def test_a_code_is_found_by_a_hash_that_needs_the_key() -> None:
    bench = Bench()
    code, other = bench.code(), bench.code()
    seal, foreign = bench.seal(), Seal(bytes(KEY_SIZE), lambda count: bytes(count))
    assert seal.code_hash(code) == bench.seal().code_hash(code)
    assert len({seal.code_hash(code), seal.code_hash(other), foreign.code_hash(code)}) == 3


def test_a_seal_shows_nothing_and_takes_keys_of_one_length() -> None:
    assert repr(Bench().seal()) == "Seal(…)"
    with pytest.raises(ValueError, match="32 bytes"):
        Seal(SEAL_KEY[1:], lambda count: bytes(count))


def test_a_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "seal.key"
    key = load_or_make_key(path)
    assert len(key) == KEY_SIZE
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_or_make_key(path) == key
    assert [each.name for each in tmp_path.iterdir()] == ["seal.key"]


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "seal.key"
    key = load_or_make_key(path)
    path.chmod(0o640)
    with pytest.raises(SettingsWrong, match="0600"):
        load_or_make_key(path)
    path.chmod(0o600)
    assert load_or_make_key(path) == key


def test_a_key_file_that_holds_no_key_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "seal.key"
    for wrong in (b"", b"short", bytes(KEY_SIZE + 1)):
        path.write_bytes(wrong)
        path.chmod(0o600)
        with pytest.raises(SettingsWrong):
            load_or_make_key(path)
        assert path.read_bytes() == wrong
