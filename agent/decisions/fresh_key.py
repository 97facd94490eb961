# SPDX-License-Identifier: Apache-2.0
"""When a vendor key is worn out, and the same bytes go under the next epoch's.

Some platforms keep an answer under an idempotency key, an error too, and say it again for as long
as they keep the key (Stripe, "Idempotent requests": a 500 is saved like any other answer), though
nothing was carried out. A record must not wait behind such a key for ever. Where codes are unique
the epoch rises once the platform has said again and again that it has none: the code guards the
credit, whatever becomes of a request under the old key. Elsewhere the key is all that guards it:
a copy of this journal on another machine, of which nobody here knows, may send under it at any
moment. There a person must look.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from agent.domain.moment import Moment, age_least_ms
from agent.domain.outcome import Saying
from agent.domain.record import CreditRecord

VAIN_MAX: Final = 6
"""Sends in vain under the first key; twice as many under each later one, so that a platform that
is broken for weeks gets a handful of keys and not thousands."""
HOPELESS: Final = 24
"""Sends in vain after which a person must look: an hour of them, at the slowest pace."""
HOPELESS_MS: Final = 26 * 3_600_000
"""Not before a record is so old: most platforms forget a key, and its error, after a day."""
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


def hopeless(record: CreditRecord, now: Moment) -> bool:
    """Whether nothing but a person can help, where no unique code guards the credit."""
    return record.vain >= HOPELESS and age_least_ms(record.opened, now) >= HOPELESS_MS


def linking_anew(record: CreditRecord) -> CreditRecord:
    """Before the next try to link, which may be repeated under any key: a fresh one at the 8th,
    the 16th, the 32nd, ..."""
    tries = record.attempts
    worn = tries >= _LINKS_MIN and tries.bit_count() == 1
    return next_epoch(record) if worn else record
