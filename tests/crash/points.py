# SPDX-License-Identifier: Apache-2.0
"""Where the daemon is killed, as data.

A moment of `before` or `after` is that of the commit which holds a `mark`: an event's kind as the
chain names it, or `effect:STEP` for a step's frozen bytes. `asked`, `answered` and `printing` are
moments on a wire, `soon` is a moment drawn while a stretch of work runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Moment(StrEnum):
    BEFORE = "before"
    """All of the transaction is written but for its COMMIT."""
    AFTER = "after"
    """It is on disk, and nobody has heard of it."""
    ASKED = "asked"
    """The request has left the daemon, and never reaches the platform."""
    ANSWERED = "answered"
    """The platform has done it, and its answer never reaches the daemon."""
    PRINTING = "printing"
    """Some of a paper's bytes have reached the printer."""
    SOON = "soon"
    """Within milliseconds of the beginning of `mark`: start, checkpoint, stop, work."""


class Scene(StrEnum):
    """What the callers do meanwhile."""

    COUNTER = "counter"
    OFFLINE = "offline"
    """The platform is away: vouchers come out."""
    MUTE = "mute"
    """The platform takes requests and says nothing: the budget ends."""
    VOIDS = "voids"
    CLAIMS = "claims"
    RESTART = "restart"
    """The daemon was killed in full work before, and is killed again at its start."""
    UPGRADE = "upgrade"
    """The journal is of an older version."""
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Point:
    """`nth`: the kill comes at one of the first `nth` times, as the seed says."""

    name: str
    moment: Moment
    mark: str = ""
    scene: Scene = Scene.COUNTER
    nth: int = 6


POINTS: Final = (
    Point("before the opening commit", Moment.BEFORE, "begun"),
    Point("after the opening commit", Moment.AFTER, "begun"),
    Point("request sent and never arrived", Moment.ASKED),
    Point("request done and unanswered", Moment.ANSWERED),
    Point("answer read and not committed", Moment.BEFORE, "answered"),
    Point("answer committed and not heard", Moment.AFTER, "answered"),
    Point("before the promise of paper", Moment.BEFORE, "budget-ended", Scene.MUTE, 1),
    Point("after the promise of paper", Moment.AFTER, "budget-ended", Scene.MUTE, 1),
    Point("before a print is committed", Moment.BEFORE, "paper-leaving", Scene.OFFLINE, 3),
    Point("before the first byte of a print", Moment.AFTER, "paper-leaving", Scene.OFFLINE, 3),
    Point("in mid print", Moment.PRINTING, "", Scene.OFFLINE, 3),
    Point("printed and not committed", Moment.BEFORE, "paper-ended", Scene.OFFLINE, 3),
    Point("print committed and not told", Moment.AFTER, "paper-ended", Scene.OFFLINE, 3),
    Point("before a void is asked", Moment.BEFORE, "void-asked", Scene.VOIDS, 3),
    Point("a void asked and not begun", Moment.AFTER, "void-asked", Scene.VOIDS, 3),
    Point("before a void ends", Moment.BEFORE, "burn-ended", Scene.VOIDS, 3),
    Point("a void ended and not told", Moment.AFTER, "burn-ended", Scene.VOIDS, 3),
    Point("before a claim is kept", Moment.BEFORE, "claimed", Scene.CLAIMS, 2),
    Point("a claim kept and not told", Moment.AFTER, "claimed", Scene.CLAIMS, 2),
    Point("recovery before its commit", Moment.BEFORE, "restarted", Scene.RESTART, 1),
    Point("recovery half-way", Moment.AFTER, "restarted", Scene.RESTART, 2),
    Point("at the start", Moment.SOON, "start", Scene.RESTART),
    Point("in a migration", Moment.SOON, "start", Scene.UPGRADE),
    Point("in a checkpoint", Moment.SOON, "checkpoint"),
    Point("at the orderly stop", Moment.SOON, "stop", Scene.STOP),
    Point("at any moment", Moment.SOON, "work"),
)
