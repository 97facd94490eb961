# SPDX-License-Identifier: Apache-2.0
"""The guard in front of every log line and vendor message: what is cash or personal is masked.

It is the second line: nothing secret should reach it. So it may mask too much (a word that
happens to fit a code's check character), but never a credit's key, which support must read.
"""

from __future__ import annotations

import re
from typing import Final

from agent.domain.symbols import LETTERS, check_symbol, tidy

MASK: Final = "***"
_SYMBOL: Final = "[0-9A-TV-Za-tv-z]"
_CODE: Final = re.compile(
    rf"(?<![0-9A-Za-z])(?=({_SYMBOL}{{16}}|{_SYMBOL}{{4}}([- ]){_SYMBOL}{{4}}"
    rf"(?:\2{_SYMBOL}{{4}}){{2}})(?![0-9A-Za-z]))"
)
"""A look-ahead, so that a word of four letters in front of a code does not hide it."""
_TOKEN: Final = re.compile(r"(?:(?<=/V/)|(?<=/v/)|(?<=CM1:)|(?<=cm1:))[0-9A-Za-z=]+")
_BASE32: Final = re.compile(r"(?<![0-9A-Za-z])[A-Z2-7]{150,}(?![0-9A-Za-z])")
_BEARER: Final = re.compile(r"(?i)\b(bearer|basic)\s+\S+")
_RANDOM: Final = re.compile(r"(?<![0-9A-Za-z_-])[0-9A-Za-z_-]{43}(?![0-9A-Za-z_-])")
_EMAIL: Final = re.compile(r"[^\s@<>\"'(),;:=]+@[^\s@<>\"'(),;:=]+")
_PHONE: Final = re.compile(r"(?<![0-9A-Za-z])\+[0-9](?:[ ().-]{0,2}[0-9]){6,14}")
_HINTS: Final = re.compile(r"[@+:/\s]")
SHORT: Final = 16
"""Below a code's length nothing is masked unless one of those signs stands in it."""


def redact(text: str) -> str:
    """`text` without codes (their last four stay), tokens, bearer tokens, e-mails and phones."""
    if len(text) < SHORT and _HINTS.search(text) is None:
        return text
    text = _BEARER.sub(rf"\1 {MASK}", text)
    text = _TOKEN.sub(MASK, text)
    text = _BASE32.sub(MASK, text)
    text = _EMAIL.sub(MASK, text)
    text = _PHONE.sub(MASK, text)
    text = _RANDOM.sub(MASK, text)
    return _without_codes(text)


def _without_codes(text: str) -> str:
    kept, done = [], 0
    for found in _CODE.finditer(text):
        if found.start() >= done and _is_code(found[1]):
            kept += [text[done : found.start()], MASK, tidy(found[1])[-4:]]
            done = found.end(1)
    return "".join([*kept, text[done:]])


def _is_code(text: str) -> bool:
    plain = tidy(text)
    if len(plain) != 16 or plain[0] not in LETTERS:
        return False
    try:
        return check_symbol(plain[:-1]) == plain[-1]
    except ValueError:
        return False
