# SPDX-License-Identifier: Apache-2.0
"""The simulated network printer, by its sockets: papers, pictures, control, a real process."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from hardware.printers.qr_modules import qr_modules
from hardware.printers.simulated_control import PrinterControl
from hardware.printers.simulated_server import SimulatedPrinterServer
from hardware.wire.code_pages import CodePage, safe_text
from hardware.wire.escpos_writer import JobWriter
from tests.hardware.printers.jobs import job_of
from tests.hardware.wire.reading import symbols_on


async def talk(port: int, data: bytes, answers: int) -> bytes:
    """Send, read so many bytes of answers, hang up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    await writer.drain()
    heard = await reader.readexactly(answers)
    writer.close()
    await writer.wait_closed()
    return heard


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


async def ask(control: PrinterControl, **request: object) -> dict[str, object]:
    return dict(await control.answer(json.dumps(request).encode()))


async def test_a_job_is_kept_as_bytes_and_drawn_into_the_folder(tmp_path: Path) -> None:
    job = JobWriter(width_dots=384, columns=32, code_page=CodePage(0, "cp437"))
    job.line(safe_text("<hello>"))
    job.qr_native("HTTPS://A.EXAMPLE/V/1", modules=25)
    job.cut()
    async with SimulatedPrinterServer(width_dots=384, papers_dir=tmp_path / "papers") as server:
        assert await talk(server.port, job.job + b"\x10\x04\x01", 1) == b"\x12"
        paper = await server.next_paper()
        assert paper.raw == job.job
        (drawn,) = server.drawn(paper)
        assert symbols_on(drawn) == ["HTTPS://A.EXAMPLE/V/1"]
    assert names_in(tmp_path / "papers") == ["paper-0001.svg"]
    assert "&lt;hello&gt;" in text_of(tmp_path / "papers" / "paper-0001.svg")


async def test_one_connection_is_served_and_the_next_one_waits() -> None:
    async with SimulatedPrinterServer() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"\x10\x04\x01")
        assert await reader.readexactly(1) == b"\x12"
        second = asyncio.create_task(talk(server.port, b"\x10\x04\x04", 1))
        writer.write(b"\x10\x04\x01")
        assert await reader.readexactly(1) == b"\x12"
        assert not second.done()
        writer.close()
        assert await second == b"\x12"


async def test_a_refusing_printer_listens_again_on_the_same_port() -> None:
    async with SimulatedPrinterServer() as server:
        port = server.port
        await server.set_switch("refuse", True)
        with pytest.raises(ConnectionRefusedError):
            await talk(port, b"", 0)
        await server.set_switch("refuse", False)
        assert server.port == port
        assert await talk(port, b"\x10\x04\x01", 1) == b"\x12"


async def test_the_control_flips_switches_and_hands_out_papers() -> None:
    async with SimulatedPrinterServer() as server:
        control = PrinterControl(server)
        answer = await ask(control, do="set", switch="near_end", value=True)
        assert answer["ok"] is True
        assert await talk(server.port, job_of("one") + b"\x10\x04\x04", 1) == b"\x1e"
        fresh = await ask(control, do="next", timeout_s=5)
        paper = fresh["paper"]
        assert isinstance(paper, dict)
        assert base64.b64decode(paper["raw"]) == job_of("one")
        assert paper["lines"] == ["one"]
        assert paper["svg"][0].startswith("<svg")
        listed = await ask(control, do="papers")
        assert listed["papers"] == [{"number": 1, "cut": True, "lines": ["one"]}]
        assert (await ask(control, do="paper", number=1))["ok"] is True
        assert (await ask(control, do="power"))["ok"] is True
        assert not control.stopped.is_set()
        assert (await ask(control, do="stop"))["ok"] is True
        assert control.stopped.is_set()


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"hello", "not a line of JSON"),
        (b"\xff", "not a line of JSON"),
        (b"[1]", "not a JSON object"),
        (b"{}", "do one of"),
        (b'{"do": "set", "switch": "nothing", "value": true}', "no switch"),
        (b'{"do": "set", "switch": "mute", "value": 3}', "true or false"),
        (b'{"do": "paper", "number": 9}', "no paper has that number"),
        (b'{"do": "next", "timeout_s": 0}', "no paper came out"),
        (b'{"do": "next", "timeout_s": "x"}', "number of seconds"),
    ],
)
async def test_a_request_that_makes_no_sense_changes_nothing(line: bytes, error: str) -> None:
    server = SimulatedPrinterServer()
    before = (await PrinterControl(server).answer(b'{"do": "switches"}'))["switches"]
    answer = await PrinterControl(server).answer(line)
    assert answer["ok"] is False
    assert error in str(answer["error"])
    assert (await PrinterControl(server).answer(b'{"do": "switches"}'))["switches"] == before


def test_it_listens_on_loopback_only() -> None:
    with pytest.raises(ValueError, match="loopback only"):
        SimulatedPrinterServer(host="0.0.0.0")


async def test_as_a_process_it_tells_its_ports_and_stops_when_told(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "hardware.printers.simulated_control",
        "--papers",
        str(tmp_path),
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    ports = json.loads(await process.stdout.readline())
    assert await talk(ports["port"], job_of() + b"\x10\x04\x01", 1) == b"\x12"
    reader, writer = await asyncio.open_connection("127.0.0.1", ports["control_port"])
    writer.write(b'{"do": "next"}\n{"do": "stop"}\n')
    paper = json.loads(await reader.readline())
    assert base64.b64decode(paper["paper"]["raw"]) == job_of()
    assert json.loads(await reader.readline()) == {"ok": True}
    writer.close()
    assert await process.wait() == 0
    assert names_in(tmp_path) == ["paper-0001.svg"]


def test_modules_of_a_symbol_are_square_whatever_the_level() -> None:
    sizes = [len(qr_modules(b"HTTPS://A.EXAMPLE/V/1", level, 6)) for level in "LMQH"]
    assert sizes == sorted(sizes)
    assert all(size % 4 == 1 for size in sizes)
