# SPDX-License-Identifier: Apache-2.0
"""Which platform the journal's credits went to, so that none of them is sent to another one.

What waits may stand on the platform that it was sent to. Looked up elsewhere it is absent, and
would be issued a second time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agent.journal.store import Store

_WAITING: Final = (
    "SELECT (SELECT count(*) FROM credits WHERE open = 1 AND (perhaps_sent = 1 OR shared = 1))"
    " + (SELECT count(*) FROM claims WHERE state = 'unsettled')"
)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """`waiting`: how many credits may stand on `platform`, which is not the one in force."""

    platform: str
    waiting: int


def belongs_to(store: Store, platform: str, moved_from: str | None) -> Elsewhere | None:
    """Makes `platform` the journal's, or says what stands in the way and changes nothing.

    `moved_from`: what the same platform was called before, by store IT's word.
    """
    row = store.connection.execute("SELECT value FROM meta WHERE name = 'platform'").fetchone()
    known = None if row is None else str(row["value"])
    if known == platform:
        return None
    waiting = int(store.connection.execute(_WAITING).fetchone()[0])
    if known is not None and waiting and known != moved_from:
        return Elsewhere(known, waiting)
    store.connection.execute(
        "INSERT INTO meta VALUES ('platform', ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (platform,),
    )
    return None
