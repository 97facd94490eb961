# SPDX-License-Identifier: Apache-2.0
"""The journal: our durable memory of every credit. Journal first, then the world.

`open_journal` for the daemon, `open_inline` for simulations and tests, `verify_journal` and
`export_journal` for whoever wants to know. Decides nothing: decisions come in as functions and
run inside its transactions.
"""

from agent.journal.chain import Happened
from agent.journal.damage import Salvaged, acknowledge, note_damage, salvaged
from agent.journal.folder import export_journal, open_inline, open_journal, verify_journal
from agent.journal.inline import InlineJournal
from agent.journal.journal import Journal
from agent.journal.outbox import Letter
from agent.journal.seal import load_or_make_key, make_folder
from agent.journal.writer import WrittenJournal

__all__ = [
    "Happened",
    "InlineJournal",
    "Journal",
    "Letter",
    "Salvaged",
    "WrittenJournal",
    "acknowledge",
    "export_journal",
    "load_or_make_key",
    "make_folder",
    "note_damage",
    "open_inline",
    "open_journal",
    "salvaged",
    "verify_journal",
]
