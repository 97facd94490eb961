# SPDX-License-Identifier: Apache-2.0
"""The way to the platform: each stage that can fall is told by its own name, and issues nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.commands.exits import Exit
from agent.commands.findings import Finding, Grade
from agent.commands.reach import Reached, reach
from tests.commands.roads import SECRET, answer, settings_for
from tests.platforms.raw_server import (
    Line,
    RawServer,
    answering,
    closed_port,
    make_certificates,
    never_speaks,
    raw_server,
)

STAGES = ["name (DNS)", "proxy", "connection", "TLS", "answer"]


async def speaks_first(line: Line, served: RawServer) -> None:
    """What many other services do."""
    await line.say(b"220 mail.example ready\r\n")


def of(reached: Reached, what: str) -> Finding:
    (found,) = [each for each in reached.findings if each.what == what]
    return found


def wrong(reached: Reached) -> list[str]:
    return [each.what for each in reached.findings if each.grade is Grade.WRONG]


def assert_only_fallen_at(reached: Reached, stage: str) -> Finding:
    """That stage alone is wrong, says what to do, and what lies behind it was not asked."""
    assert wrong(reached) == [stage]
    behind = STAGES[STAGES.index(stage) + 1 :]
    assert [of(reached, each).grade for each in behind] == [Grade.SKIPPED] * len(behind)
    assert not [each for each in reached.findings if each.what in ("limits", "credentials")]
    found = of(reached, stage)
    assert found.seen
    assert found.todo
    assert_secret_is_hidden(reached.findings)
    return found


def assert_secret_is_hidden(findings: Sequence[Finding]) -> None:
    assert SECRET not in repr(findings)


async def test_a_good_platform_is_proved_to_the_end_and_only_asked(tmp_path: Path) -> None:
    async with raw_server(answering(answer(at_s=time.time()))) as served:
        reached = await reach(settings_for(tmp_path, served.url), {})
    assert (reached.exit, wrong(reached)) == (Exit.DONE, [])
    assert of(reached, "credentials").seen == "the token may read credits"
    assert of(reached, "clock beside the platform's").grade is Grade.OK
    assert of(reached, "limits").grade is Grade.OK
    assert of(reached, "TLS").seen == "plain http on this machine"
    assert [each.split(b" ")[0] for each in served.requests] == [b"GET"]


async def test_an_unknown_name_is_told_as_the_name(tmp_path: Path) -> None:
    reached = await reach(settings_for(tmp_path, "https://no-such-host.invalid"), {})
    found = assert_only_fallen_at(reached, "name (DNS)")
    assert "name server" in found.seen
    assert reached.exit == Exit.UNREACHABLE


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:{port}", "http://no-such-proxy.invalid:3128"])
async def test_a_dead_proxy_is_told_as_the_proxy(tmp_path: Path, proxy: str) -> None:
    more = f'proxy = "{proxy.format(port=closed_port())}"'
    reached = await reach(settings_for(tmp_path, "https://credit.example", more), {})
    assert_only_fallen_at(reached, "proxy")
    assert of(reached, "name (DNS)").seen == "the proxy looks it up"
    assert reached.exit == Exit.UNREACHABLE


async def test_a_proxy_that_refuses_the_way_is_told_as_the_proxy(tmp_path: Path) -> None:
    refusing = answering(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")
    async with raw_server(refusing) as served:
        more = f'proxy = "{served.url}"'
        reached = await reach(settings_for(tmp_path, "https://credit.example", more), {})
    assert_only_fallen_at(reached, "proxy")


async def test_a_closed_port_is_told_as_the_connection(tmp_path: Path) -> None:
    reached = await reach(settings_for(tmp_path, f"http://127.0.0.1:{closed_port()}"), {})
    assert_only_fallen_at(reached, "connection")
    assert of(reached, "name (DNS)").grade is Grade.OK
    assert reached.exit == Exit.UNREACHABLE


async def test_what_speaks_no_tls_is_told_as_tls(tmp_path: Path) -> None:
    async with raw_server(speaks_first) as served:
        reached = await reach(settings_for(tmp_path, served.https), {})
    assert "No TLS" in assert_only_fallen_at(reached, "TLS").seen


async def test_a_handshake_that_hangs_is_told_as_tls(tmp_path: Path) -> None:
    async with raw_server(never_speaks) as served:
        reached = await reach(settings_for(tmp_path, served.https), {}, patience_s=0.3)
    assert "port is open" in assert_only_fallen_at(reached, "TLS").seen


async def test_an_answer_that_does_not_come_is_told_as_the_answer(tmp_path: Path) -> None:
    async with raw_server(never_speaks) as served:
        reached = await reach(settings_for(tmp_path, served.url), {}, patience_s=0.3)
    assert "deadline" in assert_only_fallen_at(reached, "answer").seen
    assert reached.exit == Exit.UNREACHABLE


async def test_a_certificate_that_is_not_trusted_is_told_as_such(tmp_path: Path) -> None:
    made = make_certificates(tmp_path / "tls")
    async with raw_server(answering(answer()), made.server()) as served:
        reached = await reach(settings_for(tmp_path, served.https), {})
        assert "not trusted" in assert_only_fallen_at(reached, "TLS").seen
        more = f'ca_file = "{made.authority}"'
        trusted = await reach(settings_for(tmp_path, served.https, more), {})
    assert (trusted.exit, of(trusted, "TLS").grade) == (Exit.DONE, Grade.OK)


@pytest.mark.parametrize(
    "page",
    [
        answer(200, b"<html>Welcome, please sign in</html>", media="text/html"),
        answer(302, b"<html></html>", media="text/html", Location="http://portal.example/"),
        answer(511, b"<html></html>", media="text/html"),
    ],
    ids=["200", "302", "511"],
)
async def test_a_captive_portal_is_named_as_such(tmp_path: Path, page: bytes) -> None:
    async with raw_server(answering(page)) as served:
        reached = await reach(settings_for(tmp_path, served.url), {})
    found = assert_only_fallen_at(reached, "answer")
    assert "captive portal" in found.seen
    assert "Sign this register in" in found.todo
    assert reached.exit == Exit.UNREACHABLE


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_broken_platform_is_reached_and_told_as_broken(tmp_path: Path, status: int) -> None:
    page = answer(status, b"<html></html>", media="text/html")
    async with raw_server(answering(page)) as served:
        reached = await reach(settings_for(tmp_path, served.url), {})
    assert_only_fallen_at(reached, "answer")
    assert reached.exit == Exit.UNREACHABLE


async def test_a_connection_that_breaks_after_it_stood_is_no_answer(tmp_path: Path) -> None:
    async with raw_server(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")) as served:
        reached = await reach(settings_for(tmp_path, served.url), {})
    assert "half-a-body" in assert_only_fallen_at(reached, "answer").seen


async def test_a_refused_token_is_the_platforms_own_answer(tmp_path: Path) -> None:
    said = {"type": "about:blank", "title": "No", "status": 401, "code": "bad-token"}
    page = answer(401, said, media="application/problem+json", Request_Id="req_77")
    async with raw_server(answering(page)) as served:
        reached = await reach(settings_for(tmp_path, served.url), {})
    assert wrong(reached) == ["credentials"]
    found = of(reached, "credentials")
    assert "put a valid one into the credential file" in found.seen
    assert "status 401, code bad-token" in found.seen
    assert "request id req_77" in found.seen
    assert of(reached, "answer").grade is Grade.OK
    assert reached.exit == Exit.NEGATIVE
    assert_secret_is_hidden(reached.findings)


async def test_a_throttled_platform_is_asked_again_later(tmp_path: Path) -> None:
    async with raw_server(answering(answer(429, b"{}", Retry_After="30"))) as served:
        reached = await reach(settings_for(tmp_path, served.url), {})
    assert "limits" in wrong(reached)
    assert reached.exit == Exit.LATER


@pytest.mark.parametrize(
    ("off_s", "grade", "words", "code"),
    [
        (0, Grade.OK, "seconds apart", Exit.DONE),
        (120, Grade.WEAK, "behind", Exit.DONE),
        (-120, Grade.WEAK, "ahead", Exit.DONE),
        (900, Grade.WRONG, "behind", Exit.NEGATIVE),
        (-900, Grade.WRONG, "ahead", Exit.NEGATIVE),
    ],
)
async def test_our_clock_is_judged_by_the_platforms_date(
    tmp_path: Path, off_s: int, grade: Grade, words: str, code: Exit
) -> None:
    async with raw_server(answering(answer(at_s=time.time() + off_s))) as served:
        reached = await reach(settings_for(tmp_path, served.url), {})
    found = of(reached, "clock beside the platform's")
    assert (found.grade, reached.exit) == (grade, code)
    assert words in found.seen


async def test_without_a_date_the_clock_is_not_judged(tmp_path: Path) -> None:
    async with raw_server(answering(answer())) as served:
        reached = await reach(settings_for(tmp_path, served.url), {})
    assert of(reached, "clock beside the platform's").grade is Grade.SKIPPED
    assert reached.exit == Exit.DONE


async def test_without_a_credential_nobody_is_asked(tmp_path: Path) -> None:
    async with raw_server(never_speaks) as served:
        reached = await reach(settings_for(tmp_path, served.url, secret=None), {})
        assert served.connections == 0
    assert wrong(reached) == ["credential"]
    assert "0600" in of(reached, "credential").todo
    assert reached.exit == Exit.SETTINGS


async def test_a_credential_that_others_may_read_is_refused(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, f"http://127.0.0.1:{closed_port()}")
    (tmp_path / "credentials" / "platform-token").chmod(0o644)
    reached = await reach(settings, {})
    assert wrong(reached) == ["credential"]
    assert "may be read by others" in of(reached, "credential").seen
    assert "chmod 600" in of(reached, "credential").todo
    assert reached.exit == Exit.SETTINGS


async def test_a_credential_that_cannot_be_sent_is_told_as_such(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, f"http://127.0.0.1:{closed_port()}", secret="täken")
    reached = await reach(settings, {})
    assert wrong(reached) == ["request"]
    assert "one line of plain characters" in of(reached, "request").todo
    assert reached.exit == Exit.SETTINGS
    assert "täken" not in repr(reached)


async def test_tls_1_2_is_a_weakness_that_is_told(tmp_path: Path) -> None:
    async with raw_server(answering(answer())) as served:
        settings = settings_for(tmp_path, served.url, 'tls_minimum = "1.2"')
        reached = await reach(settings, {})
    assert of(reached, "address").grade is Grade.WEAK
    assert reached.exit == Exit.DONE
