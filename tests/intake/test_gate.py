# SPDX-License-Identifier: Apache-2.0
"""What stands before every door: Host, Origin, unknown paths, and how the server shows itself."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from agent.domain.code import Code
from tests.intake.till import House, house

POS = "https://pos.example"


async def raw(here: House, text: str) -> str:
    """What the server answers to these very bytes, up to the end of its head."""
    reader, writer = await asyncio.open_connection("127.0.0.1", here.server.port)
    writer.write(text.encode())
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return head.decode()


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost:1", "pos.example", "", "[::1]"]
)
async def test_another_host_is_421_before_anything_else(tmp_path: Path, host: str) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        for method, path in (("GET", "/healthz"), ("POST", "/v1/credits"), ("GET", "/nothing")):
            answer = await till.ask(method, path, headers={"Host": host, "Origin": "null"})
            assert (answer.status, answer["code"]) == (421, "host-refused")
        assert await here.counter.records() == []


async def test_two_hosts_or_none_are_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        name = f"127.0.0.1:{here.server.port}"
        none = await raw(here, "GET /healthz HTTP/1.0\r\n\r\n")
        assert " 421 " in none.splitlines()[0]
        two = await raw(
            here, f"GET /healthz HTTP/1.1\r\nHost: {name}\r\nHost: evil.example\r\n\r\n"
        )
        assert two.splitlines()[0].split()[1] in ("400", "421")


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LocalHost", "[::1]"])
async def test_our_own_names_are_served(tmp_path: Path, name: str) -> None:
    async with house(tmp_path) as here:
        host = f"{name}:{here.server.port}"
        assert (await here.stranger().get("/healthz", {"Host": host})).status == 200


async def test_a_host_of_the_settings_is_served_exactly(tmp_path: Path) -> None:
    async with house(tmp_path, hosts=frozenset({"till.store.example:8741"})) as here:
        stranger = here.stranger()
        good = await stranger.get("/healthz", {"Host": "till.store.example:8741"})
        assert good.status == 200
        assert (await stranger.get("/healthz", {"Host": "till.store.example"})).status == 421
        assert (await here.admin.get("/healthz", {"Host": "evil.example"})).status == 421


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://pos.example", ""])
async def test_another_origin_is_403(tmp_path: Path, origin: str) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        answer = await till.get("/v1/status", {"Origin": origin})
        assert (answer.status, answer["code"]) == (403, "origin-refused")
        assert "Access-Control-Allow-Origin" not in answer.headers
        asked = await till.ask("OPTIONS", "/v1/credits", headers={"Origin": origin})
        assert asked.status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
async def test_a_page_of_another_site_is_refused_without_an_origin_too(
    tmp_path: Path, site: str
) -> None:
    async with house(tmp_path) as here:
        answer = await here.stranger().get("/healthz", {"Sec-Fetch-Site": site})
        assert (answer.status, answer["code"]) == (403, "origin-refused")
        for good in ("none", "same-origin"):
            headers = {"Sec-Fetch-Site": good}
            assert (await here.stranger().get("/healthz", headers)).status == 200


async def test_a_link_on_another_page_may_be_followed_but_nothing_else(tmp_path: Path) -> None:
    link = {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    }
    async with house(tmp_path) as here:
        stranger = here.stranger()
        assert (await stranger.get("/healthz", link)).status == 200
        for other in ({"Sec-Fetch-Dest": "iframe"}, {"Sec-Fetch-Mode": "cors"}):
            answer = await stranger.get("/healthz", {**link, **other})
            assert (answer.status, answer["code"]) == (403, "origin-refused")
        posted = await stranger.ask("POST", "/v1/pairings", {"code": "000000"}, link)
        assert (posted.status, posted["code"]) == (403, "origin-refused")


async def test_a_web_till_of_the_settings_is_answered_with_cors(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        asked = await till.ask(
            "OPTIONS",
            "/v1/credits",
            headers={
                "Origin": POS,
                "Access-Control-Request-Method": "POST",
                "Sec-Fetch-Site": "cross-site",
            },
        )
        assert asked.status == 204
        assert asked.headers["Access-Control-Allow-Origin"] == POS
        assert "POST" in asked.headers["Access-Control-Allow-Methods"]
        assert "Idempotency-Key" in asked.headers["Access-Control-Allow-Headers"]
        answer = await till.get("/v1/status", {"Origin": POS, "Sec-Fetch-Site": "cross-site"})
        assert answer.status == 200
        assert answer.headers["Access-Control-Allow-Origin"] == POS
        assert answer.headers["Vary"] == "Origin"
        assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_our_own_pages_may_call(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        assert (await here.stranger().get("/healthz", {"Origin": here.url})).status == 200


async def test_no_answer_tells_versions_or_may_be_kept(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        for answer in (
            await till.get("/v1/status"),
            await till.get("/nothing"),
            await till.credit(),
            await till.ask("OPTIONS", "/v1/credits", headers={"Origin": POS}),
        ):
            assert answer.headers["Server"] == "countermark"
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        nonsense = await raw(here, "NONSENSE\r\n\r\n")
        assert "Server: countermark" in nonsense
        assert "aiohttp" not in nonsense


async def test_unknown_paths_and_methods_are_problems(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        gone = await till.get("/v2/credits")
        assert (gone.status, gone["code"], gone["field"]) == (404, "bad-field", "path")
        wrong = await till.delete("/v1/credits")
        assert (wrong.status, wrong["field"]) == (405, "method")
        assert wrong.headers["Allow"] == "GET, POST"


async def test_a_request_is_one_line_without_its_path_or_any_secret(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        answer = await till.credit(customer={"email": "jane@example.com"})
        await till.get(answer["links"]["self"])
        await till.get("/V/MEYDCMRTGQ2TMNZYHEYDCMRT")
        lines = [json.loads(line) for line in here.lines]
        requests = [line for line in lines if line["event"] == "request"]
        assert [(line["method"], line["route"], line["status"]) for line in requests] == [
            ("POST", "/v1/credits", 202),
            ("GET", "/v1/credits/{key}", 200),
            ("GET", "-", 404),
        ]
        everything = "".join(here.lines)
        code: Code = (await here.counter.only()).code
        for secret in (code.reveal(), str(till.token), "jane", "MEYDCMRT"):
            assert secret not in everything
