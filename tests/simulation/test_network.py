# SPDX-License-Identifier: Apache-2.0
"""Every fault of a line, as the real transport sees it: *unsent* before a connection was held,
*unanswered* after that, and carried out or not as the fault's own sentence says."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Awaitable, Callable

import pytest

from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent
from agent.platforms.transport import Transport, TransportOptions
from tests.simulation.loop import START_S, passes, run, running
from tests.simulation.network import AT_CONNECT, AT_REQUEST, LINE_FAULTS, Line, Network
from tests.simulation.wire import Afterwards, Answer, Later, Reply, Request, Silence

POST = HttpRequest("POST", "/v1/credits", b'{"code":"X"}', (("Content-Type", "application/json"),))
Said = HttpReply | NotSent | NoAnswer
Send = Callable[[], Awaitable[Said]]


class Shop:
    """One client, one server that counts, and the real transport between them."""

    def __init__(self, answer: Callable[[Request], Answer] | None = None, seed: int = 4) -> None:
        self.network = Network(random.Random(seed))
        self.server = self.network.serve("credit.example", self._handle)
        self.line: Line = self.network.line("till")
        self.read: list[Request] = []
        self._answer = answer or (lambda request: Reply(200, (), b'{"id":1}'))

    def _handle(self, request: Request) -> Answer:
        self.read.append(request)
        return self._answer(request)

    def visit(self, script: Callable[[Send], Awaitable[None]], seed: int = 1) -> None:
        """Run a script that sends; each sending has ten seconds."""

        async def main() -> None:
            options = TransportOptions("https://credit.example")
            roads = self.network.roads("till")
            transport = Transport(options, lambda: {"Authorization": "Bearer s"}, roads=roads)
            async with transport:

                async def send() -> Said:
                    return await transport.send(POST, running().time() + 10)

                await script(send)

        run(seed, main)

    def said(self, times: int = 1) -> list[Said]:
        """What is heard when it is sent so many times, one after another."""
        heard: list[Said] = []

        async def script(send: Send) -> None:
            for _ in range(times):
                heard.append(await send())
            await passes(120)

        self.visit(script)
        return heard


def test_a_request_goes_there_and_its_answer_comes_back() -> None:
    shop = Shop()
    assert shop.said() == [HttpReply(200, (("content-length", "8"),), b'{"id":1}')]
    assert [(each.method, each.path, each.body) for each in shop.read] == [
        ("POST", "/v1/credits", b'{"code":"X"}')
    ]
    assert shop.read[0].headers["authorization"] == "Bearer s"
    assert shop.network.bitten == {}


VERDICTS: dict[str, tuple[Said, int]] = {
    "name": (NotSent("name"), 0),
    "refused": (NotSent("connect"), 0),
    "unreachable": (NotSent("deadline"), 0),
    "certificate": (NotSent("certificate"), 0),
    "tls": (NotSent("tls"), 0),
    "reset_before_read": (NoAnswer("reset"), 0),
    "reset_after_read": (NoAnswer("reset"), 1),
    "line_answer_lost": (NoAnswer("deadline"), 1),
}


@pytest.mark.parametrize("fault", VERDICTS)
def test_a_fault_is_heard_as_what_it_is_and_counted(fault: str) -> None:
    shop = Shop()
    shop.line.faults[fault] = 1.0
    verdict, read = VERDICTS[fault]
    assert shop.said() == [verdict]
    assert len(shop.read) == read
    assert shop.network.bitten == {fault: 1}


@pytest.mark.parametrize(("fault", "read"), [("kept_reset", 1), ("kept_reset_read", 2)])
def test_only_a_kept_connection_is_reset_as_it_is_used_again(fault: str, read: int) -> None:
    shop = Shop()
    shop.line.faults[fault] = 1.0
    first, second = shop.said(2)
    assert isinstance(first, HttpReply)
    assert second == NoAnswer("reset")
    assert len(shop.read) == read


def test_an_answer_that_breaks_off_is_no_answer() -> None:
    for seed in range(10):
        shop = Shop(seed=seed)
        shop.line.faults["reset_in_answer"] = 1.0
        (said,) = shop.said()
        assert isinstance(said, NoAnswer)
        assert said.why in {"reset", "half-a-body"}
        assert len(shop.read) == 1


def test_a_duplicate_is_carried_out_twice_and_answered_once() -> None:
    shop = Shop()
    shop.line.faults["duplicate"] = 1.0
    (said,) = shop.said()
    assert isinstance(said, HttpReply)
    assert len(shop.read) == 2
    assert shop.read[0] == shop.read[1]


def test_a_stalled_answer_comes_in_the_end_or_too_late() -> None:
    shop = Shop()
    shop.line.faults["stall"] = 1.0
    shop.line.stall_s = (3, 4)
    assert isinstance(shop.said()[0], HttpReply)
    shop.line.stall_s = (20, 40)
    assert shop.said() == [NoAnswer("deadline")]


def test_every_fault_of_a_line_has_a_test_here() -> None:
    tried = {*VERDICTS, "kept_reset", "kept_reset_read", "reset_in_answer", "duplicate", "stall"}
    assert tried == {*AT_CONNECT, *AT_REQUEST}


def test_a_fault_that_nobody_knows_is_refused() -> None:
    shop = Shop()
    shop.line.faults["gremlins"] = 0.5
    with pytest.raises(ValueError, match="no fault gremlins"):
        shop.network.drawn(shop.line, LINE_FAULTS)


def test_a_line_that_is_down_sends_nothing() -> None:
    shop = Shop()
    shop.line.up = False
    for said in shop.said(6):
        assert said in (NotSent("name"), NotSent("deadline"))
    assert shop.read == []
    assert shop.network.bitten["outage_connect"] == 6


def test_a_line_that_goes_down_under_a_request_leaves_it_unanswered() -> None:
    shop = Shop()
    heard: list[Said] = []

    async def script(send: Send) -> None:
        heard.append(await send())
        shop.line.up = False
        heard.append(await send())
        shop.line.up, shop.line.refuse = True, True
        heard.append(await send())

    shop.visit(script)
    assert isinstance(heard[0], HttpReply)
    assert heard[1] == NoAnswer("deadline")
    assert heard[2] in (NoAnswer("reset"), NotSent("connect"))
    assert len(shop.read) == 1


def test_a_line_that_goes_down_under_an_answer_leaves_it_unanswered_and_carried_out() -> None:
    shop = Shop(lambda request: Later(1.0, lambda: Reply(200)))
    heard: list[Said] = []

    async def script(send: Send) -> None:
        sending = asyncio.ensure_future(send())
        await passes(0.6)
        shop.line.blackhole = True
        heard.append(await sending)

    shop.visit(script)
    assert heard == [NoAnswer("deadline")]
    assert len(shop.read) == 1
    assert shop.network.bitten == {"outage_answer": 1}


def test_nobody_listening_is_unsent_and_the_kept_connection_is_reset() -> None:
    shop = Shop()
    shop.server.up = False
    assert shop.said() == [NotSent("connect")]
    shop = Shop()
    heard: list[Said] = []

    async def script(send: Send) -> None:
        heard.append(await send())
        shop.server.up = False
        heard.append(await send())

    shop.visit(script)
    assert heard[1] == NoAnswer("reset")


def test_a_connection_that_was_idle_for_ten_seconds_of_virtual_time_is_not_used_again() -> None:
    shop = Shop()
    shop.line.faults["kept_reset"] = 1.0
    heard: list[Said] = []

    async def script(send: Send) -> None:
        heard.append(await send())
        await passes(10.5)
        heard.append(await send())
        await passes(9.0)
        heard.append(await send())

    shop.visit(script)
    assert [isinstance(said, HttpReply) for said in heard] == [True, True, False]


def test_a_machine_that_is_off_hears_nothing_and_what_it_sent_is_carried_out() -> None:
    shop = Shop()
    heard: list[Said] = []

    async def script(send: Send) -> None:
        heard.append(await send())
        sending = asyncio.ensure_future(send())
        await passes(0.001)
        shop.network.kill("till")
        heard.append(await sending)

    shop.visit(script)
    assert heard[1] == NoAnswer("deadline")
    assert len(shop.read) == 2


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Silence(), NoAnswer("deadline")),
        (Silence(dropped=True), NoAnswer("reset")),
        (Reply(200, (), b"half of this is lost", half=True), NoAnswer("half-a-body")),
    ],
    ids=["silent", "dropped", "half"],
)
def test_an_answer_that_is_none_is_unanswered(answer: Answer, verdict: Said) -> None:
    assert Shop(lambda request: answer).said() == [verdict]


def test_a_server_may_go_on_after_it_has_answered() -> None:
    done: list[float] = []
    then = lambda: done.append(running().time())  # noqa: E731
    shop = Shop(lambda request: Afterwards(Reply(200), 50.0, then))
    assert isinstance(shop.said()[0], HttpReply)
    assert len(done) == 1
    assert done[0] > START_S + 50


def test_more_requests_than_connections_wait_for_their_turn() -> None:
    shop = Shop()
    heard: list[Said] = []

    async def script(send: Send) -> None:
        heard.extend(await asyncio.gather(*[send() for _ in range(100)]))

    shop.visit(script)
    assert len(shop.read) == 100
    assert all(isinstance(said, HttpReply) for said in heard)


STORY = """
import asyncio, random
from agent.platforms.messages import HttpRequest
from agent.platforms.transport import Transport, TransportOptions
from tests.simulation.loop import passes, run, running
from tests.simulation.network import AT_CONNECT, AT_REQUEST, Network
from tests.simulation.wire import Reply
async def main():
    network = Network(random.Random(3))
    network.serve("credit.example", lambda request: Reply(200, (), b"{}"))
    network.line("till").faults.update({name: 0.03 for name in (*AT_CONNECT, *AT_REQUEST)})
    dice = random.Random(8)
    async with Transport(
        TransportOptions("https://credit.example"), dict, roads=network.roads("till")
    ) as transport:
        async def one():
            for _ in range(10):
                until = running().time() + dice.choice([1, 5])
                await transport.send(HttpRequest("GET", "/x"), until)
        async with asyncio.TaskGroup() as group:
            for _ in range(40):
                group.create_task(one())
        left = {asyncio.ensure_future(one()) for _ in range(40)}
        await passes(0.1)
    for each in left:
        each.cancel()
    print(running().trace, running().time(), sorted(network.bitten.items()))
run(5, main)
"""


def test_two_processes_see_the_same_faults_in_the_same_order() -> None:
    said = []
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            [sys.executable, "-c", STORY], env=environment, capture_output=True, check=True
        )
        said.append(done.stdout)
    assert said[0] == said[1]
    assert b"duplicate" in said[0]
