# SPDX-License-Identifier: Apache-2.0
"""Takes the page's buttons one at a time, keeps the picture of the stage fresh, and tells it.

Deeds and pictures run in threads: the loop that serves the page never waits for a process.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import threading
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from agent.commands.client import AgentRefused, AgentUnreachable
from agent.commands.demo.cast import Json, StageFailed
from agent.commands.demo.chaos import Chaos, Tally
from agent.commands.demo.picture import picture
from agent.commands.demo.scenery import EMAIL, TYPO
from agent.commands.demo.scenes import SCENES, Place
from agent.commands.demo.settling import mend
from agent.commands.demo.stage import Stage, customer_of, money
from agent.commands.demo.switches import SWITCHES
from agent.commands.demo.tillbook import Sale
from agent.commands.demo.tour import Tour
from agent.sandbox import Fault
from agent.words import say

FRESH_S: Final = 0.4
POLL_S: Final = 0.5
VIEWERS_MAX: Final = 8
_BROKE: Final = (
    StageFailed,
    OSError,
    ValueError,
    KeyError,
    AgentRefused,
    AgentUnreachable,
    subprocess.SubprocessError,
)

Picture = Mapping[str, Any]


class Busy(Exception):
    """A deed is still at work."""


class Refused(Exception):
    """What was asked for makes no sense; the text is for the person."""


class Director:
    """Between the page and the stage. `run` keeps the picture fresh until it is cancelled."""

    def __init__(self, stage: Stage, chaos: Chaos) -> None:
        self._stage = stage
        self._chaos = chaos
        self._tour = Tour(stage, chaos)
        self._place = Place()
        self._said = say("stage.tour.free.intro")
        self._look = ""
        self._trouble = ""
        self._working: asyncio.Task[None] | None = None
        self._begun = self._done = 0
        self._viewers: set[asyncio.Queue[Picture]] = set()
        self._changed = asyncio.Event()
        self._latest: Picture = {}
        self._reading = threading.Lock()

    async def run(self) -> None:
        """Pictures and the till's own looks, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_looking())
            while True:
                await self._freshen()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(FRESH_S):
                        await self._changed.wait()
                self._changed.clear()

    async def close(self) -> None:
        """Waits for the deed that is at work; the stage must be closing already."""
        self._chaos.stop()
        if self._working is not None:
            await asyncio.wait({self._working})

    async def picture(self) -> Picture:
        """The stage as it is now."""
        await self._freshen()
        return self._latest

    @contextlib.contextmanager
    def viewing(self) -> Any:
        """A queue that always holds the newest picture not yet taken, and no other."""
        if len(self._viewers) >= VIEWERS_MAX:
            raise Busy
        queue: asyncio.Queue[Picture] = asyncio.Queue(1)
        if self._latest:
            queue.put_nowait(self._latest)
        self._viewers.add(queue)
        try:
            yield queue
        finally:
            self._viewers.discard(queue)

    def take(self, act: str, body: Json) -> int:
        """Begins a deed and returns its number: it has ended when the picture's `done` is there.

        Raises `Busy`, and `Refused` for what is no deed.
        """
        if act == "mend" and self._chaos.tally is not None:
            self._chaos.stop()  # the one button that is heard in the middle of chaos
            return self._begun
        if self._working is not None:
            raise Busy
        deed = self._deed(act, body)
        self._trouble = ""
        self._begun += 1
        self._working = asyncio.create_task(self._work(deed))
        self._changed.set()
        return self._begun

    def _deed(self, act: str, body: Json) -> Callable[[], Coroutine[Any, Any, None]]:
        match act:
            case "next":
                return self._next
            case "back":
                return self._back
            case "scene":
                number = body.get("number")
                if type(number) is not int or not 0 <= number < len(SCENES):
                    raise Refused(str(number))
                return lambda: self._enter(number)
            case "chaos":
                return self._play_chaos
        plain = self._plain(act, body)

        async def press() -> None:
            await asyncio.to_thread(plain)

        return press

    def _plain(self, act: str, body: Json) -> Callable[[], object]:
        stage = self._stage
        buttons: dict[str, Callable[[], object]] = {
            "again": lambda: stage.again(self._sale()),
            "reprint": lambda: stage.reprint(self._sale()),
            "void": lambda: stage.void(self._sale()),
            "approve": lambda: stage.approve(self._sale()),
            "pull": stage.pull,
            "plug": stage.plug,
            "paper-out": stage.paper_out,
            "mend-printer": stage.mend_printer,
            "screen": lambda: self._tell(stage.screen()),
            "kill": stage.kill,
            "start": stage.start,
            "mend": lambda: mend(stage),
        }
        if act in buttons:
            return buttons[act]
        if act in ("issue", "twice"):
            try:
                amount = money(str(body.get("amount", "")))
            except ValueError as error:
                raise Refused(say("stage.bad-amount", why=str(error))) from None
            customer = customer_of(str(body.get("customer", "")), EMAIL, TYPO)
            sell = stage.sell if act == "issue" else stage.twice
            return lambda: sell(amount, customer)
        if act == "fault":
            name, on = body.get("name"), body.get("on")
            if name not in list(SWITCHES) or type(on) is not bool:
                raise Refused(str(name)[:40])
            return lambda: stage.switch(Fault(str(name)), on)
        raise Refused(act[:40])

    def _tell(self, said: str) -> None:
        self._said, self._look = said, ""

    def _sale(self) -> Sale:
        last = self._stage.book.last
        if last is None:
            raise ValueError(say("stage.no-sale"))
        return self._stage.book.sale(last)

    async def _work(self, deed: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await deed()
        except _BROKE as error:
            self._trouble = say("stage.broke", why=str(error)[:300])
        finally:
            self._working = None
            self._done = self._begun
            self._changed.set()

    async def _next(self) -> None:
        scene = self._place.enters()
        if scene is not None:
            await self._enter(scene)
            return
        place, step = self._place, self._place.step()
        if place.current is None or step is None:
            self._said = say("stage.tour.ended")
            return
        said = await asyncio.to_thread(self._tour.play, place.current, step)
        self._said, self._look = said, step.look
        self._place = Place(place.scene, place.done + 1)

    async def _enter(self, number: int) -> None:
        scene = SCENES[number]
        self._place, self._look = Place(number), ""
        self._said = say(scene.intro_id())
        self._changed.set()
        await asyncio.to_thread(self._tour.enter, scene)

    async def _back(self) -> None:
        self._place, self._look = Place(), ""
        self._said = say("stage.tour.free.intro")

    async def _play_chaos(self) -> None:
        proof = await asyncio.to_thread(self._chaos.run)
        if not proof.held:
            self._trouble = proof.line

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.to_thread(self._stage.poll)
            await asyncio.sleep(POLL_S)

    async def _freshen(self) -> None:
        seen = await asyncio.to_thread(self._see)
        if seen == self._latest:
            return
        self._latest = seen
        for queue in self._viewers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(seen)

    def _see(self) -> Picture:
        with self._reading:
            # Read before the stage: whoever sees a deed as done sees all that it did.
            own = {
                "tour": self._tour_picture(),
                "chaos": self._chaos_picture(),
                "busy": self._working is not None,
                "done": self._done,
                "trouble": self._trouble,
            }
            return {**picture(self._stage), **own}

    def _tour_picture(self) -> Json:
        place, scene = self._place, self._place.current
        if scene is None:
            title, number = say("stage.tour.free"), ""
        else:
            title = say(scene.title_id())
            number = say("stage.tour.place", number=(place.scene or 0) + 1, count=len(SCENES))
        return {
            "title": title,
            "number": number,
            "said": self._said,
            "scene": -1 if place.scene is None else place.scene,
            "done": place.done,
            "look": self._look,
            "end": place.at_end,
        }

    def _chaos_picture(self) -> Json:
        tally, proof = self._chaos.tally, self._chaos.proof
        if tally is not None:
            return {"running": True, "text": _running(tally), "more": "", "held": True}
        if proof is None:
            return {"running": False, "text": "", "more": "", "held": True}
        return {"running": False, "text": proof.line, "more": proof.more, "held": proof.held}


def _running(tally: Tally) -> str:
    if tally.mending:
        return say("stage.chaos.mending")
    return say(
        "stage.chaos.running",
        seed=tally.seed,
        left=tally.left_s,
        clicks=tally.clicks,
        kills=tally.kills,
        faults=tally.faults,
    )
