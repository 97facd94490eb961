# SPDX-License-Identifier: Apache-2.0
"""Random walks: any known events in any order, under any circumstances, as Hypothesis draws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

from hypothesis import strategies as st

from agent.decisions.circumstances import Circumstances
from agent.decisions.decide import decide
from agent.decisions.transitions import ROWS
from agent.domain.action import Action, Decision
from agent.domain.customer import CustomerKind, CustomerPolicy, Malformed, Skipped
from agent.domain.event import (
    Answered,
    Event,
    Looked,
    PaperAffirmed,
    PaperEnded,
    PaperLeaving,
    ReprintAsked,
    Resolved,
    VoidAsked,
)
from agent.domain.exposure import Exposure
from agent.domain.faults import NotNow
from agent.domain.moment import Moment
from agent.domain.outcome import Ambiguous
from agent.domain.record import CreditRecord, Paper, PaperKind, State
from tests.decisions.situations import (
    ACCOUNT,
    NAMED,
    SITUATIONS,
    START_MS,
    WRITE_OFF,
    at,
    record,
)
from tests.domain.strategies import request

_PLAIN = [
    situation.event
    for situation in SITUATIONS.values()
    if not isinstance(situation.event, PaperEnded | PaperLeaving | PaperAffirmed)
]
_ENDS = (Paper.SENT, Paper.PRINTED, Paper.UNCERTAIN, Paper.FAILED)
_EVERY: list[Event] = [
    *_PLAIN,
    *(replace(event, at_counter=True) for event in _PLAIN if isinstance(event, Answered | Looked)),
    *(PaperLeaving(kind) for kind in PaperKind),
    *(PaperAffirmed("Ana", came_out) for came_out in (True, False)),
    *(PaperEnded(kind, paper, copy) for kind in PaperKind for paper in _ENDS for copy in (1, 2)),
    Resolved(Ambiguous(2)),
    VoidAsked(WRITE_OFF),
    ReprintAsked("Ana", "torn", "Mia"),
]
_SHARE = 6


def _weighed(state: State) -> list[Event]:
    """What the table knows from `state`, every name about as likely as any other."""
    weighed: list[Event] = []
    for name in sorted({row.event for row in ROWS if row.source is state}):
        named = [event for event in _EVERY if event.name == name]
        weighed.extend(named * max(1, _SHARE // len(named)))
    return weighed


_KNOWN = {state: st.sampled_from(_weighed(state)) for state in State}

_requests = st.sampled_from(
    [
        request(),
        NAMED,
        ACCOUNT,
        request(customer=Skipped(False)),
        request(customer=Malformed(CustomerKind.PHONE)),
    ]
)
_EXPOSURES = (
    Exposure(),
    Exposure(fresh=True),
    Exposure(outstanding_minor=199_000, unclaimed=50),
)
_YES_OR_NO = (True, False)
_AROUND = [
    at(
        now=Moment(START_MS, 100_000, "boot-a", trusted),
        others=others,
        policy=policy,
        link_up=link_up,
        resolves=resolves,
        enrolled=enrolled,
        dedupes=dedupes,
        exact_lookup=exact,
        chance=chance,
    )
    for trusted, others, policy, link_up, resolves, enrolled, dedupes, exact, chance in product(
        _YES_OR_NO,
        _EXPOSURES,
        CustomerPolicy,
        _YES_OR_NO,
        _YES_OR_NO,
        (True, True, False),
        _YES_OR_NO,
        _YES_OR_NO,
        (0.0, 0.5),
    )
]
_surroundings = st.sampled_from(_AROUND)


def _later(around: Circumstances, step: int) -> Circumstances:
    now = around.now
    passed = 1_000 * step
    return replace(
        around, now=replace(now, wall_ms=now.wall_ms + passed, boot_ms=now.boot_ms + passed)
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One event that was taken, with the record before and after it."""

    before: CreditRecord
    event: Event
    decision: Decision

    @property
    def after(self) -> CreditRecord:
        return self.decision.record

    @property
    def actions(self) -> tuple[Action, ...]:
        return self.decision.actions


@st.composite
def walks(draw: st.DrawFn, most: int = 25) -> list[Step]:
    """The steps of one record that were taken; what was refused is left out."""
    here = record(request=draw(_requests), shared=draw(st.integers(0, 5)) == 0)
    steps: list[Step] = []
    for number in range(draw(st.integers(0, most))):
        event = draw(_KNOWN[here.state])
        around = _later(draw(_surroundings), number)
        try:
            decision = decide(here, event, around)
        except NotNow:
            continue
        steps.append(Step(here, event, decision))
        here = decision.record
    return steps
