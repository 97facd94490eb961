# SPDX-License-Identifier: Apache-2.0
"""Tokens against raw sockets: fetched once for all who wait, renewed ahead and after a 401, and
requests that stay *unsent* where none can be had."""

from __future__ import annotations

import asyncio
import base64
from urllib.parse import parse_qs

import pytest

from agent.domain.outcome import Unanswered, Unsent
from agent.platforms.catalog import open_platform
from agent.platforms.messages import HttpReply, NoAnswer, NotSent
from agent.platforms.oauth import (
    BACK_OFF_MAX_S,
    END_S,
    REFUSED_EVERY_S,
    RENEW_S,
    OAuthOptions,
    TokenSource,
)
from agent.platforms.rest import platform as rest
from agent.platforms.transport import Transport, TransportOptions
from tests.fakes.platform import MemoryEffects
from tests.platforms.raw_client import GET, LONG, SHORT
from tests.platforms.talking import CREDIT
from tests.platforms.token_server import SECRET, Shop, answer, shop

BUSY = answer(503, b"")


# ---- how one is fetched


async def test_a_token_is_asked_for_with_id_and_secret_and_carried_by_requests() -> None:
    async with shop(scope="credits:issue credits:read") as here:
        assert [await here.status(), await here.status()] == [200, 200]
        head, _, body = here.tokens.issuer.requests[0].partition(b"\r\n\r\n")
        assert head.startswith(b"POST /oauth/token HTTP/1.1\r\n")
        basic = base64.b64encode(f"till-3:{SECRET}".encode())
        assert b"authorization: basic " + basic.lower() in head.lower()
        assert b"content-type: application/x-www-form-urlencoded" in head.lower()
        assert parse_qs(body.decode()) == {
            "grant_type": ["client_credentials"],
            "scope": ["credits:issue credits:read"],
        }
        assert here.tokens.carried == ["t1", "t1"]
        assert len(here.tokens.issuer.requests) == 1
        assert SECRET.encode() not in b"".join(here.tokens.platform.requests)


async def test_id_and_secret_go_into_the_form_where_a_vendor_wants_them_there() -> None:
    async with shop(in_body=True) as here:
        await here.status()
        head, _, body = here.tokens.issuer.requests[0].partition(b"\r\n\r\n")
        assert b"authorization" not in head.lower()
        assert parse_qs(body.decode()) == {
            "grant_type": ["client_credentials"],
            "client_id": ["till-3"],
            "client_secret": [SECRET],
        }


async def test_id_and_secret_are_encoded_before_they_are_joined() -> None:
    async with shop() as here:
        options = OAuthOptions(f"{here.tokens.issuer.url}/t", "till:3 %")
        source = TokenSource(options, lambda token: {"X-Token": token}, lambda: "a:b+c")
        async with Transport(TransportOptions(here.tokens.platform.url), source) as transport:
            await transport.send(GET, asyncio.get_running_loop().time() + LONG)
        head = here.tokens.issuer.requests[0].lower()
        basic = base64.b64encode(b"till%3A3+%25:a%3Ab%2Bc")
        assert b"basic " + basic.lower() in head
        assert b"x-token: t1" in here.tokens.platform.requests[0].lower()


async def test_however_many_requests_wait_one_token_is_fetched() -> None:
    async with shop() as here:
        here.tokens.issuing.clear()
        asking = [asyncio.ensure_future(here.send()) for _ in range(20)]
        await here.tokens.until(0, 1)
        assert here.tokens.platform.connections == 0
        here.tokens.issuing.set()
        replies = await asyncio.gather(*asking)
        assert all(isinstance(reply, HttpReply) for reply in replies)
        assert len(here.tokens.issuer.requests) == 1
        assert here.tokens.carried == ["t1"] * 20


# ---- how it is renewed


async def test_before_its_end_it_is_renewed_while_requests_go_with_the_old_one() -> None:
    async with shop() as here:
        await here.status()
        here.tokens.now_s += 600 - RENEW_S - 1
        await here.status()
        assert len(here.tokens.issuer.requests) == 1
        here.tokens.now_s += 2
        here.tokens.issuing.clear()
        assert [await here.status(), await here.status()] == [200, 200]
        await here.tokens.until(0, 2)
        here.tokens.issuing.set()
        await renewed(here)
        await here.status()
        assert here.tokens.carried == ["t1", "t1", "t1", "t1", "t2"]
        assert len(here.tokens.issuer.requests) == 2


async def renewed(here: Shop) -> None:
    """Until no renewal is under way."""
    if here.source._renewing is not None:
        await asyncio.wait({here.source._renewing}, timeout=LONG)


async def test_one_that_is_too_near_its_end_is_not_sent_any_more() -> None:
    async with shop() as here:
        await here.status()
        here.tokens.now_s += 600 - END_S
        await here.status()
        assert here.tokens.carried == ["t1", "t2"]


async def test_a_renewal_that_fails_ahead_of_time_leaves_the_old_one_in_use() -> None:
    async with shop() as here:
        await here.status()
        here.tokens.now_s += 600 - RENEW_S
        here.tokens.instead.append(BUSY)
        assert [await here.status(), await here.status()] == [200, 200]
        await renewed(here)
        assert (await here.status(), here.source.trouble) == (200, "status-503")
        here.tokens.now_s += 1
        assert await here.status() == 200
        await renewed(here)
        assert (await here.status(), here.source.trouble) == (200, "")
        assert here.tokens.carried == ["t1"] * 5 + ["t2"]


async def test_a_burst_that_is_answered_401_renews_once_and_is_not_sent_again() -> None:
    async with shop() as here:
        here.tokens.good = {"t2"}
        here.tokens.answering.clear()
        asking = [asyncio.ensure_future(here.send()) for _ in range(16)]
        await here.tokens.until(16, 1)
        here.tokens.answering.set()
        replies = await asyncio.gather(*asking)
        assert [reply.status for reply in replies if isinstance(reply, HttpReply)] == [401] * 16
        assert await here.status() == 200
        assert here.tokens.carried == ["t1"] * 16 + ["t2"]
        assert len(here.tokens.issuer.requests) == 2


async def test_a_late_401_of_the_older_token_leaves_the_new_one_alone() -> None:
    async with shop() as here:
        here.tokens.answering.clear()
        late = asyncio.ensure_future(here.send())
        await here.tokens.until(1, 1)
        here.tokens.now_s += 600
        fresh = asyncio.ensure_future(here.send())
        await here.tokens.until(2, 2)
        here.tokens.good = {"t2"}
        here.tokens.answering.set()
        answers = await asyncio.gather(late, fresh)
        assert [each.status for each in answers if isinstance(each, HttpReply)] == [401, 200]
        assert await here.status() == 200
        assert len(here.tokens.issuer.requests) == 2


async def test_a_platform_that_refuses_every_token_gets_no_flood_of_them() -> None:
    async with shop() as here:
        here.tokens.good = {"none"}
        for _ in range(10):
            assert await here.status() == 401
        assert len(here.tokens.issuer.requests) == 2
        assert here.tokens.carried == ["t1"] + ["t2"] * 9
        here.tokens.now_s += REFUSED_EVERY_S
        assert await here.status() == 401
        here.tokens.good = {"t3"}
        assert await here.status() == 200
        assert len(here.tokens.issuer.requests) == 3


# ---- where none can be had


async def test_without_a_token_nothing_is_sent_and_the_next_try_waits_longer() -> None:
    async with shop() as here:
        here.tokens.instead += [BUSY] * 3
        for wait_s, tries in ((1, 1), (2, 2), (4, 3)):
            assert await here.send() == NotSent("token")
            here.tokens.now_s += wait_s - 0.1
            assert await here.send() == NotSent("token")
            assert len(here.tokens.issuer.requests) == tries
            here.tokens.now_s += 0.1
        assert here.tokens.platform.connections == 0
        assert await here.status() == 200
        here.tokens.now_s += 600
        here.tokens.instead.append(BUSY)
        assert await here.send() == NotSent("token")
        here.tokens.now_s += 1  # the waits begin anew after a token
        assert await here.status() == 200


async def test_no_wait_grows_beyond_its_bound() -> None:
    async with shop() as here:
        here.tokens.instead += [BUSY] * 30
        for tries in range(1, 31):
            assert await here.send() == NotSent("token")
            assert len(here.tokens.issuer.requests) == tries
            here.tokens.now_s += BACK_OFF_MAX_S
        assert await here.status() == 200


@pytest.mark.parametrize(("said", "waited_s"), [("7", 7), ("100000", 300)])
async def test_a_token_address_that_asks_for_patience_gets_it(said: str, waited_s: int) -> None:
    async with shop() as here:
        here.tokens.instead.append(answer(429, b"", "text/plain", f"Retry-After: {said}"))
        assert await here.send() == NotSent("token")
        here.tokens.now_s += waited_s - 0.1
        assert await here.send() == NotSent("token")
        here.tokens.now_s += 0.1
        assert await here.status() == 200


async def test_a_request_waits_for_a_token_no_longer_than_its_deadline() -> None:
    async with shop() as here:
        here.tokens.issuing.clear()
        assert await here.send(seconds=SHORT) == NotSent("token")
        patient = asyncio.ensure_future(here.send())
        leaving = asyncio.ensure_future(here.send())
        await here.tokens.until(0, 1)
        leaving.cancel()
        await asyncio.wait({leaving})
        here.tokens.issuing.set()
        assert isinstance(await patient, HttpReply)
        assert len(here.tokens.issuer.requests) == 1
        assert here.tokens.carried == ["t1"]


async def test_a_wait_that_ends_early_does_not_tell_the_story_of_an_older_failure() -> None:
    async with shop() as here:
        here.tokens.instead.append(answer(400, {"error": "invalid_client"}))
        assert await here.send() == NotSent("token-refused")
        here.tokens.now_s += 1
        here.tokens.issuing.clear()
        assert await here.send(seconds=SHORT) == NotSent("token")
        here.tokens.issuing.set()
        assert await here.status() == 200


async def test_a_plug_in_that_breaks_on_a_token_is_seen_by_whoever_sends() -> None:
    def breaks(token: str) -> dict[str, str]:
        raise KeyError("scheme")

    async with shop() as here:
        options = OAuthOptions(f"{here.tokens.issuer.url}/t", "till-3")
        source = TokenSource(options, breaks, lambda: SECRET)
        async with Transport(TransportOptions(here.tokens.platform.url), source) as transport:
            with pytest.raises(KeyError):
                await transport.send(GET, asyncio.get_running_loop().time() + LONG)
        assert here.tokens.platform.connections == 0


async def test_a_secret_that_is_not_there_is_told_apart_and_looked_for_each_time() -> None:
    secrets: list[str] = []

    def read() -> str:
        if not secrets:
            raise FileNotFoundError("no credential")
        return secrets[-1]

    for in_body in (False, True):
        async with shop() as here:
            secrets.clear()
            options = OAuthOptions(f"{here.tokens.issuer.url}/t", "till-3", in_body=in_body)
            source = TokenSource(options, lambda token: {"X-Token": token}, read)
            async with Transport(TransportOptions(here.tokens.platform.url), source) as transport:
                for text, wanted in (
                    ("", NotSent("credential")),
                    (" \n", NotSent("credential")),
                    ("s3cret\n", None),
                ):
                    if text:
                        secrets.append(text)
                    reply = await transport.send(GET, asyncio.get_running_loop().time() + LONG)
                    assert reply == wanted or (wanted is None and isinstance(reply, HttpReply))
            assert len(here.tokens.issuer.requests) == 1


async def test_closing_ends_a_renewal_and_leaves_nobody_waiting() -> None:
    async with shop() as here:
        here.tokens.issuing.clear()
        waiting = asyncio.ensure_future(here.send())
        await here.tokens.until(0, 1)
        await here.transport.__aexit__(None, None, None)
        assert await waiting == NotSent("token")
        assert here.source._renewing is None
        await here.transport.__aenter__()
        here.tokens.issuing.set()
        assert await here.status() == 200


# ---- what it does not disturb


async def test_a_kept_connection_reset_during_a_renewal_is_never_sent_over_twice() -> None:
    async with shop() as here:
        await here.status()
        here.tokens.now_s += 600
        here.tokens.issuing.clear()
        waiting = asyncio.ensure_future(here.send())
        await here.tokens.until(1, 2)
        here.tokens.lines[0].reset()
        here.tokens.issuing.set()
        reply = await waiting
        # Whether the pool saw the reset before it gave the connection away is its own affair.
        # None of it may have come twice, and what came was answered or is no answer.
        assert reply == NoAnswer("reset") or isinstance(reply, HttpReply)
        assert here.tokens.carried in (["t1"], ["t1", "t2"])
        assert (here.tokens.carried == ["t1", "t2"]) == isinstance(reply, HttpReply)
        assert len(here.tokens.issuer.requests) == 2


async def test_a_kept_connection_reset_with_the_new_token_on_it_is_no_answer() -> None:
    async with shop() as here:
        await here.status()
        here.tokens.now_s += 600
        here.tokens.answering.clear()
        for_second = asyncio.ensure_future(here.send(GET))  # what aiohttp itself would send again
        await here.tokens.until(2, 2)
        here.tokens.lines[0].reset()
        assert await for_second == NoAnswer("reset")
        assert here.tokens.carried == ["t1", "t2"]
        assert here.tokens.platform.connections == 1


async def test_an_issue_without_a_token_is_unsent_and_never_unanswered() -> None:
    async with shop() as here:
        here.tokens.instead += [BUSY, answer(400, {"error": "invalid_client"})]
        now_s = here.tokens.now_s
        table = {
            "url": here.tokens.platform.url,
            "token_url": f"{here.tokens.issuer.url}/oauth/token",
            "client_id": "till-3",
        }
        async with open_platform(rest(table), lambda: SECRET, now_s=lambda: now_s) as platform:
            for why, trouble in (("token", "status-503"), ("token-refused", "invalid_client")):
                until = asyncio.get_running_loop().time() + LONG
                said = await platform.issue(CREDIT, None, {}, MemoryEffects(), until)
                assert said == Unsent(why)
                assert platform.token_trouble == trouble
                now_s += 5
            here.tokens.good = {"t2"}
            outcomes = []
            for _ in range(2):
                until = asyncio.get_running_loop().time() + LONG
                outcomes.append(await platform.issue(CREDIT, None, {}, MemoryEffects(), until))
        assert isinstance(outcomes[0], Unsent)
        assert outcomes[0].why == "auth"
        assert isinstance(outcomes[1], Unanswered)  # an empty object is no card of ours
        assert here.tokens.carried == ["t1", "t2"]


async def test_no_secret_and_no_token_can_be_read_off_anything() -> None:
    async with shop() as here:
        await here.status()
        here.tokens.instead.append(answer(401, {"error": "invalid_client", "d": SECRET}))
        here.tokens.now_s += 600
        reply = await here.send()
        shown = repr((here.source, here.source._token, here.source._last, reply, here.transport))
        shown += repr(vars(here.transport)) + repr(here.source._options)
        assert reply == NotSent("token-refused")
        for hidden in (SECRET, "Bearer t1", "'t1'"):
            assert hidden not in shown
