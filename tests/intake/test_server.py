# SPDX-License-Identifier: Apache-2.0
"""Starting, stopping and draining; what lies in the way of a socket or a port."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from agent.intake import ApiOptions, ApiServer
from tests.intake.till import house


async def test_a_request_that_runs_has_its_answer_before_the_server_ends(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.down = True
        here.counter.press.free.clear()
        till = await here.till()
        with here.counter.board.stream() as changes:
            asking = asyncio.ensure_future(till.credit())
            await changes.get()
            closing = asyncio.ensure_future(here.server.close())
            here.counter.press.free.set()
            answer = await asking
            await closing
        assert (answer.status, answer["answer"]) == (202, "voucher")
        await here.server.close()


async def test_both_doors_are_closed_afterwards(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        port = here.server.port
        await here.server.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        with pytest.raises(FileNotFoundError):
            await asyncio.open_unix_connection(str(tmp_path / "api.sock"))


async def test_it_listens_on_loopback_alone(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        for server in here.server._servers:
            for each in server.sockets:
                name = each.getsockname()
                assert isinstance(name, str) or name[0] in ("127.0.0.1", "::1")


async def test_a_socket_that_a_crash_left_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "api.sock"
    left = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    left.bind(str(path))
    left.close()
    async with house(tmp_path) as here:
        assert (await here.admin.get("/healthz")).status == 200


async def test_a_socket_that_somebody_serves_is_left_alone(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        doors = here.server._service.doors
        second = ApiServer(doors)
        with pytest.raises(OSError, match="in use"):
            await second.start()
        assert (await here.admin.get("/healthz")).status == 200


async def test_a_file_in_the_way_is_never_removed(tmp_path: Path) -> None:
    path = tmp_path / "api.sock"
    path.write_text("precious")
    with pytest.raises(OSError, match="in use"):
        async with house(tmp_path):
            pytest.fail("it started over a file")
    assert path.read_text() == "precious"


async def test_without_tcp_there_is_the_socket_alone(tmp_path: Path) -> None:
    async with house(tmp_path, port=None) as here:
        assert (await here.admin.get("/healthz")).status == 200
        with pytest.raises(ValueError, match="no port"):
            _ = here.server.port


@pytest.mark.parametrize(
    "options", [{"port": None}, {"port": 1, "origins": frozenset({"pos.example"})}]
)
def test_options_without_a_door_or_with_half_an_origin_are_refused(
    options: dict[str, object],
) -> None:
    with pytest.raises(ValueError):
        ApiOptions(store="0421", version="1", **options)  # type: ignore[arg-type]
