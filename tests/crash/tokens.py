# SPDX-License-Identifier: Apache-2.0
"""The voucher that a shopper holds, as the scanner reads it: taken from the journal's own copy."""

from __future__ import annotations

import random
from contextlib import closing

from agent.domain.idempotency import IdempotencyKey
from agent.journal.advancing import token
from agent.journal.schema import connect_reader
from agent.journal.seal import Seal
from agent.journal.store import Store
from tests.crash.ground import Ground


def token_of(here: Ground, key: str) -> str | None:
    """The text on the paper of a credit; None where no money paper came out."""
    with closing(connect_reader(here.journal / "journal.db")) as connection:
        seal = Seal(here.seal_key(), random.randbytes)
        store = Store(connection, seal, lambda: 0, _NoChance())
        found = token(store, IdempotencyKey(key))
    return None if found is None else f"CM1:{found}"


class _NoChance:
    """Reading draws nothing."""

    def below(self, bound: int) -> int:
        raise ValueError(f"nothing is drawn, also not below {bound}")
