# SPDX-License-Identifier: Apache-2.0
"""The tables, as SQL: one text for each migration, from version n to n + 1.

Never change a text that was released; append the next. Tables are STRICT. Columns named
`sealed` hold what only the seal key opens; rows of `credits` and `events` hold no personal data.
Indexes over a part of `credits` keep every question flat while settled rows pile up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_FIRST: Final = """
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE credits (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    code_hash BLOB NOT NULL UNIQUE,
    code_last_four TEXT NOT NULL,
    code_sealed BLOB,
    store TEXT NOT NULL,
    register TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    operator TEXT NOT NULL,
    reason TEXT NOT NULL,
    pos_date TEXT NOT NULL,
    pos_number TEXT NOT NULL,
    pos_line TEXT NOT NULL,
    occurred_at_ms INTEGER NOT NULL,
    customer_form TEXT NOT NULL,
    customer_kind TEXT,
    instrument TEXT NOT NULL,
    original_sale TEXT,
    units TEXT NOT NULL,
    is_distinct INTEGER NOT NULL,
    caller TEXT NOT NULL,
    opened_ms INTEGER NOT NULL,
    opened_boot TEXT NOT NULL,
    state TEXT NOT NULL,
    changed_ms INTEGER NOT NULL,
    perhaps_sent INTEGER NOT NULL,
    promised INTEGER NOT NULL,
    shared INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    paper TEXT NOT NULL,
    paper_kind TEXT,
    paper_approved_by TEXT,
    copies INTEGER NOT NULL,
    expires_on TEXT,
    review TEXT,
    manager TEXT,
    refused INTEGER NOT NULL,
    linked INTEGER NOT NULL,
    unlinked_flag INTEGER NOT NULL,
    reference TEXT,
    saying_status INTEGER,
    saying_code TEXT NOT NULL,
    saying_request_id TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    last_sent TEXT,
    first_sent TEXT,
    due_ms INTEGER,
    settled_ms INTEGER,
    void_by TEXT,
    void_reason TEXT,
    void_kind TEXT,
    heard INTEGER NOT NULL,
    pos_prints INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    open INTEGER NOT NULL,
    exposed INTEGER NOT NULL,
    unclaimed INTEGER NOT NULL
) STRICT;

CREATE INDEX credits_due ON credits (due_ms) WHERE due_ms IS NOT NULL;
CREATE INDEX credits_state ON credits (state, id);
CREATE INDEX credits_unheard ON credits (id) WHERE heard = 0;
CREATE INDEX credits_exposed ON credits (store, register, currency, opened_ms)
    WHERE exposed = 1;
CREATE INDEX credits_open
    ON credits (store, register, currency, state, amount_minor, opened_ms, promised)
    WHERE open = 1;
CREATE INDEX credits_alike ON credits (store, register, currency, amount_minor, opened_ms);
CREATE INDEX credits_alike_unheard ON credits (store, register, currency, amount_minor, opened_ms)
    WHERE heard = 0;
CREATE INDEX credits_erasable ON credits (settled_ms)
    WHERE code_sealed IS NOT NULL AND settled_ms IS NOT NULL;

CREATE TABLE personal (
    key TEXT PRIMARY KEY REFERENCES credits (key),
    seq INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE aliases (
    alias BLOB PRIMARY KEY,
    key TEXT NOT NULL REFERENCES credits (key)
) STRICT, WITHOUT ROWID;

CREATE TABLE units (
    sale TEXT NOT NULL,
    line TEXT NOT NULL,
    number INTEGER NOT NULL,
    key TEXT NOT NULL REFERENCES credits (key),
    PRIMARY KEY (sale, line, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX units_key ON units (key);

CREATE TABLE effects (
    key TEXT NOT NULL REFERENCES credits (key),
    step TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    method TEXT NOT NULL,
    first_ms INTEGER NOT NULL,
    sealed BLOB,
    reply TEXT,
    PRIMARY KEY (key, step, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE spool (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL REFERENCES credits (key),
    kind TEXT NOT NULL,
    copy INTEGER NOT NULL,
    state TEXT NOT NULL,
    by TEXT NOT NULL,
    reason TEXT NOT NULL,
    queued_ms INTEGER NOT NULL,
    route TEXT NOT NULL,
    proof TEXT,
    sealed BLOB
) STRICT;

CREATE INDEX spool_key ON spool (key, id);
CREATE INDEX spool_state ON spool (state, id);

CREATE TABLE tokens (
    key TEXT PRIMARY KEY REFERENCES credits (key),
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    key TEXT,
    kind TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    source TEXT,
    target TEXT,
    revision INTEGER,
    details TEXT NOT NULL,
    digest BLOB,
    commitment BLOB,
    hash BLOB NOT NULL
) STRICT;

CREATE INDEX events_key ON events (key, seq);

CREATE TABLE outbox (
    store TEXT NOT NULL,
    register TEXT NOT NULL,
    seq INTEGER NOT NULL,
    event_seq INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (store, register, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE sequences (
    store TEXT NOT NULL,
    register TEXT NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (store, register)
) STRICT, WITHOUT ROWID;

CREATE TABLE limits (
    store TEXT NOT NULL,
    register TEXT NOT NULL,
    currency TEXT NOT NULL,
    outstanding_minor INTEGER NOT NULL CHECK (outstanding_minor >= 0),
    unclaimed INTEGER NOT NULL CHECK (unclaimed >= 0),
    PRIMARY KEY (store, register, currency)
) STRICT, WITHOUT ROWID;

CREATE TABLE minutes (
    store TEXT NOT NULL,
    register TEXT NOT NULL,
    currency TEXT NOT NULL,
    minute INTEGER NOT NULL,
    exposed_minor INTEGER NOT NULL CHECK (exposed_minor >= 0),
    PRIMARY KEY (store, register, currency, minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE approvals (
    id TEXT PRIMARY KEY,
    manager TEXT NOT NULL,
    body_digest BLOB NOT NULL,
    given_ms INTEGER NOT NULL,
    used_by TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE managers (
    name TEXT PRIMARY KEY,
    pin_hash TEXT NOT NULL,
    wrong INTEGER NOT NULL,
    locked_until_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE pairings (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    registers TEXT NOT NULL,
    timeout_ms INTEGER NOT NULL,
    printing TEXT NOT NULL,
    tested INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    revoked_ms INTEGER
) STRICT, WITHOUT ROWID;
"""

# What a register's day is asked for (`agent.journal.day`). A credit opens into the first of them
# alone; the others hold what people did by hand, which is rare.
_SECOND: Final = """
CREATE INDEX credits_day ON credits (store, register, pos_date);
CREATE INDEX credits_undone ON credits (store, register, coalesce(settled_ms, changed_ms))
    WHERE state IN ('voiding', 'voided', 'withdrawn');
CREATE INDEX events_people ON events (at_ms)
    WHERE kind IN ('limits-lifted', 'paper-approved', 'code-shown', 'paper-affirmed',
        'reprint-asked', 'void-asked', 'person-linked', 'person-confirmed', 'person-withdrew');
CREATE INDEX approvals_used ON approvals (given_ms) WHERE used_by IS NOT NULL;
"""

# Vouchers that are brought back: when a credit's own paper was (`claimed_`), and the paper of
# other registers, with frozen effects of its own. `claims` and `credits` share no key.
_THIRD: Final = """
ALTER TABLE credits ADD COLUMN claimed_ms INTEGER;
ALTER TABLE credits ADD COLUMN claimed_by TEXT;
ALTER TABLE credits ADD COLUMN claimed_at TEXT;

CREATE TABLE claims (
    key TEXT PRIMARY KEY,
    code_hash BLOB NOT NULL UNIQUE,
    code_last_four TEXT NOT NULL,
    code_sealed BLOB,
    customer_sealed BLOB,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    identity INTEGER NOT NULL,
    expires_on TEXT,
    store TEXT NOT NULL,
    register TEXT NOT NULL,
    claimed_by TEXT NOT NULL,
    approved_by TEXT,
    opened_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    linked INTEGER NOT NULL,
    other_customer INTEGER NOT NULL,
    bearer INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    review TEXT,
    reference TEXT,
    saying_status INTEGER,
    saying_code TEXT NOT NULL,
    saying_request_id TEXT NOT NULL,
    scans INTEGER NOT NULL,
    settled_ms INTEGER,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX claims_erasable ON claims (changed_ms) WHERE code_sealed IS NOT NULL;
CREATE INDEX claims_personal ON claims (changed_ms) WHERE customer_sealed IS NOT NULL;

CREATE TABLE claim_effects (
    key TEXT NOT NULL REFERENCES claims (key),
    step TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    method TEXT NOT NULL,
    first_ms INTEGER NOT NULL,
    sealed BLOB,
    reply TEXT,
    PRIMARY KEY (key, step, epoch)
) STRICT, WITHOUT ROWID;
"""

# Clocks that jump, and what a damaged file took with it (`agent.journal.salvage`). The index finds
# what waits though its last change lies in a time to come; `given` and `locked` are whole moments.
# What is lost keeps its outside names taken; where those may be gone too, a doubt asks a manager.
_FOURTH: Final = """
CREATE INDEX credits_changed ON credits (changed_ms) WHERE due_ms IS NOT NULL;
ALTER TABLE approvals ADD COLUMN given TEXT;
ALTER TABLE managers ADD COLUMN locked TEXT;

CREATE TABLE lost (
    key TEXT PRIMARY KEY,
    store TEXT,
    register TEXT,
    currency TEXT,
    amount_minor INTEGER,
    state TEXT,
    aside TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE lost_aliases (
    alias BLOB PRIMARY KEY,
    key TEXT NOT NULL REFERENCES lost (key)
) STRICT, WITHOUT ROWID;

CREATE TABLE lost_units (
    sale TEXT NOT NULL,
    line TEXT NOT NULL,
    number INTEGER NOT NULL,
    key TEXT NOT NULL REFERENCES lost (key),
    PRIMARY KEY (sale, line, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE doubts (
    id INTEGER PRIMARY KEY,
    store TEXT,
    register TEXT,
    currency TEXT,
    amount_minor INTEGER,
    through TEXT NOT NULL
) STRICT;
"""

# Vendor keys behind which a platform keeps an error (`agent.decisions.fresh_key`); NULL is none.
_FIFTH: Final = """
ALTER TABLE credits ADD COLUMN vain INTEGER;
"""

MIGRATIONS: Final[Sequence[str]] = (_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH)
