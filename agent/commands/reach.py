# SPDX-License-Identifier: Apache-2.0
"""The road to the platform, stage by stage, without issuing anything.

The platform's own probe is held through the real transport; what fell on the way is told by the
transport's own word, so that name, proxy, connection, TLS, sign-in page and token are told apart.
What lies behind a stage that fell was not asked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from agent.commands.exits import Exit
from agent.commands.findings import Finding, Grade
from agent.commands.looks import credential
from agent.domain.outcome import Saying
from agent.settings.model import Settings
from agent.words import say
from agent.words.catalogue import is_said

if TYPE_CHECKING:
    from agent.platforms.adapter import DrivenPlatform, Plugin
    from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent
    from agent.platforms.probe import Probed

PLATFORM_S: Final = 10.0
NAME_S: Final = 3.0
STAGES: Final = ("name", "proxy", "connect", "tls", "answer")
_STAGE_OF: Final = {
    "name": "name",
    "proxy": "proxy",
    "connect": "connect",
    "connection": "connect",
    "connect-deadline": "connect",
    "tls": "tls",
    "tls-deadline": "tls",
    "certificate": "tls",
}
"""The stage at which a `why` of `NotSent` fell; any other is told as itself, before them all."""
_EXIT_OF: Final = {
    "credential": Exit.SETTINGS,
    "request": Exit.SETTINGS,
    "token-refused": Exit.NEGATIVE,
}
SKEW_WEAK_MS: Final = 30_000
SKEW_WRONG_MS: Final = 300_000
"""Tokens and signatures of most platforms bear no more than five minutes."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What was found, and the exit code that says it."""

    findings: tuple[Finding, ...]
    exit: Exit


@dataclass(slots=True)
class _Ear:
    """The wire of an open platform, which remembers what came of each request, and when."""

    wire: DrivenPlatform
    heard: list[HttpReply | NotSent | NoAnswer] = field(default_factory=list)
    at_ms: int = 0

    async def send(self, request: HttpRequest, deadline: float) -> HttpReply | NotSent | NoAnswer:
        reply = await self.wire.send(request, deadline)
        self.at_ms = _wall_ms()
        self.heard.append(reply)
        return reply


async def reach(
    settings: Settings, environment: Mapping[str, str], patience_s: float = PLATFORM_S
) -> Reached:
    """`patience_s`: how long all of the platform's answers may take together.

    Raises `SettingsWrong` where there is no such adapter or an option of it is wrong.
    """
    from agent.daemon.parts import plugin, secret_reader
    from agent.platforms.adapter import DrivenPlatform
    from agent.platforms.catalog import open_platform

    whole = plugin(settings)
    first = [_address(settings, whole), credential(settings, environment)]
    if first[-1].grade is Grade.WRONG:
        rest = (Finding(say(f"check.stage.{stage}"), Grade.SKIPPED) for stage in STAGES)
        return Reached((*first, *rest), Exit.SETTINGS)
    async with open_platform(whole, secret_reader(settings, environment)) as opened:
        ear = _Ear(opened)
        asking = DrivenPlatform(whole.adapter, ear)
        deadline_s = asyncio.get_running_loop().time() + patience_s
        probed = await asking.probe(_wall_ms(), deadline_s)
        road, code = await _road(whole, ear)
        token = _token(whole, opened, ear)
        if code is not Exit.DONE:
            return Reached((*first, *token, *road), code)
        answers = [_told(each) for each in probed]
        limits = [_clock(opened.date_ms, ear.at_ms), _limits(opened, ear)]
        found = (*first, *token, *road, *answers, *limits)
        return Reached(found, _exit(found, ear))


def _address(settings: Settings, whole: Plugin) -> Finding:
    section, said = settings.platform_of(settings.store.number)
    what = say("check.stage.address")
    seen = say("check.stage.address.seen", platform=section.name, url=section.url, said=said)
    if whole.transport.tls_1_2:
        return Finding(what, Grade.WEAK, seen, say("check.stage.address.tls-1-2"))
    return Finding(what, Grade.OK, seen)


async def _road(whole: Plugin, ear: _Ear) -> tuple[list[Finding], Exit]:
    """The stages up to an answer that is the platform's."""
    from agent.platforms.messages import HttpReply, NoAnswer, NotSent
    from agent.platforms.portal import is_portal

    last = ear.heard[-1] if ear.heard else None
    held = any(not isinstance(each, NotSent) for each in ear.heard)
    why, code = "", Exit.DONE
    match last:
        case None:
            why, code = "not-asked", Exit.NEGATIVE
        case NotSent(reason) if not held:
            why = await _exact(reason, whole)
            code = _EXIT_OF.get(why, Exit.UNREACHABLE)
        case NotSent(reason) | NoAnswer(reason):
            why, code = f"answer-{reason}", Exit.UNREACHABLE
        case HttpReply() if any(isinstance(e, HttpReply) and is_portal(e) for e in ear.heard):
            why, code = "portal", Exit.UNREACHABLE
        case HttpReply(status) if status >= 500:
            why, code = "answer-5xx", Exit.UNREACHABLE
    fell = _fallen_stage(why, held)
    found = [_stage(stage, fell, why, whole) for stage in STAGES]
    if fell < 0 and whole.oauth is None:  # it never came to a stage; of tokens `_token` tells
        found.insert(0, Finding(say("check.stage.request"), Grade.WRONG, *_words(why)))
    return found, code


def _fallen_stage(why: str, held: bool) -> int:
    """How many stages are good; all of them where nothing fell."""
    if not why:
        return len(STAGES)
    if held or why == "not-asked":
        return len(STAGES) - 1
    stage = _STAGE_OF.get(why)
    return -1 if stage is None else STAGES.index(stage)


def _stage(stage: str, fell: int, why: str, whole: Plugin) -> Finding:
    what, index = say(f"check.stage.{stage}"), STAGES.index(stage)
    if index == fell:
        return Finding(what, Grade.WRONG, *_words(why))
    if index > fell:
        return Finding(what, Grade.SKIPPED)
    proxied = whole.transport.proxy is not None
    plain = whole.transport.url.startswith("http:")
    if stage == "name" and proxied:
        return Finding(what, Grade.SKIPPED, say("check.stage.name.by-proxy"))
    if stage == "proxy" and not proxied:
        return Finding(what, Grade.SKIPPED, say("check.stage.proxy.none"))
    if stage == "tls" and plain:
        return Finding(what, Grade.SKIPPED, say("check.stage.tls.none"))
    return Finding(what, Grade.OK)


def _words(why: str) -> tuple[str, str]:
    """What a stage that fell looked like, and what to do."""
    name = f"check.fell.{why}"
    if not is_said(name):
        name = "check.fell.answer" if why.startswith("answer-") else "check.fell"
        return say(name, why=why.removeprefix("answer-")), say(f"{name}.todo")
    return say(name), say(f"{name}.todo")


async def _exact(why: str, whole: Plugin) -> str:
    """Where the time ran out while connecting: at the name, at the port, or behind both."""
    if why != "deadline":
        return why
    if whole.transport.proxy is not None:
        return "proxy"
    address = urlsplit(whole.transport.url)
    port = address.port or (80 if address.scheme == "http" else 443)
    try:
        async with asyncio.timeout(NAME_S):
            await asyncio.get_running_loop().getaddrinfo(address.hostname, port)
    except (OSError, TimeoutError):
        return "name"
    try:
        async with asyncio.timeout(NAME_S):
            _, writer = await asyncio.open_connection(address.hostname, port)
    except (OSError, TimeoutError):
        return "connect-deadline"
    writer.close()
    return "tls-deadline"


def _token(whole: Plugin, opened: DrivenPlatform, ear: _Ear) -> list[Finding]:
    """Where a token is fetched first: whether it was. Else only what kept a request back."""
    from agent.platforms.messages import NotSent

    what = say("check.stage.token")
    if whole.oauth is None:
        return []
    kept = [each.why for each in ear.heard if isinstance(each, NotSent)]
    if not any(why in ("token", "token-refused") for why in kept):
        return [Finding(what, Grade.OK)]
    trouble = opened.token_trouble or kept[-1]
    seen, todo = say("check.token", why=trouble), say("check.token.todo", url=whole.oauth.token_url)
    if "token-refused" in kept:
        seen, todo = say("check.token.refused", why=trouble), say("check.token.refused.todo")
    elif is_said(f"check.fell.{trouble}"):
        seen, todo = _words(trouble)
    return [Finding(what, Grade.WRONG, seen, todo)]


def _told(probed: Probed) -> Finding:
    """One line of the platform's own probe."""
    name = f"check.probe.{probed.what}"
    what = say(name) if is_said(name) else probed.what
    seen = probed.detail
    if probed.saying is not None and probed.result.value != Grade.OK.value:
        said = _vendor_words(probed.saying)
        seen = f"{seen} ({said})" if said else seen
    return Finding(what, Grade(probed.result.value), seen)


def _vendor_words(saying: Saying) -> str:
    parts = {
        "check.said.status": "" if saying.status is None else str(saying.status),
        "check.said.code": saying.code,
        "check.said.message": saying.message,
        "check.said.request": saying.request_id,
    }
    return ", ".join(say(name, text=text) for name, text in parts.items() if text)


def _clock(date_ms: int | None, at_ms: int) -> Finding:
    """Our clock beside the platform's `Date`, which says whole seconds."""
    what = say("check.stage.clock")
    if date_ms is None:
        return Finding(what, Grade.SKIPPED, say("check.stage.clock.no-date"))
    skew_ms = at_ms - date_ms
    seen = say("check.stage.clock.seen", seconds=abs(skew_ms) // 1000)
    if abs(skew_ms) < SKEW_WEAK_MS:
        return Finding(what, Grade.OK, seen)
    grade = Grade.WEAK if abs(skew_ms) < SKEW_WRONG_MS else Grade.WRONG
    side = "fast" if skew_ms > 0 else "slow"
    seen = say(f"check.stage.clock.{side}", seconds=abs(skew_ms) // 1000)
    return Finding(what, grade, seen, say("check.stage.clock.todo"))


def _limits(opened: DrivenPlatform, ear: _Ear) -> Finding:
    what, pause_s = say("check.stage.limits"), opened.pause_s
    if _throttled(ear):
        seen, todo = say("check.stage.limits.throttled"), say("check.stage.limits.throttled.todo")
        return Finding(what, Grade.WRONG, seen, todo)
    if pause_s > 0:
        seen = say("check.stage.limits.pause", seconds=max(round(pause_s), 1))
        return Finding(what, Grade.WEAK, seen, say("check.stage.limits.todo"))
    return Finding(what, Grade.OK, say("check.stage.limits.none"))


def _throttled(ear: _Ear) -> bool:
    from agent.platforms.messages import HttpReply

    return any(isinstance(each, HttpReply) and each.status == 429 for each in ear.heard)


def _exit(findings: tuple[Finding, ...], ear: _Ear) -> Exit:
    if _throttled(ear):
        return Exit.LATER
    wrong = any(each.grade is Grade.WRONG for each in findings)
    return Exit.NEGATIVE if wrong else Exit.DONE


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
