# SPDX-License-Identifier: Apache-2.0
"""A record of which only an older state was saved, though the chain tells of newer ones.

Its row stood on a page whose last copy is gone. What it was told meanwhile may have been sent,
promised and printed: so all of that counts as having been, and the platform is asked. Where the
chain says that it ended without a credit, or waits for a person, a person must look.
"""

from __future__ import annotations

import json
from sqlite3 import Row
from typing import Final

from agent.domain.event import CodeShown, PaperLeaving
from agent.domain.record import Paper, PaperKind, State
from agent.journal.store import Store

_GOES_ON: Final = frozenset({State.SENDING, State.PARKED, State.UNSETTLED, State.CONFIRMED})
_MONEY: Final = frozenset(kind.value for kind in PaperKind if kind.is_money)


def brought_up_to_date(store: Store, row: Row) -> bool:
    """Raises what the events tell of it. False where the record cannot go on by itself."""
    sql, key = store.connection, row["key"]
    later = sql.execute(
        "SELECT kind, target, revision, details FROM events "
        "WHERE key = ? AND revision > ? ORDER BY seq",
        (key, row["revision"]),
    ).fetchall()
    if not later:
        return True
    if later[-1]["target"] not in {state.value for state in _GOES_ON}:
        return False
    shown = [each for each in later if each["kind"] == CodeShown.name]
    papers = [
        json.loads(each["details"]).get("kind")
        for each in later
        if each["kind"] == PaperLeaving.name
    ]
    money = [kind for kind in papers if kind in _MONEY] or [PaperKind.VOUCHER.value for _ in shown]
    sql.execute(
        "UPDATE credits SET state = ?, perhaps_sent = 1, shared = 1, due_ms = ?, settled_ms = NULL,"
        " open = 1, exposed = 1, unclaimed = 0, review = NULL, revision = ?,"
        " promised = max(promised, ?), paper = CASE WHEN ? THEN ? ELSE paper END,"
        " paper_kind = CASE WHEN ? THEN ? ELSE paper_kind END WHERE key = ?",
        (
            State.UNSETTLED.value,
            store.clock_ms(),
            later[-1]["revision"],
            int(bool(money)),
            int(bool(money)),
            Paper.UNCERTAIN.value,
            int(bool(money)),
            money[-1] if money else None,
            key,
        ),
    )
    # The newest event of this revision tells of another row than the one that is left of it.
    sql.execute(
        "UPDATE credits SET revision = revision + 1 WHERE key = ?",
        (key,),
    )
    return True
