# SPDX-License-Identifier: Apache-2.0
"""American English, by theme. Sentences only: nothing here is computed from a credit."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from agent.words.en_us import (
    api,
    cashier,
    checking,
    claims,
    commands,
    conformance,
    console,
    contract,
    day,
    demo,
    faults,
    link,
    papers,
    screen,
    stage,
)

WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "message.unknown-value": "unknown",
        **faults.WORDS,
        **cashier.WORDS,
        **checking.WORDS,
        **claims.WORDS,
        **papers.WORDS,
        **api.WORDS,
        **console.WORDS,
        **contract.WORDS,
        **commands.WORDS,
        **conformance.WORDS,
        **day.WORDS,
        **demo.WORDS,
        **link.WORDS,
        **screen.WORDS,
        **stage.WORDS,
    }
)
