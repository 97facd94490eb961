# SPDX-License-Identifier: Apache-2.0
"""The public contract suite: proves that an adapter keeps its promises, whoever wrote it.

Pure: no network, no clock, no chance. Conversations are held with replies that are made up here,
and with the few that the adapter's author gives as examples. `python -m agent.platforms.contract`
runs it on an installed adapter; docs/platforms/your-own.md says how to write one.
"""

from __future__ import annotations

from agent.platforms.contract.rules import Verdict, prove
from agent.platforms.contract.subject import Subject

__all__ = ["Subject", "Verdict", "prove"]
