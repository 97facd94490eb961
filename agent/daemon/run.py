# SPDX-License-Identifier: Apache-2.0
"""Runs the agent: opens what must be open, recovers, opens the doors, and stops in reverse.

READY is told only after the journal was recovered and the doors are open. A signal drains: no new
credits, the counter's conversations end, papers end, the rest is in the journal.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from agent import __version__
from agent.daemon.build import House, World, join
from agent.daemon.notify import notify
from agent.daemon.pages import printer_told, screens
from agent.daemon.parts import (
    journal_dir,
    paper_options,
    plugin,
    registers,
    routes,
    seal_file,
    secret_reader,
    signing_file,
)
from agent.daemon.upkeep import upkeep
from agent.daemon.world import SystemChance, SystemClock, machine_digest, settle_memory
from agent.decisions.answer import answer
from agent.domain.faults import Fault, SettingsWrong, VoucherInvalid
from agent.domain.voucher import VoucherToken
from agent.flows.pairing import Pairings
from agent.intake.doors import ApiOptions, AskBalance, Doors, PrinterTold
from agent.intake.pins import ArgonPins
from agent.intake.server import ApiServer
from agent.journal import WrittenJournal, load_or_make_key, make_folder, open_journal, salvaged
from agent.platforms.catalog import open_platform
from agent.printing.press import Press, Route
from agent.screens.pages import Screens
from agent.settings.model import Settings
from agent.signing import KeyRing, RegisterKey, load_or_make, make_anew, read_public, require_valid
from agent.telemetry import Health, Log, Metrics
from agent.telemetry.log import under_journald
from agent.telemetry.place import place_of
from agent.words import link_words, say
from hardware.profiles import load as load_profile

DRAIN_S: Final = 12.0
JOURNAL_BROKEN: Final = "journal-broken"
JOURNAL_SALVAGED: Final = "journal-salvaged"
"""It was damaged, and nobody has acknowledged yet what was lost."""
PROFILE_WITHOUT_PRINTER: Final = "generic-80"


@dataclass(frozen=True, slots=True)
class Running:
    """What a started agent is; `port` is the real one where the settings said 0."""

    house: House
    journal: WrittenJournal
    port: int
    tasks: _Tasks


OpenJournal = Callable[..., Awaitable[WrittenJournal]]
"""Called as `open_journal` is, and that is what a register calls; proofs stand between."""


async def serve(
    settings: Settings, environment: Mapping[str, str], open_with: OpenJournal = open_journal
) -> str | None:
    """Runs until SIGTERM or SIGINT. Raises `Fault`s that a start can meet.

    Returns why it ended by itself (`JOURNAL_BROKEN`, or what broke), None where it was told to.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stopped.set)
    clock = SystemClock()
    log = Log(_write_line, lambda: clock.now().wall_ms, under_journald(environment))
    async with started(settings, environment, clock, log, open_with) as running:
        address = f"http://127.0.0.1:{running.port}"
        socket = str(settings.agent.run_dir / "api.sock")
        log.info("ready", port=running.port)
        notify(environment, "READY=1", "STATUS=" + say("run.ready", address=address, socket=socket))
        await stopped.wait()
        notify(environment, "STOPPING=1")
        log.info("stopping")
    if running.journal.broken:
        return JOURNAL_BROKEN
    lost = salvaged(journal_dir(settings.agent.state_dir))
    return running.tasks.broken or (None if lost is None else JOURNAL_SALVAGED)


@asynccontextmanager
async def started(
    settings: Settings,
    environment: Mapping[str, str],
    clock: SystemClock,
    log: Log,
    open_with: OpenJournal = open_journal,
) -> AsyncIterator[Running]:
    """The whole agent, until the block ends."""
    state_dir, machine, chance = settings.agent.state_dir, machine_digest(), SystemChance()
    make_folder(state_dir)
    settings.agent.run_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        journal = await open_with(
            journal_dir(state_dir),
            seal_key=load_or_make_key(seal_file(state_dir)),
            machine=machine,
            clock_ms=lambda: clock.now().wall_ms,
            chance=chance,
            committed=lambda _, seconds: metrics.committed(seconds),
        )
        stack.push_async_callback(journal.aclose)
        make = make_anew if journal.restored else load_or_make
        key = make(signing_file(state_dir), machine, chance)
        platform = await stack.enter_async_context(
            open_platform(plugin(settings), secret_reader(settings, environment))
        )
        await _require_home(settings, journal)
        for warning in platform.warnings:
            log.warning("platform-warning", what=warning)
        ways = routes(settings)
        stack.push_async_callback(_close_printers, ways)
        press = Press(
            ways,
            paper_options(settings),
            key,
            without_printer=load_profile(PROFILE_WITHOUT_PRINTER),
        )
        pins = ArgonPins()
        world = World(journal, journal, platform, press, pins, clock, chance, metrics)
        tasks = _Tasks(log)
        stack.push_async_callback(tasks.close)
        house = join(world, registers(settings, key.public), tasks.spawn)
        _watch(house, metrics, log)
        recovered = await house.recovery.at_start()
        found = salvaged(journal_dir(state_dir))
        if found is not None:
            log.error("journal-salvaged", lost=found.credits_lost, file=found.lost)
        log.info("recovered", unsettled=recovered.unsettled, untold=recovered.untold)
        for spool in house.spools.values():
            await spool.resume()
            tasks.keep(spool.run())
            stack.push_async_callback(spool.stop)
        tasks.keep(house.forwarder.run())
        tasks.keep(house.recovery.run())
        tasks.keep(_upkeep(settings, journal, house, clock))
        tasks.keep(_guard(journal, clock, tasks, metrics, log))
        verify = _verifier(settings, key)
        doors = _doors(settings, house, journal, metrics, log, tasks, verify, platform.balance)
        pages = screens(settings, house, doors.pairings, tasks.spawn, log)
        server = ApiServer(doors, pages.routes())
        settle_memory()
        await server.start()
        stack.push_async_callback(_close_counter, house, server, pages)
        house.forwarder.nudge()
        yield Running(house, journal, server.port, tasks)


async def _require_home(settings: Settings, journal: WrittenJournal) -> None:
    """What waits may stand on the platform that it was sent to: it is never sent to another."""
    section, said = settings.platform_of(settings.store.number)
    elsewhere = await journal.belongs_to(section.mark, section.mark_before)
    if elsewhere is None:
        return
    raise SettingsWrong(
        file="the settings",
        key=f"{said}.url",
        problem=say("run.elsewhere", waiting=str(elsewhere.waiting), platform=elsewhere.platform),
    )


def _doors(
    settings: Settings,
    house: House,
    journal: WrittenJournal,
    metrics: Metrics,
    log: Log,
    tasks: _Tasks,
    verify: Callable[[str], VoucherToken],
    balance: AskBalance,
) -> Doors:
    condition = printer_told(house)

    async def probe() -> None:
        await journal.probe()

    options = ApiOptions(
        store=settings.store.number,
        version=__version__,
        region=settings.store.region,
        language=settings.store.language,
        port=settings.api.port,
        socket=settings.agent.run_dir / "api.sock",
        hosts=frozenset(settings.api.hosts),
        origins=frozenset(settings.api.origins),
    )
    return Doors(
        issue=house.issue,
        claims=house.claims,
        closing=house.closing,
        papers=house.papers,
        approvals=house.approvals,
        forwarder=house.forwarder,
        steps=house.steps,
        access=journal,
        pairings=Pairings(journal, house.steps.clock, house.steps.chance),
        spawn=tasks.spawn,
        verify=verify,
        balance=balance,
        metrics=metrics,
        health=Health(probe, (_salvage_trouble(settings), _link_trouble(house))),
        log=log,
        options=options,
        printer=lambda register: PrinterTold(register.printer, condition(register)),
    )


def _verifier(settings: Settings, key: RegisterKey) -> Callable[[str], VoucherToken]:
    trusted = [read_public(text) for text in settings.voucher.trusted_keys]
    ring = KeyRing([key.public, *(each for each in trusted if each != key.public)])

    def verify(text: str) -> VoucherToken:
        try:
            token = VoucherToken.from_text(text)
        except ValueError as error:
            raise VoucherInvalid(why="unreadable") from error
        require_valid(token, ring)
        return token

    return verify


def _salvage_trouble(settings: Settings) -> Callable[[], str | None]:
    folder = journal_dir(settings.agent.state_dir)

    def trouble() -> str | None:
        found = salvaged(folder)
        if found is None:
            return None
        return say("run.salvaged", lost=found.credits_lost, file=found.lost)

    return trouble


def _link_trouble(house: House) -> Callable[[], str | None]:
    link = house.steps.link

    def trouble() -> str | None:
        return None if link.is_up else link_words(link.last_why)

    return trouble


def _watch(house: House, metrics: Metrics, log: Log) -> None:
    """Numbers and lines of every change; neither decides anything."""

    def seen(record: Any) -> None:
        word = answer(record)
        metrics.changed(record, None if word is None else word.value)
        log.info(
            "credit",
            key=record.key.text,
            state=record.state.value,
            answer=None if word is None else word.value,
            paper=record.paper.value,
            revision=record.revision,
        )

    house.steps.board.watch(seen)


def _upkeep(
    settings: Settings, journal: WrittenJournal, house: House, clock: SystemClock
) -> Coroutine[Any, Any, None]:
    voucher_ms = (settings.voucher.expires_days + 90) * 86_400_000

    def wake() -> None:
        for spool in house.spools.values():
            spool.wake()

    return upkeep(journal, clock, voucher_ms, settings.agent.forget_days, wake)


async def _guard(
    journal: WrittenJournal, clock: SystemClock, tasks: _Tasks, metrics: Metrics, log: Log
) -> None:
    """After a failed fsync nobody knows what is on disk: start again and read, never retry it.

    Of a disk without room it only tells: the journal goes on by itself once there is some.
    """
    told: str | None = None
    while not journal.broken:
        short = journal.short
        metrics.journal_short(short is not None)
        if short != told:
            if short is not None:
                log.warning("journal-short", why=short)
            else:
                log.info("journal-roomy")
            told = short
        await clock.sleep(1.0)
    tasks.end(JOURNAL_BROKEN)


async def _close_counter(house: House, server: ApiServer, pages: Screens) -> None:
    """No new credits; those at the counter end; then the doors."""
    pages.close()
    try:
        async with asyncio.timeout(DRAIN_S):
            await house.issue.close()
    except TimeoutError:
        pass
    await server.close()


async def _close_printers(ways: Mapping[str, Route]) -> None:
    for printer in {id(way.printer): way.printer for way in ways.values()}.values():
        await printer.close()


class _Tasks:
    """The agent's own tasks. One that breaks with what nobody expected ends the daemon."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._tasks: set[asyncio.Task[None]] = set()
        self.broken: str | None = None
        """Why the agent ends by itself."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task that outlives its caller. A `Fault` in it is told; the record is swept later."""
        return self._start(self._told(work))

    def keep(self, work: Coroutine[Any, Any, None]) -> None:
        """A task for the agent's whole life."""
        self._start(work)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Fault as fault:
            self._log.error("task-fault", code=fault.code)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self.end(f"{type(error).__name__} in {place_of(error)}")

    def end(self, why: str) -> None:
        """Stops the agent as a signal would, and remembers why; systemd starts it anew."""
        self.broken = self.broken or why
        self._log.error("broken", why=why)
        os.kill(os.getpid(), signal.SIGTERM)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)


def _write_line(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
