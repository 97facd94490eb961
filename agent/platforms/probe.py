# SPDX-License-Identifier: Apache-2.0
"""What a platform says when it is asked whether it could be used: nothing is issued. Values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agent.domain.outcome import Saying


class ProbeResult(StrEnum):
    """OK; WEAK: it works, with something to know; WRONG: it will not work until it is mended."""

    OK = "ok"
    WEAK = "weak"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Probed:
    """One thing that was looked at. `what`: credentials, scope, limit, plan, clock, account, or
    another short word; `detail` says it in words that store IT can act on, and holds no secret.
    """

    what: str
    result: ProbeResult
    detail: str
    saying: Saying | None = None
