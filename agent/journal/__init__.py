# SPDX-License-Identifier: Apache-2.0
"""The journal: our durable memory of every credit. Journal first, then the world.

`open_journal` for the daemon, `open_inline` for simulations and tests, `verify_journal` and
`export_journal` for whoever wants to know. Decides nothing: decisions come in as functions and
run inside its transactions.
"""

from agent.journal.chain import Happened
from agent.journal.folder import export_journal, open_inline, open_journal, verify_journal
from agent.journal.inline import InlineJournal
from agent.journal.journal import Journal
from agent.journal.outbox import Letter
from agent.journal.seal import load_or_make_key
from agent.journal.verify import Damage, Finding, Verdict
from agent.journal.writer import WrittenJournal

__all__ = [
    "Damage",
    "Finding",
    "Happened",
    "InlineJournal",
    "Journal",
    "Letter",
    "Verdict",
    "WrittenJournal",
    "export_journal",
    "load_or_make_key",
    "open_inline",
    "open_journal",
    "verify_journal",
]
