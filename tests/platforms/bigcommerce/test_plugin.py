# SPDX-License-Identifier: Apache-2.0
"""Settings, secrets, limits and the probe of BigCommerce; and that nothing can be deleted."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

import agent.platforms.bigcommerce as package
from agent.platforms.abilities import contradictions
from agent.platforms.bigcommerce import platform
from agent.platforms.bigcommerce.adapter import BigcommerceAdapter
from agent.platforms.bigcommerce.limits import pause_s
from agent.platforms.bigcommerce.options import BigcommerceOptions
from agent.platforms.messages import HttpReply
from agent.platforms.probe import ProbeResult
from tests.platforms.bigcommerce.recorded import ABSENT, ADAPTER, OPTIONS, found, v2, v3
from tests.platforms.talking import reply, talk

NOW_MS = 1_763_600_000_000
SOURCES = sorted(Path(package.__file__).parent.glob("*.py"))
PEOPLE = reply(200, {"data": [], "meta": {}})
ORDERS = reply(200, [{"id": 1}])


def test_no_request_of_this_adapter_can_delete_anything() -> None:
    """DELETE /v2/gift_certificates without an id deletes every certificate of a store."""
    methods = set()
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert node.value.strip().upper() != "DELETE", source.name
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "HttpRequest":
                method = node.args[0]
                assert isinstance(method, ast.Constant), source.name
                methods.add(method.value)
    assert methods == {"GET", "POST", "PUT"}


def test_the_store_makes_the_address() -> None:
    plugin = platform(OPTIONS)
    assert plugin.transport.url == "https://api.bigcommerce.com/stores/abc123"
    named = platform({**OPTIONS, "url": "https://proxy.example/bc"})
    assert named.transport.url == "https://proxy.example/bc"


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"house_email": "a@b.example"}, "url"),
        ({"store_hash": "abc123"}, "house_email"),
        ({**OPTIONS, "store_hash": "../x"}, "store_hash"),
        ({**OPTIONS, "house_email": "nobody"}, "house_email"),
        ({**OPTIONS, "house_name": "a\nb"}, "house_name"),
        ({**OPTIONS, "settling_ms": 0}, "settling_ms"),
        ({**OPTIONS, "receipts": "number"}, "receipts"),
        ({**OPTIONS, "store_hsah": "x"}, "store_hash"),
    ],
)
def test_a_wrong_setting_is_named(table: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        platform(table)


def test_the_token_goes_into_its_header_and_an_empty_one_nowhere() -> None:
    plugin = platform(OPTIONS)
    assert plugin.prove(" s3cret\n") == {"X-Auth-Token": "s3cret"}
    with pytest.raises(ValueError, match="empty"):
        plugin.prove(" \n")
    assert "s3cret" not in repr(plugin)


def test_the_abilities_rest_on_what_is_documented() -> None:
    abilities = ADAPTER.abilities
    assert contradictions(abilities) == ()
    assert not abilities.unique_codes
    assert (abilities.key_window_s, abilities.settling_ms) == (0, 120_000)
    assert not abilities.voids
    tried = BigcommerceAdapter(BigcommerceOptions.read({**OPTIONS, "unique_codes": True}))
    assert tried.abilities == replace(abilities, unique_codes=True)


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (reply(200, []), 0.0),
        (reply(200, [], x_rate_limit_requests_left="149", x_rate_limit_requests_quota="150"), 0.0),
        (reply(200, [], x_rate_limit_requests_left="16", x_rate_limit_requests_quota="150"), 0.0),
        (
            reply(
                200,
                [],
                x_rate_limit_requests_left="15",
                x_rate_limit_requests_quota="150",
                x_rate_limit_time_reset_ms="12345",
            ),
            13.0,
        ),
        (reply(200, [], x_rate_limit_requests_left="0", x_rate_limit_requests_quota="150"), 30.0),
        (v2(429, "slow", x_rate_limit_time_reset_ms="4000"), 4.0),
        (v2(429), 30.0),
        (reply(200, [], x_rate_limit_requests_left="x", x_rate_limit_requests_quota="150"), 0.0),
    ],
)
def test_the_backlog_leaves_the_last_tenth_of_a_window_to_the_counter(
    answer: HttpReply, seconds: float
) -> None:
    assert pause_s(answer) == seconds


def test_the_probe_asks_three_harmless_questions() -> None:
    heard = talk(ADAPTER.probe(NOW_MS), found(), PEOPLE, ORDERS)
    assert [each.split()[1] for each in heard.said] == ["GET", "GET", "GET"]
    results = [(each.what, each.result) for each in heard.result]
    assert results == [
        ("credentials", ProbeResult.WEAK),
        ("scope", ProbeResult.OK),
        ("scope", ProbeResult.OK),
    ]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (v2(401), "refuses the token"),
        (v3(403), "store_v2_marketing"),
        (v2(404), "platform.store_hash"),
        (v2(429), "try again later"),
        (v2(500), "documents"),
        (reply(200, b"<h1>Sign in</h1>", content_type="text/html"), "documents"),
    ],
)
def test_the_probe_says_what_is_wrong(answer: HttpReply, words: str) -> None:
    (first, *_) = talk(ADAPTER.probe(NOW_MS), answer).result
    assert (first.what, first.result) == ("credentials", ProbeResult.WRONG)
    assert words in first.detail


def test_the_probe_names_each_missing_scope() -> None:
    result = talk(ADAPTER.probe(NOW_MS), ABSENT, v3(403), v3(403)).result
    assert "store_v2_customers" in result[1].detail
    assert result[1].result is ProbeResult.WRONG
    assert "store_v2_orders" in result[2].detail
    assert result[2].result is ProbeResult.WEAK


@pytest.mark.parametrize(
    ("date_ms", "result"),
    [(NOW_MS + 30_000, ProbeResult.OK), (NOW_MS - 3_600_000, ProbeResult.WEAK)],
)
def test_the_probe_compares_the_clocks_and_reads_the_quota(
    date_ms: int, result: ProbeResult
) -> None:
    first = replace(
        reply(200, [], x_rate_limit_requests_left="9", x_rate_limit_requests_quota="150"),
        date_ms=date_ms,
    )
    heard = talk(ADAPTER.probe(NOW_MS), first, PEOPLE, ORDERS).result
    by_name = {each.what: each for each in heard}
    assert by_name["clock"].result is result
    assert by_name["limit"].result is ProbeResult.WEAK
    assert "9 of 150" in by_name["limit"].detail
