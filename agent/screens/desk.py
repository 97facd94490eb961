# SPDX-License-Identifier: Apache-2.0
"""What the agent remembers of one screen at one register: the form as it was typed, which
credits were put aside, and what a manager's PIN has opened.

Memory of the process, for comfort alone: whatever happens to it, the journal still says which
credits this screen has not ended, and those come back.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from agent.domain.faults import Fault
from agent.domain.place import Place
from agent.domain.record import CreditRecord
from agent.domain.symbols import from_values
from agent.ports import Chance

DESKS_MAX: Final = 256
NAME_LENGTH: Final = 16


class Mode(StrEnum):
    """What the form's place shows while no credit stands there."""

    READY = "ready"
    QUESTION = "question"
    APPROVAL = "approval"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A field of the form that cannot be taken, and the sentence that says why."""

    field: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What became of the last button, where it was not done. `key`: about which credit."""

    sentence: str
    hint: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """A form that was sent and is not answered. `since_s`: monotonic seconds; `stamp`: of what
    was sent with it."""

    name: str
    since_s: float
    task: asyncio.Task[None]
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """A manager had the code of a credit shown to this screen, until `ends_s` (monotonic)."""

    key: str
    manager: str
    ends_s: float


@dataclass(slots=True)
class Desk:
    """One per pairing and register. `name`: of the form that is drawn now, so that a double
    click is one credit; `landed`: the key of a credit that an old form led back to; `aside`: keys
    put aside; `opened`: the one taken up again; `answered`: what the last yes was about;
    `brought`: keys of other screens' credits that were taken up here."""

    name: str
    mode: Mode = Mode.READY
    fields: dict[str, str] = field(default_factory=dict)
    wrong: Wrong | None = None
    fault: Fault | None = None
    notice: Notice | None = None
    operator: str = ""
    aside: set[str] = field(default_factory=set)
    opened: str | None = None
    brought: set[str] = field(default_factory=set)
    arranged: bool = False
    asking: Asking | None = None
    landed: str | None = None
    answered: str = ""
    grant: Grant | None = None
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)
    watchers: set[asyncio.Event] = field(default_factory=set)

    @property
    def stamp(self) -> str:
        """What a question or an approval is about: the form's name and all that is in it."""
        return stamp_of(self.name, self.fields)

    def changed(self) -> None:
        """Wakes every stream of this screen."""
        for watcher in self.watchers:
            watcher.set()

    def clean_form(self, chance: Chance) -> None:
        """An empty form under a new name."""
        self.name = new_name(chance)
        self.mode, self.wrong, self.fault = Mode.READY, None, None
        self.fields = {}

    def arrange(
        self, unheard: Sequence[CreditRecord], whole: bool = True
    ) -> tuple[CreditRecord | None, list[CreditRecord]]:
        """The credit that stands on the screen, and the saved ones; `unheard` is newest first.

        What is not put aside stands there. The first time after a start only the newest does.
        `whole`: nothing of them was left out; what was is not taken for ended.
        """
        keys = [record.key.text for record in unheard]
        if not self.arranged:
            self.arranged = True
            self.aside.update(keys[1:])
        if whole:
            self.aside &= set(keys)
        if self.opened not in keys:
            self.opened = None
        current = None
        for record in unheard:
            key = record.key.text
            if key == self.opened or (self.opened is None and key not in self.aside):
                current = record
                break
        return current, [record for record in unheard if record is not current]

    def granted(self, key: str, now_s: float) -> Grant | None:
        """The grant for a credit's code, while it lasts."""
        grant = self.grant
        return grant if grant is not None and grant.key == key and now_s < grant.ends_s else None


class Desks:
    """All of them; the one not seen for longest makes room."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._desks: OrderedDict[tuple[str, Place], Desk] = OrderedDict()

    def at(self, caller: str, place: Place) -> Desk:
        """The desk of a caller at a register, made where there is none."""
        desk = self._desks.get((caller, place))
        if desk is None:
            desk = self._desks[caller, place] = Desk(new_name(self._chance))
            if len(self._desks) > DESKS_MAX:
                self._desks.popitem(last=False)
        self._desks.move_to_end((caller, place))
        return desk


def new_name(chance: Chance) -> str:
    """What a form is called: 80 random bits."""
    return from_values([chance.below(32) for _ in range(NAME_LENGTH)])


def stamp_of(name: str, fields: Mapping[str, str]) -> str:
    """One text for one content: whatever is asked about a form is asked about this."""
    content = json.dumps([name, sorted(fields.items())])
    return hashlib.sha256(content.encode()).hexdigest()[:32]
