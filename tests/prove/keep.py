# SPDX-License-Identifier: Apache-2.0
"""Finished pieces on disk, so that a run which was stopped goes on where it was.

    .prove/<part>/<digest of its sources>/<piece>.json

A piece that could not be tried is not kept: the machine may have been mended meanwhile. One that
found something is: it says so again until the sources are others, or `--fresh` is given.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.prove.piece import Outcome, Piece
from tests.prove.verdict import read_verdict


class Kept:
    """The results of one part, for the digest that `sources` gives now.

    It is asked again before a result is kept: one of sources that changed meanwhile is of neither.
    """

    def __init__(self, folder: Path, part: str, sources: Callable[[], str]) -> None:
        self._sources = sources
        self._digest = sources()
        self._folder = folder / part / self._digest

    def get(self, piece: Piece) -> Outcome | None:
        """What became of the piece, where that is known; a torn file counts as nothing."""
        path = self._folder / piece.file_name
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            verdict = read_verdict(said["verdict"])
            return Outcome(piece, verdict, float(said["took_s"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, outcome: Outcome) -> None:
        """Keeps it whole or not at all."""
        if outcome.held is None or outcome.piece.fresh or self._sources() != self._digest:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / outcome.piece.file_name
        partial = path.with_suffix(f".{os.getpid()}.partial")
        said = {
            "piece": outcome.piece.name,
            "again": outcome.piece.again,
            "took_s": round(outcome.took_s, 3),
            "verdict": outcome.verdict.line(),
        }
        partial.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
        partial.replace(path)

    def forget(self) -> None:
        """Begins anew."""
        shutil.rmtree(self._folder, ignore_errors=True)
