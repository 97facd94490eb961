# SPDX-License-Identifier: Apache-2.0
"""What a platform can do, as data, and the contradictions that no platform may claim.

The value itself is `agent.ports.Abilities`, because decisions rest on it. Here it is checked
when an adapter is loaded, and put into words of data for `doctor` and the docs.
"""

from __future__ import annotations

from typing import Final

from agent.domain.code import CODE_LENGTH
from agent.domain.credit import Instrument
from agent.domain.currency import EXPONENTS
from agent.ports import Abilities

SETTLING_MS_MAX: Final = 3_600_000


def contradictions(abilities: Abilities) -> tuple[str, ...]:
    """Why these abilities cannot be true or cannot be worked with; empty when they can."""
    found = []
    if not abilities.instruments:
        found.append("it issues no instrument")
    if abilities.key_window_s is not None and abilities.key_window_s < 0:
        found.append("key_window_s is below zero")
    if not 0 <= abilities.settling_ms <= SETTLING_MS_MAX:
        found.append(f"settling_ms lies outside 0..{SETTLING_MS_MAX}")
    if abilities.compares_body and abilities.key_window_s == 0:
        found.append("it compares bodies of a key that it does not have")
    if abilities.currencies is not None and not abilities.currencies & EXPONENTS.keys():
        found.append("it takes no currency in which we issue")
    if Instrument.CARD in abilities.instruments:
        if abilities.code_length_max < CODE_LENGTH:
            found.append(f"its codes are shorter than our {CODE_LENGTH} characters")
        if not (abilities.unique_codes or abilities.exact_lookup):
            found.append("cards without unique codes need an exact look-up")
    return tuple(found)


def as_table(abilities: Abilities) -> dict[str, str]:
    """Each ability with its value as text, in the order of the value's fields."""
    window = abilities.key_window_s
    return {
        "unique_codes": _yes(abilities.unique_codes),
        "native_key": "for ever" if window is None else f"{window} s" if window else "none",
        "compares_body": _yes(abilities.compares_body),
        "exact_lookup": _yes(abilities.exact_lookup),
        "settling": f"{abilities.settling_ms} ms",
        "voids": _yes(abilities.voids),
        "links": _yes(abilities.links),
        "resolves": _yes(abilities.resolves),
        "lists": _yes(abilities.lists),
        "instruments": ", ".join(sorted(each.value for each in abilities.instruments)),
        "code_length_max": str(abilities.code_length_max),
        "currencies": _currencies(abilities.currencies),
    }


def _currencies(taken: frozenset[str] | None) -> str:
    """All, or the fewer of those that are taken and those that are not."""
    if taken is None:
        return "all"
    missing = sorted(EXPONENTS.keys() - taken)
    if len(taken) <= len(missing):
        return ", ".join(sorted(taken))
    return f"all but {', '.join(missing)}" if missing else "all"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
