# SPDX-License-Identifier: Apache-2.0
"""The promise, one function each, with the design's sentence above it.

Each gives the sentences of what is wrong, none where all is well, and changes nothing. They know
the book, a card as the platform keeps it, and a row as a journal held it; of the decisions and
the flows they know nothing. `oracle.py` says when each is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.domain.credit import Unit
from agent.domain.record import SETTLED, Answer, PaperKind, State
from tests.simulation.book import Book, Entry, Intent, Row
from tests.simulation.platform_cards import SimCard

OPEN_AT_REST = frozenset({State.REVIEW, State.RECEIVED})
VAIN_LEAST = 6
MONEY = (PaperKind.VOUCHER, PaperKind.IDENTITY)


# I1  What was acknowledged (to a caller, a screen or on paper) is in the journal after any crash.
def i1_kept(entry: Entry, before: Row, now: Row | None) -> Iterator[str]:
    """After a start: `before` was told, `now` is what the table holds."""
    if now is None:
        yield f"I1: {entry.key} was told in revision {before.revision}, and the journal lost it"
    elif now.revision < before.revision:
        yield (
            f"I1: {entry.key} was told in revision {before.revision} ({before.state}), and the "
            f"journal holds {now.revision} ({now.state})"
        )


def i1_on_paper(entry: Entry | None, row: Row | None, code: str) -> Iterator[str]:
    """A code came out of a printer: its record must have said so before the first byte."""
    if entry is None or row is None:
        yield f"I1: a paper shows the code ...{code[-4:]}, and no journal has its record"
    elif not row.shared:
        yield f"I1: {entry.key} is on paper, and its journal does not know that it left"


# I2  Per key and currency: what the platform issued + what is open = what was promised − what was
#     reversed. At rest nothing is open but what waits for a person or a claim.
def i2_at_rest(entry: Entry, row: Row, cards: Sequence[SimCard]) -> Iterator[str]:
    """One key, exactly, in minor units."""
    live = [card for card in cards if card.enabled]
    issued = sum(card.minor for card in live)
    name = f"{entry.key} {row.state}"
    if row.state is State.CONFIRMED:
        due = entry.minor
        if entry.undone_elsewhere or entry.by_person:
            due = issued
        if issued != due or (len(live) != 1 and not entry.undone_elsewhere):
            yield f"I2: {name}: promised {entry.minor}, on the platform {issued} in {len(live)}"
    elif row.state in SETTLED:
        if issued and not entry.excused:
            yield f"I2: {name}: reversed, and {issued} stands on the platform"
        if row.state is State.VOIDED and not cards:
            yield f"I2: {name}: its code is not burnt"
        spent = sum(card.minor - card.balance for card in cards)
        if spent and not (entry.written_off or entry.excused):
            yield f"I2: {name}: reversed in silence, and {spent} was spent"
    elif row.state not in OPEN_AT_REST:
        yield f"I2: {name}: still open at rest"
    elif row.state is State.RECEIVED and issued and not entry.excused:
        yield f"I2: {name}: told to nobody, and {issued} stands on the platform"


def i2_currencies(entry: Entry, cards: Sequence[SimCard]) -> Iterator[str]:
    """Money stays in its currency."""
    for card in cards:
        if card.currency != entry.currency and "created" not in entry.touched:
            yield f"I2: {entry.key} was promised in {entry.currency}, and stands in {card.currency}"


# I3  One key, one body, at most one effect. The same alias with another body is refused.
def i3_one_body(entry: Entry, step: str, body: bytes) -> Iterator[str]:
    before = entry.bodies.get(step)
    if before is not None and before != body:
        yield f"I3: {entry.key} was sent with another body under the same key"


def i3_one_step(entry: Entry, step: str, unique_codes: bool) -> Iterator[str]:
    """The whole amount goes under one key of the vendor's: a burn is of the smallest amount.

    Another key comes only after the last one was answered in vain, again and again, and only
    where the code guards the credit.
    """
    if entry.minor <= 1 or not entry.steps or step in entry.steps:
        return
    worn_out = all(entry.vain.get(each, 0) >= VAIN_LEAST for each in entry.steps)
    if not (worn_out and unique_codes):
        yield f"I3: {entry.key} was sent under another key of the vendor's"


def i3_one_effect(entry: Entry | None, cards: Sequence[SimCard]) -> Iterator[str]:
    """After every effect: how many cards stand under a key or its code."""
    if len(cards) > 1:
        name = cards[0].key if entry is None else entry.key
        yield f"I3: {name} has {len(cards)} cards"


def i3_one_record(intent: Intent, key: str, other: Intent | None) -> Iterator[str]:
    """A sale has one key for ever, and two sales have two."""
    if intent.key not in (None, key):
        yield f"I3: sale {intent.number} was first {intent.key}, then {key}"
    if other is not None:
        yield f"I3: sale {intent.number} was answered with {key} of sale {other.number}"


def i3_one_paper(entry: Entry, copy: int) -> Iterator[str]:
    """A print is sent once: what came out, or perhaps came out, is never sent again."""
    if copy in entry.papers:
        yield f"I3: copy {copy} of the paper of {entry.key} was printed twice"


def i3_units(held: Sequence[tuple[Entry, Row]]) -> Iterator[str]:
    """A returned unit is credited once in one journal, unless that credit was undone."""
    owners: dict[Unit, str] = {}
    for entry, row in held:
        undone = row.state in (State.VOIDED, State.WITHDRAWN, State.REFUSED)
        for unit in () if undone or entry.excused else entry.units:
            if owners.setdefault(unit, entry.key) != entry.key:
                yield f"I3: {unit} is credited by {owners[unit]} and by {entry.key}"


# I4  Voucher, replay, claim and void, in any order and any number, by any register or the hub, end
#     in one outcome.
def i4_looked_first(entry: Entry, row: Row | None, machine: str) -> Iterator[str]:
    """A shared record is looked up before every send."""
    begun = row is not None and row.shared and row.begun_shared
    if begun and machine not in entry.looked:
        yield f"I4: {entry.key} is shared, and {machine} sent it without looking first"


def i4_one_code(entry: Entry, code: str) -> Iterator[str]:
    if entry.code is not None and entry.code != code:
        yield f"I4: {entry.key} has two codes, so its paper is not its card"


def i4_claimed_again(entry: Entry, before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """A replay or a claim of a settled credit brings nothing more."""
    more = [each for each in after if each not in before]
    if more:
        yield f"I4: another claim of {entry.key} brought {more}"


# I5  No key and no code ever repeats: across restarts, clock jumps, cloned or re-imaged registers,
#     two processes.
def i5_new(book: Book, key: str, code: str | None, digest: bytes, seen: bytes) -> Iterator[str]:
    if digest != seen:
        yield f"I5: the key {key} came a second time, for another credit"
    if code is not None and book.by_code.get(code, key) != key:
        yield f"I5: the code of {key} is that of {book.by_code[code]}"


# I6  "Confirmed" on a screen or a receipt means: the platform returned this credit with this
#     amount, currency and key or code. HTTP 200 alone is never success. "Voucher" is said only
#     when paper came out (proved, or a person said so).
def i6_word(entry: Entry, word: Answer, cards: Sequence[SimCard]) -> Iterator[str]:
    if word is Answer.CONFIRMED:
        equal = any(
            entry.by_person or (card.minor, card.currency) == (entry.minor, entry.currency)
            for card in cards
        )
        alive = entry.undone_elsewhere or any(card.enabled for card in cards)
        if not equal or not alive:
            yield f"I6: {entry.key} says CONFIRMED, and the platform has {list(cards)}"
    if word is Answer.VOUCHER and not (entry.out or entry.affirmed):
        yield f"I6: {entry.key} says VOUCHER, and no paper came out"


# I7  Exposure limits hold across restarts; a fresh journal starts at a quarter, until 20 credits
#     are confirmed or a manager lifts it.
def i7_room(
    entry: Entry, others: int, unclaimed: int, kind: PaperKind, limits: tuple[int, int, int]
) -> Iterator[str]:
    """A money paper was queued without a manager. `limits`: per credit, outstanding, unclaimed,
    as they are now; `others`: what stands promised beside it."""
    per_credit, outstanding, unclaimed_max = limits
    if entry.minor > per_credit:
        yield f"I7: {entry.key} promises {entry.minor} on paper, over {per_credit} for one credit"
    if kind is PaperKind.VOUCHER and others + entry.minor > outstanding:
        yield f"I7: {entry.key}: {others + entry.minor} stand promised, over {outstanding}"
    if kind is PaperKind.IDENTITY and unclaimed >= unclaimed_max:
        yield f"I7: {entry.key}: {unclaimed} vouchers wait unclaimed, over {unclaimed_max}"


# I8  No record is ever unreachable: it is open, settled, or in review with a reason and a next
#     step. Nothing expires silently.
def i8_reachable(
    entry: Entry, row: Row, due_ms: int | None, review: str | None, ending: bool, equal: bool
) -> Iterator[str]:
    """At rest. `equal`: its own card stands live on the platform; `ending`: a void was asked."""
    reversed_ = row.state in (State.VOIDED, State.WITHDRAWN)
    if reversed_ and not (entry.void_asked or entry.touched or entry.excused):
        yield f"I8: {entry.key} is {row.state}, and nobody asked for that"
    if row.state in SETTLED or row.state is State.RECEIVED:
        return
    if row.state is not State.REVIEW:
        if due_ms is None:
            yield f"I8: {entry.key} {row.state} is open, and nobody will ever look at it"
        return
    if review is None:
        yield f"I8: {entry.key} is in review without a reason"
    if (row.promised or row.perhaps_sent) and not ending and due_ms is None:
        yield f"I8: {entry.key} ({review}) is promised, and nobody looks it up any more"
    unnoticed = entry.excused and not row.shared
    if equal and not (ending or unnoticed or entry.touched):
        yield f"I8: {entry.key} ({review}): its own card stands live, and it does not know"


# I9  Perhaps sent and promised never become false again.
def i9_flags(entry: Entry, before: Row, now: Row) -> Iterator[str]:
    for flag in ("perhaps_sent", "promised", "shared"):
        if getattr(before, flag) and not getattr(now, flag):
            yield f"I9: {entry.key}: {flag} became false again"


def i9_perhaps_sent(entry: Entry, row: Row, sent: int) -> Iterator[str]:
    """`sent`: requests that this machine let go, and nobody said that they were not read."""
    unsent = row.state in (State.PARKED, State.WITHDRAWN, State.REFUSED)
    if sent and unsent and not (row.perhaps_sent or entry.excused):
        yield f"I9: {entry.key} {row.state} was perhaps sent, and its journal does not know"
