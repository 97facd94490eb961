# SPDX-License-Identifier: Apache-2.0
"""Long polls, the stream of changes, status, health and metrics."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from agent.domain.event import Restarted
from agent.domain.faults import CannotJournal
from tests.fakes.counter import OTHER_PLACE, PLACE, issuing
from tests.intake.till import Answer, House, Till, house

WAIT = {"Prefer": "wait=20"}


async def on_paper(here: House) -> tuple[Till, Answer]:
    """A till with a credit that waits, its paper still in front of the printer."""
    here.counter.platform.down = True
    here.counter.press.free.clear()
    till = await here.till()
    return till, await till.credit()


async def test_a_long_poll_answers_when_the_word_comes(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till, first = await on_paper(here)
        waiting = asyncio.ensure_future(till.get(first["links"]["self"], WAIT))
        await till.get("/v1/status")
        here.counter.press.free.set()
        answer = await waiting
        assert (answer.status, answer["answer"]) == (200, "voucher")
        assert answer.headers["Preference-Applied"] == "wait=20"


async def test_a_long_poll_answers_when_the_state_changes(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till, first = await on_paper(here)
        here.counter.press.free.set()
        await here.counter.settled()
        waiting = asyncio.ensure_future(till.get(first["links"]["self"], WAIT))
        await till.get("/v1/status")
        here.counter.platform.down = False
        await here.counter.forwarder.forward((await here.counter.only()).key)
        assert (await waiting)["state"] in ("sending", "confirmed")


async def test_a_change_without_a_new_word_or_state_ends_no_poll(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till, first = await on_paper(here)
        here.counter.press.free.set()
        await here.counter.settled()
        link, key = first["links"]["self"], (await here.counter.only()).key
        before = await till.get(link)
        waiting = asyncio.ensure_future(till.get(f"{link}?seen={before['revision'] + 9}", WAIT))
        await till.get("/v1/status")
        await here.counter.steps.advance(key, Restarted())
        here.counter.platform.down = False
        await here.counter.forwarder.forward(key)
        assert (await waiting)["state"] in ("sending", "confirmed")


async def test_a_settled_credit_is_answered_at_once(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        first = await till.credit()
        started = time.monotonic()
        assert (await till.get(first["links"]["self"], WAIT)).status == 200
        assert time.monotonic() - started < 5


async def test_a_newer_revision_than_the_one_seen_is_answered_at_once(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till, first = await on_paper(here)
        here.counter.press.free.set()
        await here.counter.settled()
        link = f"{first['links']['self']}?seen={first['revision']}"
        answer = await till.get(link, WAIT)
        assert answer["answer"] == "voucher"
        assert answer["revision"] > first["revision"]


@pytest.mark.parametrize(
    ("prefer", "applied"),
    [
        ("wait=0", "wait=0"),
        ('respond-async, wait="0"', "wait=0"),
        ("wait=x", None),
        ("wait=-1", None),
        ("", None),
    ],
)
async def test_a_preference_is_read_as_the_standard_says(
    tmp_path: Path, prefer: str, applied: str | None
) -> None:
    async with house(tmp_path) as here:
        till, first = await on_paper(here)
        answer = await till.get(first["links"]["self"], {"Prefer": prefer})
        assert answer.headers.get("Preference-Applied") == applied


async def test_a_poll_never_waits_over_25_seconds_and_ends_when_the_agent_stops(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as here:
        till, first = await on_paper(here)
        waiting = asyncio.ensure_future(till.get(first["links"]["self"], {"Prefer": "wait=999999"}))
        async with asyncio.timeout(5):
            while not here.counter.steps.board._waiting:
                await till.get("/v1/status")
        await here.server.close()
        answer = await waiting
        assert answer.status == 200
        assert answer.headers["Preference-Applied"] == "wait=25"


class Stream:
    """Server-sent events as a browser reads them."""

    def __init__(self, reply: aiohttp.ClientResponse) -> None:
        self.reply = reply

    async def next(self) -> dict[str, str]:
        """The next event or comment; {} at the end."""
        found: dict[str, str] = {}
        while line := (await self.reply.content.readline()).decode():
            if line == "\n":
                return found
            name, _, value = line.rstrip("\n").partition(":")
            found[name] = value.strip()
        return {}

    async def credit(self) -> dict[str, Any]:
        """The next `credit` event, comments passed over."""
        while (event := await self.next()) and event.get("event") != "credit":
            continue
        return {"id": event["id"], **json.loads(event["data"])}


def listening(here: House, till: Till) -> Any:
    headers = {"Authorization": f"Bearer {till.token}"}
    return here.session.get(f"{here.url}/v1/events", headers=headers)


async def test_the_stream_tells_every_change_of_the_callers_registers(tmp_path: Path) -> None:
    async with house(tmp_path, [issuing(), issuing(OTHER_PLACE)]) as here:
        till, other = await here.till(), await here.till(registers=["04"])
        async with listening(here, till) as reply:
            assert reply.headers["Content-Type"].startswith("text/event-stream")
            stream = Stream(reply)
            assert (await stream.next())["retry"] == "2000"
            await other.credit("k0", register="04", minor=1)
            answer = await till.credit()
            first = await stream.credit()
            assert first["id"] == f"{answer['key']}:{first['revision']}"
            assert (first["key"], first["print"]) == (answer["key"], None)
            while first["state"] != "confirmed":
                first = await stream.credit()
            code = (await here.counter.records())[1].code
            assert code.reveal() not in json.dumps(first)


async def test_a_quiet_stream_shows_that_it_lives(tmp_path: Path) -> None:
    async with house(tmp_path, heartbeat_s=0.02) as here:
        till = await here.till()
        async with listening(here, till) as reply:
            stream = Stream(reply)
            await stream.next()
            assert await stream.next() == {"": "still here"}


async def test_a_stream_that_lags_is_told_to_read_again(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        await till.credit()
        record = await here.counter.only()
        async with listening(here, till) as reply:
            stream = Stream(reply)
            await stream.next()
            for _ in range(300):
                here.counter.board.changed(record)
            seen = [(await stream.next()).get("event") for _ in range(2)]
            assert "reread" in seen


async def test_streams_are_bounded_and_end_when_the_agent_stops(tmp_path: Path) -> None:
    async with house(tmp_path, streams_max=1) as here:
        till = await here.till()
        async with listening(here, till) as reply:
            stream = Stream(reply)
            await stream.next()
            second = await till.get("/v1/events")
            assert (second.status, second["code"]) == (503, "busy")
            await here.server.close()
            while await stream.next():
                continue
            assert reply.content.at_eof()


async def test_a_stream_that_is_left_makes_room(tmp_path: Path) -> None:
    async with house(tmp_path, streams_max=1, heartbeat_s=0.01) as here:
        till = await here.till()
        async with listening(here, till) as reply:
            await Stream(reply).next()
        status = 503
        async with asyncio.timeout(5):
            while status == 503:
                async with listening(here, till) as reply:
                    status = reply.status
        assert status == 200


async def test_status_tells_each_register_what_waits(tmp_path: Path) -> None:
    async with house(
        tmp_path, [issuing(printer="front"), issuing(OTHER_PLACE, printer=None)]
    ) as here:
        till = await here.till(registers=["03", "04"])
        here.counter.platform.down = True
        await till.credit()
        here.counter.clock.advance(61)
        answer = await till.get("/v1/status")
        assert (answer["version"], answer["platform"]) == ("0.1.0", "fake")
        assert answer["link"]["up"] in (True, False)
        first, second = answer["registers"]
        assert (first["id"], first["store"], first["ring"]) == ("03", "0421", "issue")
        assert first["waiting"] == {
            "count": 1,
            "amounts": [{"minor": 4850, "currency": "USD", "text": "USD 48.50"}],
            "oldest_age_s": 61,
            "on_paper": 1,
        }
        assert first["printer"] == {"name": "front", "state": "unknown"}
        assert second["waiting"]["count"] == 0
        assert second["waiting"]["oldest_age_s"] is None
        assert second["printer"] == {"name": None, "state": "none"}
        assert answer["trouble"] == []
        one = await (await here.till(registers=["04"])).get("/v1/status")
        assert [each["id"] for each in one["registers"]] == ["04"]


async def test_trouble_is_told_in_words(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        here.counter.forwarder.trouble = CannotJournal(why="disk-full")
        here.counter.disk.full = True
        answer = await till.get("/v1/status")
        assert len(answer["trouble"]) == 1
        assert "the disk of this register is full" in answer["trouble"][0]
        ready = await till.get("/readyz")
        assert (ready.status, ready["ready"]) == (503, False)
        assert ready["reasons"] == answer["trouble"]
        here.counter.disk.full = False
        assert (await till.get("/readyz")).json == {"ready": True, "reasons": []}


async def test_metrics_count_what_happened_and_what_waits(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.down = True
        await (await here.till()).credit()
        answer = await here.stranger().get("/metrics")
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        for line in (
            f'countermark_waiting_credits{{register="{PLACE}"}} 1.0',
            'countermark_answer_seconds_count{answer="voucher"} 1.0',
            'countermark_http_requests_total{method="POST",route="/v1/credits",status="202"} 1.0',
        ):
            assert line in answer.text


async def test_metrics_come_without_the_queue_where_the_journal_hangs(tmp_path: Path) -> None:
    async with house(tmp_path, look_up_s=0.02) as here:
        here.counter.journal.reads.clear()
        answer = await here.stranger().get("/metrics")
        assert answer.status == 200
        assert "countermark_breaker_open" in answer.text
        assert any("metrics-without-queue" in line for line in here.lines)
