# SPDX-License-Identifier: Apache-2.0
"""A piece of a proof: one command with a bound. Small enough that stopping loses little."""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import dataclass

from tests.prove.verdict import Found, Verdict


@dataclass(frozen=True, slots=True)
class Piece:
    """`part`: which proof it belongs to; `arguments`: of the interpreter; `expected_s`: how long
    it takes about, for the time that is left; `must_find`: that it is sound only when something
    is found (a journal that does not sync must lose credits); `fresh`: chosen by chance for this
    run, so that it is not kept; `alone`: it looks at a real clock, and nothing runs beside it."""

    part: str
    name: str
    arguments: tuple[str, ...]
    bound_s: float
    expected_s: float = 30.0
    must_find: bool = False
    fresh: bool = False
    alone: bool = False

    @property
    def again(self) -> str:
        """What a developer types to see it once more."""
        return shlex.join(("python", *self.arguments))

    @property
    def file_name(self) -> str:
        """One name for one command."""
        said = "\n".join((self.part, self.name, *self.arguments))
        return f"{hashlib.sha256(said.encode()).hexdigest()[:20]}.json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a piece. `held` as the run counts it: None where it could not be tried."""

    piece: Piece
    verdict: Verdict
    took_s: float

    @property
    def held(self) -> bool | None:
        if self.verdict.held is None:
            return None
        return self.verdict.held is not self.piece.must_find

    @property
    def found(self) -> tuple[Found, ...]:
        """What speaks against the proof."""
        if self.held is not False:
            return ()
        if self.piece.must_find and not self.verdict.found:
            blind = f"{self.piece.name}: nothing was lost where something must be: it sees nothing"
            return (Found(blind, self.piece.again),)
        return self.verdict.found or (Found(f"{self.piece.name} did not hold", self.piece.again),)
