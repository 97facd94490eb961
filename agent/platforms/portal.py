# SPDX-License-Identifier: Apache-2.0
"""Whether a page for people came in the place of an answer: a captive portal, the sign-in of a
proxy, a notice of maintenance. Pure.

Such a page is no answer of the platform, whatever its status says.
"""

from __future__ import annotations

from typing import Final

from yarl import URL

from agent.platforms.messages import HttpReply
from agent.platforms.reading import media_type

PORTAL: Final = "portal"
"""The `why` of an `Odd` reply that is such a page."""

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})
_SIGN_IN_FIRST: Final = 511
"""Network Authentication Required (RFC 6585, section 6): said by portals that keep to it."""


def is_portal(reply: HttpReply) -> bool:
    """A redirect to another host, a web page with a 2xx, or a 511. Web pages with other
    statuses are told by those: gateways dress their errors so."""
    if reply.status == _SIGN_IN_FIRST:
        return True
    if reply.status in _REDIRECTS:
        return _leads_elsewhere(reply)
    return 200 <= reply.status < 300 and _is_page(reply)


def _leads_elsewhere(reply: HttpReply) -> bool:
    """Where it is not known who was asked, every address with a host is elsewhere."""
    try:
        host = URL(reply.header("location") or "").host
    except ValueError:
        return False
    return host is not None and host.lower() != reply.host.lower()


def _is_page(reply: HttpReply) -> bool:
    media = media_type(reply)
    if media in _PAGES:
        return True
    return not media and reply.body[:64].lstrip()[:1] == b"<"
