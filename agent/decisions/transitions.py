# SPDX-License-Identifier: Apache-2.0
"""Every change of state, as one table. There is no other place.

A row is (from, event, case) -> to; `case` names the circumstance that decide.py and its
neighbours found. An event without a row raises `NotNow` and changes nothing. The picture in
docs/states.md is made from this table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from agent.domain.faults import NotNow
from agent.domain.record import SETTLED, CreditRecord, State

_R, _S, _P, _U = State.RECEIVED, State.SENDING, State.PARKED, State.UNSETTLED
_V, _C, _N, _W = State.REVIEW, State.CONFIRMED, State.REFUSED, State.WITHDRAWN
_B, _X = State.VOIDING, State.VOIDED


@dataclass(frozen=True, slots=True)
class Row:
    """One permitted change; `source` and `target` may be equal where only flags change."""

    source: State
    event: str
    case: str
    target: State


def _rows(event: str, *entries: tuple[State, str, State]) -> tuple[Row, ...]:
    return tuple(Row(source, event, case, target) for source, case, target in entries)


def _staying(event: str, case: str, *states: State) -> tuple[Row, ...]:
    return tuple(Row(state, event, case, state) for state in states)


ROWS: Final[tuple[Row, ...]] = (
    *_rows(
        "begun",
        (_R, "identity", _V),
        (_R, "link-down", _P),
        (_R, "shared", _P),
        (_R, "resolve", _R),
        (_R, "send", _S),
    ),
    *_rows(
        "resolved",
        (_R, "matched", _S),
        (_R, "nobody", _V),
        (_R, "unknown", _P),
        (_P, "matched", _P),
        (_P, "nobody", _V),
        (_P, "nobody-but-promised", _P),
        (_P, "unknown", _P),
        (_U, "matched", _U),
        (_U, "nobody-but-promised", _U),
        (_U, "unknown", _U),
    ),
    *_rows("forwarding", (_P, "", _S), (_U, "", _U)),
    *_rows(
        "answered",
        (_S, "confirmed", _C),
        (_S, "refused", _N),
        (_S, "refused-late", _U),
        (_S, "accepted", _U),
        (_S, "unsent", _P),
        (_S, "unsent-again", _U),
        (_S, "unanswered", _U),
        (_U, "confirmed", _C),
        (_U, "refused-late", _U),
        (_U, "accepted", _U),
        (_U, "unsent-again", _U),
        (_U, "unanswered", _U),
    ),
    *_rows(
        "looked",
        (_P, "found", _C),
        (_P, "void", _X),
        (_P, "void-spent", _V),
        (_P, "different", _V),
        (_P, "absent", _P),
        (_P, "absent-final", _V),
        (_P, "unknown", _P),
        (_U, "found", _C),
        (_U, "void", _X),
        (_U, "void-spent", _V),
        (_U, "different", _V),
        (_U, "absent", _U),
        (_U, "absent-refused", _V),
        (_U, "absent-final", _V),
        (_U, "unknown", _U),
        (_V, "found", _C),
        (_V, "void", _X),
        (_V, "void-spent", _V),
        (_V, "waits", _V),
    ),
    *_rows("budget-ended", (_R, "", _P), (_S, "", _U), (_P, "", _P), (_U, "", _U)),
    *_rows("restarted", (_R, "", _R), (_S, "", _U), (_P, "", _P), (_U, "", _U), (_V, "", _V)),
    *_staying("restarted", "", _B, _C),
    *_staying("paper-approved", "", _S, _P, _U, _V),
    *_staying("paper-leaving", "money", _S, _P, _U, _V, _C),
    *_staying("paper-leaving", "receipt", _C),
    *_staying("paper-leaving", "slip", _S, _P, _U, _V, _C),
    *_staying("paper-ended", "", *State),
    *_staying("paper-affirmed", "", _S, _P, _U, _V, _C, _B, _X),
    *_staying("code-shown", "", _S, _P, _U, _V, _C),
    *_staying("reprint-asked", "", _S, _P, _U, _V, _C),
    *_rows(
        "void-asked",
        (_R, "exclusive", _W),
        (_R, "shared", _B),
        (_P, "exclusive", _W),
        (_P, "shared", _B),
        (_U, "shared", _B),
        (_V, "exclusive", _W),
        (_V, "shared", _B),
        (_C, "shared", _B),
        (_B, "shared", _B),
    ),
    *_rows(
        "burn-ended",
        (_B, "burnt", _X),
        (_B, "spent", _V),
        (_B, "unknown", _B),
        (_B, "refused", _V),
    ),
    *_staying("link-ended", "", _C),
    *_rows("person-linked", (_V, "exclusive", _P), (_V, "perhaps-sent", _U)),
    *_rows("person-confirmed", (_V, "", _C)),
    *_rows("person-withdrew", (_R, "exclusive", _W), (_P, "exclusive", _W), (_V, "exclusive", _W)),
    *_rows(
        "claimed",
        (_R, "on-its-way", _P),
        (_S, "on-its-way", _U),
        (_P, "on-its-way", _P),
        (_U, "on-its-way", _U),
        (_V, "matched", _P),
        (_V, "matched-sent", _U),
        (_V, "waits", _V),
        (_C, "found", _C),
    ),
    *_staying("claimed", "void", _B, _X, _N, _W),
    *_staying("heard", "", *State),
)

_TARGETS: Final = {(row.source, row.event, row.case): row.target for row in ROWS}


def target(state: State, event: str, case: str = "") -> State:
    """Where the row leads; raises `NotNow` where there is none."""
    try:
        return _TARGETS[state, event, case]
    except KeyError:
        raise NotNow(state=state.value, event=event, case=case) from None


SET_BACK_MS: Final = 2_000
"""A change that comes so much before the last one: the clock was set back in between."""


def move(record: CreditRecord, event: str, case: str, at_ms: int) -> CreditRecord:
    """The record in its next state. `at_ms`: UTC milliseconds of the change.

    What was to be tried at a time of a clock that was set back since is due now.
    """
    state = target(record.state, event, case)
    settled = record.settled_ms
    if state in SETTLED:
        settled = settled if record.state is state and settled is not None else at_ms
    else:
        settled = None
    ended = state in SETTLED and record.state is not state
    due = None if ended else record.due_ms
    if due is not None and at_ms + SET_BACK_MS < record.changed_ms:
        due = min(due, at_ms)
    return replace(record, state=state, changed_ms=at_ms, settled_ms=settled, due_ms=due)
