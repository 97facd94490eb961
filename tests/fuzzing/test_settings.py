# SPDX-License-Identifier: Apache-2.0
"""Settings and key files that hold anything: read, or one sentence that names what is wrong."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path as File
from typing import Any, Final

from hypothesis import example
from hypothesis import strategies as st

from agent.domain.faults import SettingsWrong
from agent.journal.seal import load_or_make_key
from agent.platforms.rest.options import RestOptions
from agent.settings.load import load
from agent.signing import load_or_make, read_public
from agent.words import explain
from tests.fakes.chance import FakeChance
from tests.fuzzing.effort import fuzzed
from tests.fuzzing.strategies import Path, mutated, sentence_of, spoilt, texts

GOOD: Final = """\
[store]
number = "0421"
currency = "USD"

[[register]]
id = "03"
printer = "front"
ring = "issue"

[platform]
url = "https://credit.example"

[limits]
per_credit = 20000

[printer.front]
connection = "tcp://127.0.0.1:9100"

[voucher]
mode = "hosted"
host = "c.brand.example"
"""
TREE: Final[dict[str, Any]] = tomllib.loads(GOOD)
SECRET: Final = "hunter2-is-the-secret"


def refusal(file: File, environment: dict[str, str] | None = None) -> SettingsWrong | None:
    """How a file is refused; None where it is read."""
    return refused_by(lambda: load(file, environment or {}))


def refused_by(read: Callable[[], object]) -> SettingsWrong | None:
    try:
        read()
    except SettingsWrong as fault:
        return fault
    return None


def is_a_sentence(fault: SettingsWrong) -> None:
    """It names file and key and says the problem, in few words."""
    assert fault.values["file"]
    assert fault.values["key"]
    assert str(fault.values["problem"]).strip()
    assert "Traceback" not in str(fault.values["problem"])
    assert explain(fault).hint


def toml(value: Any) -> str:
    """A value as TOML; tables are inline, so that any tree can be written."""
    match value:
        case bool():
            return "true" if value else "false"
        case dict():
            pairs = [f"{_quoted(str(name))} = {toml(each)}" for name, each in value.items()]
            return f"{{{', '.join(pairs)}}}"
        case list():
            return f"[{', '.join(toml(each) for each in value)}]"
        case int():
            return str(max(min(value, 2**63 - 1), -(2**63)))
        case float():
            return repr(value) if value == value and abs(value) < 1e300 else "inf"
        case None:
            return '""'
        case _:
            return _quoted(str(value))


def _quoted(text: str) -> str:
    clean = text.encode("utf-8", "replace").decode()
    return json.dumps(clean, ensure_ascii=False).replace("\x7f", "\\u007f")


def document(tree: Any) -> str:
    if not isinstance(tree, dict):
        return f"everything = {toml(tree)}\n"
    return "".join(f"{_quoted(str(name))} = {toml(each)}\n" for name, each in tree.items())


@fuzzed(data=spoilt(GOOD.encode()) | st.binary(max_size=300))
def test_a_file_of_any_bytes_is_read_or_refused_in_a_sentence(tmp_path: File, data: bytes) -> None:
    file = tmp_path / "countermark.toml"
    file.write_bytes(data)
    fault = refusal(file)
    if fault is not None:
        is_a_sentence(fault)


@fuzzed(changed=mutated(TREE))
def test_a_wrong_setting_is_named(tmp_path: File, changed: tuple[Any, Path]) -> None:
    tree, _ = changed
    file = tmp_path / "countermark.toml"
    text = document(tree)
    tomllib.loads(text)
    file.write_text(text, encoding="utf-8")
    fault = refusal(file)
    if fault is not None:
        is_a_sentence(fault)
        assert "countermark.toml" in str(fault.values["file"])


@fuzzed(
    name=st.sampled_from(("token", "api_key", "password", "SECRET", "privatekey", "pin")),
    table=st.sampled_from(("platform", "store", "printer.front", "limits")),
)
def test_a_secret_in_the_settings_is_refused_and_not_repeated(
    tmp_path: File, name: str, table: str
) -> None:
    file = tmp_path / "countermark.toml"
    file.write_text(GOOD.replace(f"[{table}]\n", f'[{table}]\n{name} = "{SECRET}"\n'))
    fault = refusal(file)
    assert fault is not None
    is_a_sentence(fault)
    assert SECRET not in str(fault.values)
    assert name in str(fault.values["key"])


@fuzzed(
    variables=st.dictionaries(
        st.text("ABCDEFLIMTSORE_0123", max_size=24).map(lambda name: f"COUNTERMARK__{name}")
        | st.sampled_from(
            (
                "COUNTERMARK__LIMITS__PER_CREDIT",
                "COUNTERMARK__LIMITS",
                "COUNTERMARK__REGISTER",
                "COUNTERMARK__STORE__NUMBER",
                "COUNTERMARK__",
                "COUNTERMARK____",
            )
        ),
        texts | st.integers().map(str),
        max_size=4,
    )
)
def test_an_environment_of_anything_is_read_or_refused_in_a_sentence(
    tmp_path: File, variables: dict[str, str]
) -> None:
    file = tmp_path / "countermark.toml"
    file.write_text(GOOD)
    fault = refusal(file, variables)
    if fault is not None:
        is_a_sentence(fault)


@example(changed=({"url": "https://credit.example", "\n": 1}, ("\n",)))
@fuzzed(
    changed=mutated({"url": "https://credit.example", "settling_ms": 5000, "proxy": "http://p"})
)
def test_the_options_of_a_platform_are_refused_by_name(changed: tuple[Any, Path]) -> None:
    tree, _ = changed
    if not isinstance(tree, dict):
        return
    refused = sentence_of(lambda: RestOptions.read(tree).transport())
    assert refused is None or (refused and "\n" not in refused)


@fuzzed(data=st.binary(max_size=200), text=texts)
def test_a_key_file_of_any_bytes_is_never_replaced_and_never_told(
    tmp_path: File, data: bytes, text: str
) -> None:
    file = tmp_path / "register.key"
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_bytes(data + SECRET.encode())
    for read in (
        lambda: load_or_make(file, b"machine", FakeChance(1)),
        lambda: load_or_make_key(file),
    ):
        fault = refused_by(read)
        if fault is not None:
            is_a_sentence(fault)
            assert SECRET not in str(fault.values)
        assert file.read_bytes() == data + SECRET.encode()
    assert sentence_of(lambda: read_public(text)) != ""
