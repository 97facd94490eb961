# SPDX-License-Identifier: Apache-2.0
"""The run itself: pieces handed to workers, results kept, progress told, stopped at any moment."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from tests.prove.children import Children, Ended
from tests.prove.keep import Kept
from tests.prove.piece import Outcome, Piece
from tests.prove.verdict import CANNOT, Found, Verdict, read_verdict

Say = Callable[[str], None]


def say_to_people(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class Course:
    """Runs what is not kept yet. `kept`: by part; `root`: where commands run."""

    def __init__(
        self,
        root: Path,
        kept: Mapping[str, Kept],
        workers: int = 2,
        say: Say = say_to_people,
    ) -> None:
        self._root = root
        self._kept = kept
        self._workers = workers
        self._say = say
        self._children = Children()
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Ends what runs; what is finished stays. May be called from a signal's handler."""
        self._stopping.set()
        threading.Thread(target=self._children.stop, daemon=True).start()

    @property
    def stopped(self) -> bool:
        return self._stopping.is_set()

    def run(self, pieces: Sequence[Piece]) -> list[Outcome]:
        """What became of each piece, in their order; those that were stopped are left out."""
        done: dict[Piece, Outcome] = {}
        for piece in pieces:
            known = None if piece.fresh else self._kept[piece.part].get(piece)
            if known is not None:
                done[piece] = known
        waiting = [piece for piece in pieces if piece not in done]
        progress = _Progress(len(pieces), len(done), waiting, self._workers)
        if done:
            self._say(f"{len(done)} of {len(pieces)} pieces are done already")
        with ThreadPoolExecutor(self._workers) as pool:
            running: dict[Future[Outcome | None], Piece] = {}
            while (waiting or running) and not (self.stopped and not running):
                while waiting and self._may_begin(waiting[0], running.values()):
                    piece = waiting.pop(0)
                    running[pool.submit(self._one, piece)] = piece
                finished, _ = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
                for future in finished:
                    piece = running.pop(future)
                    outcome = future.result()
                    if outcome is not None:
                        done[piece] = outcome
                        self._say(progress.line(outcome, waiting))
        return [done[piece] for piece in pieces if piece in done]

    def _may_begin(self, piece: Piece, running: Collection[Piece]) -> bool:
        if self.stopped or len(running) >= self._workers:
            return False
        return not running or not (piece.alone or any(each.alone for each in running))

    def _one(self, piece: Piece) -> Outcome | None:
        """One piece to its end; None where the run was stopped meanwhile."""
        command = (sys.executable, *piece.arguments)
        ended = self._children.run(command, self._root, piece.bound_s, {"PYTHONUNBUFFERED": "1"})
        if self.stopped:
            return None
        outcome = Outcome(piece, verdict_of(piece, ended), ended.took_s)
        self._kept[piece.part].put(outcome)
        return outcome


def verdict_of(piece: Piece, ended: Ended) -> Verdict:
    """What the piece said. One that ends without a verdict has not held, whatever it is about."""
    if ended.code is None:
        return _broke(piece, f"did not end within {piece.bound_s:.0f} s")
    try:
        verdict = read_verdict(ended.output)
    except ValueError as fault:
        if ended.code == CANNOT:
            return Verdict(piece.part, None, why=ended.last_words)
        return _broke(piece, f"ended with {ended.code} and {fault}: {ended.last_words[-300:]}")
    if ended.code != verdict.exit_code:
        return _broke(piece, f"ended with {ended.code}, and said that it is {verdict.held}")
    return verdict


def _broke(piece: Piece, why: str) -> Verdict:
    # Where something must be found, "held" is what stands against the proof.
    found = Found(f"{piece.name} {why}", piece.again)
    return Verdict(piece.part, piece.must_find, {}, (found,), why=why)


class _Progress:
    """How far it is, and about how long it will take: by what like pieces took so far."""

    def __init__(self, total: int, done: int, waiting: Sequence[Piece], workers: int) -> None:
        self._total = total
        self._done = done
        self._workers = workers
        self._took: dict[str, list[float]] = {}
        self._began_s = time.monotonic()

    def line(self, outcome: Outcome, waiting: Sequence[Piece]) -> str:
        self._done += 1
        part = outcome.piece.part
        self._took.setdefault(part, []).append(outcome.took_s)
        word = {True: "held", False: "FOUND", None: "cannot be tried"}[outcome.held]
        left_s = sum(self._expected_s(piece) for piece in waiting) / self._workers
        line = (
            f"[{self._done}/{self._total}, {shown_s(left_s)} left] {part}: "
            f"{outcome.piece.name}: {word}, {outcome.took_s:.0f} s"
        )
        if outcome.held is None:
            return f"{line}\n    {outcome.verdict.why}"
        for each in outcome.found:
            line += f"\n    {each.what}\n    again: {each.again}"
        return line

    def _expected_s(self, piece: Piece) -> float:
        known = self._took.get(piece.part)
        return sum(known) / len(known) if known else piece.expected_s


def shown_s(seconds: float) -> str:
    """A time for people: 40 s, 12 min, 2 h 05."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d}"
