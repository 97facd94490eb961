# SPDX-License-Identifier: Apache-2.0
"""Settings: what is read, what is refused, and how clearly."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.domain.faults import SettingsWrong
from agent.flows.register import Ring
from agent.settings.explain import effective, reference, reference_page, schema, ways
from agent.settings.load import load

GOOD = """\
[store]
number = "0421"
currency = "USD"

[[register]]
id = "03"
printer = "front"
ring = "issue"

[platform]
url = "https://credit.example"

[printer.front]
connection = "tcp://127.0.0.1:9100"
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "countermark.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refused(folder: Path, text: str, environment: dict[str, str] | None = None) -> SettingsWrong:
    with pytest.raises(SettingsWrong) as caught:
        load(written(folder, text), environment or {})
    return caught.value


def test_a_small_file_is_enough_and_the_rest_is_safe(tmp_path: Path) -> None:
    settings = load(written(tmp_path, GOOD), {}).settings
    assert settings.register_[0].ring is Ring.ISSUE
    assert settings.limits.per_credit == 20_000
    assert settings.platform.tls_minimum == "1.3"
    assert settings.voucher.mode == "code-only"


def test_a_register_observes_unless_it_is_told_to_issue(tmp_path: Path) -> None:
    text = GOOD.replace('ring = "issue"\n', "")
    assert load(written(tmp_path, text), {}).settings.register_[0].ring is Ring.OBSERVE


def test_drop_ins_merge_in_order_and_name_their_file(tmp_path: Path) -> None:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "10-a.toml").write_text("[limits]\nper_credit = 1\n")
    (tmp_path / "conf.d" / "20-b.toml").write_text("[limits]\nper_credit = 2\n")
    found = load(written(tmp_path, GOOD), {})
    assert found.settings.limits.per_credit == 2
    assert found.origins["limits.per_credit"].endswith("20-b.toml")
    shown = {key: (value, origin) for key, value, origin in effective(found)}
    assert shown["limits.per_credit"][0] == "2"
    assert shown["limits.per_hour"][1] == "default"


def test_the_environment_comes_last(tmp_path: Path) -> None:
    environment = {"COUNTERMARK__LIMITS__PER_CREDIT": "77", "OTHER": "x"}
    found = load(written(tmp_path, GOOD), environment)
    assert found.settings.limits.per_credit == 77
    assert "COUNTERMARK__LIMITS__PER_CREDIT" in found.origins["limits.per_credit"]


@pytest.mark.parametrize(
    ("change", "key", "words"),
    [
        (('currency = "USD"', 'curency = "USD"'), "store.curency", "did you mean 'currency'"),
        (('currency = "USD"\n', ""), "store.currency", "is missing"),
        (('currency = "USD"', 'currency = "XXQ"'), "store.currency", "ISO 4217"),
        (('number = "0421"', 'number = "0421-7"'), "store.number", "pattern"),
        (("https://", "http://"), "platform.url", "https"),
        (("https://", "https://a:b@"), "platform.url", "password"),
        (("tcp://127.0.0.1:9100", "lpt1"), "printer.front.connection", "tcp://"),
        (('printer = "front"', 'printer = "back"'), "-", "no [printer.back]"),
        (('id = "03"', 'id = "3a"'), "register.0.id", "pattern"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(
    tmp_path: Path, change: tuple[str, str], key: str, words: str
) -> None:
    fault = refused(tmp_path, GOOD.replace(*change))
    assert fault.values["key"] == key
    assert words in str(fault.values["problem"])
    assert "countermark.toml" in str(fault.values["file"])


def test_a_wrong_setting_names_its_line(tmp_path: Path) -> None:
    fault = refused(tmp_path, GOOD.replace('currency = "USD"', 'curency = "USD"'))
    assert str(fault.values["file"]).endswith("countermark.toml:3")


@pytest.mark.parametrize("name", ["token", "api_key", "client_secret", "password"])
def test_a_secret_in_the_settings_is_refused_and_not_repeated(tmp_path: Path, name: str) -> None:
    fault = refused(tmp_path, GOOD + f'\n[platform.options]\n{name} = "hunter2"\n')
    assert "credential file" in str(fault.values["problem"])
    assert "hunter2" not in str(fault)


def test_issuing_beside_another_writer_is_refused(tmp_path: Path) -> None:
    text = GOOD.replace("[platform]\n", "[platform]\nother_writers = true\n")
    assert "same credits" in str(refused(tmp_path, text).values["problem"])


def test_a_hosted_voucher_needs_its_host(tmp_path: Path) -> None:
    fault = refused(tmp_path, GOOD + '\n[voucher]\nmode = "hosted"\n')
    assert "voucher.host" in str(fault.values["problem"])


@pytest.mark.parametrize("text", ["[store", "x = ", "\x00"])
def test_what_is_not_toml_is_said_so(tmp_path: Path, text: str) -> None:
    assert "not TOML" in str(refused(tmp_path, text).values["problem"])


def test_a_missing_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsWrong, match="does not exist"):
        load(tmp_path / "none.toml", {})


def test_every_setting_has_a_line_in_the_documents() -> None:
    page = Path("docs/settings.md").read_text(encoding="utf-8")
    assert page == reference_page()
    for section, key, _, description in reference():
        assert description, f"{section}.{key} has no description"


def test_the_schema_is_a_json_schema_of_the_file() -> None:
    found = schema()
    assert found["type"] == "object"
    assert {"store", "register", "platform"} <= set(found["required"])


TWO = """
[[platform_for]]
stores = ["0421", "07*"]
name = "rest"
url = "https://north.example"
credential = "north-token"

[[platform_for]]
stores = ["04*", "9*"]
url = "https://south.example"
"""


@pytest.mark.parametrize(
    ("store", "url", "said"),
    [
        ("0421", "https://north.example", "platform_for.0"),
        ("0700", "https://north.example", "platform_for.0"),
        ("0422", "https://south.example", "platform_for.1"),
        ("9", "https://south.example", "platform_for.1"),
        ("1", "https://credit.example", "platform"),
        ("A421", "https://credit.example", "platform"),
    ],
)
def test_a_store_goes_to_the_platform_that_names_or_covers_it(
    tmp_path: Path, store: str, url: str, said: str
) -> None:
    text = GOOD.replace('"0421"', f'"{store}"') + TWO
    found = load(written(tmp_path, text), {})
    section, where = found.settings.platform_of(store)
    assert (section.url, where) == (url, said)
    assert found.settings.platform_here == section
    assert list(ways(found.settings)) == [("03", f"rest at {url}", said)]


@pytest.mark.parametrize("stores", ['["0421"]', '["042*"]'])
def test_a_store_that_two_tables_claim_is_refused_in_one_sentence(
    tmp_path: Path, stores: str
) -> None:
    table = f'\n[[platform_for]]\nstores = {stores}\nurl = "https://x.example"\n'
    fault = refused(tmp_path, GOOD + table + table)
    problem = str(fault.values["problem"])
    assert "store 0421 goes to two platforms" in problem
    assert "platform_for.0 (https://x.example) and platform_for.1" in problem


@pytest.mark.parametrize(
    ("change", "key", "words"),
    [
        (('"07*"', '"0*7"'), "platform_for.0.stores.1", "pattern"),
        (('["0421", "07*"]', "[]"), "platform_for.0.stores", "at least 1"),
        (("https://north", "http://north"), "platform_for.0.url", "https"),
        (("credential", "credentail"), "platform_for.0.credentail", "did you mean 'credential'"),
        (('name = "rest"', 'api_key = "hunter2"'), "platform_for.0.api_key", "credential file"),
    ],
)
def test_a_wrong_table_of_some_stores_is_named(
    tmp_path: Path, change: tuple[str, str], key: str, words: str
) -> None:
    fault = refused(tmp_path, GOOD + TWO.replace(*change))
    assert fault.values["key"] == key
    assert words in str(fault.values["problem"])
    assert "hunter2" not in str(fault)


def test_a_secret_among_the_options_of_some_stores_is_refused(tmp_path: Path) -> None:
    text = GOOD + TWO + '\n[platform_for.options]\nclient_secret = "hunter2"\n'
    fault = refused(tmp_path, text)
    assert fault.values["key"] == "platform_for.1.options.client_secret"
    assert "hunter2" not in str(fault)


def test_another_writer_counts_where_the_store_goes_and_nowhere_else(tmp_path: Path) -> None:
    shared = TWO.replace('name = "rest"', "other_writers = true")
    assert "platform_for.0.other_writers" in str(refused(tmp_path, GOOD + shared).values["problem"])
    elsewhere = GOOD.replace("[platform]\n", "[platform]\nother_writers = true\n") + TWO
    assert load(written(tmp_path, elsewhere), {}).settings.register_[0].ring is Ring.ISSUE
