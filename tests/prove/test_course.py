# SPDX-License-Identifier: Apache-2.0
"""The runner with tiny proofs: stopped and gone on with, failing, unable, stuck, and mistaken."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from tests.prove.course import Course
from tests.prove.keep import Kept
from tests.prove.piece import Piece
from tests.prove.sources import digest
from tests.prove.verdict import Found, Verdict

HELD = Verdict("fake", True, {"seeds": 5, "slowest_max": 3})
BROKEN = Verdict("fake", False, {"seeds": 5}, (Found("I3: two cards", "python again"),))
UNABLE = Verdict("fake", None, why="install fuse3")


def fake(name: str, verdict: Verdict, before: str = "pass", **more: object) -> Piece:
    """A proof of one line, which writes its name to `ran` in its folder each time it runs."""
    script = (
        f"import os, sys\n"
        f"open('ran', 'a').write({name!r} + ' ')\n"
        f"{before}\n"
        f"print({verdict.line()!r})\n"
        f"sys.exit({verdict.exit_code})\n"
    )
    bound_s = 60.0 if more.get("bound_s") is None else float(str(more["bound_s"]))
    must_find, alone = bool(more.get("must_find")), bool(more.get("alone"))
    return Piece("fake", name, ("-c", script), bound_s, must_find=must_find, alone=alone)


class Bench:
    """A folder with its own kept results; says are recorded."""

    def __init__(self, folder: Path, sources: str = "a", workers: int = 1) -> None:
        self.folder = folder
        self.sources = sources
        self.kept = Kept(folder / ".prove", "fake", lambda: self.sources)
        self.said: list[str] = []
        self.told = threading.Event()
        self.course = Course(folder, {"fake": self.kept}, workers=workers, say=self._say)

    def _say(self, line: str) -> None:
        self.said.append(line)
        if "[1/" in line:
            self.told.set()

    @property
    def ran(self) -> list[str]:
        path = self.folder / "ran"
        return path.read_text().split() if path.exists() else []


def test_finished_pieces_are_not_run_again(tmp_path: Path) -> None:
    pieces = [fake("one", HELD), fake("two", BROKEN)]
    first = Bench(tmp_path).course.run(pieces)
    again = Bench(tmp_path).course.run(pieces)
    assert Bench(tmp_path).ran == ["one", "two"]
    assert [each.held for each in first] == [each.held for each in again] == [True, False]
    assert again[1].found == (Found("I3: two cards", "python again"),)


def test_a_run_that_is_stopped_in_the_middle_goes_on_where_it_was(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)  # nobody opens its other end: the second piece waits for ever
    wait = "os.path.exists('open') or open('gate').read()"
    pieces = [fake("one", HELD), fake("two", HELD, wait), fake("three", HELD)]
    bench = Bench(tmp_path)
    found = []
    running = threading.Thread(target=lambda: found.extend(bench.course.run(pieces)))
    running.start()
    assert bench.told.wait(60)
    bench.course.stop()
    running.join(60)
    assert not running.is_alive()
    assert [each.piece.name for each in found] == ["one"]
    (tmp_path / "open").touch()
    after = Bench(tmp_path).course.run(pieces)
    assert [each.held for each in after] == [True, True, True]
    assert bench.ran.count("one") == 1
    assert bench.ran[-1] == "three"


def test_results_of_other_sources_never_count(tmp_path: Path) -> None:
    pieces = [fake("one", HELD)]
    Bench(tmp_path, "a").course.run(pieces)
    Bench(tmp_path, "b").course.run(pieces)
    assert Bench(tmp_path).ran == ["one", "one"]


def test_a_result_of_sources_that_changed_meanwhile_is_not_kept(tmp_path: Path) -> None:
    bench, piece = Bench(tmp_path, "a"), fake("one", HELD)
    bench.sources = "b"
    assert [each.held for each in bench.course.run([piece])] == [True]
    assert Bench(tmp_path, "a").kept.get(piece) is None
    assert Bench(tmp_path, "b").kept.get(piece) is None


def test_the_digest_is_of_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "agent").mkdir()
    file = tmp_path / "agent" / "a.py"
    file.write_text("x = 1\n")
    first = digest(tmp_path, ("agent", "missing"))
    file.touch()
    (tmp_path / "agent" / "__pycache__").mkdir()
    (tmp_path / "agent" / "__pycache__" / "a.pyc").write_bytes(b"compiled")
    assert digest(tmp_path, ("agent",)) == first
    file.write_text("x = 2\n")
    changed = digest(tmp_path, ("agent",))
    file.rename(file.with_name("b.py"))
    assert len({first, changed, digest(tmp_path, ("agent",))}) == 3


def test_what_cannot_be_tried_is_said_and_tried_again(tmp_path: Path) -> None:
    pieces = [fake("one", UNABLE)]
    (outcome,) = Bench(tmp_path).course.run(pieces)
    assert (outcome.held, outcome.found) == (None, ())
    bench = Bench(tmp_path)
    bench.course.run(pieces)
    assert bench.ran == ["one", "one"]
    assert any("install fuse3" in line for line in bench.said)


@pytest.mark.parametrize("before", ["sys.exit(0)", "1 / 0", "print('yes'); sys.exit(1)"])
def test_a_proof_that_ends_without_a_verdict_has_not_held(tmp_path: Path, before: str) -> None:
    (outcome,) = Bench(tmp_path).course.run([fake("one", HELD, before)])
    assert outcome.held is False
    assert "one ended with" in outcome.found[0].what


def test_a_verdict_that_belies_its_exit_code_does_not_count(tmp_path: Path) -> None:
    script = f"print({HELD.line()!r}); raise SystemExit(1)"
    (outcome,) = Bench(tmp_path).course.run([Piece("fake", "one", ("-c", script), 60)])
    assert outcome.held is False


def test_a_proof_that_does_not_end_is_ended(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    piece = fake("one", HELD, "open('gate').read()", bound_s=0.5)
    (outcome,) = Bench(tmp_path).course.run([piece])
    assert outcome.held is False
    assert "did not end within" in outcome.found[0].what


def test_a_control_must_find_what_was_planted(tmp_path: Path) -> None:
    sees = fake("sees", BROKEN, must_find=True)
    blind = fake("blind", HELD, must_find=True)
    broken = fake("broken", HELD, "1 / 0", must_find=True)
    outcomes = Bench(tmp_path).course.run([sees, blind, broken])
    assert [each.held for each in outcomes] == [True, False, False]
    assert outcomes[0].found == ()
    assert "it sees nothing" in outcomes[1].found[0].what
    assert "ended with" in outcomes[2].found[0].what


def test_what_looks_at_a_real_clock_runs_alone(tmp_path: Path) -> None:
    """Each is in `here` while it runs; the one that must be alone says who else is."""
    enter = "os.makedirs('here', exist_ok=True); open(f'here/{os.getpid()}', 'w').close(); "
    leave = "os.remove(f'here/{os.getpid()}')"
    others = [fake(f"other-{number}", HELD, enter + leave) for number in range(6)]
    looks = f"{enter}len(os.listdir('here')) == 1 or sys.exit('not alone'); {leave}"
    alone = [fake(f"alone-{number}", HELD, looks, alone=True) for number in range(2)]
    pieces = [*others[:3], alone[0], *others[3:], alone[1]]
    outcomes = Bench(tmp_path, workers=3).course.run(pieces)
    assert [each.held for each in outcomes] == [True] * 8


def test_a_torn_result_counts_as_nothing(tmp_path: Path) -> None:
    piece = fake("one", HELD)
    Bench(tmp_path).course.run([piece])
    (file,) = (tmp_path / ".prove").rglob("*.json")
    file.write_text(file.read_text()[:40])
    assert Bench(tmp_path).kept.get(piece) is None


def test_beginning_anew_forgets_what_was_kept(tmp_path: Path) -> None:
    piece = fake("one", HELD)
    Bench(tmp_path).course.run([piece])
    kept = Bench(tmp_path).kept
    assert kept.get(piece) is not None
    kept.forget()
    assert kept.get(piece) is None
