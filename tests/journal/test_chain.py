# SPDX-License-Identifier: Apache-2.0
"""Somebody writes into the file with another program: what `verify` finds, and where."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.event import Answered, Heard, PersonWithdrew
from agent.domain.outcome import Unanswered
from agent.journal import verify_journal
from agent.journal.anchors import AnchorFile, read_anchors
from agent.journal.chain import event_hash
from agent.journal.verify import Damage, Verdict
from tests.journal.building import SEAL_KEY, Bench

ANA = CustomerReference(CustomerKind.EMAIL, "ana@shop.example")


@pytest.fixture
async def folder(tmp_path: Path, bench: Bench) -> Path:
    """Events 1 to 12: the journal's making, and four credits with a step or two each."""
    async with bench.inline(tmp_path) as journal:
        for number in range(4):
            record = await bench.opened(journal, bench.draft(1_000 + number, customer=ANA))
            record = await bench.advance(journal, record, Answered(Unanswered("timeout")))
            if number < 3:
                await bench.advance(journal, record, Heard())
    return tmp_path


def write(folder: Path, sql: str, values: tuple[object, ...] = ()) -> None:
    with closing(sqlite3.connect(folder / "journal.db", isolation_level=None)) as connection:
        assert connection.execute(sql, values).rowcount != 0


def read(folder: Path, sql: str) -> list[sqlite3.Row]:
    with closing(sqlite3.connect(folder / "journal.db")) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(sql).fetchall()


def check(folder: Path) -> Verdict:
    return verify_journal(folder, seal_key=SEAL_KEY)


def found(folder: Path) -> list[tuple[Damage, int]]:
    return [(finding.damage, finding.seq) for finding in check(folder).findings]


def test_an_untouched_journal_is_sound(folder: Path) -> None:
    steps: list[tuple[int, int]] = []
    verdict = verify_journal(
        folder, seal_key=SEAL_KEY, progress=lambda read, total: steps.append((read, total))
    )
    assert verdict.sound
    assert (verdict.events, verdict.records) == (12, 4)
    assert verdict.anchors >= 2
    assert steps[-1] == (16, 16)
    assert verify_journal(folder).sound


@pytest.mark.parametrize("seq", range(1, 13))
def test_a_changed_event_is_found_where_it_is(folder: Path, seq: int) -> None:
    write(folder, "UPDATE events SET at_ms = at_ms + 1 WHERE seq = ?", (seq,))
    assert found(folder) == [(Damage.CHANGED, seq)]


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'other'",
        "details = '{}'",
        "target = 'voided'",
        "source = NULL",
        "revision = 9",
        "digest = x'00'",
        "commitment = x'00'",
        "key = NULL",
        "hash = x'00'",
    ],
)
def test_every_part_of_an_event_counts(folder: Path, change: str) -> None:
    write(folder, f"UPDATE events SET {change} WHERE seq = 3")
    assert (Damage.CHANGED, 3) in found(folder)


@pytest.mark.parametrize("seq", range(1, 12))
def test_a_removed_event_is_found_where_it_was(folder: Path, seq: int) -> None:
    write(folder, "DELETE FROM events WHERE seq = ?", (seq,))
    assert found(folder)[0] == (Damage.REMOVED, seq)


@pytest.mark.parametrize("seq", range(2, 11))
def test_a_removed_event_is_found_though_the_rest_moved_up(folder: Path, seq: int) -> None:
    write(folder, "DELETE FROM events WHERE seq = ?", (seq,))
    for later in range(seq + 1, 13):
        write(folder, "UPDATE events SET seq = seq - 1 WHERE seq = ?", (later,))
    assert found(folder)[0] == (Damage.REMOVED, seq)


@pytest.mark.parametrize("seq", range(1, 12))
def test_an_inserted_event_is_found_where_it_is(folder: Path, seq: int) -> None:
    for later in range(12, seq - 1, -1):
        write(folder, "UPDATE events SET seq = seq + 1 WHERE seq = ?", (later,))
    write(
        folder,
        "INSERT INTO events VALUES (?, NULL, 'forged', 1, NULL, NULL, NULL, '{}', NULL, NULL, ?)",
        (seq, bytes(32)),
    )
    findings = found(folder)
    assert findings[0] == (Damage.INSERTED, seq)
    assert all(damage is not Damage.CHANGED for damage, _ in findings)


def test_an_event_put_behind_the_last_is_found(folder: Path) -> None:
    write(
        folder,
        "INSERT INTO events VALUES (13, NULL, 'forged', 1, NULL, NULL, NULL, '{}', NULL, NULL, ?)",
        (bytes(32),),
    )
    assert found(folder) == [(Damage.CHANGED, 13)]


@pytest.mark.parametrize("left", [3, 11])
def test_a_cut_end_is_found_against_the_last_anchor(folder: Path, left: int) -> None:
    write(folder, "DELETE FROM events WHERE seq > ?", (left,))
    assert (Damage.CUT, left + 1) in found(folder)


def test_a_chain_written_anew_is_found_against_its_anchor(folder: Path) -> None:
    write(folder, "UPDATE events SET at_ms = at_ms + 1 WHERE seq = 5")
    before = read(folder, "SELECT hash FROM events WHERE seq = 4")[0]["hash"]
    for row in read(folder, "SELECT * FROM events WHERE seq > 4 ORDER BY seq"):
        before = event_hash(before, row, row["seq"])
        write(folder, "UPDATE events SET hash = ? WHERE seq = ?", (before, row["seq"]))
    assert found(folder) == [(Damage.ANCHOR, 12)]


@pytest.mark.parametrize(
    "change",
    [
        "amount_minor = 999999",
        "state = 'confirmed'",
        "promised = 1",
        "perhaps_sent = 0",
        "operator = 'bob'",
        "revision = revision + 1",
        "customer_kind = 'phone'",
        "code_last_four = '0000'",
    ],
)
def test_a_changed_record_is_found_by_its_last_event(folder: Path, change: str) -> None:
    key = read(folder, "SELECT key FROM credits ORDER BY id LIMIT 1")[0]["key"]
    write(folder, f"UPDATE credits SET {change} WHERE key = ?", (key,))
    findings = check(folder).findings
    assert (Damage.RECORD, 4, key) in [(each.damage, each.seq, each.key) for each in findings]


def test_a_removed_or_forged_record_is_found(folder: Path) -> None:
    key = read(folder, "SELECT key FROM credits ORDER BY id LIMIT 1")[0]["key"]
    write(folder, "UPDATE credits SET key = '1-1-1763600000000-00000000' WHERE key = ?", (key,))
    damages = {(each.damage, each.detail) for each in check(folder).findings}
    assert (Damage.RECORD, "the record is gone") in damages
    assert (Damage.RECORD, "no event tells of it") in damages


def test_a_swapped_code_is_found(folder: Path) -> None:
    rows = read(folder, "SELECT key, code_sealed FROM credits ORDER BY id LIMIT 2")
    write(
        folder,
        "UPDATE credits SET code_sealed = ? WHERE key = ?",
        (rows[1]["code_sealed"], rows[0]["key"]),
    )
    assert [each.damage for each in check(folder).findings] == [Damage.RECORD]


def test_a_person_removed_changed_or_swapped_is_found(folder: Path) -> None:
    rows = read(folder, "SELECT key, seq, sealed FROM personal ORDER BY seq")
    write(folder, "DELETE FROM personal WHERE key = ?", (rows[0]["key"],))
    write(
        folder,
        "UPDATE personal SET sealed = ? WHERE key = ?",
        (rows[2]["sealed"], rows[1]["key"]),
    )
    write(folder, "UPDATE personal SET seq = seq + 1 WHERE key = ?", (rows[3]["key"],))
    findings = {(each.damage, each.key) for each in check(folder).findings}
    assert findings == {(Damage.PERSONAL, rows[place]["key"]) for place in (0, 1, 3)}


async def test_counters_that_were_touched_are_found(folder: Path) -> None:
    write(folder, "UPDATE limits SET outstanding_minor = outstanding_minor + 1")
    assert found(folder) == [(Damage.LIMITS, 0)]


def test_a_file_that_is_no_database_is_damage(tmp_path: Path) -> None:
    from agent.domain.faults import CannotJournal, JournalDamaged

    with pytest.raises(CannotJournal):
        verify_journal(tmp_path)
    (tmp_path / "journal.db").write_bytes(b"no database at all" * 400)
    with pytest.raises(JournalDamaged):
        verify_journal(tmp_path)
    with pytest.raises(JournalDamaged):
        Bench().inline(tmp_path)


def test_the_hash_of_an_event_is_as_documented(folder: Path) -> None:
    row = read(folder, "SELECT * FROM events WHERE seq = 1")[0]
    journal = read(folder, "SELECT value FROM meta WHERE name = 'journal'")[0]["value"]
    first = hashlib.sha256(b"countermark journal" + journal.encode()).digest()
    public = (
        f'[1,null,"journal-made",{row["at_ms"]},null,null,null,'
        f'"{{\\"journal\\":\\"{journal}\\"}}",null]'
    )
    assert row["hash"] == hashlib.sha256(first + public.encode()).digest()


def test_a_half_written_anchor_is_skipped_and_closed_off(folder: Path) -> None:
    path = folder / "anchors.jsonl"
    whole = read_anchors(folder)
    with path.open("ab") as file:
        file.write(b'{"at":17636')
    assert read_anchors(folder) == whole
    AnchorFile(folder).append(12, whole[-1].hash, 5)
    assert [anchor.at_ms for anchor in read_anchors(folder)][-1] == 5
    assert check(folder).sound


def test_signed_anchors_are_checked(folder: Path) -> None:
    def sign(said: bytes) -> bytes:
        return hashlib.sha256(b"register" + said).digest()

    fits: Callable[[bytes, bytes], bool] = lambda said, signature: sign(said) == signature  # noqa: E731
    head = read_anchors(folder)[-1]
    (folder / "anchors.jsonl").unlink()
    AnchorFile(folder, sign).append(head.seq, head.hash, head.at_ms)
    assert verify_journal(folder, check=fits).sound
    AnchorFile(folder).append(head.seq, head.hash, head.at_ms)
    verdict = verify_journal(folder, check=fits)
    assert [each.damage for each in verdict.findings] == [Damage.ANCHOR]


async def test_a_long_journal_writes_anchors_as_it_grows(tmp_path: Path, bench: Bench) -> None:
    async with bench.inline(tmp_path) as journal:
        before = len(read_anchors(tmp_path))
        for _ in range(1_001):
            await journal.note("observed", {})
        assert len(read_anchors(tmp_path)) == before + 1
    assert read_anchors(tmp_path)[-1].seq == 1_002
    assert check(tmp_path).sound


async def test_a_chain_goes_on_after_a_restart(folder: Path, bench: Bench) -> None:
    bench.link_up = False
    async with bench.inline(folder) as journal:
        assert not journal.restored
        record = await bench.opened(journal)
        await bench.advance(journal, record, PersonWithdrew("eva", "mistake"))
    assert check(folder).sound
