# SPDX-License-Identifier: Apache-2.0
"""Imports the daemon without what a foreign library does at its import and we never use.

aiohttp 3.14 builds a TLS context with the system's certificates when its connector is imported
(2.6 MB and 35 ms on Debian 12); our transport always brings its own. frozenlist's extension pulls
in the C++ library (1 MB) for lists that hold a handful of signal handlers. Both read the
environment while they are imported, so it is changed for just that long. prometheus-client 0.26
derives classes from the standard library's web servers (0.9 MB, most of it the names of HTML's
characters) to serve its numbers itself, which ours does; it gets empty ones to derive from.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Final

_WHILE_IMPORTING: Final = {
    "SSL_CERT_FILE": os.devnull,
    "SSL_CERT_DIR": os.devnull,
    "FROZENLIST_NO_EXTENSIONS": "1",
}
_NEVER_SERVED: Final = {
    "http.server": ("BaseHTTPRequestHandler",),
    "wsgiref.simple_server": ("make_server", "WSGIRequestHandler", "WSGIServer"),
}
"""Modules of web servers, and the classes that are derived from."""


@contextmanager
def lean_imports() -> Iterator[None]:
    """The environment as it was, and the real web servers, are back when the block ends."""
    before = {name: os.environ.get(name) for name in _WHILE_IMPORTING}
    os.environ.update(_WHILE_IMPORTING)
    empty = [name for name in _NEVER_SERVED if name not in sys.modules]
    for name in empty:
        sys.modules[name] = _emptied(name)
    try:
        yield
    finally:
        for name in empty:
            del sys.modules[name]
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _emptied(name: str) -> ModuleType:
    module = ModuleType(name)
    for each in _NEVER_SERVED[name]:
        setattr(module, each, type(each, (), {}))
    return module
