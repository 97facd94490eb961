# SPDX-License-Identifier: Apache-2.0
"""What the flows need from the world: a clock, chance, the journal, a platform, paper, a signer.

Protocols and the small values that cross them. No part implements another's port; the daemon
joins them.
"""

from agent.ports.claims import ClaimBook, ClaimStep
from agent.ports.journal import (
    AccessStore,
    Admit,
    Begin,
    Draft,
    Journal,
    Opened,
    QueueTotals,
    Step,
)
from agent.ports.paper import (
    Composed,
    JobSpan,
    Press,
    PrintedBytes,
    PrintEnd,
    PrintJob,
    Signer,
)
from agent.ports.platform import (
    Abilities,
    Done,
    DoneStep,
    Effect,
    EffectLog,
    Platform,
)
from agent.ports.world import (
    Chance,
    Clock,
    Notices,
    Observer,
)

__all__ = [
    "Abilities",
    "AccessStore",
    "Admit",
    "Begin",
    "Chance",
    "ClaimBook",
    "ClaimStep",
    "Clock",
    "Composed",
    "Done",
    "DoneStep",
    "Draft",
    "Effect",
    "EffectLog",
    "JobSpan",
    "Journal",
    "Notices",
    "Observer",
    "Opened",
    "Platform",
    "Press",
    "PrintEnd",
    "PrintJob",
    "PrintedBytes",
    "QueueTotals",
    "Signer",
    "Step",
]
