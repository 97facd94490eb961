# SPDX-License-Identifier: Apache-2.0
"""Brings a customer's identifier into its normal form, and finds card numbers in free text.

A malformed identifier is no error: it becomes `Malformed`, which takes the identity path, and
what was typed is not kept. The one exception is a card number, which is refused wherever it
stands. Phone metadata is loaded when the first number comes.
"""

from __future__ import annotations

import asyncio
import importlib
import re
import unicodedata
from typing import Final

from agent.domain.customer import Customer, CustomerKind, CustomerReference, Malformed

_RUN: Final = re.compile(r"(?<!\d)\d(?:[ -]?\d)+(?!\d)")
_PIECE: Final = re.compile(r"\d{13,19}")
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PHONE_SIGNS: Final = re.compile(r"[0-9+().\s/\-]{3,40}", re.ASCII)


def _range(first: int, last: int) -> frozenset[str]:
    return frozenset(str(number) for number in range(first, last + 1))


_ISSUERS: Final[tuple[tuple[frozenset[str], frozenset[int]], ...]] = (
    (frozenset({"4"}), frozenset({13, 16, 19})),  # Visa
    (_range(51, 55) | _range(2221, 2720), frozenset({16})),  # Mastercard
    (frozenset({"34", "37"}), frozenset({15})),  # American Express
    (frozenset({"6011", "65"}) | _range(644, 649), frozenset(range(16, 20))),  # Discover
    (frozenset({"36", "38", "39"}) | _range(300, 305), frozenset(range(14, 20))),  # Diners Club
    (_range(3528, 3589), frozenset(range(16, 20))),  # JCB
    (frozenset({"62"}), frozenset(range(16, 20))),  # UnionPay
    (_range(2200, 2204), frozenset(range(16, 20))),  # Mir
    (frozenset({"60", "81", "82", "508"}), frozenset({16})),  # RuPay
    (
        frozenset({"5018", "5020", "5038", "5893", "6304", "6759", "6761", "6762", "6763"}),
        frozenset(range(13, 20)),
    ),  # Maestro
)
"""First digits and lengths by scheme, as ISO/IEC 7812 numbers are assigned to them."""


def holds_card_number(text: str, separators: bool = True) -> bool:
    """Whether a run of digits in `text` has an issuer's range and length and passes Luhn.

    Runs may be parted by single spaces or hyphens where `separators` is true. Digits of every
    script count. A longer run is a barcode, not a card: only whole runs are judged.
    """
    plain = "".join(
        str(unicodedata.digit(sign)) if sign.isdigit() else sign
        for sign in unicodedata.normalize("NFKC", text)
    )
    runs = [found.group() for found in re.finditer(r"\d+", plain)]
    if separators:
        runs += [re.sub(r"[ -]", "", found.group()) for found in _RUN.finditer(plain)]
    return any(_is_card(run) for run in runs)


def _is_card(digits: str) -> bool:
    if _PIECE.fullmatch(digits) is None:
        return False
    ours = any(
        len(digits) in lengths and digits.startswith(tuple(prefixes))
        for prefixes, lengths in _ISSUERS
    )
    return ours and _luhn(digits)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def email(text: str) -> Customer:
    """Trimmed, NFKC, in lower case, the host in its ASCII form; no display names, no comments."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    name, _, host = plain.rpartition("@")
    malformed = Malformed(CustomerKind.EMAIL)
    if not name or not name.isprintable() or name.startswith(".") or name.endswith("."):
        return malformed
    if ".." in name or set(name) & set(' "(),:;<>@[\\]'):
        return malformed
    try:
        ascii_host = host.encode("idna").decode("ascii")
    except UnicodeError:
        return malformed
    labels = ascii_host.split(".")
    if len(labels) < 2 or any(_LABEL.fullmatch(label) is None for label in labels):
        return malformed
    return _reference(CustomerKind.EMAIL, f"{name}@{ascii_host}")


def loyalty(text: str) -> Customer:
    """A membership number as it is; only spaces around it are taken off."""
    return _reference(CustomerKind.LOYALTY, unicodedata.normalize("NFKC", text).strip())


async def phone(text: str, region: str) -> Customer:
    """E.164, read with the country `region` (two letters) where the number names none.

    The first call loads the library in a thread, so that the loop goes on meanwhile.
    """
    malformed = Malformed(CustomerKind.PHONE)
    plain = unicodedata.normalize("NFKC", text).strip()
    if _PHONE_SIGNS.fullmatch(plain) is None:
        return malformed
    await asyncio.to_thread(importlib.import_module, "phonenumbers")
    import phonenumbers

    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException:
        return malformed
    if not phonenumbers.is_valid_number(number) or number.extension:
        return malformed
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return _reference(CustomerKind.PHONE, written)


def _reference(kind: CustomerKind, value: str) -> Customer:
    try:
        return CustomerReference(kind, value)
    except ValueError:
        return Malformed(kind)
