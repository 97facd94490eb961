# SPDX-License-Identifier: Apache-2.0
"""The driver: journal before each `Do`, the same bytes again, and what a fallen one means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from agent.platforms.exchange import EXCHANGES_MAX, Do, Exchange, Fallen, Interrupted, Look, drive
from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent
from agent.ports import DoneStep, Effect
from tests.fakes.platform import MemoryEffects

LOOK = Look(HttpRequest("GET", "/look"))
OK = HttpReply(200)


class ScriptedWire:
    """Answers in order, and writes down what happened in one log shared with the journal."""

    def __init__(self, log: list[str], *answers: HttpReply | NotSent | NoAnswer) -> None:
        self.log = log
        self.answers = list(answers)
        self.sent: list[HttpRequest] = []
        self.deadlines: list[float] = []

    async def send(self, request: HttpRequest, deadline: float) -> HttpReply | NotSent | NoAnswer:
        self.log.append(f"send {request.path}")
        self.sent.append(request)
        self.deadlines.append(deadline)
        return self.answers.pop(0)


class LoggedEffects(MemoryEffects):
    def __init__(self, log: list[str]) -> None:
        super().__init__()
        self.log = log

    async def before(self, effect: Effect) -> None:
        self.log.append(f"before {effect.step}")
        await super().before(effect)

    async def after(self, step: str, reply: Mapping[str, str]) -> None:
        self.log.append(f"after {step} {dict(reply)}")
        await super().after(step, reply)


class DiskFull(Exception):
    """A journal that cannot commit."""


class FullEffects(LoggedEffects):
    async def before(self, effect: Effect) -> None:
        self.log.append("full")
        raise DiskFull


def do(step: str, body: bytes = b"{}") -> Do:
    return Do(step, HttpRequest("POST", f"/{step}", body), lambda reply: {"id": str(reply.status)})


def speech(*asks: Look | Do) -> Exchange[str]:
    heard = []
    for ask in asks:
        reply = yield ask
        heard.append(str(reply.status))
    return " ".join(heard)


def told(fallen: Fallen) -> str:
    return f"{fallen.why} {'perhaps' if fallen.perhaps_sent else 'never'}"


async def run(
    exchange: Exchange[str], *answers: HttpReply | NotSent | NoAnswer
) -> tuple[str, list[str]]:
    log: list[str] = []
    result = await drive(
        exchange, ScriptedWire(log, *answers), 9.0, told, effects=LoggedEffects(log)
    )
    return result, log


async def test_each_do_is_journalled_before_it_is_sent_and_its_ids_are_kept_after() -> None:
    result, log = await run(speech(LOOK, do("create"), do("link")), OK, HttpReply(201), OK)
    assert result == "200 201 200"
    assert log == [
        "send /look",
        "before create",
        "send /create",
        "after create {'id': '201'}",
        "before link",
        "send /link",
        "after link {'id': '200'}",
    ]


async def test_nothing_is_kept_where_there_is_nothing_to_keep() -> None:
    plain = Do("create", HttpRequest("POST", "/create"))
    _, log = await run(speech(plain), OK)
    assert log == ["before create", "send /create"]


async def test_a_commit_that_fails_lets_nothing_leave() -> None:
    log: list[str] = []
    wire = ScriptedWire(log)
    exchange = speech(do("create"))
    with pytest.raises(DiskFull):
        await drive(exchange, wire, 9.0, told, effects=FullEffects(log))
    assert wire.sent == []
    assert exchange.gi_frame is None  # type: ignore[attr-defined]  # the conversation is over


async def test_a_step_that_was_journalled_is_sent_with_its_frozen_bytes() -> None:
    log: list[str] = []
    effects = LoggedEffects(log)
    old = Effect("create", 2, "PUT", "/frozen", b"old", (("Idempotency-Key", "k"),))
    effects.steps["create"] = DoneStep(old)
    wire = ScriptedWire(log, OK)
    await drive(
        speech(do("create", b"new")), wire, 9.0, told, effects=effects, done=effects.done, epoch=2
    )
    assert wire.sent == [HttpRequest("PUT", "/frozen", b"old", (("Idempotency-Key", "k"),))]
    assert effects.journalled == []


async def test_bytes_that_the_journal_has_erased_are_made_anew() -> None:
    log: list[str] = []
    effects = MemoryEffects()
    known = {"create": DoneStep(Effect("create", 0, "POST", "/create", b""))}
    wire = ScriptedWire(log, OK)
    await drive(speech(do("create", b"new")), wire, 9.0, told, effects=effects, done=known)
    assert wire.sent[0].body == b"new"


async def test_a_new_epoch_has_new_bytes() -> None:
    log: list[str] = []
    effects = LoggedEffects(log)
    effects.steps["create"] = DoneStep(Effect("create", 0, "POST", "/old", b"old"))
    wire = ScriptedWire(log, OK)
    await drive(
        speech(do("create", b"new")), wire, 9.0, told, effects=effects, done=effects.done, epoch=1
    )
    assert wire.sent[0].body == b"new"
    assert effects.journalled[0].epoch == 1


@pytest.mark.parametrize(
    ("asks", "answers", "result"),
    [
        ([LOOK], [NotSent("name")], "name never"),
        ([LOOK], [NoAnswer("deadline")], "deadline never"),
        ([do("a")], [NotSent("tls")], "tls never"),
        ([do("a")], [NoAnswer("reset")], "reset perhaps"),
        ([LOOK, do("a")], [OK, NotSent("connect")], "connect never"),
        ([do("a"), LOOK], [OK, NoAnswer("deadline")], "deadline perhaps"),
        ([do("a"), LOOK], [OK, NotSent("connect")], "connect perhaps"),
        ([do("a"), do("b")], [OK, NotSent("connect")], "connect perhaps"),
    ],
)
async def test_unsent_is_told_only_when_no_do_can_have_been_read(
    asks: list[Look | Do], answers: list[HttpReply | NotSent | NoAnswer], result: str
) -> None:
    assert (await run(speech(*asks), *answers))[0] == result


def forgiving(step: Do) -> Exchange[str]:
    reply = yield do("create")
    try:
        yield step
    except Interrupted as interrupted:
        return f"{reply.status} without {step.step}: {interrupted.cause.why}"
    return "both"


@pytest.mark.parametrize("cause", [NotSent("connect"), NoAnswer("deadline")])
async def test_a_conversation_may_end_with_what_it_already_knows(
    cause: NotSent | NoAnswer,
) -> None:
    result, _ = await run(forgiving(do("link")), HttpReply(201), cause)
    assert result == f"201 without link: {cause.why}"


def faulty(step: Do) -> Exchange[str]:
    yield step
    known: dict[str, str] = {}
    return known["nothing"]


async def test_a_mistake_of_an_adapter_leaves_no_sent_effect_without_an_outcome() -> None:
    result, _ = await run(faulty(do("create")), OK)
    assert result == "adapter-KeyError perhaps"


def endless() -> Exchange[str]:
    while True:
        yield LOOK


async def test_a_conversation_without_end_is_ended() -> None:
    result, log = await run(endless(), *[OK] * EXCHANGES_MAX)
    assert result == "adapter-endless never"
    assert len(log) == EXCHANGES_MAX


async def test_who_may_only_look_cannot_change_anything() -> None:
    log: list[str] = []
    wire = ScriptedWire(log, OK)
    with pytest.raises(TypeError, match="only look"):
        await drive(speech(do("create")), wire, 9.0, told)
    assert wire.sent == []


async def test_every_send_has_the_one_deadline() -> None:
    wire = ScriptedWire([], OK, OK)
    await drive(speech(LOOK, LOOK), wire, 12.5, told)
    assert wire.deadlines == [12.5, 12.5]


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "get"},
        {"method": "TRACE"},
        {"path": "no-slash"},
        {"path": "/a b"},
        {"path": "/a\r\nHost: x"},
        {"body": b"x" * (1024 * 1024 + 1)},
        {"headers": (("Authorization", "Bearer x"),)},
        {"headers": (("proxy-authorization", "x"),)},
        {"headers": (("Cookie", "x"),)},
        {"headers": (("A b", "x"),)},
        {"headers": (("A", "x\r\nB: y"),)},
    ],
    ids=str,
)
def test_a_request_that_could_be_misread_does_not_exist(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        replace(HttpRequest("GET", "/"), **wrong)  # type: ignore[arg-type]


def test_neither_request_nor_reply_shows_its_body() -> None:
    assert "SECRET" not in repr(HttpRequest("POST", "/SECRET", b"SECRET"))
    assert "SECRET" not in repr(HttpReply(200, (("a", "SECRET"),), b"SECRET"))
