# SPDX-License-Identifier: Apache-2.0
"""Imports the daemon without what a foreign library does at its import and we never use.

aiohttp 3.14 builds a TLS context with the system's certificates when its connector is imported
(2.6 MB and 35 ms on Debian 12); our transport always brings its own. frozenlist's extension pulls
in the C++ library (1 MB) for lists that hold a handful of signal handlers. Both read the
environment while they are imported, so it is changed for just that long.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_WHILE_IMPORTING: Final = {
    "SSL_CERT_FILE": os.devnull,
    "SSL_CERT_DIR": os.devnull,
    "FROZENLIST_NO_EXTENSIONS": "1",
}


@contextmanager
def lean_imports() -> Iterator[None]:
    """The environment as it was is back when the block ends."""
    before = {name: os.environ.get(name) for name in _WHILE_IMPORTING}
    os.environ.update(_WHILE_IMPORTING)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
