# SPDX-License-Identifier: Apache-2.0
"""When a vendor key is worn out, and the same bytes go under the next epoch's.

Some platforms keep an answer under an idempotency key, an error too, and say it again for as long
as they keep the key (Stripe, "Idempotent requests": a 500 is saved like any other answer), though
nothing was carried out. A record must not wait behind such a key for ever. The epoch rises only
when the platform itself said that it has none, again and again, and what still guards the credit
allows it: its unique code at once; elsewhere only after a day in which nothing was sent, so that
no request under the old key can be on its way.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from agent.decisions.circumstances import Circumstances
from agent.domain.moment import age_least_ms
from agent.domain.outcome import Saying
from agent.domain.record import CreditRecord

VAIN_MAX: Final = 6
"""Sends in vain under the first key; twice as many under each later one, so that a platform that
is broken for weeks gets a handful of keys and not thousands."""
REST_MS: Final = 86_400_000
"""How long nothing is sent before a key is given up where codes are not unique."""
_LINKS_MIN: Final = 8


def in_vain(record: CreditRecord, saying: Saying) -> CreditRecord:
    """One more send that was answered, but by neither yes nor no. Silence does not count."""
    return record if saying.status is None else replace(record, vain=record.vain + 1)


def heard_nothing(record: CreditRecord) -> CreditRecord:
    """A look-up failed as well: the platform is down, which says nothing about one key."""
    return replace(record, vain=0) if record.vain else record


def worn_out(record: CreditRecord) -> bool:
    """Whether the key of this epoch brings nothing any more."""
    return record.vain >= VAIN_MAX << min(record.epoch, 16)


def next_epoch(record: CreditRecord) -> CreditRecord:
    """The record under its next vendor key."""
    return replace(record, epoch=record.epoch + 1, vain=0)


def rest_ms(record: CreditRecord, at: Circumstances) -> int:
    """How long a worn-out key must still rest, where no unique code guards the credit."""
    passed = 0 if record.last_sent is None else age_least_ms(record.last_sent, at.now)
    return max(max(REST_MS, at.settling_ms) - passed, 0)


def linking_anew(record: CreditRecord) -> CreditRecord:
    """Before the next try to link, which may be repeated under any key: a fresh one at the 8th,
    the 16th, the 32nd, ..."""
    tries = record.attempts
    worn = tries >= _LINKS_MIN and tries.bit_count() == 1
    return next_epoch(record) if worn else record
