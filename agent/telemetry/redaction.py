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
    rf"(?<![0-9A-Za-z])(?:{_SYMBOL}{{16}}|{_SYMBOL}{{4}}(?:([- ]){_SYMBOL}{{4}})"
    rf"(?:\1{_SYMBOL}{{4}}){{2}})(?![0-9A-Za-z])"
)
_TOKEN: Final = re.compile(r"(?:(?<=/V/)|(?<=/v/)|(?<=CM1:)|(?<=cm1:))[0-9A-Za-z=]+")
_BASE32: Final = re.compile(r"(?<![0-9A-Za-z])[A-Z2-7]{150,}(?![0-9A-Za-z])")
_BEARER: Final = re.compile(r"(?i)\b(bearer|basic)\s+\S+")
_RANDOM: Final = re.compile(r"(?<![0-9A-Za-z_-])[0-9A-Za-z_-]{43}(?![0-9A-Za-z_-])")
_EMAIL: Final = re.compile(r"[^\s@<>\"'(),;:=]+@[^\s@<>\"'(),;:=]+")
_PHONE: Final = re.compile(r"(?<![0-9A-Za-z])\+[0-9](?:[ ().-]?[0-9]){6,14}")


def redact(text: str) -> str:
    """`text` without codes (their last four stay), tokens, bearer tokens, e-mails and phones."""
    text = _BEARER.sub(rf"\1 {MASK}", text)
    text = _TOKEN.sub(MASK, text)
    text = _BASE32.sub(MASK, text)
    text = _EMAIL.sub(MASK, text)
    text = _PHONE.sub(MASK, text)
    text = _RANDOM.sub(MASK, text)
    return _CODE.sub(_mask_code, text)


def _mask_code(found: re.Match[str]) -> str:
    plain = tidy(found.group())
    if len(plain) != 16 or plain[0] not in LETTERS or not plain.isalnum():
        return found.group()
    try:
        fits = check_symbol(plain[:-1]) == plain[-1]
    except ValueError:
        return found.group()
    return f"{MASK}{plain[-4:]}" if fits else found.group()
