# SPDX-License-Identifier: Apache-2.0
"""Why the platform cannot be used just now, for whoever mends it and for whoever stands there."""

from __future__ import annotations

from agent.words.catalogue import ENGLISH, is_said, say


def link_words(why: str, language: str = ENGLISH) -> str:
    """For store IT: what is wrong with the road to the platform, and what to do. `why`: the short
    code of the last failure, of the transport or of the platform."""
    exact = f"link.down.{why}"
    if is_said(exact, language):
        return say(exact, language)
    return say("link.down", language, why=why or "-")


def link_notice(why: str, language: str = ENGLISH) -> str:
    """For the page of a register: empty where nobody there need do anything about it."""
    notice = f"link.notice.{why}"
    return say(notice, language) if is_said(notice, language) else ""
