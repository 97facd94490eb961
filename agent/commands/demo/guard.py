# SPDX-License-Identifier: Apache-2.0
"""Who may drive the demo: the page that it served, and nobody else's.

Its buttons start and kill processes. Other pages of the same browser can send requests to
loopback too, so the Host is checked before anything, then where the request comes from, then the
token that stands only in our own page. Pure.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

JSON_TYPE: Final = "application/json"
TOKEN_HEADER: Final = "X-Stage-Token"
_OWN: Final = frozenset({"same-origin", "none"})

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""On every answer."""


@dataclass(frozen=True, slots=True)
class Guard:
    """The door of one start: its port, and a token that no other page knows."""

    port: int
    token: str

    @property
    def hosts(self) -> frozenset[str]:
        return frozenset({f"127.0.0.1:{self.port}", f"localhost:{self.port}"})

    def refusal(self, method: str, headers: Mapping[str, str], content_type: str) -> int | None:
        """The status to refuse with, or None where the request may come in.

        421 for another Host, 403 for another page or a missing token, 415 for another type.
        """
        host = headers.get("Host", "")
        if host not in self.hosts:
            return 421
        site, mode = headers.get("Sec-Fetch-Site", "none"), headers.get("Sec-Fetch-Mode", "")
        if method in ("GET", "HEAD"):
            return None if site in _OWN or mode == "navigate" else 403
        if site not in _OWN or headers.get("Origin") != f"http://{host}":
            return 403
        if content_type != JSON_TYPE:
            return 415
        given = headers.get(TOKEN_HEADER, "")
        right = hmac.compare_digest(given.encode(), self.token.encode())
        return None if right else 403
