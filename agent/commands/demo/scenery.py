# SPDX-License-Identifier: Apache-2.0
"""What every play is set in: the store's settings file, its shopper, its manager."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

CURRENCY: Final = "USD"
REGISTER: Final = "03"
BUDGET_S: Final = 2.0
ALICE: Final[dict[str, Any]] = {
    "customer_id": "cus_alice",
    "masked": "a***@example.com",
    "identifiers": [{"kind": "email", "value": "alice@example.com"}],
}
EMAIL: Final = "alice@example.com"
TYPO: Final = "alice@exam ple"
SCREEN: Final = "demo screen"
MANAGER: Final = "bea"
PIN: Final = "4711"
"""Shown on the demo's page: it opens nothing but the demo."""

_SETTINGS: Final = """\
[store]
number = "0421"
currency = "USD"
customer = "wanted"
brand = "BRAND NAME"
address = "Store 0421 Springfield"

[[register]]
id = "03"
printer = "front"
ring = "{ring}"
budget_s = {budget}

[platform]
name = "rest"
url = "{url}"

[limits]
per_credit = {per_credit}
outstanding = 8000000
per_hour = 8000000
unclaimed = 4000

[printer.front]
connection = "tcp://127.0.0.1:{printer}"
profile = "epson-tm-t20iii"

[voucher]
mode = "hosted"
host = "c.brand.example"

[api]
port = {port}

[agent]
state_dir = "{folder}/state"
run_dir = "{run_dir}"
credentials_dir = "{folder}/credentials"
"""


def settings_text(
    folder: Path,
    run_dir: Path,
    url: str,
    printer: int,
    port: int,
    ring: str = "issue",
    per_credit: int = 80_000,
) -> str:
    """The settings file of the demo's register; `per_credit` in minor units."""
    return _SETTINGS.format(
        ring=ring,
        budget=BUDGET_S,
        url=url,
        per_credit=per_credit,
        printer=printer,
        port=port,
        folder=folder,
        run_dir=run_dir,
    )


def enrolment_text(public_key: str) -> str:
    """The drop-in that lets every verifier of this store trust the register's key."""
    return f'[voucher]\ntrusted_keys = ["{public_key}"]\n'
