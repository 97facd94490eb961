# SPDX-License-Identifier: Apache-2.0
"""What is said to a platform and what comes back, as values. Nothing here sends anything."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_METHOD: Final = re.compile(r"GET|POST|PUT|PATCH|DELETE")
_PATH: Final = re.compile(r"/[\x21-\x7e]*")
_HEADER: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_VALUE: Final = re.compile(r"[\x20-\x7e]{0,1024}")
_CREDENTIAL_HEADERS: Final = frozenset({"authorization", "proxy-authorization", "cookie"})
BODY_MAX: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, repr=False)
class HttpRequest:
    """A request without credentials. Method, path and body are what the journal freezes; the
    headers are made anew from the credit each time. `path` begins with "/" and is encoded.

    `repr` hides path and body: a body may hold a code.
    """

    method: str
    path: str
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if _METHOD.fullmatch(self.method) is None:
            raise ValueError("a method is GET, POST, PUT, PATCH or DELETE")
        if _PATH.fullmatch(self.path) is None:
            raise ValueError("a path begins with / and is encoded ASCII")
        if len(self.body) > BODY_MAX:
            raise ValueError("a body has at most 1 MiB")
        for name, value in self.headers:
            if _HEADER.fullmatch(name) is None or _VALUE.fullmatch(value) is None:
                raise ValueError("a header is one line of ASCII")
            if name.lower() in _CREDENTIAL_HEADERS:
                raise ValueError("credentials are the transport's, never a conversation's")

    def __repr__(self) -> str:
        return f"HttpRequest({self.method}, {len(self.body)} bytes)"


@dataclass(frozen=True, slots=True, repr=False)
class HttpReply:
    """A whole reply. Header names are in lower case. `date_ms`: the platform's own `Date`.
    `host`: who was asked, where the transport says it; it is no part of what was answered."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    date_ms: int | None = None
    host: str = field(default="", compare=False)

    def header(self, name: str) -> str | None:
        """The first header of that name (lower case)."""
        return next((value for each, value in self.headers if each == name), None)

    def __repr__(self) -> str:
        return f"HttpReply({self.status}, {len(self.body)} bytes)"


@dataclass(frozen=True, slots=True)
class NotSent:
    """It failed before the request held an open connection: no byte of it left.

    `why`: name, proxy, connect, connection, tls, certificate, credential, token, token-refused,
    request, deadline. `token`: none could be fetched, for now; `token-refused`: the client id or
    its secret is wrong, or may not have one.
    """

    why: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The request may have been read, and no whole reply came back.

    `why`: deadline, reset, half-a-body, not-http, too-long.
    """

    why: str
