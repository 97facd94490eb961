# SPDX-License-Identifier: Apache-2.0
"""The register's key: made once, kept for itself, bound to its machine; and who trusts it."""

from __future__ import annotations

import itertools
import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.faults import SettingsWrong, VoucherInvalid
from agent.domain.money import Money
from agent.domain.voucher import VoucherToken
from agent.ports import Signer
from agent.signing import (
    KeyRing,
    RegisterKey,
    key_id,
    load_or_make,
    make_anew,
    public_of,
    public_text,
    read_public,
    require_valid,
    verify,
)
from tests.printing.samples import CODE, EXPIRES, KEY

HERE: Final = b"machine-one"
THERE: Final = b"machine-two"
MINE: Final = RegisterKey(bytes(range(32)))
OTHER: Final = RegisterKey(bytes(range(100, 132)))


class Counting:
    """Chance that counts, so that every key made is another one."""

    def __init__(self) -> None:
        self.numbers = itertools.count(1)

    def below(self, bound: int) -> int:
        return next(self.numbers) % bound

    def fraction(self) -> float:
        return 0.5


def a_token() -> VoucherToken:
    return VoucherToken(bytes(4), KEY, CODE, Money(4850, "USD"), EXPIRES)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "register.key"


def test_a_register_key_is_a_signer() -> None:
    signer: Signer = MINE
    assert verify(signer.sign(a_token()), KeyRing([MINE.public]))


def test_the_key_is_made_at_the_first_start_and_is_the_same_afterwards(path: Path) -> None:
    chance = Counting()
    first = load_or_make(path, HERE, chance)
    again = load_or_make(path, HERE, chance)
    assert again.public == first.public
    assert again.sign(a_token()) == first.sign(a_token())
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_the_key_is_for_its_owner_only(path: Path) -> None:
    load_or_make(path, HERE, Counting())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_may_read_is_refused_and_left_as_it_is(path: Path, mode: int) -> None:
    load_or_make(path, HERE, Counting())
    before = path.read_bytes()
    path.chmod(mode)
    with pytest.raises(SettingsWrong, match="0600"):
        load_or_make(path, HERE, Counting())
    assert path.read_bytes() == before


def test_on_another_machine_a_new_key_is_made_and_the_old_one_kept_aside(path: Path) -> None:
    chance = Counting()
    first = load_or_make(path, HERE, chance)
    before = path.read_bytes()
    second = load_or_make(path, THERE, chance)
    assert second.public != first.public
    assert load_or_make(path, THERE, chance).public == second.public
    aside = [entry for entry in path.parent.iterdir() if entry != path]
    assert [entry.read_bytes() for entry in aside] == [before]
    assert [stat.S_IMODE(entry.stat().st_mode) for entry in aside] == [0o600]


def test_a_restored_journal_can_ask_for_a_new_key_on_the_same_machine(path: Path) -> None:
    chance = Counting()
    first = load_or_make(path, HERE, chance)
    second = make_anew(path, HERE, chance)
    assert second.public != first.public
    assert load_or_make(path, HERE, chance).public == second.public


def test_what_a_crash_left_half_written_does_not_stand_in_the_way(path: Path) -> None:
    path.with_name("register.key.new").write_text("half")
    first = load_or_make(path, HERE, Counting())
    assert load_or_make(path, HERE, Counting()).public == first.public


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"not json",
        b"[]",
        b'{"format": "another"}',
        b'{"format": "countermark register key 1"}',
        b"\xff\xfe",
    ],
)
def test_a_damaged_key_is_never_replaced_by_itself(path: Path, damage: bytes) -> None:
    path.touch(0o600)
    path.write_bytes(damage)
    with pytest.raises(SettingsWrong, match="damaged"):
        load_or_make(path, HERE, Counting())
    assert path.read_bytes() == damage


def test_a_key_whose_halves_do_not_belong_together_is_damaged(path: Path) -> None:
    load_or_make(path, HERE, Counting())
    body = json.loads(path.read_text())
    body["public"] = public_text(OTHER.public)
    path.write_text(json.dumps(body))
    with pytest.raises(SettingsWrong) as wrong:
        load_or_make(path, HERE, Counting())
    assert body["seed"] not in str(wrong.value)
    assert wrong.value.__cause__ is None


def test_a_link_in_place_of_the_key_is_not_followed(path: Path) -> None:
    elsewhere = path.with_name("elsewhere")
    load_or_make(elsewhere, HERE, Counting())
    path.symlink_to(elsewhere)
    with pytest.raises(OSError, match="symbolic"):
        load_or_make(path, HERE, Counting())


@pytest.mark.parametrize("machine", [b"", bytes(65)])
def test_a_machine_without_a_name_makes_no_key(path: Path, machine: bytes) -> None:
    with pytest.raises(ValueError, match="machine"):
        load_or_make(path, machine, Counting())
    assert not path.exists()


def test_the_secret_is_in_no_repr(path: Path) -> None:
    key = load_or_make(path, HERE, Counting())
    seed = json.loads(path.read_text())["seed"]
    assert seed not in repr(key)
    assert repr(key) == f"RegisterKey({key.id.hex()})"


def test_signing_twice_gives_the_same_bytes() -> None:
    assert MINE.sign(a_token()).to_bytes() == MINE.sign(a_token()).to_bytes()
    assert MINE.sign(MINE.sign(a_token())) == MINE.sign(a_token())


def test_a_signed_token_survives_its_text_form() -> None:
    token = MINE.sign(a_token())
    assert VoucherToken.from_text(token.text()) == token
    assert token.key_id == key_id(MINE.public)
    assert len(token.to_bytes()) == 119


@given(place=st.integers(min_value=0, max_value=118), bit=st.integers(min_value=0, max_value=7))
def test_no_bit_of_a_token_can_be_changed(place: int, bit: int) -> None:
    raw = bytearray(MINE.sign(a_token()).to_bytes())
    raw[place] ^= 1 << bit
    try:
        changed = VoucherToken.from_bytes(bytes(raw))
    except ValueError:
        return
    assert not verify(changed, KeyRing([MINE.public]))


def test_an_unknown_key_is_told_apart_from_a_forgery() -> None:
    token = MINE.sign(a_token())
    require_valid(token, KeyRing([OTHER.public, MINE.public]))
    with pytest.raises(VoucherInvalid) as unknown:
        require_valid(token, KeyRing([OTHER.public]))
    assert unknown.value.values == {"why": "unknown-key"}
    forged = replace(token, amount=Money(99_999, "USD"))
    with pytest.raises(VoucherInvalid) as bad:
        require_valid(forged, KeyRing([MINE.public]))
    assert bad.value.values == {"why": "bad-signature"}
    stolen_name = replace(OTHER.sign(a_token()), key_id=MINE.id)
    assert not verify(stolen_name, KeyRing([MINE.public, OTHER.public]))


def test_a_ring_is_read_from_the_settings_lines() -> None:
    ring = KeyRing.of([public_text(MINE.public), public_text(OTHER.public)])
    assert len(ring) == 2
    assert MINE.public in ring
    assert len(KeyRing([MINE.public, MINE.public])) == 1
    assert ring.named(bytes(4)) == ()


def test_a_public_key_survives_its_text_form() -> None:
    text = public_text(MINE.public)
    assert text.startswith("ed25519:")
    assert read_public(text) == MINE.public


@pytest.mark.parametrize("text", ["", "ed25519:", "ed25519:AAAA", "ed25519:???", "rsa:AAAA"])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_public(text)


def test_the_public_half_is_shown_without_making_a_key(path: Path) -> None:
    assert public_of(path) is None
    assert not path.exists()
    key = load_or_make(path, HERE, Counting())
    found = public_of(path)
    assert found is not None
    assert (found.raw, found.id, found.text) == (key.public, key.id, public_text(key.public))
    path.write_bytes(b"damage")
    with pytest.raises(SettingsWrong, match="damaged"):
        public_of(path)


def test_a_seed_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        RegisterKey(bytes(31))
