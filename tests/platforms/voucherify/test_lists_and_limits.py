# SPDX-License-Identifier: Apache-2.0
"""The list for audits, the limits, the probe, the settings and the credential."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.money import Money
from agent.domain.outcome import Unknown
from agent.platforms.abilities import contradictions
from agent.platforms.adapter import Page
from agent.platforms.exchange import Exchange, Look
from agent.platforms.messages import HttpReply
from agent.platforms.probe import ProbeResult
from agent.platforms.voucherify import platform
from agent.platforms.voucherify.limits import pause_s, remaining, wait_s
from agent.platforms.voucherify.options import VoucherifyOptions
from tests.platforms.talking import KEY, reply, talk
from tests.platforms.voucherify.recorded import (
    DATE_MS,
    JPY,
    ODD,
    USD,
    error,
    gift,
    metadata,
    not_found,
    resource,
)

SINCE = 1_763_600_000_000
LIST = "look GET /v1/vouchers?limit=100&page={page}&order=created_at&created_at%5Bafter%5D={after}"
TABLE = {"url": "https://credit.example", "app_id": "app-1", "currency": "USD"}


def row(number: int, second: int = 0, **changes: object) -> dict[str, object]:
    at = f"2025-11-20T00:53:{20 + second:02d}.000Z"
    return resource(id=f"v_{number}", code=f"CODE{number}", created_at=at, **changes)


def rows(*found: dict[str, object]) -> HttpReply:
    return reply(200, {"object": "list", "data_ref": "vouchers", "vouchers": list(found)})


def paged(exchange: Exchange[Page | Unknown], *replies: HttpReply) -> Page:
    result = talk(exchange, *replies).result
    assert isinstance(result, Page)
    return result


# ---- the list


def test_the_list_asks_from_a_moment_before_oldest_first() -> None:
    heard = talk(USD.list_page(SINCE, None), rows())
    assert heard.said == [LIST.format(page=1, after="2025-11-20T00%3A53%3A19.999Z")]
    assert heard.result == Page((), None)


def test_pages_follow_until_an_empty_one() -> None:
    first = paged(USD.list_page(SINCE, None), rows(row(1), row(2, 1)))
    assert [card.reference for card in first.cards] == ["v_1", "v_2"]
    assert first.cards[0].key == KEY.text
    assert first.cards[0].initial == Money(4850, "USD")
    assert first.cursor is not None
    second = talk(USD.list_page(SINCE, first.cursor), rows())
    assert second.said == [LIST.format(page=2, after="2025-11-20T00%3A53%3A19.999Z")]
    assert second.result == Page((), None)


def test_vouchers_of_other_kinds_and_of_a_moment_before_are_left_out() -> None:
    early = {**row(1), "created_at": "2025-11-20T00:53:19.999Z"}
    discount = row(2, type="DISCOUNT_VOUCHER", gift=None)
    loyalty = row(3, type="LOYALTY_CARD", gift=None, metadata=None)
    page = paged(USD.list_page(SINCE, None), rows(early, discount, loyalty, row(4)))
    assert [card.reference for card in page.cards] == ["v_4"]


def test_anothers_card_is_listed_in_the_projects_currency() -> None:
    page = paged(USD.list_page(SINCE, None), rows(row(1, metadata={}), row(2, metadata=None)))
    assert [(card.key, card.initial.currency) for card in page.cards] == [(None, "USD")] * 2


def test_after_99_pages_the_list_begins_anew_where_it_was_and_tells_none_twice() -> None:
    last = rows(row(1, 5), row(2, 7), row(3, 7))
    page = paged(USD.list_page(SINCE, f"{SINCE}.99."), last)
    assert page.cursor == f"{SINCE + 7_000}.1.v_2,v_3"
    heard = talk(
        USD.list_page(SINCE, page.cursor), rows(row(1, 6), row(2, 7), row(3, 7), row(4, 7))
    )
    assert heard.said == [LIST.format(page=1, after="2025-11-20T00%3A53%3A26.999Z")]


def test_a_new_beginning_leaves_out_what_was_told() -> None:
    again = rows(row(2, 7), row(3, 7), row(4, 7), row(5, 8))
    page = paged(USD.list_page(SINCE, f"{SINCE + 7_000}.1.v_2,v_3"), again)
    assert [card.reference for card in page.cards] == ["v_4", "v_5"]
    assert page.cursor == f"{SINCE + 7_000}.2.v_2,v_3"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (rows(row(1, 9), row(2, 1)), "not-in-order"),
        (rows({**row(1), "created_at": None}), "not-in-order"),
        (rows({**row(1), "created_at": "2020-01-01T00:00:00Z"}), "not-in-order"),
        (rows(row(1, gift=gift(4850, 9999))), "nonsense-amount"),
        (rows(row(1, gift=None)), "no-gift"),
        (rows(row(1, metadata=metadata(currency=None))), "no-currency"),
        (rows({**row(1), "id": "../x"}), "not-the-contract"),
        (reply(200, {"object": "list"}), "not-the-contract"),
        (reply(200, b"<p>", content_type="text/html"), "not-json"),
        (error(400, "page_over_limit"), "page_over_limit"),
        (error(401), "auth"),
    ],
)
def test_a_page_that_cannot_be_read_ends_the_list_as_unknown(answer: HttpReply, why: str) -> None:
    result = talk(USD.list_page(SINCE, None), answer).result
    assert isinstance(result, Unknown)
    assert result.why == why


def test_no_whole_yen_ends_the_list_as_unknown() -> None:
    result = talk(JPY.list_page(SINCE, None), rows(row(1, metadata={}))).result
    assert isinstance(result, Unknown)


def test_more_at_one_moment_than_99_pages_show_is_never_taken_for_the_whole() -> None:
    result = talk(USD.list_page(SINCE, f"{SINCE}.99."), rows(row(1), row(2))).result
    assert isinstance(result, Unknown)
    assert result.why == "too-many-at-once"


@pytest.mark.parametrize("cursor", ["", "2", "1.2", "x.1.", "1.1.a b", "1.1.a,,b"])
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError, match="a cursor of this list"):
        next(USD.list_page(SINCE, cursor))


# ---- limits


def limited(status: int = 200, /, **headers: str) -> HttpReply:
    answer = reply(status, {"code": status, "message": "No"}, **headers)
    return replace(answer, date_ms=DATE_MS)


AT_S = DATE_MS // 1000


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (limited(429, retry_after="9", x_rate_limit_retry=str(AT_S + 30)), 9),
        (limited(429, x_rate_limit_retry=str(AT_S + 30)), 30),
        (limited(429, x_rate_limit_retry=str(AT_S - 30)), 5),
        (limited(429, x_rate_limit_retry="soon"), 5),
        (limited(429, x_rate_limit_retry=str(AT_S + 10**7)), 86_400),
        (replace(limited(429, x_rate_limit_retry=str(AT_S + 30)), date_ms=None), 5),
    ],
)
def test_how_long_a_limit_lasts_by_the_platforms_own_clock(answer: HttpReply, seconds: int) -> None:
    assert wait_s(answer) == seconds
    assert pause_s(answer) == seconds


@pytest.mark.parametrize(
    ("left", "most", "extra", "pause"),
    [
        ("100", "100", {}, 0),
        ("11", "100", {}, 0),
        ("10", "100", {}, 6),
        ("0", "100", {"x_rate_limit_retry": str(AT_S + 42)}, 42),
        ("0", "100", {"x_rate_limit_retry": str(AT_S)}, 6),
        ("2", "5", {}, 0),
        ("1", "5", {}, 6),
        ("few", "100", {}, 0),
        ("0", "", {}, 0),
    ],
)
def test_the_backlog_pauses_when_few_requests_are_left(
    left: str, most: str, extra: dict[str, str], pause: float
) -> None:
    answer = limited(x_rate_limit_remaining=left, x_rate_limit_limit=most, **extra)
    assert pause_s(answer) == pause


def test_a_used_up_plan_pauses_the_backlog_for_an_hour() -> None:
    assert pause_s(limited(402)) == 3_600
    assert pause_s(limited()) == 0
    assert remaining(limited()) is None


# ---- probe


def schema(**changes: object) -> HttpReply:
    body = {
        "id": "ms_1",
        "related_object": "voucher",
        "properties": {},
        "object": "metadata_schema",
    }
    return reply(200, {**body, "allow_defined_only": False, **changes})


OURS = {name: {"type": "string", "optional": True} for name in metadata()}
FEW = {"x_rate_limit_remaining": "3", "x_rate_limit_limit": "100"}


def test_a_probe_looks_and_issues_nothing() -> None:
    heard = talk(USD.probe(SINCE), rows(), schema())
    assert all(isinstance(ask, Look) for ask in heard.asked)
    assert heard.said[0].startswith("look GET /v1/vouchers?limit=1&page=1&")
    assert heard.said[1] == "look GET /v1/metadata-schemas/voucher"
    assert [(each.what, each.result) for each in heard.result] == [
        ("credentials", ProbeResult.OK),
        ("account", ProbeResult.OK),
    ]


@pytest.mark.parametrize(
    ("headers", "result"),
    [
        ({"x_rate_limit_remaining": "90", "x_rate_limit_limit": "100"}, ProbeResult.OK),
        (FEW, ProbeResult.WEAK),
    ],
)
def test_a_probe_tells_how_many_calls_are_left(
    headers: dict[str, str], result: ProbeResult
) -> None:
    listed = reply(200, {"object": "list", "vouchers": []}, **headers)
    probed = talk(USD.probe(SINCE), listed, schema()).result
    assert (probed[1].what, probed[1].result) == ("limit", result)
    assert headers["x_rate_limit_remaining"] in probed[1].detail


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (schema(), ProbeResult.OK),
        (schema(allow_defined_only=True), ProbeResult.WRONG),
        (schema(allow_defined_only=True, properties=OURS), ProbeResult.OK),
        (
            schema(
                allow_defined_only=True,
                properties={name: {**each, "deleted": True} for name, each in OURS.items()},
            ),
            ProbeResult.WRONG,
        ),
        (schema(properties={"lang": {"optional": True}}), ProbeResult.OK),
        (schema(properties={"lang": {"optional": False}}), ProbeResult.WRONG),
        (schema(properties={"countermark_key": {"optional": False}}), ProbeResult.OK),
        (not_found("metadata_schema"), ProbeResult.OK),
        (error(403), ProbeResult.WEAK),
        (error(500), ProbeResult.WEAK),
    ],
)
def test_a_probe_reads_the_rules_for_metadata(answer: HttpReply, result: ProbeResult) -> None:
    probed = talk(USD.probe(SINCE), rows(), answer).result
    assert (probed[-1].what, probed[-1].result) == ("account", result)


@pytest.mark.parametrize(
    ("answer", "what", "word"),
    [
        (error(401), "credentials", "app_id"),
        (error(403), "credentials", "role"),
        (error(404), "credentials", "/v1"),
        (error(429), "limit", "used up"),
        (error(402), "limit", "used up"),
        *((odd, "credentials", "Voucherify") for odd in ODD if odd.status < 400),
    ],
)
def test_a_probe_that_fails_says_what_to_do(answer: HttpReply, what: str, word: str) -> None:
    (only,) = talk(USD.probe(SINCE), answer).result
    assert (only.what, only.result) == (what, ProbeResult.WRONG)
    assert word in only.detail


# ---- the plug-in


def test_the_plug_in_carries_its_keys_in_two_headers() -> None:
    plugin = platform(TABLE)
    assert plugin.prove(" s3cret \n") == {"X-App-Id": "app-1", "X-App-Token": "s3cret"}
    assert plugin.transport.url == "https://credit.example"
    assert plugin.pause_s is pause_s
    with pytest.raises(ValueError, match="the credential is empty"):
        plugin.prove(" \n")
    assert "s3cret" not in repr(plugin)


def test_the_default_address_is_the_shared_cluster_of_europe() -> None:
    plugin = platform({"app_id": "app-1", "currency": "EUR"})
    assert plugin.transport.url == "https://api.voucherify.io"


def test_what_it_says_of_itself_holds_no_contradiction() -> None:
    assert contradictions(USD.abilities) == ()
    assert (USD.abilities.unique_codes, USD.abilities.key_window_s) == (True, 0)
    assert VoucherifyOptions(**TABLE, settling_ms=0).settling_ms == 0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"currency": "KWD"}, "platform.currency: .*more decimals"),
        ({"currency": "XXX"}, "platform.currency: .*not an ISO 4217"),
        ({"app_id": "a b"}, "platform.app_id: "),
        ({"app_idd": "x"}, "there is no such option; did you mean app_id"),
        ({"settling_ms": -1}, "platform.settling_ms: "),
    ],
)
def test_a_wrong_setting_is_named(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        platform({**TABLE, **changes})


@pytest.mark.parametrize("missing", ["app_id", "currency"])
def test_a_missing_setting_is_named(missing: str) -> None:
    table = {name: value for name, value in TABLE.items() if name != missing}
    with pytest.raises(ValueError, match=f"platform.{missing}"):
        platform(table)
