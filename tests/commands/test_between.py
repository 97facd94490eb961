# SPDX-License-Identifier: Apache-2.0
"""The line between till and trial register: what it hands on, what it cuts, what it remembers."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from agent.commands.conformance.between import Between, Cut, Exchange, Instead
from agent.commands.conformance.ground import Failed, differences, same_request

BODY: dict[str, Any] = {
    "register": "03",
    "amount": {"minor": 100, "currency": "USD"},
    "pos": {"business_date": "2026-11-21", "transaction": "1"},
}


class Agent:
    """Answers with what it was asked, and counts."""

    def __init__(self) -> None:
        self.asked: list[web.Request] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        if request.path == "/v1/events":
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await response.prepare(request)
            await response.write(b"event: credit\n\n")
            await response.write(b"event: reread\n\n")
            return response
        told = {
            "host": request.host,
            "query": request.rel_url.raw_query_string,
            "answer": "confirmed",
        }
        return web.json_response(told, status=504, headers={"Retry-After": "1"})


@asynccontextmanager
async def line() -> AsyncIterator[tuple[Agent, Between, aiohttp.ClientSession]]:
    agent = Agent()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", agent.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    between = Between(runner.addresses[0][1], time.monotonic)
    await between.start(0)
    try:
        async with aiohttp.ClientSession() as till:
            yield agent, between, till
    finally:
        await between.close()
        await runner.cleanup()


async def test_a_request_is_handed_on_as_it_came_under_the_agents_own_host() -> None:
    async with line() as (agent, between, till):
        headers = {"Idempotency-Key": '"k-1"', "Authorization": "Bearer x"}
        url = URL(f"{between.address}/v1/credits?seen=3&after=a%2Fb", encoded=True)
        async with till.post(url, json=BODY, headers=headers) as reply:
            told = await reply.json()
            assert (reply.status, reply.headers["Retry-After"]) == (504, "1")
        assert told["host"] != between.address.removeprefix("http://")
        assert told["query"] == "seen=3&after=a%2Fb"
        assert agent.asked[0].headers["Authorization"] == "Bearer x"
        (seen,) = between.seen
        assert (seen.method, seen.path, seen.key, seen.body, seen.status) == (
            "POST",
            "/v1/credits",
            "k-1",
            BODY,
            504,
        )
        assert seen.answer["answer"] == "confirmed"
        assert "Bearer" not in repr(seen)
        assert "answer=" not in repr(seen)


@pytest.mark.parametrize(("cut", "reached"), [(Cut.BEFORE, 0), (Cut.AFTER, 1)])
async def test_a_cut_line_gives_no_answer(cut: Cut, reached: int) -> None:
    async with line() as (agent, between, till):
        between.rule = lambda _: cut
        with pytest.raises(aiohttp.ClientError):
            await till.post(f"{between.address}/v1/credits", json=BODY)
        assert len(agent.asked) == reached
        assert await between.until(lambda: between.seen[0].ended_s is not None, 5)
        assert (between.seen[0].cut, between.seen[0].status) == (cut, 0)
        between.reset()
        async with till.post(f"{between.address}/v1/credits", json=BODY) as reply:
            assert reply.status == 504


async def test_another_answer_may_stand_in_for_the_agents() -> None:
    async with line() as (agent, between, till):
        between.rule = lambda _: Instead(503, {"code": "busy"}, {"Retry-After": "1"})
        async with till.get(f"{between.address}/v1/status") as reply:
            assert (reply.status, json.loads(await reply.text())) == (503, {"code": "busy"})
        assert agent.asked == []
        assert between.seen[0].code == "busy"


async def test_a_stream_goes_through_as_it_comes() -> None:
    async with line() as (_, between, till), till.get(f"{between.address}/v1/events") as reply:
        assert await reply.content.readline() == b"event: credit\n"
        assert b"reread" in await reply.read()


async def test_nobody_waits_for_what_does_not_come() -> None:
    async with line() as (_, between, _till):
        assert not await between.until(lambda: False, 0.05)
        assert await between.until(lambda: True, 0.05)


def exchange(key: str, body: dict[str, Any]) -> Exchange:
    return Exchange("POST", "/v1/credits", key, body, 0.0)


def test_what_may_differ_between_repeats_differs_and_what_may_not_is_named() -> None:
    free = {**BODY, "operator": "Bob", "reason": "x", "occurred_at": "t", "distinct": True}
    same_request(exchange("k", BODY), [exchange("k", free)])
    line_one = {**BODY, "pos": {**BODY["pos"], "line": "1"}, "instrument": "card"}
    assert differences(BODY, line_one) == []
    assert differences(BODY, {**BODY, "customer": {"skipped": True}}) == ["customer"]
    other = {**BODY, "pos": {**BODY["pos"], "transaction": "2"}, "amount": {"minor": 1}}
    assert differences(BODY, other) == ["amount", "pos"]
    with pytest.raises(Failed, match="other-body"):
        same_request(exchange("k", BODY), [exchange("k", other)])
    with pytest.raises(Failed, match="new-key"):
        same_request(exchange("k", BODY), [exchange("l", BODY)])
