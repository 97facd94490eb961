# SPDX-License-Identifier: Apache-2.0
"""The oracle: hears everything, keeps the book, and asks the invariants at every step.

One `Watcher` stands at each machine and is told its starts, its committed changes and its
requests. What the platform carried out is read from the platform's own cards. Nothing of
`agent.decisions` or `agent.flows` is asked what would be right.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from agent.decisions.limits import Limits
from agent.domain.customer import Forgotten
from agent.domain.record import Answer, CreditRecord, Paper, PaperKind, State
from agent.journal.rows import stand_in
from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent
from tests.simulation import invariants
from tests.simulation.book import Book, Entry, Intent, Row, Told
from tests.simulation.host import Machine
from tests.simulation.platform import SimPlatform
from tests.simulation.platform_cards import SimCard

FRESH_PART: Final = 4
FRESH_UNTIL: Final = 20
EXPOSED: Final = (State.SENDING, State.PARKED, State.UNSETTLED, State.REVIEW)


Journalled = Callable[[str], bool]
"""Whether the bytes for this key stand committed in the journal of whoever sends them."""


class Oracle:
    """`platform`: for its cards alone. `time_s`: the loop's."""

    def __init__(self, platform: SimPlatform, time_s: Callable[[], float]) -> None:
        self.platform = platform
        self.book = Book()
        self.bitten: Counter[str] = Counter()
        self.story: Callable[[str], None] = lambda line: None
        self.figures: Counter[str] = Counter()
        self.came_back: set[str] = set()
        self._copied: dict[str, tuple[int, bool]] = {}
        """Machines whose journal was replaced by an older one."""
        self._time_s = time_s
        self._cards_seen = 0
        self._by_key: dict[str, list[SimCard]] = {}
        self._by_code: dict[str, list[SimCard]] = {}
        self._digests: dict[str, bytes] = {}
        self._intents: dict[str, Intent] = {}
        self._by_pos: dict[str, str] = {}

    def find(self, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            if sentence not in self.book.wrong:
                self.story(f"WRONG {sentence}")
            self.book.note(sentence)

    # ---- the platform's own cards

    def look(self) -> None:
        """Reads what the platform has created since the last look."""
        cards = self.platform.cards
        if len(cards) == self._cards_seen:
            return
        fresh = list(itertools.islice(cards, self._cards_seen, None))
        self._cards_seen = len(cards)
        for card in fresh:
            if card.key is not None:
                self._by_key.setdefault(card.key, []).append(card)
            self._by_code.setdefault(card.code, []).append(card)
            self._created(card)

    def _created(self, card: SimCard) -> None:
        entry = self.book.entries.get(card.key or self.book.by_code.get(card.code, ""))
        if entry is None:
            entry = self.book.entries.get(self.book.by_code.get(card.code, ""))
        if entry is None:
            if card.key is not None and card.by == "us":
                self.find([f"I2: the platform created {card.key}, which nobody asked for"])
            return
        cards = self.cards_of(entry)
        self.one_effect(entry, cards)
        self.find(invariants.i2_currencies(entry, cards))
        if entry.untold and not entry.cloned:  # its twin may have told of it, and sent it
            self.find([f"I2: {entry.key} was told to nobody, and was issued by itself"])

    def one_effect(self, entry: Entry, cards: Sequence[SimCard]) -> None:
        """I3; not promised where two journals hold one record and codes are not unique."""
        if entry.cloned and not self.platform.profile.unique_codes:
            self.figures["not_promised"] += len(cards) > 1
        else:
            self.find(invariants.i3_one_effect(entry, cards))

    def cards_of(self, entry: Entry) -> list[SimCard]:
        """Every card under this key or this code."""
        self.look()
        found = list(self._by_key.get(entry.key, ()))
        if entry.code is not None:
            found += [card for card in self._by_code.get(entry.code, ()) if card not in found]
        return found

    # ---- what callers heard and people did

    def asked(self, intent: Intent, entry_key: str | None) -> None:
        intent.asked += 1
        pos = intent.request.pos.number
        for key in (entry_key, self._by_pos.get(pos)):
            if key in self.book.entries:
                self.book.entries[key].untold = False

    def answered(
        self, machine: Machine, intent: Intent, record: CreditRecord, word: Answer | None
    ) -> None:
        """A caller heard it: from now on it is acknowledged."""
        key = record.key.text
        entry = self.entered(machine, record)
        other = self._intents.get(key)
        if other is intent:
            other = None
        if intent.key not in (None, key) and self.book.entries[intent.key or ""].excused:
            self.figures["asked_again_after_a_loss"] += 1
        else:
            self.find(invariants.i3_one_record(intent, key, other))
        self._intents.setdefault(key, intent)
        at_s = self._time_s()
        intent.told.append(Told(at_s, machine.name, key, record.state, word, record.revision))
        row = entry.row(machine.name)
        if row is not None:
            row.told = True
        if word is not None:
            self._word(entry, word)

    def _word(self, entry: Entry, word: Answer) -> None:
        entry.words.add(word)
        self.find(invariants.i6_word(entry, word, self.cards_of(entry)))

    def entry_of(self, key: str) -> Entry:
        return self.book.entries[key]

    def held(self, machine: Machine) -> list[tuple[Entry, Row]]:
        """Every record that a machine was seen to hold."""
        name = machine.name
        return [(each, each.rows[name]) for each in self.book.entries.values() if name in each.rows]

    def printed(self, code: str, copy: int) -> None:
        """A paper of ours came out, by its own count. Each copy is printed once."""
        entry = self.book.entries.get(self.book.by_code.get(code, ""))
        if entry is not None:
            if not entry.excused:
                self.find(invariants.i3_one_paper(entry, copy))
            entry.papers.add(copy)

    def on_paper(self, code: str) -> None:
        """A printer, a screen or a POS showed this code to a shopper."""
        entry = self.book.entries.get(self.book.by_code.get(code, ""))
        row = None
        if entry is not None:
            entry.out = True
            row = next((each for each in entry.rows.values() if each.shared), None)
            row = row or next(iter(entry.rows.values()), None)
            if entry.lost:  # begun before its journal was put back: it lay in the printer so long
                return
        self.find(invariants.i1_on_paper(entry, row, code))

    def claimed(self, machine: Machine, entry: Entry, state: State) -> None:
        """A claim of its paper ended so, and somebody was told. A register that has told
        CONFIRMED once may say so again of another register's paper: what it was told was true,
        and who has undone it since tells nobody else."""
        entry.claims.append(state.value)
        if state is State.CONFIRMED and machine.name not in entry.collected:
            entry.collected.add(machine.name)
            self._word(entry, Answer.CONFIRMED)

    def bites(self, fault: str, where: str) -> None:
        """A misfortune happened."""
        self.bitten[fault] += 1
        self.story(f"{where}: {fault}")

    # ---- what IT did to a disk

    def backed_up(self, machine: Machine) -> None:
        """What a copy of the whole folder remembers of its limits."""
        name = machine.name
        confirmed = self.book.confirmations.get(name, 0)
        self._copied[name] = (confirmed, name in self.book.lifted)

    def rewound(self, machine: Machine, whole: bool = False) -> None:
        """An older journal comes back: what it forgot is known only to paper and platform.

        `whole`: with its anchors, so that it cannot tell, and its limits are those of the copy.
        """
        self.came_back.add(machine.name)
        if whole and machine.name in self._copied:
            confirmed, lifted = self._copied[machine.name]
            self.book.confirmations[machine.name] = confirmed
            (self.book.lifted.add if lifted else self.book.lifted.discard)(machine.name)
        for entry in self.book.entries.values():
            if machine.name in entry.rows:
                entry.rewound = True

    def burnt(self, machine: Machine) -> None:
        """A disk is gone."""
        self.rewound(machine)
        for entry in self.book.entries.values():
            if entry.rows.pop(machine.name, None) is not None:
                entry.lost = True
        self.book.confirmations[machine.name] = 0
        self.book.lifted.discard(machine.name)

    def cloned(self, machine: Machine, twin: Machine) -> None:
        """Two journals hold the same records from now on, and the same past: anchors of another
        chain, where the first was put back once, come along."""
        if machine.name in self.came_back:
            self.came_back.add(twin.name)
        for entry in self.book.entries.values():
            row = entry.rows.get(machine.name)
            if row is not None:
                entry.cloned = True
                entry.rows[twin.name] = replace(row)

    # ---- machines

    def entered(self, machine: Machine, record: CreditRecord) -> Entry:
        key, amount = record.key.text, record.request.amount
        digest = self._digests.get(key, b"")
        if not digest or not isinstance(record.request.customer, Forgotten):
            digest = record.request.body_digest()
        new = key not in self.book.entries
        entry = self.book.entry(
            key, amount.minor, amount.currency, str(record.request.place), machine.name
        )
        erased = record.code == stand_in(record.code.last_four)
        code = (entry.code or "") if erased else record.code.reveal()
        entry.units = record.request.units
        if key not in self._digests:
            self._digests[key] = digest
            self._by_pos.setdefault(record.request.pos.number, key)
        if new or entry.code is None:
            seen = self._digests[key]
            self.find(invariants.i5_new(self.book, key, code, digest, seen))
            self.book.by_code.setdefault(code, key)
            entry.code = entry.code or code
        self.find(invariants.i4_one_code(entry, code))
        if digest != self._digests[key]:
            self.find(invariants.i5_new(self.book, key, code, digest, self._digests[key]))
        return entry

    def opened(self, machine: Machine, rows: dict[str, Row], restored: bool) -> None:
        """A start: what its tables hold, against what was told of it."""
        name = machine.name
        if restored:
            self.book.confirmations[name] = 0
            self.book.lifted.discard(name)
        for entry in self.book.entries.values():
            before = entry.rows.get(name)
            if before is None:
                continue
            now = rows.get(entry.key)
            if not (entry.lost or entry.rewound) and before.told:
                self.find(invariants.i1_kept(entry, before, now))
            if now is None:
                del entry.rows[name]
                entry.lost = True
            elif not entry.rewound:
                self.find(invariants.i9_flags(entry, before, now))
        for key, now in rows.items():
            known = self.book.entries.get(key)
            if known is None:
                continue
            before = known.rows.get(name)
            if now.state is State.CONFIRMED and (before is None or before.state is not now.state):
                self._confirmed(name)
            known.untold = known.untold or now.state is State.RECEIVED
            known.rows[name] = now

    def _confirmed(self, machine: str) -> None:
        self.book.confirmations[machine] = self.book.confirmations.get(machine, 0) + 1

    def changed(self, machine: Machine, record: CreditRecord, word: Answer | None) -> None:
        """A committed change, as the flows told it."""
        entry = self.entered(machine, record)
        now, before = Row.of(record), entry.rows.get(machine.name)
        if before is not None:
            if now.revision < before.revision:
                # Two notices overtook each other; the newer one was judged. But the older one
                # tells whether it was shared already as this send was begun.
                if now.sent == before.sent:
                    before.begun_shared = before.begun_shared and now.begun_shared
                return
            self.find(invariants.i9_flags(entry, before, now))
            if now.sent == before.sent:
                now.begun_shared = before.begun_shared
        if now.state is State.CONFIRMED and (before is None or before.state is not now.state):
            self._confirmed(machine.name)
        entry.rows[machine.name] = now
        self.find(invariants.i9_perhaps_sent(entry, now, entry.sent_by.get(machine.name, 0)))
        if before is None and entry.units:
            self.find(invariants.i3_units(self.held(machine)))
        if self._promises(before, now):
            self._room(machine, entry, now)
        if word is not None:
            self._word(entry, word)

    @staticmethod
    def _promises(before: Row | None, now: Row) -> bool:
        queued = now.paper is Paper.QUEUED and now.kind in invariants.MONEY and not now.approved
        fresh = before is None or (before.paper is not Paper.QUEUED and not before.promised)
        return queued and fresh and not now.promised

    def _room(self, machine: Machine, entry: Entry, row: Row) -> None:
        """I7, from our own sums over what this machine's journal has told."""
        register = next(r for r in machine.registers if str(r.place) == entry.place)
        others = unclaimed = 0
        for each in self.book.entries.values():
            other = each.rows.get(machine.name)
            if other is None or each is entry or each.place != entry.place:
                continue
            if each.currency != entry.currency or other.state not in EXPOSED or other.approved:
                continue
            if other.kind is PaperKind.IDENTITY and other.state is State.REVIEW:
                unclaimed += other.promised
            elif other.promised and other.kind is PaperKind.VOUCHER:
                others += each.minor
        assert row.kind is not None
        limits = self._limits(machine.name, register.limits, row)
        self.find(invariants.i7_room(entry, others, unclaimed, row.kind, limits))

    def _limits(self, machine: str, limits: Limits, row: Row) -> tuple[int, int, int]:
        """A quarter only where the journal was surely fresh when the room was reserved."""
        counted = self.book.confirmations.get(machine, 0)
        fresh = counted < FRESH_UNTIL // 2 and machine not in self.book.lifted
        part = FRESH_PART if (fresh and not row.reserved) or (fresh and counted == 0) else 1
        return limits.per_credit // part, limits.outstanding // part, limits.unclaimed // part

    # ---- requests

    def _told_unsent(
        self, machine: Machine, request: HttpRequest, reply: HttpReply | NotSent | NoAnswer
    ) -> None:
        """This one did not leave, or was documented as not carried out."""
        sent = self.platform.sent(request)
        entry = None if sent is None else self.book.entries.get(sent.key)
        documented = isinstance(reply, HttpReply) and self.platform.not_executed(reply)
        if entry is not None and (documented or isinstance(reply, NotSent)):
            entry.sent_by[machine.name] -= 1
        elif entry is not None and isinstance(reply, HttpReply):
            assert sent is not None
            entry.vain[sent.step] = entry.vain.get(sent.step, 0) + 1

    def leaving(self, machine: Machine, request: HttpRequest, journalled: Journalled) -> None:
        """About to be sent: the journal first, one body, and shared ones looked up before."""
        sent = self.platform.sent(request)
        if sent is None:
            return
        entry = self.book.entries.get(sent.key)
        if entry is None:
            self.find([f"I1: {sent.key} leaves for the platform, and was told to nobody"])
            return
        if not journalled(entry.key):
            self.find([f"I1: {entry.key} leaves, and its bytes are not in the journal"])
        step = sent.step
        self.find(invariants.i3_one_body(entry, step, request.body))
        self.find(invariants.i4_one_code(entry, sent.code))
        entry.bodies.setdefault(step, request.body)
        if sent.minor == entry.minor:
            unique_codes = self.platform.profile.unique_codes
            self.find(invariants.i3_one_step(entry, step, unique_codes))
            entry.steps.add(step)
        self.find(invariants.i4_looked_first(entry, entry.rows.get(machine.name), machine.name))
        entry.looked.discard(machine.name)
        entry.sent_by[machine.name] = entry.sent_by.get(machine.name, 0) + 1

    def arrived(
        self, machine: Machine, request: HttpRequest, reply: HttpReply | NotSent | NoAnswer
    ) -> None:
        self.look()
        self._told_unsent(machine, request, reply)
        asked = self.platform.looked_for(request)
        if asked is None or not isinstance(reply, HttpReply):
            return
        key = self.book.by_code.get(asked, asked)
        if key in self.book.entries:
            self.book.entries[key].looked.add(machine.name)
