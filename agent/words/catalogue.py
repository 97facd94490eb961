# SPDX-License-Identifier: Apache-2.0
"""Looks sentences up by their id and puts values into them.

A placeholder is a plain name in braces, `{amount}`. There is no other syntax: no attributes, no
indexes, no formats, and a value is inserted as it is, once, so that a value which holds braces
stays text. Another language is one more folder beside `en_us` and one more line in `_LANGUAGES`;
a test holds every language to the same ids and placeholders.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final

from agent.domain.faults import Fault
from agent.words import en_us

ENGLISH: Final = "en_US"

_LANGUAGES: Final = MappingProxyType({ENGLISH: en_us.WORDS})
_PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z_]*)\}")
_UNKNOWN: Final = "message.unknown-value"


class Who(StrEnum):
    """Who can mend it."""

    CASHIER = "cashier"
    MANAGER = "manager"
    STORE_IT = "store-it"
    POS_VENDOR = "pos-vendor"


@dataclass(frozen=True, slots=True)
class FaultWords:
    """What happened (money first), what to do next, and who that is for."""

    sentence: str
    hint: str
    who: Who


def languages() -> tuple[str, ...]:
    """The languages there are, by their code."""
    return tuple(_LANGUAGES)


def message_ids(language: str = ENGLISH) -> frozenset[str]:
    """Every id that `say` knows in a language."""
    return frozenset(_words(language))


def template(message_id: str, language: str = ENGLISH) -> str:
    """The sentence with its placeholders unfilled. `KeyError` for an unknown id."""
    return _words(language)[message_id]


def is_said(message_id: str, language: str = ENGLISH) -> bool:
    """Whether `say` knows the id."""
    return message_id in _words(language)


@cache
def placeholders(message_id: str, language: str = ENGLISH) -> frozenset[str]:
    """The names of the values that a sentence takes."""
    return frozenset(_PLACEHOLDER.findall(template(message_id, language)))


def say(message_id: str, language: str = ENGLISH, **values: str | int) -> str:
    """The sentence, filled.

    `KeyError` for an unknown id; `ValueError` where the values given are not exactly those that
    the sentence takes, or where the language is unknown.
    """
    wanted = placeholders(message_id, language)
    if wanted != values.keys():
        names = ", ".join(sorted(wanted ^ values.keys()))
        raise ValueError(f"{message_id} takes other values: {names}")
    return _filled(template(message_id, language), values)


def fault_words(
    code: str, language: str = ENGLISH, values: Mapping[str, str | int] | None = None
) -> FaultWords:
    """The words of a fault. Without `values` its placeholders stay, as the documents show them.

    A value `why` picks a more exact sentence where there is one. A value that is missing reads as
    unknown and one too many is left out: an error message with a hole is better than a second
    error. `KeyError` for an unknown code.
    """
    words = _words(language)
    exact = f"fault.{code}.{values['why']}" if values and "why" in values else ""
    name = exact if f"{exact}.sentence" in words else f"fault.{code}"
    found = FaultWords(words[f"{name}.sentence"], words[f"{name}.hint"], Who(words[f"{name}.who"]))
    if values is None:
        return found
    shown = _shown(values, language)
    unknown = words[_UNKNOWN]
    return replace(
        found,
        sentence=_filled(found.sentence, shown, unknown),
        hint=_filled(found.hint, shown, unknown),
    )


def explain(fault: Fault, language: str = ENGLISH) -> FaultWords:
    """The words of a fault that happened, with its own values."""
    return fault_words(fault.code, language, fault.values)


def problem_title(code: str, language: str = ENGLISH) -> str:
    """The short title of a fault in an API problem (RFC 9457); the same for every occurrence."""
    return template(f"problem.{code}", language)


def _shown(values: Mapping[str, str | int], language: str) -> dict[str, str | int]:
    """Values as people read them: a state by its title, not by its code."""
    words, shown = _words(language), dict(values)
    state = words.get(f"state.{values.get('state')}.title")
    if state is not None:
        shown["state"] = state
    return shown


def _words(language: str) -> Mapping[str, str]:
    try:
        return _LANGUAGES[language]
    except KeyError:
        known = ", ".join(_LANGUAGES)
        raise ValueError(f"no language is called {language[:20]!r}; there is {known}") from None


def _filled(sentence: str, values: Mapping[str, str | int], missing: str | None = None) -> str:
    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name not in values and missing is not None:
            return missing
        return str(values[name])

    return _PLACEHOLDER.sub(value, sentence)
