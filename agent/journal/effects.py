# SPDX-License-Identifier: Apache-2.0
"""Frozen effects: the exact bytes of each `Do`, on disk before the first of them leaves.

A step's bytes never change. Path, headers and body are sealed together, for a path may hold the
code as well as a body does.
"""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

from agent.domain.idempotency import IdempotencyKey
from agent.journal.store import Store, canonical
from agent.ports import DoneStep, Effect

REPLIES_MAX: Final = 256
"""Credits whose ids wait at once, far more than conversations are held."""

Log = Literal["effects", "claim_effects"]
"""Which table: of our own credits, or of claims of other registers' paper."""

Reply = tuple[str, Mapping[str, str]]
"""A step and what the vendor said to it."""


def freeze(store: Store, key: IdempotencyKey, effect: Effect, log: Log = "effects") -> None:
    """Keeps an effect; nothing is written where it stands with equal bytes.

    Raises ValueError for other bytes under the same step and epoch.
    """
    scope = (key.text, effect.step, effect.epoch)
    row = store.connection.execute(
        f"SELECT * FROM {log} WHERE key = ? AND step = ? AND epoch = ?",  # noqa: S608
        scope,
    ).fetchone()
    if row is not None:
        if row["sealed"] is None or _effect(store, row) != effect:
            raise ValueError(f"the bytes of step {effect.step} are frozen")
        return
    freeze_first(store, key, effect, log)


def freeze_first(store: Store, key: IdempotencyKey, effect: Effect, log: Log = "effects") -> None:
    """Keeps an effect of which none of that step and epoch stands."""
    scope = (key.text, effect.step, effect.epoch)
    plain = canonical([effect.path, effect.headers, effect.body.hex()])
    store.connection.execute(
        f"INSERT INTO {log} VALUES (?, ?, ?, ?, ?, ?, NULL)",  # noqa: S608
        (*scope, effect.method, store.clock_ms(), store.seal.close(purpose_of(*scope), plain)),
    )


def keep_reply(
    store: Store,
    key: IdempotencyKey,
    step: str,
    reply: Mapping[str, str],
    log: Log = "effects",
) -> None:
    """The vendor's ids of a step's newest epoch; raises ValueError for a step never frozen."""
    changed = store.connection.execute(
        f"UPDATE {log} SET reply = ? WHERE key = ? AND step = ? AND epoch = "  # noqa: S608
        f"(SELECT max(epoch) FROM {log} WHERE key = ? AND step = ?)",
        (canonical(dict(reply)).decode(), key.text, step, key.text, step),
    ).rowcount
    if changed != 1:
        raise ValueError(f"step {step} was never journalled")


def done(store: Store, key: IdempotencyKey, log: Log = "effects") -> dict[str, DoneStep]:
    """Each step's newest epoch; without those whose bytes were erased."""
    rows = store.connection.execute(
        f"SELECT * FROM {log} WHERE key = ? AND sealed IS NOT NULL "  # noqa: S608
        "ORDER BY epoch, first_ms",
        (key.text,),
    )
    return {
        row["step"]: DoneStep(
            _effect(store, row), None if row["reply"] is None else json.loads(row["reply"])
        )
        for row in rows
    }


def _effect(store: Store, row: sqlite3.Row) -> Effect:
    purpose = purpose_of(row["key"], row["step"], row["epoch"])
    path, headers, body = json.loads(store.seal.open(purpose, row["sealed"]))
    return Effect(
        step=row["step"],
        epoch=row["epoch"],
        method=row["method"],
        path=path,
        body=bytes.fromhex(body),
        headers=tuple((name, value) for name, value in headers),
    )


def purpose_of(key: str, step: str, epoch: int) -> str:
    """What the bytes of a step are sealed for."""
    return f"effect:{key}:{step}:{epoch}"


class Replies:
    """Vendors' ids that wait for their credit's next commit. What a crash takes of them, it could
    have taken a moment earlier, with the reply itself."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[IdempotencyKey, list[Reply]] = OrderedDict()

    def add(self, key: IdempotencyKey, step: str, reply: Mapping[str, str]) -> None:
        self._waiting.setdefault(key, []).append((step, dict(reply)))
        if len(self._waiting) > REPLIES_MAX:
            self._waiting.popitem(last=False)

    def take(self, key: IdempotencyKey) -> Sequence[Reply]:
        return self._waiting.pop(key, ())

    def put_back(self, key: IdempotencyKey, replies: Sequence[Reply]) -> None:
        """The commit that was to hold them failed: they are older than what came since."""
        if replies:
            self._waiting[key] = [*replies, *self._waiting.get(key, ())]

    def over(self, key: IdempotencyKey, done: Mapping[str, DoneStep]) -> dict[str, DoneStep]:
        """What is on disk, with what waits laid over it."""
        found = dict(done)
        for step, reply in self._waiting.get(key, ()):
            if step in found:
                found[step] = replace(found[step], reply=reply)
        return found
