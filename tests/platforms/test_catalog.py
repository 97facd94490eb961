# SPDX-License-Identifier: Apache-2.0
"""Platforms enter by entry points: built-in ones too, and a broken one hurts nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest

from agent.domain.code import Code
from agent.domain.outcome import Unknown
from agent.platforms.abilities import as_table, contradictions
from agent.platforms.adapter import DrivenPlatform, Plugin
from agent.platforms.catalog import GROUP, Broken, Catalog, PlatformMissing, open_platform
from agent.platforms.rest import platform as rest
from agent.ports import Abilities
from tests.fakes.platform import FAKE_ABILITIES
from tests.platforms.raw_server import closed_port

HERE = "tests.platforms.test_catalog"
URL = {"url": "https://credit.example"}
OAUTH = {"token_url": "https://id.example/token", "client_id": "till"}
NEVER = float("inf")


def gives_nothing(table: Mapping[str, object]) -> object:
    return None


class Lying:
    """An adapter whose abilities contradict each other."""

    abilities = replace(FAKE_ABILITIES, unique_codes=False, exact_lookup=False)


def lies(table: Mapping[str, object]) -> Plugin:
    whole = rest(table)
    return Plugin(Lying(), whole.transport, whole.prove)  # type: ignore[arg-type]


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


CATALOG = Catalog(
    [
        point("rest", "agent.platforms.rest:platform"),
        point("gone", "tests.no_such_module:platform"),
        point("unnamed", f"{HERE}:no_such_name"),
        point("constant", f"{HERE}:HERE"),
        point("nothing", f"{HERE}:gives_nothing"),
        point("lying", f"{HERE}:lies"),
    ]
)


def test_the_built_in_platform_is_installed_by_the_same_door() -> None:
    assert "rest" in Catalog().names
    assert Catalog().plugin("rest", URL).adapter.abilities.name == "rest"


def test_one_that_fails_to_load_is_named_and_the_rest_work() -> None:
    broken = {each.name: each.why for each in CATALOG.broken()}
    assert sorted(broken) == ["constant", "gone", "unnamed"]
    assert "ModuleNotFoundError" in broken["gone"]
    assert "no_such_name" in broken["unnamed"]
    assert CATALOG.plugin("rest", URL).adapter.abilities.name == "rest"


def test_a_platform_that_is_not_installed_is_told_with_those_that_are() -> None:
    missing = CATALOG.factory("shoppify")
    assert isinstance(missing, Broken)
    assert "rest" in missing.why
    with pytest.raises(PlatformMissing, match="shoppify: no such platform"):
        CATALOG.plugin("shoppify", URL)


@pytest.mark.parametrize("name", ["gone", "constant", "nothing", "lying"])
def test_a_plug_in_that_is_no_platform_is_refused(name: str) -> None:
    with pytest.raises(PlatformMissing, match=f"^{name}: "):
        CATALOG.plugin(name, URL)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "platform.url: Field required"),
        ({"url": 7}, "platform.url: Input should be a valid string"),
        ({"url": "http://credit.example"}, "platform.url: plain http is for loopback only"),
        ({**URL, "ulr": "x"}, "platform.ulr: there is no such option; did you mean url?"),
        ({**URL, "zzz": "x"}, "platform.zzz: there is no such option"),
        ({**URL, "settling_ms": -1}, "platform.settling_ms: Input should be greater"),
        ({**URL, "key_window_s": 60}, "platform.key_window_s: Input should be greater"),
        ({**URL, "proxy": "socks5://p"}, "platform.proxy: an address begins with https"),
        ({**URL, "token_url": "https://id.example/token"}, "platform.client_id: token_url needs"),
        ({**URL, "client_id": "till"}, "platform.token_url: client_id and scope are for OAuth"),
        ({**URL, "scope": "issue"}, "platform.token_url: client_id and scope are for OAuth"),
        (
            {**URL, **OAUTH, "token_url": "http://id.example/token"},
            "platform.token_url: plain http",
        ),
        ({**URL, **OAUTH, "token_url": "https://u:p@id.example/"}, "platform.token_url: no user"),
        (
            {**URL, **OAUTH, "token_url": "https://id.example/?a=1"},
            "platform.token_url: an address",
        ),
        ({**URL, **OAUTH, "client_id": "t\u00efll"}, "platform.client_id: 1 to 200 characters"),
        ({**URL, **OAUTH, "scope": "a  b"}, "platform.scope: words of ASCII"),
    ],
    ids=str,
)
def test_a_wrong_setting_is_named_in_one_sentence(table: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError) as refused:
        CATALOG.plugin("rest", table)
    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)


async def test_the_secret_becomes_a_header_and_stays_out_of_sight() -> None:
    plugin = rest(URL)
    credentials = plugin.credentials(lambda: " s3cret\n")
    assert await credentials.headers(NEVER) == {"Authorization": "Bearer s3cret"}
    with pytest.raises(ValueError, match="empty"):
        await plugin.credentials(lambda: " \n").headers(NEVER)
    assert "s3cret" not in repr(plugin) + repr(credentials)


async def test_a_secret_that_changed_is_used_within_a_second() -> None:
    secrets, now_s = ["old"], [10.0]
    credentials = rest(URL).credentials(lambda: secrets[-1], lambda: now_s[0])
    assert await credentials.headers(NEVER) == {"Authorization": "Bearer old"}
    secrets.append("new")
    now_s[0] += 0.9
    assert await credentials.headers(NEVER) == {"Authorization": "Bearer old"}
    now_s[0] += 0.1
    assert await credentials.headers(NEVER) == {"Authorization": "Bearer new"}


def test_a_static_secret_is_given_without_a_turn_of_the_loop() -> None:
    asking = rest(URL).credentials(lambda: "s3cret").headers(NEVER)
    with pytest.raises(StopIteration) as ended:
        asking.send(None)
    assert ended.value.value == {"Authorization": "Bearer s3cret"}


async def test_an_opened_platform_can_be_asked_and_tells_its_warnings() -> None:
    table = {"url": f"http://127.0.0.1:{closed_port()}", "tls_1_2": True}
    async with open_platform(rest(table), lambda: "s", lambda: "Basic cHc=") as opened:
        assert isinstance(opened, DrivenPlatform)
        assert opened.warnings == ("tls-1-2-allowed",)
        assert opened.date_ms is None
        deadline = asyncio.get_running_loop().time() + 5
        code = Code.draw(0, (0,) * 14)
        assert await opened.balance(code, deadline) == Unknown("connect")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"instruments": frozenset()}, "no instrument"),
        ({"key_window_s": -1}, "below zero"),
        ({"settling_ms": -1}, "settling_ms"),
        ({"key_window_s": 0}, "compares bodies"),
        ({"code_length_max": 15}, "16 characters"),
        ({"unique_codes": False, "exact_lookup": False}, "exact look-up"),
    ],
    ids=str,
)
def test_abilities_that_cannot_be_true_are_found(changes: dict[str, object], why: str) -> None:
    assert contradictions(FAKE_ABILITIES) == ()
    changed: Abilities = replace(FAKE_ABILITIES, **changes)  # type: ignore[arg-type]
    assert any(why in each for each in contradictions(changed))


def test_every_ability_can_be_shown() -> None:
    table = as_table(FAKE_ABILITIES)
    assert table["native_key"] == "86400 s"
    assert table["instruments"] == "card"
    assert as_table(replace(FAKE_ABILITIES, key_window_s=None))["native_key"] == "for ever"
    assert as_table(replace(FAKE_ABILITIES, key_window_s=0))["native_key"] == "none"
